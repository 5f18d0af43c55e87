/**
 * Runs many conversations at a fixed rate.
 * @module
 */
import { SimulatedTime } from "./simulated_time.ts";

/** The default rate: conversations that begin in a second. */
export const DEFAULT_RATE = 20;

/** Runs `count` conversations and resolves when the last has ended; the signal begins no more. */
export async function runMany<Result>(
  count: number,
  perSecond: number,
  signal: AbortSignal,
  run: () => Promise<Result>,
  ended: (result: Result) => void,
): Promise<void> {
  const time = new SimulatedTime();
  const running: Promise<void>[] = [];
  for (let index = 0; index < count; index++) {
    const waitMs = index * 1000 / perSecond - time.nowMs;
    if (waitMs > 0) await time.sleep(waitMs / 1000, signal);
    if (signal.aborted) break;
    running.push(run().then(ended));
  }
  await Promise.all(running);
}
