/**
 * Reads the deliveries of webhooks for clients.
 * @module
 */
import { deliveryAnswer } from "../../../webhooks/delivery_answer.ts";
import type { DeliveryPage, Part } from "../../pages.ts";
import { type Database, Where } from "../database.ts";
import { PartText } from "./part.ts";
import { deliveryFromRow, toDelivery } from "../rows/webhook_doc.ts";

/** The reads of webhooks. */
export const webhookReads = {
  /** Deliveries, the latest event first. */
  deliveries(
    database: Database,
    { webhookId, state, beforeEventId = Number.MAX_SAFE_INTEGER, limit }: DeliveryPage,
  ): Part<number> {
    const part = new PartText<number>(limit, ",");
    const { sql, values } = new Where().and("webhook_id = ?", webhookId).and("state = ?", state)
      .and("event_id < ?", beforeEventId);
    const rows = database.all(
      `SELECT * FROM deliveries ${sql} ORDER BY event_id DESC LIMIT ?`,
      ...values,
      limit + 1,
    );
    for (const row of rows) {
      if (part.isOver) break;
      const delivery = toDelivery(deliveryFromRow(row));
      part.add(delivery.eventId, () => JSON.stringify(deliveryAnswer(delivery)));
    }
    return part.done(beforeEventId, true);
  },
};
