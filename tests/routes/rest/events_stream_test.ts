import { assert, assertEquals, assertMatch } from "@std/assert";
import type { Listener } from "../../../events/tail.ts";
import { Arrivals, within } from "../../support/arrivals.ts";
import { answerTo } from "../../support/http.ts";
import { type LiveCall, refused, RestServer } from "../../support/rest.ts";

interface Told {
  readonly id: string;
  readonly event: string;
  // deno-lint-ignore no-explicit-any
  readonly data: any;
}

/** One reader of the stream. */
class Reader implements AsyncDisposable {
  readonly told: Arrivals<Told> = new Arrivals();
  readonly headers: Headers;
  readonly #body: ReadableStreamDefaultReader<Uint8Array>;
  readonly #reading: Promise<void>;

  private constructor(response: Response) {
    this.headers = response.headers;
    this.#body = response.body!.getReader();
    this.#reading = this.#read();
  }

  static async open(
    rest: RestServer,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Reader> {
    const url = rest.url(`/api/v1/events/stream?${new URLSearchParams(query)}`);
    const response = await within(fetch(url, { headers }), () => `${url} does not open`);
    assertEquals(response.status, 200);
    return new Reader(response);
  }

  /** The next event of this type. */
  next(type: string): Promise<Told> {
    return this.told.next(({ event }) => event === type);
  }

  /** Resolves when the stream has ended. */
  async ended(): Promise<void> {
    await within(this.#reading, () => "the stream goes on");
  }

  async #read(): Promise<void> {
    const decoder = new TextDecoder();
    let text = "";
    for (let part = await this.#body.read(); !part.done; part = await this.#body.read()) {
      const blocks = (text + decoder.decode(part.value, { stream: true })).split("\n\n");
      text = blocks.pop()!;
      for (const block of blocks) this.#take(block);
    }
    this.told.end("the stream has ended");
  }

  #take(block: string): void {
    const fields = Object.fromEntries(
      block.split("\n").map((line) => {
        const colon = line.indexOf(":");
        return [line.slice(0, colon), line.slice(colon + 1)];
      }),
    );
    const { id, event, data } = fields;
    if (id === undefined) return;
    this.told.push({ id, event: event!, data: JSON.parse(data!) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#body.cancel();
    await this.ended();
  }
}

async function say({ rest, path }: LiveCall, ...texts: string[]): Promise<void> {
  const segments = texts.map((text) => ({ role: "other", text }));
  const { status } = await rest.ask("POST", `${path}/transcript`, { segments });
  assertEquals(status, 200);
}

const CONTRACT = {
  transcript: "I buy ten bags of maize.",
  parties: [{ phone: "+254712345678", role: "buyer" }, { phone: "+254787654321", role: "seller" }],
};

Deno.test("GET /events/stream streams new events with ids, types and data", async () => {
  await using rest = await RestServer.start();
  await using before = await rest.inboundCall("before");
  await using reader = await Reader.open(rest);
  assertEquals(reader.headers.get("content-type"), "text/event-stream");
  assert(reader.headers.has("x-request-id"));
  await say(before, "Hello");
  const { id, event, data } = await reader.next("transcript");
  assertEquals(event, "transcript");
  assertEquals(data.id, Number(id));
  assertEquals(data.call_id, before.call.id);
  assertEquals(data.seq, 3);
  assertEquals(data.contract_id, null);
  assertEquals(data.data, { msg: "Hello", role: "other" });
  assertEquals(reader.told.all.length, 1);
});

Deno.test("GET /events/stream with Last-Event-ID continues without gap or duplicate", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const texts = Array.from({ length: 450 }, (_, at) => `${at}`);
  await say(live, ...texts);
  // Events are written while the missed ones are read.
  const reading = Reader.open(rest, {}, { "last-event-id": "1" });
  const saying = (async () => {
    for (let at = 450; at < 480; at++) await say(live, `${at}`);
  })();
  await using reader = await reading;
  await saying;
  await say(live, "last");
  await reader.told.next(({ data }) => data.data.msg === "last");
  const ids = reader.told.all.map(({ id }) => Number(id));
  assertEquals(ids, Array.from(ids, (_, at) => at + 2));
  const said = reader.told.all.filter(({ event }) => event === "transcript");
  assertEquals(said.map(({ data }) => data.data.msg), [
    ...Array.from({ length: 480 }, (_, at) => `${at}`),
    "last",
  ]);
});

Deno.test("GET /events/stream?last_event_id= replaces the header", async () => {
  await using rest = await RestServer.start();
  await using _live = await rest.inboundCall();
  await using reader = await Reader.open(rest, { last_event_id: "0" });
  assertEquals((await reader.told.next()).event, "started");
  await using ahead = await Reader.open(rest, { last_event_id: "1000000" });
  await using _other = await rest.inboundCall("other");
  await ahead.next("started");
});

Deno.test("GET /events/stream filters by type, call, contract and client, past and present", async () => {
  await using rest = await RestServer.start();
  await using one = await rest.inboundCall("one");
  await using two = await rest.inboundCall("two");
  const create = async () => (await rest.ask("POST", "/contracts/create", CONTRACT)).body;
  const change = async (id: string) =>
    await rest.ask("PUT", `/contracts/${id}`, { status: "cancelled" });
  const [first, second] = [await create(), await create()];
  await change(first.contract_id);
  const filters: [query: Record<string, string>, types: string[]][] = [
    [{ type: "transcript,ended" }, ["transcript", "ended"]],
    [{ call: two.call.id }, ["started", "answered", "ended", "cdr"]],
    [{ contract: second.contract_id }, ["contract_created", "contract_changed"]],
    [{ client: "0254712345678" }, []],
    [{ client: "+254 712 345678", type: "contract_changed" }, [
      "contract_changed",
      "contract_changed",
    ]],
  ];
  const open = (query: Record<string, string>) =>
    Reader.open(rest, { ...query, last_event_id: "0" });
  const live = await Promise.all(filters.map(([query]) => open(query)));
  await say(one, "Hello");
  await change(second.contract_id);
  await two.end();
  const past = await Promise.all(filters.map(([query]) => open(query)));
  for (const readers of [live, past]) {
    for (const [at, [query, types]] of filters.entries()) {
      const reader = readers[at]!;
      for (const type of types) await reader.next(type);
      assertEquals(reader.told.all.map(({ event }) => event), types, JSON.stringify(query));
      await reader[Symbol.asyncDispose]();
    }
  }
});

Deno.test("GET /events/stream refuses an invalid id", async () => {
  await using rest = await RestServer.start();
  const ask = (path: string, headers = {}) => rest.ask("GET", path, undefined, headers);
  refused(await ask("/events/stream", { "last-event-id": "x" }), 422, "Last-Event-ID");
  refused(await ask("/events/stream?last_event_id=-1"), 422);
  const head = await answerTo(rest.url("/api/v1/events/stream"), { method: "HEAD" });
  assertEquals(head.headers.get("content-type"), "text/event-stream");
});

Deno.test("GET /events/stream refuses an unknown event type", async () => {
  await using rest = await RestServer.start();
  for (const type of ["bogus", "transcript,", "ended, transcrpt"]) {
    const url = rest.url(`/api/v1/events/stream?${new URLSearchParams({ type })}`);
    const response = await answerTo(url);
    assertEquals(response.status, 422, type);
    const { errors: [fault] } = await response.json();
    assertEquals(fault.field, "type");
    assertMatch(
      fault.message,
      /no such type of event: "\w*"; there are started, .*payment_mismatch/,
    );
  }
});

Deno.test("GET /events/stream ends when the server stops", async () => {
  await using rest = await RestServer.start();
  await using reader = await Reader.open(rest);
  await rest.stop();
  await reader.ended();
});

Deno.test("GET /events/stream frees a reader that has left", async () => {
  await using rest = await RestServer.start();
  const { tail } = rest.server.services;
  const listen = tail.listen.bind(tail);
  const { promise: forgotten, resolve } = Promise.withResolvers<void>();
  tail.listen = (listener: Listener) => {
    const listening = listen(listener);
    return {
      [Symbol.dispose]() {
        listening[Symbol.dispose]();
        resolve();
      },
    };
  };
  const reader = await Reader.open(rest);
  await reader[Symbol.asyncDispose]();
  await within(forgotten, () => "it is still told");
});
