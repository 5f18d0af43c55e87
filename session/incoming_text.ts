/**
 * Decides what becomes of the messages that one peer sends.
 * @module
 */
import { utf8Bytes } from "./encode.ts";
import { type Limits, RateLimit } from "./limits.ts";

/** What becomes of a message: it is heard, or closes the socket. */
export type TextFate = "heard" | "too long" | "flood";

/** The messages of one socket. Times are of `performance.now()`. */
export class IncomingText {
  readonly #mostBytes: number;
  readonly #messages: RateLimit;
  readonly #bytes: RateLimit;

  constructor({ textBytes, messagesPerSecond, textBytesPerSecond }: Limits, nowMs: number) {
    this.#mostBytes = textBytes;
    this.#messages = new RateLimit(messagesPerSecond, nowMs);
    this.#bytes = new RateLimit(textBytesPerSecond, nowMs);
  }

  /** Takes a message; without a text it is a binary one that nobody wants. */
  take(nowMs: number, text = ""): TextFate {
    // A UTF-16 unit is one to three bytes of UTF-8: nothing longer need be counted.
    if (text.length > this.#mostBytes) return "too long";
    const bytes = utf8Bytes(text);
    if (bytes > this.#mostBytes) return "too long";
    return this.#messages.take(nowMs) && this.#bytes.take(nowMs, bytes) ? "heard" : "flood";
  }
}
