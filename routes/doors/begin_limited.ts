/**
 * Begins a call where there is room for one more.
 * @module
 */
import type { CallRecord, NewCall } from "../../calls/call_record.ts";
import type { CallWriter } from "../../calls/writer.ts";
import { actorOf, type Holder } from "../../access/holder.ts";
import { keyIdOf } from "../../http/admission/admission.ts";
import type { Services } from "../services.ts";

/** There is no room for a new call: a limit of calls, or of memory, is reached. */
export class NoRoom extends Error {
  override readonly name = "NoRoom";
}

/** What begins a call, and on whose behalf. */
export interface Beginning {
  readonly seed: NewCall;
  /** Whose key brings the call. */
  readonly holder: Holder | undefined;
  readonly writer: CallWriter;
  /** The record that a call which lost its socket may go on in: such a call is never refused. */
  readonly lost?: Promise<CallRecord | undefined> | undefined;
}

/**
 * Begins a call, which counts until it is over.
 * @throws {NoRoom} when the call is refused
 */
export async function beginLimited(
  { seed, holder, writer, lost }: Beginning,
  { admission, calls, log }: Pick<Services, "admission" | "calls" | "log">,
): Promise<CallRecord> {
  let place: Disposable | string | undefined;
  const enter = () => {
    place = admission.call({ numbers: [seed.from, seed.to], keyId: keyIdOf(holder) });
    if (typeof place !== "string") return;
    log.warn("a call is refused", { limit: place });
    throw new NoRoom(`Cannot take the call: the limit of ${place} is reached`);
  };
  if (lost === undefined) enter();
  const found = lost?.then((call) => {
    if (call === undefined) enter();
    return call;
  });
  const leave = () => typeof place === "object" && place[Symbol.dispose]();
  try {
    const call = await writer.begin(seed, found, actorOf(holder, "line"));
    calls.whenOver(call.id).then(leave);
    return call;
  } catch (error) {
    leave();
    throw error;
  }
}
