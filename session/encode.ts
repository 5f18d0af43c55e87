/**
 * Turns messages into text frames. A message to thousands of sessions is serialised once.
 * @module
 */

const prepared = new WeakMap<object, string>();

/** Serialises a message ahead of many sends and returns the same message. */
export function prepare<Message extends object>(message: Message): Message {
  prepared.set(message, JSON.stringify(message));
  return message;
}

/** The text frame of a message. */
export function encode(message: object): string {
  return prepared.get(message) ?? JSON.stringify(message);
}

/** The length of a text in bytes of UTF-8. */
export function utf8Bytes(text: string): number {
  return encoder.encode(text).byteLength;
}

/** The longest beginning of a text that fits in `bytes` bytes of UTF-8. */
export function clipUtf8(text: string, bytes: number): string {
  if (text.length * 3 <= bytes) return text;
  // `encodeInto` never writes part of a character.
  return text.slice(0, encoder.encodeInto(text, new Uint8Array(bytes)).read);
}

const encoder = new TextEncoder();
