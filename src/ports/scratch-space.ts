/** Files and directories that programs are given for a while, outside of the user's files. */

export interface ScratchSpace {
  /** Makes sure that its own directory is there. */
  prepare(): Promise<void>;
  /** Writes a file that nobody else may read; answers its absolute path. */
  file(name: string, text: string): Promise<string>;
  /** Makes an empty directory outside of every workspace; answers its absolute path. */
  directory(): Promise<string>;
  /** Copies a file to a place, directories made, mode kept; false where there is no regular file. */
  copyFile(from: string, to: string): Promise<boolean>;
  /** Removes what was made here. */
  remove(path: string): Promise<void>;
}
