/**
 * Tickets in SQLite.
 * @module
 */
import type { StoredTicket, TicketStore } from "../../ticket_store.ts";
import type { Writer } from "../writer.ts";

/** Tickets in SQLite. */
export class TicketTable implements TicketStore {
  readonly #writer: Writer;

  constructor(writer: Writer) {
    this.#writer = writer;
  }

  add(digest: string, ticket: StoredTicket): Promise<void> {
    const { door, subject, scopes, holder, expiresAt } = ticket;
    const input = { digest, door, subject, scopes: scopes.join(" "), holder };
    return this.#writer.write("addTicket", { ...input, expiresAt: expiresAt.getTime() });
  }

  async take(digest: string, door: string, subject: string): Promise<StoredTicket | undefined> {
    const taken = await this.#writer.write("takeTicket", { digest, door, subject });
    if (taken === null) return undefined;
    const scopes = taken.scopes.split(" ").filter((scope) => scope !== "");
    return { door, subject, scopes, holder: taken.holder, expiresAt: new Date(taken.expiresAt) };
  }

  forget(before: Date, limit: number): Promise<number> {
    return this.#writer.write("forgetTickets", { before: before.getTime(), limit });
  }
}
