/**
 * A server on this machine, in this process or another, and its clients.
 * @module
 */
import { Client, type ClientOptions, type Message } from "./client.ts";
import { found } from "./arrivals.ts";
import { answerTo } from "./http.ts";
import { gatherHook } from "./lines.ts";

export const CALLER = "+15083084809";
const JAMBONZ: ClientOptions = { protocols: ["ws.jambonz.org"] };

/** An answer of REST. */
export interface SiteAnswer {
  readonly status: number;
  readonly headers: Headers;
  // deno-lint-ignore no-explicit-any
  readonly body: any;
}

/** A server by its port. */
export class Site {
  constructor(public port: number) {}

  /** The URL of a WebSocket. */
  ws(path: string): string {
    return `ws://127.0.0.1:${this.port}${path}`;
  }

  /** Sends an HTTP request. */
  async ask(
    method: string,
    path: string,
    body?: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<SiteAnswer> {
    const response = await answerTo(`http://127.0.0.1:${this.port}${path}`, {
      method,
      headers: {
        ...headers,
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }

  /** Sends a REST request and reads the answer. */
  // deno-lint-ignore no-explicit-any
  async rest(method: string, path: string, body?: unknown): Promise<any> {
    return (await this.ask(method, `/api/v1${path}`, body)).body;
  }

  /** The call with this platform id in the call log, when it matches. */
  async call(
    platformId: string,
    passes: (call: Message) => boolean = () => true,
  ): Promise<Message> {
    let calls: Message[] = [];
    const look = async () => {
      ({ calls } = await this.rest("GET", "/calls"));
      return calls.find((call) => call["platformId"] === platformId && passes(call));
    };
    return await found(look, () => `call ${platformId} in ${Deno.inspect(calls)}`);
  }

  /** Opens a socket as a jambonz server does. */
  async jambonz(): Promise<Client> {
    return await Client.open(this.ws("/jambonz"), JAMBONZ);
  }

  /** Opens a jambonz call and waits for its greeting. */
  async jambonzCall(callSid: string): Promise<Client> {
    const line = await this.jambonz();
    line.send(said("session:new", "new", callSid, { from: CALLER, to: "1001" }));
    await line.next({ type: "ack", msgid: "new" });
    return line;
  }

  /** Opens an inbound call and waits for its answer. */
  async inboundCall(sessionId: string): Promise<Client> {
    const line = await Client.open(this.ws("/"));
    line.send(incomingCall(sessionId));
    await line.next({ event: "answer" });
    return line;
  }

  /** Watches a call from an event on. */
  async watch(conversationToken: unknown, after?: number): Promise<Client> {
    const query = new URLSearchParams({ conversationToken: String(conversationToken) });
    if (after !== undefined) query.set("after", String(after));
    return await Client.open(this.ws(`/ws/v1/liveCalls?${query}`), {
      headers: { authorization: "Bearer dev" },
    });
  }
}

/** A message of a jambonz server. */
export function said(type: string, msgid: string, callSid: string, data: Message = {}): Message {
  return { type, msgid, call_sid: callSid, data: { call_sid: callSid, ...data } };
}

/** The hook of jambonz with the digits for the last gather of this line. */
export function pressed(digits: string, callSid: string, line: Client): Message {
  return {
    ...said("verb:hook", `pressed ${digits}`, callSid, { digits }),
    hook: gatherHook(line),
  };
}

/** The first message of an inbound call. */
export function incomingCall(sessionId: string): Message {
  return { event: "incoming_call", callerId: CALLER, didNumber: "5000", sessionId };
}
