/**
 * Commands that we send on our own: the app's, and those for requests of watchers and REST.
 * @module
 */
import type { Ask } from "../../calls/line.ts";
import { unexpected } from "../../session/protocol.ts";
import { ageOfCommand, type Command, replaceBy } from "./commands.ts";
import type { Steps } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import { checkVerbs, faultOfSize, faultOfVerbSizes, spokenTexts } from "./verbs.ts";
import type { JambonzPorts } from "./ports.ts";

/** Sends an app's command after a check: jambonz refuses unknown ones. */
export function* sendChecked(
  given: Command,
  over: boolean,
  ports: Pick<JambonzPorts, "fault" | "newer" | "transcript">,
  outlet: Outlet,
): Steps {
  const age = ageOfCommand(given.command);
  if (age === "unknown") {
    return ports.fault(`Cannot send the command ${given.command}: no jambonz server knows it`);
  }
  const command = withVerbs(given);
  // It would append nothing.
  if (command === undefined) return;
  const verbs = "data" in command && Array.isArray(command.data) ? command.data : undefined;
  const checked = verbs === undefined ? undefined : checkVerbs(verbs);
  const fault = checked?.fault ?? faultOfSizes(command) ??
    (over ? "the call is over" : undefined);
  if (fault !== undefined) {
    return ports.fault(`Cannot send the command ${command.command}: ${fault}`);
  }
  if (age === "newer") ports.newer("command", command.command);
  for (const verb of checked?.newer ?? []) ports.newer("verb", verb);
  yield* outlet.say(command);
  if (command.command !== "redirect") return;
  for (const text of spokenTexts(command.data)) ports.transcript("assistant", text);
}

/** Verbs of a redirect may go in several frames. */
function faultOfSizes(command: Command): string | undefined {
  if (command.command !== "redirect") return faultOfSize(command);
  return faultOfVerbSizes(command.data, { ...command, data: undefined });
}

/** Fills a redirect without verbs, which would end an idle call; undefined if it would append nothing. */
function withVerbs(command: Command): Command | undefined {
  if (command.command !== "redirect" || command.data.length > 0) return command;
  return command.queueCommand === true ? undefined : replaceBy([]);
}

/** Carries out a request of a watcher or REST, and records it. */
export function* carryOut(
  ask: Ask,
  state: string,
  ports: Pick<
    JambonzPorts,
    "dtmf" | "fault" | "newer" | "screeningEnded" | "transcript"
  >,
  outlet: Outlet,
): Steps {
  if (ask.kind === "redirect") {
    return yield* sendChecked(replaceBy(ask.verbs), false, ports, outlet);
  }
  for (const command of commandsFor(ask)) yield* outlet.say(command);
  if (ask.kind === "join") {
    if (ask.number === null) return yield unexpected("join without a number", state);
    ports.screeningEnded("The call is transferred");
  }
  if (ask.kind === "digits") {
    for (const digit of ask.digits) ports.dtmf(digit, "us");
  }
}

/** The commands for a request; none for a join without a number. */
function commandsFor(ask: Exclude<Ask, { kind: "redirect" }>): Command[] {
  switch (ask.kind) {
    case "end":
      return [replaceBy([{ verb: "hangup" }])];
    case "join": {
      if (ask.number === null) return [];
      const target = [{ type: "phone", number: ask.number }];
      return [replaceBy([{ verb: "dial", target, answerOnBridge: true }, { verb: "hangup" }])];
    }
    case "interrupt":
      return [replaceBy([])];
    case "digits":
      return [...ask.digits].map((digit) => ({
        type: "command",
        command: "dtmf",
        data: { dtmf: { digit, duration: ask.durationMs } },
      }));
  }
}
