/**
 * One message to many sessions, in slices that give the event loop back in between: ten thousand
 * clients that are told something never delay an audio frame.
 * @module
 */

/** So many are told in one slice: each sends after it, where the clock does not see it. */
const SLICE_SESSIONS = 50;
/** A slice may take this long. */
const SLICE_MS = 2;
/** The clock is read once in so many sessions. */
const CLOCK_EVERY = 8;

interface Broadcast<Session, Notice> {
  readonly sessions: Iterator<Session>;
  readonly notice: Notice;
}

/** Sends notices to many sessions, one broadcast after the other, so that each hears them in order. */
export class Broadcaster<Session extends { notify(notice: Notice): boolean }, Notice> {
  readonly #waiting: Broadcast<Session, Notice>[] = [];
  #running: Promise<void> | undefined;

  /** Tells these sessions; they are counted now, so that later ones do not hear it. */
  tell(sessions: Iterable<Session>, notice: Notice): void {
    this.#waiting.push({ sessions: [...sessions].values(), notice });
    this.#running ??= this.#run();
  }

  /** Resolves when all that was to be told has been told. */
  get settled(): Promise<void> {
    return this.#running ?? Promise.resolve();
  }

  async #run(): Promise<void> {
    // So that `tell` keeps the promise before the end of the run forgets it.
    await Promise.resolve();
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      while (!slice(next)) await turn();
    }
    this.#running = undefined;
  }
}

/** Tells as many sessions as fit in a slice; true when all have been told. */
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

/** Lets the event loop turn: what has come in meanwhile is served first. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}
