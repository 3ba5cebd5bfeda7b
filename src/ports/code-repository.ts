/** The version control around a workspace, as far as runs need it. Every answer is undefined where there is none. */

export interface CodeRepository {
  /**
   * What the tracked files differ in from the current commit, as a patch with binary contents; undefined outside of a
   * repository, and where it cannot be told. At most `limit` bytes: a longer one is undefined.
   */
  patch(limit: number): Promise<Uint8Array | undefined>;
  /**
   * The tracked files of a commit in a new directory, with the patch applied, without changing anything around the
   * workspace. Answers the directory inside it that corresponds to the workspace's root, or says why it cannot.
   */
  checkOut(
    commit: string,
    patch: Uint8Array | undefined,
    directory: string,
  ): Promise<{ readonly kind: 'done'; readonly root: string } | { readonly kind: 'missing'; readonly reason: string }>;
  /** Lets go of a directory that `checkOut` filled. */
  release(directory: string): Promise<void>;
}
