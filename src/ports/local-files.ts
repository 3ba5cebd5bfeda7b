/** Files of this machine that another engine reads by their paths: told apart by their stat, made for a while, removed. */

export interface FileStamp {
  /** Size, times and inode as one text without spaces: another one when the file may have changed. */
  readonly text: string;
  /** False while a later write could still leave the same stamp, because the file was touched just now. */
  readonly settled: boolean;
}

export interface LocalFiles {
  /** undefined where there is no regular file. */
  stamp(path: string): Promise<FileStamp | undefined>;
  /**
   * A new file with all bytes of `source`, which nobody else may write; answers its absolute path. When the source throws,
   * MUST leave nothing behind and rethrow.
   */
  keep(source: AsyncIterable<Uint8Array>): Promise<string>;
  /** A durable file at a place that the user named, replaced whole or not at all. */
  write(path: string, source: AsyncIterable<Uint8Array>): Promise<void>;
  /** Removes what `keep` made. */
  remove(path: string): Promise<void>;
}
