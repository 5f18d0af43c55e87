/**
 * Makes the request for a delivery, signed as Standard Webhooks specifies.
 * @see https://www.standardwebhooks.com
 * @module
 */
import { Webhook as Signer } from "standardwebhooks";
import { deliveredEvent } from "../events/client_events.ts";
import type { StoredEvent } from "../events/event_log.ts";

/** A request to a receiver. */
export interface SignedRequest {
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The prefix of every secret. */
export const SECRET_PREFIX = "whsec_";

const SECRET_BYTES = 32;

/** Generates a secret. */
export function newSecret(): string {
  return SECRET_PREFIX + crypto.getRandomValues(new Uint8Array(SECRET_BYTES)).toBase64();
}

/** Whether a text is a valid secret: the prefix, and 24 to 64 bytes in base64. */
export function isSecret(text: string): boolean {
  if (!text.startsWith(SECRET_PREFIX)) return false;
  try {
    const { byteLength } = Uint8Array.fromBase64(text.slice(SECRET_PREFIX.length));
    return byteLength >= 24 && byteLength <= 64;
  } catch {
    return false;
  }
}

/** The body of a delivery. */
export function bodyOf(event: StoredEvent): string {
  return JSON.stringify(deliveredEvent(event));
}

/** Signs a request with the present time: receivers refuse old signatures. */
export function sign(
  { url, id, body, secret, now }: {
    readonly url: URL;
    /** The delivery's id. */
    readonly id: string;
    readonly body: string;
    readonly secret: string;
    readonly now: Date;
  },
): SignedRequest {
  return {
    url,
    body,
    headers: {
      "content-type": "application/json",
      "content-length": String(new TextEncoder().encode(body).byteLength),
      "user-agent": "Tipring",
      "webhook-id": id,
      "webhook-timestamp": String(Math.floor(now.getTime() / 1000)),
      "webhook-signature": new Signer(secret).sign(id, now, body),
    },
  };
}
