/**
 * Sends one message to many sessions, in slices, and lets the event loop turn between them: ten
 * thousand clients never delay an audio frame.
 * @module
 */

/** The maximum of sessions in a slice: each sends after it, where the slice's clock does not see it. */
const SLICE_SESSIONS = 50;
/** The longest slice. */
const SLICE_MS = 2;
/** A slice reads the clock once for so many sessions. */
const CLOCK_EVERY = 8;

interface Broadcast<Session, Notice> {
  readonly sessions: Iterator<Session>;
  readonly notice: Notice;
}

/** Sends notices to many sessions, one broadcast at a time: each session gets them in order. */
export class Broadcaster<Session extends { notify(notice: Notice): boolean }, Notice> {
  readonly #waiting: Broadcast<Session, Notice>[] = [];
  #running: Promise<void> | undefined;

  /** Notifies the current sessions; later ones do not get it. */
  tell(sessions: Iterable<Session>, notice: Notice): void {
    this.#waiting.push({ sessions: [...sessions].values(), notice });
    this.#running ??= this.#run();
  }

  /** Resolves when every session has been notified of everything. */
  get settled(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    // `tell` must keep the promise before the end of the run forgets it.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      while (!slice(next)) await turn();
    }
    this.#running = undefined;
  }
}

/** Notifies as many sessions as fit in a slice; true when all are notified. */
function slice<Notice>(
  { sessions, notice }: Broadcast<{ notify(notice: Notice): boolean }, Notice>,
): boolean {
  const endMs = performance.now() + SLICE_MS;
  for (let told = 1; told <= SLICE_SESSIONS; told++) {
    const { done, value } = sessions.next();
    if (done) return true;
    value.notify(notice);
    if (told % CLOCK_EVERY === 0 && performance.now() >= endMs) return false;
  }
  return false;
}

/** Yields to the event loop, to serve what has arrived meanwhile. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
