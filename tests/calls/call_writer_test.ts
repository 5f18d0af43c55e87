import { assertEquals } from "@std/assert";
import { Calls } from "../../calls/calls.ts";
import type { NewRecordEvent } from "../../calls/call_record.ts";
import { CallWriter } from "../../calls/writer.ts";
import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import type { Store } from "../../store/store.ts";
import { StoreUnavailable } from "../../store/errors.ts";
import { within } from "../support/arrivals.ts";
import { note } from "../support/store_samples.ts";

const SEED = {
  line: "inbound",
  platformId: "in-1",
  direction: "inbound",
  from: "+15083084809",
  to: "5000",
} as const;

Deno.test("callWriter writes in order, starting before the record is open", async () => {
  await using setup = await CallWriterSetup.open();
  const { writer } = setup;
  const begun = writer.begin(SEED);
  for (const text of ["1", "2", "3"]) writer.write(() => note(text));
  const { id } = await begun;
  await writer.settled;
  assertEquals(await setup.texts(id), ["1", "2", "3"]);
  assertEquals(writer.call?.lastSeq, 4);
});

Deno.test("callWriter retries, in order, until the disk accepts the write", async () => {
  await using setup = await CallWriterSetup.open();
  const { writer } = setup;
  const { id } = await writer.begin(SEED);
  setup.refused = 2;
  for (const text of ["1", "2", "3"]) writer.write(() => note(text));
  await writer.settled;
  assertEquals(setup.failures.map(({ name }) => name), ["StoreUnavailable", "StoreUnavailable"]);
  assertEquals(await setup.texts(id), ["1", "2", "3"]);
});

Deno.test("callWriter gives up a write that can never succeed, and continues", async () => {
  await using setup = await CallWriterSetup.open();
  const { writer } = setup;
  const { id } = await writer.begin(SEED);
  writer.write(() => ({ ...note("never"), actor: null } as unknown as NewRecordEvent));
  writer.write(() => note("after"));
  await writer.settled;
  assertEquals(setup.failures.length, 1);
  assertEquals(await setup.texts(id), ["after"]);
});

Deno.test("callWriter does not retry when the server stops", async () => {
  await using setup = await CallWriterSetup.open();
  const { writer } = setup;
  const { id } = await writer.begin(SEED);
  setup.refused = Infinity;
  writer.write(() => note("lost"));
  await writer.persistedOrStuck;
  setup.stopping.abort();
  await within(writer.settled, () => "it goes on trying");
  setup.refused = 0;
  assertEquals(await setup.texts(id), []);
});

Deno.test("callWriter.persistedOrStuck waits for the disk, unless it accepts no writes", async () => {
  await using setup = await CallWriterSetup.open();
  const { writer } = setup;
  const { id } = await writer.begin(SEED);
  for (const text of ["1", "2", "3"]) {
    writer.write(() => {
      // The first is written, then the disk is full.
      if (text === "2" && setup.failures.length === 0) setup.refused = 1;
      return note(text);
    });
  }
  await writer.persistedOrStuck;
  assertEquals([setup.failures.length, await setup.texts(id)], [1, ["1"]]);
  await writer.settled;
  writer.write(() => note("4"));
  await writer.persistedOrStuck;
  assertEquals(await setup.texts(id), ["1", "2", "3", "4"], "it waits again");
});

/** A writer whose disk refuses so many writes. */
class CallWriterSetup implements AsyncDisposable {
  readonly failures: Error[] = [];
  readonly stopping = new AbortController();
  readonly writer: CallWriter;
  refused = 0;
  readonly #store: Store;

  private constructor(store: Store) {
    this.#store = store;
    const append = store.calls.append.bind(store.calls);
    store.calls.append = (...given) => {
      if (this.refused-- > 0) return Promise.reject(new StoreUnavailable("full"));
      return append(...given);
    };
    const failed = (error: unknown) => void this.failures.push(error as Error);
    const calls = new Calls({ store: store.calls, now: () => new Date(), failed });
    this.writer = new CallWriter(calls, failed, this.stopping.signal);
  }

  static async open(): Promise<CallWriterSetup> {
    return new CallWriterSetup(await openSqlite(MEMORY));
  }

  /** The texts of the notes of a record. */
  async texts(callId: string): Promise<string[]> {
    const events = await this.#store.calls.events(callId, 0, 100);
    return events.flatMap(({ type, data }) => type === "note" ? [data.text] : []);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.stopping.abort();
    await this.#store.close();
  }
}
