/**
 * The clients of the notifications door, and how far they have been told.
 * @module
 */
import type { Database } from "./database.ts";
import type { Writer } from "./writer.ts";

/** The writes of clients. */
export const clientWrites = {
  /** A client was here, and has been sent all up to an event. */
  sawClient(database: Database, input: { id: string; at: number; sentEventId: number }): void {
    const { id, at, sentEventId } = input;
    database.run(
      `INSERT INTO clients (id, first_seen_at, last_seen_at, sent_event_id) VALUES (?, ?, ?, ?)
       ON CONFLICT (id) DO UPDATE SET last_seen_at = MAX(last_seen_at, excluded.last_seen_at),
         sent_event_id = MAX(sent_event_id, excluded.sent_event_id)`,
      id,
      at,
      at,
      sentEventId,
    );
  },
};

/** A client as it was last seen. */
export interface SeenClient {
  readonly id: string;
  readonly firstSeenAt: Date;
  readonly lastSeenAt: Date;
  /** The last event that was sent to one of its sockets; 0 for none. */
  readonly sentEventId: number;
}

/** Keeps who was here. */
export interface ClientStore {
  /** A client was here, and has been sent all up to this event. */
  saw(id: string, at: Date, sentEventId: number): Promise<void>;
  /** What is known of a client. */
  client(id: string): Promise<SeenClient | undefined>;
}

/** Clients in SQLite. */
export class ClientTable implements ClientStore {
  readonly #reader: Database;
  readonly #writer: Writer;

  constructor(reader: Database, writer: Writer) {
    this.#reader = reader;
    this.#writer = writer;
  }

  saw(id: string, at: Date, sentEventId: number): Promise<void> {
    return this.#writer.write("sawClient", { id, at: at.getTime(), sentEventId });
  }

  client(id: string): Promise<SeenClient | undefined> {
    const row = this.#reader.get("SELECT * FROM clients WHERE id = ?", id);
    if (row === undefined) return Promise.resolve(undefined);
    return Promise.resolve({
      id,
      firstSeenAt: new Date(Number(row["first_seen_at"])),
      lastSeenAt: new Date(Number(row["last_seen_at"])),
      sentEventId: Number(row["sent_event_id"]),
    });
  }
}
