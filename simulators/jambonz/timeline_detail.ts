/**
 * What of a long jambonz message a timeline tells.
 * @module
 */
import type { Command } from "../../protocols/jambonz/commands.ts";

/** The members that say what happened; the rest is the same call information every time. */
const TOLD = [
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

/** What a message of ours tells. */
export function messageDetail(
  type: string,
  data: Readonly<Record<string, unknown>>,
  hook?: string,
): Readonly<Record<string, unknown>> {
  if (type.startsWith("session:")) return { from: data["from"], to: data["to"] };
  const told = TOLD.filter((name) => data[name] !== undefined).map((name) => [name, data[name]]);
  const speech = data["speech"] as { alternatives?: { transcript: string }[] } | undefined;
  const words = speech?.alternatives?.[0]?.transcript;
  return {
    ...(hook === undefined ? {} : { hook }),
    ...Object.fromEntries(told),
    ...(words === undefined ? {} : { speech: words }),
  };
}

/** What a command of the application tells. */
export function commandDetail(command: Command): Readonly<Record<string, unknown>> {
  const queue = command.queueCommand === undefined ? {} : { queue: command.queueCommand };
  if (command.command !== "redirect") return { ...queue, data: command.data };
  return { ...queue, verbs: command.data.map(({ verb }) => verb) };
}

/** The verbs that a command holds, in whatever form. */
export function verbsOf({ command, data }: Command): unknown {
  if (command === "redirect") return data;
  return command === "config" ? [{ verb: "config", ...data as object }] : [];
}
