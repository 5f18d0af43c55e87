/**
 * The details of jambonz messages in a timeline.
 * @module
 */
import type { Command } from "../../protocols/jambonz/commands.ts";

/** The shown members; the others are the call information, which every message repeats. */
const MEMBERS = [
  "call_status",
  "msg",
  "details",
  "digits",
  "reason",
  "event",
  "name",
  "id",
  "event_type",
  "status",
  "dial_call_status",
] as const;

/** The details of a message of the simulated server. */
export function messageDetail(
  type: string,
  data: Readonly<Record<string, unknown>>,
  hook?: string,
): Readonly<Record<string, unknown>> {
  if (type.startsWith("session:")) return { from: data["from"], to: data["to"] };
  const shown = MEMBERS.filter((name) => data[name] !== undefined).map((
    name,
  ) => [name, data[name]]);
  const speech = data["speech"] as { alternatives?: { transcript: string }[] } | undefined;
  const words = speech?.alternatives?.[0]?.transcript;
  return { hook, ...Object.fromEntries(shown), speech: words };
}

/** The details of a command of the application. */
export function commandDetail(command: Command): Readonly<Record<string, unknown>> {
  const { queueCommand: queue } = command;
  if (command.command !== "redirect") return { queue, data: command.data };
  return { queue, verbs: command.data.map(({ verb }) => verb) };
}

/** The verbs in a command. */
export function verbsOf({ command, data }: Command): unknown {
  if (command === "redirect") return data;
  return command === "config" ? [{ verb: "config", ...data as object }] : [];
}
