/**
 * Reads the messages of a client out of the bytes of its connection.
 * @see RFC 6455 sections 5 and 8.1
 * @module
 */
import type { Limits } from "../limits.ts";
import {
  BINARY,
  type Bytes,
  CLOSE,
  CONTINUATION,
  CONTROL_BYTES,
  PING,
  PONG,
  TEXT,
} from "./frame.ts";
import { GrowingBytes } from "./growing_bytes.ts";
import { unmask } from "./unmask.ts";
import { Utf8Check } from "./utf8_check.ts";

/** Receives the messages that a reader reads. */
export interface Hearer {
  /** A whole text. */
  hearText(text: string): void;
  /** A whole binary message: a view of the received bytes if it arrived in one piece. */
  hearBinary(bytes: Bytes): void;
  hearPing(payload: Bytes): void;
  hearPong(): void;
  /** The client closes; without a code in its frame `code` is undefined. Nothing follows it. */
  hearClose(code: number | undefined, reason: string): void;
}

/** Why the connection has failed, with the close code of RFC 6455 section 7.4.1. */
export interface Fault {
  readonly code: 1002 | 1007 | 1009;
  readonly reason: string;
}

/** A head with a length of eight bytes and a mask. */
const LONGEST_HEAD = 14;
const RESERVED_BITS = 0x70;
const NOT_UTF8 = "not UTF-8";
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The reader of one connection. It keeps only incomplete parts. */
export class MessageReader {
  readonly #limits: Pick<Limits, "textBytes" | "audioBytes">;
  /** A head that is half there. */
  #head: Bytes | undefined;
  #headBytes = 0;
  // The current frame.
  #inFrame = false;
  #isFinal = false;
  #opcode = 0;
  #mask = 0;
  /** How many bytes of its payload have arrived, and how many are expected. */
  #taken = 0;
  #left = 0;
  /** The kind of the current message; 0 for none. */
  #kind = 0;
  #message: GrowingBytes | undefined;
  #control: GrowingBytes | undefined;
  #utf8: Utf8Check | undefined;
  #fault: Fault | undefined;
  #closed = false;
  #overhead = 0;

  constructor(limits: Pick<Limits, "textBytes" | "audioBytes">) {
    this.#limits = limits;
  }

  /** Control frames and fragments so far: work that the session does not see. */
  get overhead(): number {
    return this.#overhead;
  }

  /**
   * Reads the next bytes. The reader owns them from now on: it unmasks them in place.
   * Nothing is read after a fault, or after the client's close frame.
   * @returns why the connection has failed, once it has
   */
  read(chunk: Bytes, hearer: Hearer): Fault | undefined {
    let at = 0;
    while (this.#fault === undefined && !this.#closed) {
      if (!this.#inFrame) {
        at = this.#readHead(chunk, at);
        if (!this.#inFrame) break;
      }
      const end = Math.min(chunk.length, at + this.#left);
      this.#left -= end - at;
      this.#readPayload(chunk, at, end, hearer);
      at = end;
      if (this.#left > 0) break;
      this.#inFrame = false;
    }
    return this.#fault;
  }

  /** Reads a head, and returns its end. An incomplete head is kept for the next bytes. */
  #readHead(chunk: Bytes, from: number): number {
    if (this.#head === undefined) {
      const end = this.#parseHead(chunk, from, chunk.length);
      if (end > 0 || this.#fault !== undefined || from === chunk.length) return end;
      this.#head = new Uint8Array(LONGEST_HEAD);
      this.#headBytes = 0;
    }
    for (let at = from; at < chunk.length;) {
      this.#head[this.#headBytes++] = chunk[at++]!;
      if (this.#parseHead(this.#head, 0, this.#headBytes) > 0) {
        this.#head = undefined;
        return at;
      }
      if (this.#fault !== undefined) break;
    }
    return chunk.length;
  }

  /** Where the head at `at` ends; 0 when it is faulty, or not whole. */
  #parseHead(bytes: Bytes, at: number, end: number): number {
    if (end - at < 2) return 0;
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    const short = second & 0x7f;
    if (!this.#checkStart(first, second, short)) return 0;
    const extra = short === 126 ? 2 : short === 127 ? 8 : 0;
    if (end - at < 2 + extra) return 0;
    const length = extra === 0 ? short : lengthAt(bytes, at + 2, extra);
    if (!this.#checkLength(first & 0x0f, length, extra)) return 0;
    const start = at + 2 + extra + 4;
    if (end < start) return 0;
    this.#inFrame = true;
    this.#isFinal = (first & 0x80) !== 0;
    this.#opcode = first & 0x0f;
    this.#mask = bytes[start - 4]! | bytes[start - 3]! << 8 | bytes[start - 2]! << 16 |
      bytes[start - 1]! << 24;
    this.#taken = 0;
    this.#left = length;
    return start;
  }

  #checkStart(first: number, second: number, short: number): boolean {
    const opcode = first & 0x0f;
    const isFinal = (first & 0x80) !== 0;
    if ((first & RESERVED_BITS) !== 0) return this.#fail(1002, "reserved bits must be 0");
    if (opcode >= CLOSE) {
      if (opcode > PONG) return this.#fail(1002, `no opcode ${opcode}`);
      if (!isFinal) return this.#fail(1002, "a control frame has no fragments");
      if (short > CONTROL_BYTES) {
        return this.#fail(1002, `a control frame has at most ${CONTROL_BYTES} bytes`);
      }
      if (opcode === CLOSE && short === 1) return this.#fail(1002, "half a close code");
    } else if (opcode > BINARY) return this.#fail(1002, `no opcode ${opcode}`);
    else if (opcode === CONTINUATION) {
      if (this.#kind === 0) return this.#fail(1002, "a continuation of nothing");
    } else if (this.#kind !== 0) return this.#fail(1002, "a message within a message");
    return (second & 0x80) !== 0 || this.#fail(1002, "frames of a client must be masked");
  }

  #checkLength(opcode: number, length: number, extra: number): boolean {
    if (extra === 2 ? length < 126 : extra === 8 && length < 65_536) {
      return this.#fail(1002, "a length in more bytes than it needs");
    }
    if (opcode >= CLOSE) return true;
    const isText = (opcode === CONTINUATION ? this.#kind : opcode) === TEXT;
    const most = isText ? this.#limits.textBytes : this.#limits.audioBytes;
    if ((this.#message?.length ?? 0) + length <= most) return true;
    const what = isText ? "text" : "binary";
    return this.#fail(1009, `${what} frames hold ${most} bytes at most`);
  }

  #fail(code: Fault["code"], reason: string): false {
    this.#fault = { code, reason };
    this.#message = this.#control = undefined;
    return false;
  }

  /** Reads the bytes from `from` to `to`, which are the payload of one frame, or a part of it. */
  #readPayload(chunk: Bytes, from: number, to: number, hearer: Hearer): void {
    const isControl = this.#opcode >= CLOSE;
    const frameEnds = this.#left === 0;
    const ends = frameEnds && (isControl || this.#isFinal);
    const kind = isControl || this.#kind === 0 ? this.#opcode : this.#kind;
    const started = isControl ? this.#control : this.#message;
    const isFirst = started === undefined && (isControl || this.#kind === 0);
    if (frameEnds && (isControl || !ends)) this.#overhead++;
    if (frameEnds && !isControl) this.#kind = ends ? 0 : kind;
    if (ends && isFirst) {
      unmask(chunk, from, to, this.#mask, 0);
      this.#hear(kind, new Uint8Array(chunk.buffer, chunk.byteOffset + from, to - from), hearer);
      return;
    }
    const pieces = started ?? new GrowingBytes();
    if (isControl) this.#control = pieces;
    else this.#message = pieces;
    const start = pieces.end;
    pieces.append(chunk.subarray(from, to));
    unmask(pieces.buffer, start, pieces.end, this.#mask, this.#taken);
    this.#taken += to - from;
    if (kind === TEXT && !this.#takesText(pieces, start, ends)) return;
    if (!ends) return;
    if (isControl) this.#control = undefined;
    else this.#message = this.#utf8 = undefined;
    this.#hear(kind, pieces.bytes, hearer);
  }

  #takesText(pieces: GrowingBytes, start: number, ends: boolean): boolean {
    this.#utf8 ??= new Utf8Check();
    const isText = this.#utf8.take(pieces.buffer, start, pieces.end);
    return isText && (!ends || this.#utf8.isWhole) || this.#fail(1007, NOT_UTF8);
  }

  #hear(kind: number, payload: Bytes, hearer: Hearer): void {
    switch (kind) {
      case BINARY:
        return hearer.hearBinary(payload);
      case TEXT: {
        const text = decode(payload);
        if (text === undefined) this.#fail(1007, NOT_UTF8);
        else hearer.hearText(text);
        return;
      }
      case PING:
        return hearer.hearPing(payload);
      case PONG:
        return hearer.hearPong();
      case CLOSE:
        return this.#hearClose(payload, hearer);
    }
  }

  #hearClose(payload: Bytes, hearer: Hearer): void {
    if (payload.length === 0) {
      this.#closed = true;
      return hearer.hearClose(undefined, "");
    }
    const code = payload[0]! << 8 | payload[1]!;
    if (!isCloseCode(code)) return void this.#fail(1002, `no close code ${code}`);
    const reason = decode(payload.subarray(2));
    if (reason === undefined) return void this.#fail(1007, NOT_UTF8);
    this.#closed = true;
    hearer.hearClose(code, reason);
  }
}

/** Whether a frame may contain the code: RFC 6455 section 7.4 and IANA's registry. */
function isCloseCode(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return code >= 1000 && code <= 1014 && code !== 1004 && code !== 1005 && code !== 1006;
}

function decode(bytes: Bytes): string | undefined {
  try {
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}

/** A length of two or eight bytes. One beyond exact integers is too long in any case. */
function lengthAt(bytes: Bytes, at: number, count: number): number {
  let length = 0;
  for (let index = 0; index < count; index++) length = length * 256 + bytes[at + index]!;
  return length;
}
