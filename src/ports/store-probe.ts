/**
 * What `doctor` asks of the machine and of the directories of a store, beyond what the other ports tell. Every answer is a
 * plain value; what cannot be found out is undefined or stands in `problems`, and nothing here changes anything.
 */

export interface RuntimeFacts {
  readonly node: string;
  /** The oldest version of Node that cairn runs on. */
  readonly leastNode: string;
  readonly sqlite: string;
  /** Operating system and processor, as Node names them. */
  readonly platform: string;
}

export interface DirectoryFacts {
  readonly path: string;
  readonly writable: boolean;
  /** Bytes that this user can still write. */
  readonly freeBytes: number;
  /** Name of the network file system it is on; undefined for a local one. */
  readonly network: string | undefined;
  /** Files of writers that were killed. */
  readonly temporary: { readonly count: number; readonly bytes: number };
  readonly quarantine: { readonly count: number; readonly bytes: number };
}

export interface WorkspaceFacts {
  readonly head: string;
  /** Bytes of the stat cache; undefined when there is none. */
  readonly statCacheBytes: number | undefined;
}

export interface StoreProbe {
  runtime(): Promise<RuntimeFacts>;
  directory(): Promise<DirectoryFacts>;
  /** undefined where there is no workspace. */
  workspace(): Promise<WorkspaceFacts | undefined>;
  /** Who acts here, as configured; undefined when nobody is named. */
  author(): Promise<string | undefined>;
}
