/**
 * Runs many conversations, so many begun in a second.
 * @module
 */

/** How many begin in a second where nothing else is said. */
export const DEFAULT_RATE = 20;

/** Runs all and resolves when the last is over; none begins once the signal is given. */
export async function runMany<Result>(
  count: number,
  perSecond: number,
  signal: AbortSignal,
  run: (index: number) => Promise<Result>,
  ended: (result: Result) => void,
): Promise<void> {
  const startMs = performance.now();
  const running: Promise<void>[] = [];
  for (let index = 0; index < count && !signal.aborted; index++) {
    const waitMs = startMs + index * 1000 / perSecond - performance.now();
    if (waitMs > 0) await pause(waitMs, signal);
    if (signal.aborted) break;
    running.push(run(index).then(ended));
  }
  await Promise.all(running);
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const over = () => {
      clearTimeout(id);
      signal.removeEventListener("abort", over);
      resolve();
    };
    const id = setTimeout(over, ms);
    signal.addEventListener("abort", over);
  });
}
