/**
 * The script of a simulated caller on the jambonz line, such as `speech:book a car;dtmf:1;drop`.
 * @module
 */

/** One action of the caller, or one event of the call. */
export type Step =
  | { readonly kind: "speech"; readonly text: string }
  | { readonly kind: "dtmf"; readonly digits: string }
  /** The caller is silent until the gather times out. */
  | { readonly kind: "silence" }
  | { readonly kind: "wait"; readonly seconds: number }
  /** The socket is lost; the call continues. */
  | { readonly kind: "drop" }
  /** The socket is lost with the next hook, which is never sent again. */
  | { readonly kind: "drop-hook" }
  /** The caller interrupts streamed speech. */
  | { readonly kind: "interrupt" }
  /** The result of the next dial. */
  | { readonly kind: "busy" | "no-answer" }
  /** The callee hangs up. */
  | { readonly kind: "callee-hangup" }
  | { readonly kind: "hangup" }
  /** The caller hangs up this long after the next verb has begun, even in the middle of it. */
  | { readonly kind: "hangup-after"; readonly seconds: number }
  /** Live call control redirects the call to a hook of the application. */
  | { readonly kind: "redirect"; readonly hook: string };

/** A step cannot be read; the message lists the valid ones. */
class WrongScript extends Error {
  override readonly name = "WrongScript";
}

const DIGITS = /^[0-9*#A-D]+$/;
const BARE = [
  "silence",
  "drop",
  "interrupt",
  "busy",
  "no-answer",
  "callee-hangup",
  "hangup",
] as const;

/**
 * Reads a script: steps separated by semicolons.
 * @throws {WrongScript} for an unknown step
 */
export function parseScript(script: string): Step[] {
  return script.split(";").map((step) => step.trim()).filter((step) => step !== "").map(parseStep);
}

function parseStep(step: string): Step {
  const colon = step.indexOf(":");
  const name = colon === -1 ? step : step.slice(0, colon).trim();
  const value = colon === -1 ? "" : step.slice(colon + 1).trim();
  const bare = BARE.find((kind) => kind === name);
  if (bare !== undefined && value === "") return { kind: bare };
  if (name === "speech" && value !== "") return { kind: "speech", text: value };
  if (name === "dtmf" && DIGITS.test(value)) return { kind: "dtmf", digits: value };
  if (name === "drop" && value === "hook") return { kind: "drop-hook" };
  if (name === "redirect" && value !== "") return { kind: "redirect", hook: value };
  if (Number(value) >= 0 && value !== "") {
    if (name === "wait") return { kind: "wait", seconds: Number(value) };
    if (name === "hangup") return { kind: "hangup-after", seconds: Number(value) };
  }
  throw new WrongScript(
    `Cannot read the step "${step}": valid are speech:WORDS, dtmf:DIGITS, wait:SECONDS, ` +
      `hangup:SECONDS, redirect:HOOK, drop:hook, ${BARE.join(", ")}`,
  );
}
