/**
 * The whole server in this process, on a port of its own, stopped when the test is over.
 * @module
 */
import type { CallRecord, LineName, RecordEvent } from "../../calls/call_record.ts";
import { readConfig } from "../../config.ts";
import { createLog } from "../../log.ts";
import { type Server, type ServerOptions, startServer } from "../../server/start.ts";
import { Arrivals, within } from "./arrivals.ts";
import { answerTo } from "./http.ts";

/** One line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/**
 * Settings of every server of a test: on a database in memory, on any port, and no audio is late,
 * however busy the machine is.
 */
export const TEST_SETTINGS = {
  PORTS: "0",
  DATABASE_URL: "sqlite::memory:",
  LIMIT_LATE_AUDIO_MS: "60000",
} as const;

/** What a server is tested with. */
export interface TestServerOptions extends Pick<ServerOptions, "observe" | "routes"> {
  readonly settings?: Readonly<Record<string, string>>;
}

/** A server for one test. */
export class TestServer implements AsyncDisposable {
  readonly server: Server;
  /** Its log as it is written. */
  readonly log: Arrivals<LogLine>;
  readonly port: number;
  #stopped: Promise<void> | undefined;

  private constructor(server: Server, log: Arrivals<LogLine>) {
    this.server = server;
    this.log = log;
    this.port = server.addresses[0]!.port;
  }

  /** Starts one, on a store in memory where the settings name none. */
  static async start({ settings, ...options }: TestServerOptions = {}): Promise<TestServer> {
    const lines = new Arrivals<LogLine>();
    const log = createLog({
      level: "debug",
      format: "json",
      write: (line) => lines.push(JSON.parse(line)),
    });
    const config = readConfig({ ...TEST_SETTINGS, ...settings });
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

  /** Asks REST and reads the JSON that it answers. */
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

  /** The call that a platform names so, once it has begun and come as far as the test waits for. */
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
    // It may have come to its end meanwhile, and nobody follows a call that is over.
    const now = await calls.find(call.id);
    if (now !== undefined && passes(now)) return now;
    return await within(
      promise,
      () => `call ${platformId} is ${Deno.inspect(calls.call(call.id))}`,
    );
  }

  /** The record of a call so far. */
  record({ id }: CallRecord): Promise<readonly RecordEvent[]> {
    return this.server.services.calls.read(id, 0, 10_000);
  }

  /** An event of a call's record that passes, once it is there. */
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

  /** A call from its first event on, over or not. */
  async #begun(line: LineName, platformId: string): Promise<CallRecord> {
    const { calls, tail } = this.server.services;
    const { promise, resolve, reject } = Promise.withResolvers<CallRecord>();
    const look = async () => {
      // What has been kept a moment ago is in the book too.
      await calls.settled();
      const page = await calls.list({ limit: 500, line });
      const call = page.find((call) => call.platformId === platformId);
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
