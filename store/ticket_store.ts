/**
 * Where tickets are persisted until they are used or have expired.
 * @module
 */

/** What one ticket opens. */
export interface StoredTicket {
  /** The name of the door: `live calls`. */
  readonly door: string;
  /** What it opens there: the id of a call, a client id. */
  readonly subject: string;
  /** What its holder may do there, in the door's own words. */
  readonly scopes: readonly string[];
  /** Whose key made it, as a text of the caller's own. */
  readonly holder: string;
  readonly expiresAt: Date;
}

/** Stores tickets under their digests, so that nobody who reads the store can use one. */
export interface TicketStore {
  /** Stores a ticket; resolves when it is on disk. */
  add(digest: string, ticket: StoredTicket): Promise<void>;
  /**
   * Removes the ticket for this door and subject and returns it, to the first who asks only. Undefined
   * when there is none; a ticket for something else stays.
   */
  take(digest: string, door: string, subject: string): Promise<StoredTicket | undefined>;
  /** Deletes at most `limit` tickets that expired before this time. Returns their number. */
  forget(before: Date, limit: number): Promise<number>;
}
