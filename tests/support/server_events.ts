/**
 * Server-sent events, collected as they come.
 * @module
 */
import { Arrivals, within } from "./arrivals.ts";
import { bearer, type KeyedServer } from "./keyed_server.ts";

/** The data of one event. */
// deno-lint-ignore no-explicit-any
export type EventData = Readonly<Record<string, any>>;

/** One stream of events. */
export class ServerEvents implements AsyncDisposable {
  readonly #arrivals: Arrivals<EventData> = new Arrivals();
  readonly #reader: ReadableStreamDefaultReader<string>;
  readonly #reading: Promise<void>;

  private constructor(body: ReadableStream<Uint8Array<ArrayBuffer>>) {
    this.#reader = body.pipeThrough(new TextDecoderStream()).getReader();
    this.#reading = this.#read();
  }

  /** Opens the stream below `/api/v1`; its first comment has come. */
  static async open(
    server: KeyedServer,
    key: string | undefined,
    path: string,
  ): Promise<ServerEvents> {
    const url = server.test.http(`/api/v1${path}`);
    const opening = fetch(url, { headers: bearer(key) });
    const response = await within(opening, () => `${path} is not answered`);
    if (!response.ok) throw new Error(`Cannot open ${path}: ${response.status}`);
    return new ServerEvents(response.body!);
  }

  /** The data of every event so far. */
  get all(): readonly EventData[] {
    return this.#arrivals.all;
  }

  /** The next event whose `data` passes. */
  next(passes: (data: EventData) => boolean): Promise<EventData> {
    return this.#arrivals.next((event) => passes(event["data"]), String(passes));
  }

  /** Resolves when the server has ended the stream. */
  async ended(): Promise<void> {
    await within(this.#reading, () => "the stream goes on");
  }

  async #read(): Promise<void> {
    let text = "";
    while (true) {
      const { value, done } = await this.#reader.read();
      if (done) break;
      const messages = (text + value).split("\n\n");
      text = messages.pop()!;
      for (const message of messages) this.#hear(message);
    }
    this.#arrivals.end("the stream has ended");
  }

  #hear(message: string): void {
    const data = message.split("\n").find((line) => line.startsWith("data:"));
    if (data !== undefined) this.#arrivals.push(JSON.parse(data.slice("data:".length)));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Once garbage is collected, the signal of a fetch does not reach the body of its answer.
    await this.#reader.cancel();
    await within(this.#reading, () => "the stream is still read");
  }
}
