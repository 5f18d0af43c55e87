import { assertEquals } from "@std/assert";
import {
  EventReader,
  type EventReading,
  type EventSources,
} from "../../../routes/rest/event_reader.ts";
import { streamedText } from "../../../events/client_events.ts";
import type { StoredEvent } from "../../../events/event_log.ts";
import type { Listener } from "../../../events/tail.ts";
import { Replays } from "../../../session/replays.ts";
import type { EventPage, Part } from "../../../store/pages.ts";
import { within } from "../../support/arrivals.ts";
import { FakeClock } from "../../support/fake_clock.ts";
import { RestServer } from "../../support/rest.ts";

/** One message of the stream: an event's id, or a comment. */
interface Heard {
  readonly id?: number;
  readonly comment?: string;
}

/** Reads the messages of a stream one by one, out of the chunks in which they come. */
class Stream {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #messages: Heard[] = [];

  constructor(source: EventReader) {
    this.#reader = new ReadableStream(source, { highWaterMark: 1 }).getReader();
  }

  async read(): Promise<{ value: Heard | undefined }> {
    while (this.#messages.length === 0) {
      const { value, done } = await this.#reader.read();
      if (done) return { value: undefined };
      const texts = new TextDecoder().decode(value).split("\n\n").slice(0, -1);
      this.#messages.push(...texts.map((text) => {
        const id = /^id:(\d+)$/m.exec(text)?.[1];
        return id === undefined ? { comment: text.slice(1) } : { id: Number(id) };
      }));
    }
    return { value: this.#messages.shift() };
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

function open(sources: EventSources, reading: Partial<EventReading> = {}): Stream {
  return new Stream(
    new EventReader(sources, {
      filter: {},
      afterId: undefined,
      heartbeatMs: 60_000,
      ...reading,
    }),
  );
}

/** The ids of the next events. */
async function read(stream: Stream, count: number): Promise<number[]> {
  const ids: number[] = [];
  while (ids.length < count) {
    const { value } = await within(stream.read(), () => `${ids} have come`);
    if (value?.id !== undefined) ids.push(Number(value.id));
  }
  return ids;
}

/** A log whose pages and live events come when the test says so. */
class HeldLog implements EventSources {
  readonly stopping = new AbortController().signal;
  readonly kept: StoredEvent[] = [];
  readonly #listeners = new Set<Listener>();
  /** Holds each page back until it resolves. */
  onPage: () => Promise<void> | void = () => {};
  readonly tail = {
    lastId: 0,
    listen: (listener: Listener): Disposable => {
      this.#listeners.add(listener);
      return { [Symbol.dispose]: () => void this.#listeners.delete(listener) };
    },
  };
  readonly replays = new Replays(1);
  readonly store = {
    pages: {
      events: async ({ afterId, limit }: EventPage): Promise<Part<number>> => {
        const rest = this.kept.filter((event) => event.id > afterId);
        const page = rest.slice(0, limit);
        await this.onPage();
        const last = page.at(-1)?.id ?? null;
        return {
          items: new TextEncoder().encode(page.map(streamedText).join("")),
          count: page.length,
          last,
          seen: last ?? afterId,
          rest: rest.length > limit ? "some" : "none",
        };
      },
    },
  };

  failed(error: unknown): void {
    throw error;
  }

  keep(...ids: number[]): void {
    const common = { at: new Date(0), type: "note", actor: "us", callId: null, callSeq: null };
    const about = { contractId: null, toEveryone: false, data: {}, call: null, parties: null };
    for (const id of ids) {
      this.kept.push({ ...common, ...about, id });
    }
  }

  tell(...ids: number[]): void {
    this.tail.lastId = ids.at(-1)!;
    const events = this.kept.filter(({ id }) => ids.includes(id));
    for (const listener of this.#listeners) listener(events);
  }
}

Deno.test("a reader misses no event that is written while its last page is read", async () => {
  const log = new HeldLog();
  log.keep(1, 2, 3);
  log.tell(1, 2, 3);
  log.onPage = () => {
    log.onPage = () => {};
    log.keep(4);
    log.tell(4);
  };
  const stream = open(log, { afterId: 0 });
  assertEquals(await read(stream, 4), [1, 2, 3, 4]);
  log.keep(5);
  log.tell(5);
  assertEquals(await read(stream, 1), [5]);
  await stream.cancel();
});

Deno.test("a reader gets an event once that is in its page before the tail reports it", async () => {
  const log = new HeldLog();
  log.keep(1, 2, 3);
  log.tell(1, 2);
  const stream = open(log, { afterId: 0 });
  assertEquals(await read(stream, 3), [1, 2, 3]);
  log.tell(3);
  log.keep(4);
  log.tell(4);
  assertEquals(await read(stream, 1), [4]);
  await stream.cancel();
});

Deno.test("a slow reader has few events queued, and misses none", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const stream = open(rest.server.services, { filter: { types: ["transcript"] } });
  const total = 3000;
  for (let said = 0; said < total; said += 500) {
    const segments = Array.from({ length: 500 }, (_, at) => ({
      role: "other",
      text: `${said + at}`,
    }));
    const { status } = await rest.ask("POST", `${live.path}/transcript`, { segments });
    assertEquals(status, 200);
  }
  assertEquals(await read(stream, total), Array.from({ length: total }, (_, at) => at + 3));
  await stream.cancel();
});

Deno.test("a live reader that stops reading has at most a thousand events queued", async () => {
  for (const [kept, pages] of [[1000, 0], [1001, 21]] as const) {
    const log = new HeldLog();
    let pagesRead = 0;
    log.onPage = () => void pagesRead++;
    const stream = open(log);
    const ids = Array.from({ length: kept }, (_, at) => at + 1);
    log.keep(...ids);
    for (const id of ids) log.tell(id);
    assertEquals(await read(stream, kept), ids);
    assertEquals(pagesRead, pages, `pages of the store, for ${kept} events`);
    log.keep(kept + 1);
    log.tell(kept + 1);
    assertEquals(await read(stream, 1), [kept + 1]);
    await stream.cancel();
  }
});

Deno.test("a waiting reader gets the next event", async () => {
  const log = new HeldLog();
  const stream = open(log);
  for (const id of [1, 2]) {
    const next = read(stream, 1);
    // It found no event, and waits.
    for (let turns = 0; turns < 20; turns++) await Promise.resolve();
    log.keep(id);
    log.tell(id);
    assertEquals(await next, [id]);
  }
  await stream.cancel();
});

Deno.test("a reader reads one page at a time, and gets no heartbeats while it is slow", async () => {
  using clock = new FakeClock();
  const log = new HeldLog();
  log.keep(...Array.from({ length: 1000 }, (_, at) => at + 1));
  log.tell(1000);
  let pagesRead = 0;
  log.onPage = () => void pagesRead++;
  const stream = open(log, { afterId: 0 });
  clock.advance(60_000 * 10);
  assertEquals((await stream.read()).value, { comment: "" }, "the stream is open");
  const first = read(stream, 1);
  for (let turns = 0; turns < 100; turns++) await Promise.resolve();
  // The page is given in the next turn of the event loop.
  clock.advance(1);
  assertEquals(await first, [1]);
  for (let turns = 0; turns < 100; turns++) await Promise.resolve();
  assertEquals(pagesRead, 2, "one is read, the next one waits");
  clock.advance(60_000 * 10);
  assertEquals((await stream.read()).value, { id: 2 });
  await stream.cancel();
  assertEquals(clock.running, 0);
});

Deno.test("an idle reader gets heartbeats", async () => {
  const stream = open(new HeldLog(), { heartbeatMs: 1 });
  for (let beats = 0; beats < 3; beats++) {
    const { value } = await within(stream.read(), () => `${beats} have come`);
    assertEquals(value, { comment: "" });
  }
  await stream.cancel();
});

Deno.test("EventReader ends when its key has ended, at once or later", async () => {
  for (const isLate of [false, true]) {
    let end = () => {};
    let isOver = false;
    const stream = open(new HeldLog(), {
      stay(ended) {
        if (isLate) end = ended;
        else ended();
        return { [Symbol.dispose]: () => void (isOver = true) };
      },
    });
    if (isLate) {
      await within(stream.read(), () => "the first comment has not come");
      end();
      assertEquals(isOver, true);
    }
    const { value } = await within(stream.read(), () => "the stream goes on");
    assertEquals(value, undefined);
  }
});
