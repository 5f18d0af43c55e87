/**
 * A WebSocket over a connection of bytes: the server's side of RFC 6455 after the handshake.
 * @module
 */
import type { Limits } from "../limits.ts";
import type { Socket } from "../session.ts";
import type { ByteStream, Receiver } from "./byte_stream.ts";
import { type Deadlines, deadlines, type Expiring } from "./deadlines.ts";
import {
  BINARY,
  type Bytes,
  closeFrame,
  frame,
  head,
  headBytes,
  PING,
  PONG,
  textFrame,
  writeHead,
} from "./frame.ts";
import { type Beating, type Heartbeats, heartbeats } from "./heartbeats.ts";
import { type Fault, type Hearer, MessageReader } from "./message_reader.ts";
import { ReadingPace } from "./reading_pace.ts";
import { atEndOfTurn, type Flushable } from "./turn.ts";

/** Options of a connection. */
export interface ConnectionOptions {
  readonly limits: Limits;
  /** A silent peer gets a ping after half of this and is dropped after all of it; 0 is never. */
  readonly heartbeatMs: number;
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;
/** What a peer may still send after the end: enough for data in flight. */
const LINGER_BYTES = 1024 * 1024;
/** Of the buffer of a peer that does not read, pongs get this share. */
const SHARE_OF_PONGS = 0.5;
/** A view of less than this share of its chunk is copied, since it keeps the whole chunk alive. */
const SHARE_OF_CHUNK = 8;
const SMALL_CHUNK_BYTES = 4096;
const NO_PAYLOAD = new Uint8Array(0);

/** How a connection ends: our last frame, and what the session hears. */
interface Ending {
  readonly last: Bytes;
  readonly code: number;
  readonly reason: string;
}

/** One WebSocket. It is the listener of its own connection, and builds nothing before it is needed. */
export class WebSocketConnection implements Socket, Receiver, Hearer, Beating, Flushable, Expiring {
  binaryType: BinaryType = "arraybuffer";
  readyState: number = CONNECTING;
  silentBeats = 0;
  readonly #limits: Limits;
  readonly #reader: MessageReader;
  readonly #heartbeats: Heartbeats | undefined;
  #listener: EventListenerObject | undefined;
  #stream: ByteStream | undefined;
  #pace: ReadingPace | undefined;
  /** Frames of this turn. */
  #queue: Bytes[] | undefined;
  #queuedBytes = 0;
  #inTurn = false;
  /** The last binary message of this turn: the room of its head is before it. */
  #heard: Bytes | undefined;
  #lingered = 0;
  /** The peer has closed, or was at fault: this is for the end of the turn. */
  #ending: Ending | undefined;

  constructor({ limits, heartbeatMs }: ConnectionOptions) {
    this.#limits = limits;
    this.#reader = new MessageReader(limits);
    if (heartbeatMs > 0) this.#heartbeats = heartbeats(heartbeatMs);
  }

  /** How long the peer may take to answer our close frame, and to close its end. */
  get #closing(): Deadlines {
    return deadlines(this.#limits.closingMs);
  }

  get bufferedAmount(): number {
    return this.#queuedBytes + (this.#stream?.waitingBytes ?? 0);
  }

  /** There is one listener, for all types of events. */
  addEventListener(_type: string, listener: EventListenerOrEventListenerObject): void {
    this.#listener = listener as EventListenerObject;
  }

  /** The handshake is over, and this is its connection. */
  open(stream: ByteStream): void {
    this.#stream = stream;
    this.readyState = OPEN;
    this.#heartbeats?.add(this);
    this.#dispatch({ type: "open" });
  }

  /** Sends a frame at the end of the turn. Its bytes must not change until they have been sent. */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.readyState === CONNECTING) {
      throw new DOMException("Cannot send on a socket that is connecting", "InvalidStateError");
    }
    if (this.readyState !== OPEN) return;
    if (typeof data === "string") return this.#write(textFrame(data));
    if (data === this.#heard) return this.#echo(this.#heard!);
    const payload = bytesOf(data);
    this.#write(head(BINARY, payload.length));
    this.#write(payload);
  }

  close(code?: number, reason?: string): void {
    if (this.readyState === CONNECTING) {
      throw new DOMException("Cannot close a socket that is connecting", "InvalidStateError");
    }
    if (this.readyState !== OPEN) return;
    this.readyState = CLOSING;
    this.#write(closeFrame(code, reason));
    this.flush();
    this.#closing.add(this);
  }

  receive(chunk: Bytes): void {
    this.silentBeats = 0;
    // After our close frame too: reading a flood to its end delays other sessions.
    if (this.readyState !== OPEN && !this.#linger(chunk.length)) return;
    if (this.#isOver) return;
    this.#pace ??= new ReadingPace(this.#limits);
    const overhead = this.#reader.overhead;
    this.#joinTurn();
    const fault = this.#reader.read(chunk, this);
    if (fault !== undefined) this.#fail(fault);
    if (this.#ending !== undefined || this.#isOver) return;
    this.#pace.took(this.#stream!, chunk.length, this.#reader.overhead - overhead);
  }

  get #isOver(): boolean {
    return this.readyState === CLOSED;
  }

  /** The connection is lost, or the peer has ended it. */
  lost(): void {
    if (this.#ending !== undefined) this.flush();
    this.#over(1006, "");
    this.#closing.delete(this);
    this.#pace?.stop();
    this.#stream?.destroy();
  }

  hearText(text: string): void {
    this.#dispatch({ type: "message", data: text });
  }

  hearBinary(bytes: Bytes): void {
    const chunkBytes = bytes.buffer.byteLength;
    const pinsMuch = chunkBytes > SMALL_CHUNK_BYTES && bytes.length * SHARE_OF_CHUNK < chunkBytes;
    this.#heard = pinsMuch ? undefined : bytes;
    this.#dispatch({ type: "message", data: pinsMuch ? bytes.slice() : bytes });
  }

  hearPing(payload: Bytes): void {
    if (this.readyState !== OPEN) return;
    if (this.bufferedAmount > this.#limits.bufferedBytes * SHARE_OF_PONGS) return;
    this.#write(frame(PONG, payload));
  }

  hearPong(): void {}

  hearClose(code: number | undefined, reason: string): void {
    this.#endWithTurn({ last: closeFrame(code), code: code ?? 1005, reason });
  }

  ping(): void {
    if (this.readyState === OPEN) this.#write(frame(PING, NO_PAYLOAD));
  }

  giveUp(): void {
    this.lost();
  }

  expire(): void {
    this.lost();
  }

  flush(): void {
    const ending = this.#ending;
    this.#ending = undefined;
    if (ending !== undefined && !this.#isOver) return this.#end(ending);
    this.#inTurn = false;
    this.#heard = undefined;
    if (this.#queuedBytes === 0) return;
    const queue = this.#queue!;
    this.#queue = undefined;
    this.#queuedBytes = 0;
    this.#stream!.write(queue);
  }

  /** RFC 6455 section 7.1.7: sends the reason, and reads no further messages. */
  #fail({ code, reason }: Fault): void {
    this.#endWithTurn({ last: closeFrame(code, reason), code, reason });
  }

  /** Lets the session answer what came before: it does so in promises, within the turn. */
  #endWithTurn(ending: Ending): void {
    this.#ending ??= ending;
    this.#joinTurn();
  }

  /** Writes the last frame, ends our side, and gives the peer time to end its own. */
  #end({ last, code, reason }: Ending): void {
    if (this.readyState === OPEN) this.#write(last);
    this.flush();
    this.#stream!.end();
    this.#over(code, reason);
    this.#closing.delete(this);
    this.#closing.add(this);
  }

  #over(code: number, reason: string): void {
    if (this.#isOver) return;
    this.readyState = CLOSED;
    this.#heartbeats?.delete(this);
    this.#dispatch({ type: "close", code, reason });
  }

  /** Keeps reading for a while: closing a connection with unread bytes would discard our last frame. */
  #linger(bytes: number): boolean {
    this.#lingered += bytes;
    if (this.#lingered <= LINGER_BYTES) return true;
    this.lost();
    return false;
  }

  /** Echoes the received bytes: the head goes where the client's longer one was. */
  #echo(payload: Bytes): void {
    const room = headBytes(payload.length);
    const bytes = new Uint8Array(payload.buffer, payload.byteOffset - room, room + payload.length);
    writeHead(bytes, room, BINARY, payload.length);
    this.#write(bytes);
  }

  #write(bytes: Bytes): void {
    (this.#queue ??= []).push(bytes);
    this.#queuedBytes += bytes.length;
    this.#joinTurn();
  }

  #joinTurn(): void {
    if (this.#inTurn) return;
    this.#inTurn = true;
    atEndOfTurn(this);
  }

  #dispatch(event: { type: string; data?: string | Bytes; code?: number; reason?: string }): void {
    this.#listener?.handleEvent(event as unknown as Event);
  }
}

function bytesOf(data: ArrayBufferLike | Blob | ArrayBufferView): Bytes {
  if (data instanceof Uint8Array) return data as Bytes;
  if (ArrayBuffer.isView(data)) {
    return new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  }
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw new TypeError("Cannot send a Blob: send its bytes");
}
