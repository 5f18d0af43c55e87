/**
 * Writes tickets.
 * @module
 */
import type { Database } from "../database.ts";

/** A ticket as it is stored. */
export interface TicketDoc {
  readonly digest: string;
  readonly door: string;
  readonly subject: string;
  /** Separated by spaces. */
  readonly scopes: string;
  readonly holder: string;
  readonly expiresAt: number;
}

/** The writes of tickets. Each touches one row by its key, or a few by the index of their times. */
export const ticketWrites = {
  /** Stores a ticket. */
  addTicket(database: Database, ticket: TicketDoc): void {
    const { digest, door, subject, scopes, holder, expiresAt } = ticket;
    database.run(
      `INSERT INTO tickets (digest, door, subject, scopes, holder, expires_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      digest,
      door,
      subject,
      scopes,
      holder,
      expiresAt,
    );
  },

  /** Removes a ticket and returns it; null when there is none for this door and subject. */
  takeTicket(
    database: Database,
    { digest, door, subject }: Pick<TicketDoc, "digest" | "door" | "subject">,
  ): TicketDoc | null {
    const row = database.get(
      "DELETE FROM tickets WHERE digest = ? AND door = ? AND subject = ? RETURNING *",
      digest,
      door,
      subject,
    );
    if (row === undefined) return null;
    return {
      digest,
      door,
      subject,
      scopes: String(row["scopes"]),
      holder: String(row["holder"]),
      expiresAt: Number(row["expires_at"]),
    };
  },

  /** Deletes at most `limit` tickets that expired before this time. Returns their number. */
  forgetTickets(
    database: Database,
    { before, limit }: { before: number; limit: number },
  ): number {
    return database.run(
      `DELETE FROM tickets WHERE digest IN
         (SELECT digest FROM tickets WHERE expires_at < ? ORDER BY expires_at LIMIT ?)`,
      before,
      limit,
    ).changes;
  },
};
