/**
 * A jambonz call with an app, as jambonz speaks to it.
 * @module
 */
import { Client, type Message } from "./client.ts";
import { JAMBONZ, said } from "./lines.ts";
import type { TestServer } from "./server.ts";

/** Opens a socket to the jambonz door. */
export async function openLine(server: TestServer, path = "/jambonz"): Promise<Client> {
  return await Client.open(server.ws(path), JAMBONZ);
}

/** The verbs of the next ack of this message. */
export async function verbs(line: Client, msgid: string): Promise<Message[]> {
  return ((await line.next({ type: "ack", msgid }))["data"] ?? []) as Message[];
}

/** The next redirect: whether it is queued, and its verbs. */
export async function redirected(line: Client): Promise<[boolean, Message[]]> {
  const { queueCommand, data } = await line.next({ command: "redirect" });
  return [queueCommand as boolean, data as Message[]];
}

/** The hook of a verb, with what it brings. */
export function hook(verb: Message | undefined, msgid: string, data: Message = {}): Message {
  return { ...said("verb:hook", msgid, data), hook: String(verb?.["actionHook"]) };
}
