/**
 * The store lock: many writers, or one sweeper.
 *
 * A writer holds it shared from its first existence check to its manifest commit, so that nothing it found can be
 * removed meanwhile; gc and migrations hold it exclusively. It MUST be freed by the system when the process dies.
 */

export interface HeldLock {
  release(): Promise<void>;
}

export interface StoreLock {
  /** Waits (asynchronously, without limit unless configured) until no exclusive holder is there. */
  shared(purpose: string): Promise<HeldLock>;
  /** Waits until nobody else holds it. New shared holders wait behind it. */
  exclusive(purpose: string): Promise<HeldLock>;
  /**
   * A turn among writers that all want to move the same ref: fair enough that nobody starves. Independent of the two
   * above; held only around the optimistic retry of a commit.
   */
  turn(purpose: string): Promise<HeldLock>;
  close(): Promise<void>;
}
