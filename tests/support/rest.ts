/**
 * A whole server with calls on its lines, and requests over HTTP.
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import type { CallRecord } from "../../calls/call_record.ts";
import { readConfig } from "../../config/config.ts";
import { createLog } from "../../log.ts";
import { type Server, startServer } from "../../server/start.ts";
import { within } from "./arrivals.ts";
import { Client } from "./client.ts";
import { answerTo } from "./http.ts";
import { type LogLine, TEST_SETTINGS } from "./server.ts";

/** An answer of REST. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
  readonly text: string;
}

const JSON_TYPE = { "content-type": "application/json" };

/** Settings: calls do nothing by themselves. */
const QUIET = {
  ...TEST_SETTINGS,
  INBOUND_DTMF_AFTER_MS: "never",
  INBOUND_HANGUP_AFTER_MS: "never",
  INBOUND_CDR_WAIT_MS: "0",
  APPS: "jambonz=tests/support/waiting_app.ts",
};

/** A server for one test. */
export class RestServer implements AsyncDisposable {
  readonly server: Server;
  #stopped: Promise<void> | undefined;

  private constructor(server: Server, readonly logged: readonly LogLine[]) {
    this.server = server;
  }

  /** Starts a server. */
  static async start(settings: Readonly<Record<string, string>> = {}): Promise<RestServer> {
    const logged: LogLine[] = [];
    const write = (line: string) => void logged.push(JSON.parse(line));
    const log = createLog({ level: "warn", format: "json", write });
    const config = readConfig({ ...QUIET, ...settings });
    return new RestServer(await startServer({ config, log }), logged);
  }

  /** The URL of a path, for the scheme `http` or `ws`. */
  url(path: string, scheme: "http" | "ws" = "http"): string {
    return `${scheme}://127.0.0.1:${this.server.addresses[0]!.port}${path}`;
  }

  /** Sends a request to a path below `/api/v1`. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<Answer> {
    const response = await answerTo(this.url(`/api/v1${path}`), {
      method,
      headers: { ...(body === undefined ? {} : JSON_TYPE), ...headers },
      ...(body === undefined ? {} : {
        body: typeof body === "string" ? body : JSON.stringify(body),
      }),
    });
    const text = await response.text();
    const json = /json($|;)/.test(response.headers.get("content-type") ?? "");
    return {
      status: response.status,
      headers: response.headers,
      body: json && text !== "" && !/ndjson/.test(response.headers.get("content-type")!)
        ? JSON.parse(text)
        : undefined,
      text,
    };
  }

  /** An inbound call that has been answered. */
  async inboundCall(
    sessionId = "in-1",
    { from = "+254712345678", to = "5000" } = {},
  ): Promise<LiveCall> {
    const line = await Client.open(this.url("/", "ws"));
    line.send({ event: "incoming_call", callerId: from, didNumber: to, sessionId });
    await line.next({ event: "answer" });
    return new LiveCall(this, line, await this.reaches("inbound", sessionId, "answered"));
  }

  /** A jambonz call whose first verbs have been sent. */
  async jambonzCall(callSid = "sid-1"): Promise<LiveCall> {
    const line = await Client.open(this.url("/jambonz", "ws"), { protocols: ["ws.jambonz.org"] });
    line.send({
      type: "session:new",
      msgid: `${callSid} new`,
      call_sid: callSid,
      data: { call_sid: callSid, from: "+15083084809", to: "5000", direction: "inbound" },
    });
    await line.next({ type: "ack" });
    return new LiveCall(this, line, this.server.services.calls.byPlatformId("jambonz", callSid)!);
  }

  /** The call with this platform id, when it is in this state. */
  async reaches(
    line: CallRecord["line"],
    platformId: string,
    state: CallRecord["state"],
  ): Promise<CallRecord> {
    const { calls } = this.server.services;
    const call = calls.byPlatformId(line, platformId)!;
    if (call.state === state) return call;
    const { promise, resolve } = Promise.withResolvers<CallRecord>();
    using _following = calls.follow(call.id, (_event, now) => {
      if (now.state === state) resolve(now);
    });
    return await within(promise, () => `the call is ${calls.call(call.id)?.state}`);
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

/** A call in progress, with the client that plays its platform. */
export class LiveCall implements AsyncDisposable {
  constructor(readonly rest: RestServer, readonly line: Client, readonly call: CallRecord) {}

  /** The path below `/api/v1`. */
  get path(): string {
    return `/calls/${this.call.id}`;
  }

  /** Its record so far, as types and data. */
  async record(): Promise<[type: string, data: unknown][]> {
    const { body } = await this.rest.ask("GET", `${this.path}/events?limit=1000`);
    return body.events.map(({ type, data }: { type: string; data: unknown }) => [type, data]);
  }

  /** Hangs up from the platform. Resolves when the CDR is in the record. */
  async end(cdr?: Readonly<Record<string, unknown>>): Promise<void> {
    this.line.send({ event: "hangup" });
    if (cdr !== undefined) this.line.send({ event: "cdr", ...cdr });
    await this.line.whenClosed();
    await this.rest.server.services.calls.settled();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.line[Symbol.asyncDispose]();
  }
}

/** Asserts a problem document with a request id. */
export function refused({ status, headers, body }: Answer, expected: number, detail = ""): void {
  assertEquals(status, expected, JSON.stringify(body));
  assertEquals(headers.get("content-type"), "application/problem+json");
  assertEquals(body.status, expected);
  assertStringIncludes(body.detail, detail);
  assertStringIncludes(headers.get("x-request-id") ?? "", "-");
}

/** The fields that a 422 names. */
export function wrongFields(answer: Answer): string[] {
  refused(answer, 422);
  return answer.body.errors.map(({ field }: { field: string }) => field);
}
