/**
 * Counts what the limits of sessions dropped and closed.
 * @module
 */
import type { Observe } from "../../session/observe.ts";
import type { Refusals } from "./refusals.ts";

const CODES = [1008, 1009, 1013] as const;

/** A tap that counts. It is on the audio path, so the most frequent facts come first. */
export function countSessions(refusals: Refusals): Observe {
  return (_session, fact) => {
    if (fact.kind === "audio" || fact.kind === "play") return;
    if (fact.kind === "dropped") return refusals.add(`${fact.what} ${fact.why}`);
    if (fact.kind === "malformed" && fact.isExcessive) return refusals.add("json too large");
    if (fact.kind !== "closed") return;
    const code = CODES.find((code) => code === fact.code);
    if (code !== undefined) refusals.add(`closed ${code}`);
    if (fact.code === 1001 && fact.reason === "idle") refusals.add("closed 1001");
  };
}
