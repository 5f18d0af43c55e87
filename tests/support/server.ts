/**
 * The whole server in this process, on a port of its own, stopped when the test is over.
 * @module
 */
import type { Call, CallEvent, LineName } from "../../calls/call.ts";
import { readConfig } from "../../config.ts";
import { createLog } from "../../log.ts";
import type { Application } from "../../protocols/jambonz/application.ts";
import { type Server, startServer } from "../../routes/server.ts";
import type { Observe } from "../../session/observe.ts";
import { Arrivals, within } from "./arrivals.ts";
import { answerTo } from "./http.ts";

/** One line of the server's log. */
export type LogLine = Readonly<Record<string, unknown>> & { readonly msg: string };

/** What a server is tested with. */
export interface TestServerOptions {
  readonly settings?: Readonly<Record<string, string>>;
  readonly application?: Application;
  readonly observe?: Observe;
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
    const config = readConfig({ PORTS: "0", DATABASE_URL: "sqlite::memory:", ...settings });
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

  /** The call that a platform names so, once it has come as far as the test waits for. */
  async call(
    line: LineName,
    platformId: string,
    passes: (call: Call) => boolean = () => true,
  ): Promise<Call> {
    const { calls } = this.server.parts;
    const call = calls.byPlatformId(line, platformId) ?? await this.#pastCall(line, platformId);
    if (call === undefined) throw new Error(`There is no ${line} call ${platformId}`);
    if (passes(call)) return call;
    const { promise, resolve } = Promise.withResolvers<Call>();
    using _following = calls.follow(call.id, (_event, now) => passes(now) && resolve(now));
    return await within(
      promise,
      () => `call ${platformId} is ${Deno.inspect(calls.call(call.id))}`,
    );
  }

  /** The record of a call so far. */
  record({ id }: Call): Promise<readonly CallEvent[]> {
    return this.server.parts.calls.read(id, 0, 10_000);
  }

  async #pastCall(line: LineName, platformId: string): Promise<Call | undefined> {
    const calls = await this.server.parts.calls.list({ limit: 500, line });
    return calls.find((call) => call.platformId === platformId);
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
