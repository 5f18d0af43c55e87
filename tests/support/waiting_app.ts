/**
 * An app that answers its call and waits.
 * @module
 */
import type { Call } from "../../calls/app.ts";

export default function waits(call: Call): Promise<void> {
  call.answer();
  return new Promise(() => {});
}
