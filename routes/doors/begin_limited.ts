/**
 * Begins a call if the limits allow one more.
 * @module
 */
import type { CallRecord, NewCall } from "../../calls/call_record.ts";
import type { CallWriter } from "../../calls/writer.ts";
import { actorOf, type Holder } from "../../access/holder.ts";
import { keyIdOf } from "../../http/admission/admission.ts";
import type { Services } from "../services.ts";

/** A new call is refused: a limit of calls, or of memory, is reached. */
export class NoRoom extends Error {
  override readonly name = "NoRoom";
}

/** Options for the start of a call. */
export interface Beginning {
  readonly seed: NewCall;
  /** The holder of the call's key. */
  readonly holder: Holder | undefined;
  readonly writer: CallWriter;
  /** The record that a call continues after it lost its socket: such a call is never refused. */
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
    throw new NoRoom(`Cannot accept the call: the limit of ${place} is reached`);
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
