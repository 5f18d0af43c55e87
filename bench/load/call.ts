/**
 * One call on a server that echoes audio. Every frame carries its number and the time it was sent,
 * so that round trips stay true when the server drops frames.
 * @module
 */
import { binaryFrame, Client, textFrame } from "./client.ts";

/** 20 ms of signed 16-bit audio at 8 kHz. */
const AUDIO_BYTES = 320;
/** The head of a client frame of this size; the stamp behind it lies on a multiple of 8. */
const HEAD_BYTES = 8;
const STAMP_BYTES = 8;

/** Which server echoes. */
export type Echo = "bare" | "tipring";

/** An answered call. */
export class Call {
  /** Called for each echoed frame with the time it was sent. */
  onEcho: (sentAtMs: number) => void = () => {};
  readonly #client: Client;
  readonly #frame: Uint8Array<ArrayBuffer>;
  #sent = 0;
  #heard = 0;

  private constructor(client: Client) {
    this.#client = client;
    this.#frame = binaryFrame(new Uint8Array(AUDIO_BYTES).fill(7));
    client.onBinary = (bytes, offset, length) => this.#hear(bytes, offset, length);
  }

  /** Opens a call. At Tipring's inbound call door it waits for the answer. */
  static async open(port: number, echo: Echo): Promise<Call> {
    if (echo === "bare") return new Call(await Client.open({ port, path: "/" }));
    const client = await Client.open({ port, path: "/inbound" });
    const answered = new Promise<void>((resolve) => {
      client.onText = (text) => {
        if (text.includes('"answer"')) resolve();
      };
    });
    client.send(textFrame(JSON.stringify({
      event: "incoming_call",
      callerId: "+254712345678",
      didNumber: "5000",
      sessionId: crypto.randomUUID(),
    })));
    const lost = client.closed.then(() => {
      throw new Error("The server closed the call before it answered");
    });
    await Promise.race([answered, lost]);
    return new Call(client);
  }

  /** Sends this many frames in one write, stamped with `nowMs`. */
  send(frames = 1, nowMs: number = performance.now()): void {
    let bytes = this.#frame;
    if (frames > 1) {
      bytes = new Uint8Array(frames * this.#frame.length);
      for (let at = 0; at < bytes.length; at += this.#frame.length) bytes.set(this.#frame, at);
    }
    for (let at = HEAD_BYTES; at < bytes.length; at += HEAD_BYTES + AUDIO_BYTES) {
      new Float64Array(bytes.buffer, at, 1)[0] = nowMs;
      new Uint32Array(bytes.buffer, at + STAMP_BYTES, 1)[0] = ++this.#sent;
    }
    this.#client.send(bytes);
  }

  /** Closes the connection without a close frame. */
  end(): void {
    this.#client.abandon();
  }

  #hear(bytes: DataView, offset: number, length: number): void {
    if (length !== AUDIO_BYTES) {
      throw new Error(`The server sent ${length} bytes, not ${AUDIO_BYTES}`);
    }
    const number = bytes.getUint32(offset + STAMP_BYTES, true);
    if (number <= this.#heard || number > this.#sent) {
      throw new Error("The server sent frames out of order");
    }
    this.#heard = number;
    this.onEcho(bytes.getFloat64(offset, true));
  }
}

/** Opens many calls, some at a time, as a telephone platform does. */
export async function openCalls(count: number, port: number, echo: Echo): Promise<Call[]> {
  return await openSome(count, () => Call.open(port, echo));
}

/** Opens `count` of anything, `atATime` in parallel. Resolves with all, in order. */
export async function openSome<Opened>(
  count: number,
  open: (index: number) => Promise<Opened>,
  atATime = 32,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  let next = 0;
  async function lane(): Promise<void> {
    while (next < count) {
      const index = next++;
      opened[index] = await open(index);
    }
  }
  await Promise.all(Array.from({ length: atATime }, lane));
  return opened;
}
