/**
 * The whole server in this process, on its own port, stopped after the test.
 * @module
 */
import type { CallRecord, LineName, RecordEvent } from "../../calls/call_record.ts";
import { readConfig } from "../../config/config.ts";
import { createLog } from "../../log.ts";
import { type Server, type ServerOptions, startServer } from "../../server/start.ts";
import { Arrivals, within } from "./arrivals.ts";
import { answerTo } from "./http.ts";

/** One line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/**
 * Settings of every server of a test: a database in memory, any port, and no late audio on a busy
 * machine.
 */
export const TEST_SETTINGS = {
  PORTS: "0",
  DATABASE_URL: "sqlite::memory:",
  LIMIT_LATE_AUDIO_MS: "60000",
} as const;

/** How to start a server. */
export interface TestServerOptions extends Pick<ServerOptions, "now" | "observe" | "routes"> {
  readonly settings?: Readonly<Record<string, string>>;
}

/** A server for one test. */
export class TestServer implements AsyncDisposable {
  /** The transport of servers whose settings name none; see tests/transports/. */
  static transport: "native" | "hardened" = "native";
  readonly server: Server;
  /** Its log so far. */
  readonly log: Arrivals<LogLine>;
  readonly port: number;
  #stopped: Promise<void> | undefined;

  private constructor(server: Server, log: Arrivals<LogLine>) {
    this.server = server;
    this.log = log;
    this.port = server.addresses[0]!.port;
  }

  /** Starts a server, on a store in memory unless the settings have another. */
  static async start({ settings, ...options }: TestServerOptions = {}): Promise<TestServer> {
    const lines = new Arrivals<LogLine>();
    const log = createLog({
      level: "debug",
      format: "json",
      write: (line) => lines.push(JSON.parse(line)),
    });
    const config = readConfig({
      ...TEST_SETTINGS,
      TRANSPORT: TestServer.transport,
      ...settings,
    });
    return new TestServer(await startServer({ config, log, ...options }), lines);
  }

  /** The URL of a WebSocket. */
  ws(path: string): string {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** The URL of anything else. */
  http(path: string): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /** Sends a REST request and reads the JSON of the answer. */
  // deno-lint-ignore no-explicit-any
  async rest(method: string, path: string, body?: unknown): Promise<any> {
    const response = await answerTo(this.http(`/api/v1${path}`), {
      method,
      ...(body === undefined ? {} : {
        body: JSON.stringify(body),
        headers: { "content-type": "application/json" },
      }),
    });
    return await response.json();
  }

  /** The call with this platform id, when it has begun and matches. */
  async call(
    line: LineName,
    platformId: string,
    passes: (call: CallRecord) => boolean = () => true,
  ): Promise<CallRecord> {
    const { calls } = this.server.services;
    const call = calls.byPlatformId(line, platformId) ?? await this.#begun(line, platformId);
    if (passes(call)) return call;
    const { promise, resolve } = Promise.withResolvers<CallRecord>();
    using _following = calls.follow(call.id, (_event, now) => passes(now) && resolve(now));
    // It may have ended meanwhile, and an ended call has no followers.
    const now = await calls.find(call.id);
    if (now !== undefined && passes(now)) return now;
    return await within(
      promise,
      () => `call ${platformId} is ${Deno.inspect(calls.call(call.id))}`,
    );
  }

  /** The record of a call so far. */
  record({ id }: CallRecord): Promise<readonly RecordEvent[]> {
    return this.server.services.store.calls.events(id, 0, 10_000);
  }

  /** A matching event of a call's record, when it is there. */
  async recorded(
    { id }: CallRecord,
    passes: (event: RecordEvent) => boolean,
  ): Promise<RecordEvent> {
    const { calls } = this.server.services;
    const { promise, resolve } = Promise.withResolvers<RecordEvent>();
    using _following = calls.follow(id, (event) => passes(event) && resolve(event));
    const already = calls.events(id).find(passes);
    if (already !== undefined) return already;
    const told = () => `${passes} in the record ${Deno.inspect(calls.events(id).slice(-8))}`;
    return await within(promise, told);
  }

  /** A call with all its events, in progress or over. */
  async #begun(line: LineName, platformId: string): Promise<CallRecord> {
    const { calls, store, tail } = this.server.services;
    const { promise, resolve, reject } = Promise.withResolvers<CallRecord>();
    const look = async () => {
      // Just persisted events are included.
      await calls.settled();
      const call = await store.calls.byPlatformId(line, platformId);
      if (call !== undefined) resolve(calls.call(call.id) ?? call);
    };
    using _listening = tail.listen(() => look().catch(reject));
    await look();
    return await within(promise, () => `there is no ${line} call ${platformId}`);
  }

  /** Stops it, once. */
  stop(): Promise<void> {
    this.#stopped ??= within(this.server.stop(), () => "the server does not stop");
    return this.#stopped;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
