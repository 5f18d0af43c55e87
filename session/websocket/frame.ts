/**
 * The frames of RFC 6455 section 5.2, and how a server writes them: never masked, never in
 * fragments.
 * @module
 */
import { clipUtf8 } from "../encode.ts";

/** The opcodes of RFC 6455 section 11.8. */
export const CONTINUATION = 0;
export const TEXT = 1;
export const BINARY = 2;
export const CLOSE = 8;
export const PING = 9;
export const PONG = 10;

/** The longest head of a frame that a server sends: its length takes eight bytes. */
export const HEAD_ROOM = 10;
/** RFC 6455 section 5.5: a control frame has at most 125 bytes. */
export const CONTROL_BYTES = 125;

const FIN = 0x80;
const encoder = new TextEncoder();
const EMPTY = new Uint8Array(0);

/** Bytes that the kernel or we own, not those of a shared memory. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** How many bytes the head of a frame with so much payload has. */
export function headBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : HEAD_ROOM;
}

/** Writes the head of a frame into `target`, directly before `end`, where its payload begins. */
export function writeHead(
  target: Bytes,
  end: number,
  opcode: number,
  payloadBytes: number,
): void {
  const at = end - headBytes(payloadBytes);
  target[at] = FIN | opcode;
  if (payloadBytes < 126) {
    target[at + 1] = payloadBytes;
    return;
  }
  const isLong = payloadBytes >= 65_536;
  target[at + 1] = isLong ? 127 : 126;
  if (isLong) target.fill(0, at + 2, at + 6);
  for (let byte = isLong ? at + 6 : at + 2, shift = (end - byte - 1) * 8; byte < end; byte++) {
    target[byte] = payloadBytes >>> shift;
    shift -= 8;
  }
}

/** The head of a frame, without its payload. */
export function head(opcode: number, payloadBytes: number): Bytes {
  const bytes = new Uint8Array(headBytes(payloadBytes));
  writeHead(bytes, bytes.length, opcode, payloadBytes);
  return bytes;
}

/** A frame around a payload, as a copy. */
export function frame(opcode: number, payload: Uint8Array): Bytes {
  const start = headBytes(payload.length);
  const bytes = new Uint8Array(start + payload.length);
  writeHead(bytes, start, opcode, payload.length);
  bytes.set(payload, start);
  return bytes;
}

let lastText = "";
let lastFrame = frame(TEXT, EMPTY);

/** A text frame. Many sockets that are sent the same text get the same bytes. */
export function textFrame(text: string): Bytes {
  if (text !== lastText) {
    lastFrame = frame(TEXT, encoder.encode(text));
    lastText = text;
  }
  return lastFrame;
}

/** A close frame; without a code it has no payload. The reason is clipped to what fits. */
export function closeFrame(code?: number, reason = ""): Bytes {
  if (code === undefined) return frame(CLOSE, EMPTY);
  const words = encoder.encode(clipUtf8(reason, CONTROL_BYTES - 2));
  const payload = new Uint8Array(2 + words.length);
  payload[0] = code >> 8;
  payload[1] = code;
  payload.set(words, 2);
  return frame(CLOSE, payload);
}
