/**
 * An app that takes its call, and waits for what others do with it.
 * @module
 */
import type { Call } from "../../calls/app.ts";

export default function waits(call: Call): Promise<void> {
  call.answer();
  return new Promise(() => {});
}
