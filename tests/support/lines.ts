/**
 * Calls on both lines and watchers, opened as by platforms and clients.
 * @module
 */
import { Client, type ClientOptions, type Message } from "./client.ts";
import type { TestServer } from "./server.ts";

export const CALLER = "+15083084809";
/** The key that the live calls door accepts on loopback without API keys. */
export const BEARER = { authorization: "Bearer dev" };
export const JAMBONZ: ClientOptions = { protocols: ["ws.jambonz.org"] };

/** Settings: an inbound call is answered, and nothing else happens on its own. */
export const QUIET_INBOUND = {
  INBOUND_DTMF_AFTER_MS: "never",
  INBOUND_HANGUP_AFTER_MS: "never",
};

/** A message of a jambonz server. */
export function said(type: string, msgid: string, data: Message = {}, callSid = "sid-1"): Message {
  return { type, msgid, call_sid: callSid, data: { call_sid: callSid, ...data } };
}

/** A new call of a jambonz server. */
export function sessionNew(callSid = "sid-1"): Message {
  return said("session:new", "new", { from: CALLER, to: "1001", direction: "inbound" }, callSid);
}

/** The hook of the last gather on this line. */
export function gatherHook({ messages }: Client): string {
  const verbs = messages.flatMap(({ data }) => Array.isArray(data) ? data as Message[] : []);
  return String(verbs.findLast(({ verb }) => verb === "gather")?.["actionHook"]);
}

/** The result of the last gather on this line. */
export function gathered(line: Client, msgid: string, data: Message): Message {
  return { ...said("verb:hook", msgid, data), hook: gatherHook(line) };
}

/** Opens a jambonz call and waits for its greeting. */
export async function jambonzCall(server: TestServer, callSid = "sid-1"): Promise<Client> {
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew(callSid));
  await line.next({ type: "ack", msgid: "new" });
  return line;
}

/** Opens an inbound call and waits for its answer. */
export async function inboundCall(server: TestServer, sessionId = "in-1"): Promise<Client> {
  const line = await Client.open(server.ws("/"));
  line.send({ event: "incoming_call", callerId: CALLER, didNumber: "5000", sessionId });
  await line.next({ event: "answer" });
  return line;
}

/** Watches the latest call. */
export async function watch(
  server: TestServer,
  headers: Record<string, string> = {},
): Promise<Client> {
  const { calls: [latest] } = await server.rest("GET", "/calls");
  const query = new URLSearchParams({ conversationToken: latest.liveConversationToken });
  return await Client.open(server.ws(`/ws/v1/liveCalls?${query}`), {
    headers: { ...BEARER, ...headers },
  });
}
