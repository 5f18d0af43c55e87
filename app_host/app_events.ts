/**
 * The events that an app has not read. An app may never read, so they are bounded, and live audio is
 * dropped first.
 * @module
 */
import type { AudioData, CallEvent } from "../calls/app.ts";
import type { Log } from "../log.ts";

/** One second of 20 ms frames. Nobody needs older audio. */
const AUDIO_EVENTS = 50;
/** Far more keys than a caller presses before the app reads. */
const OTHER_EVENTS = 1000;

const DONE = { done: true, value: undefined } as const;

type Result = IteratorResult<CallEvent, undefined>;

/** The events of one call for its app. Leaving a loop over them ends nothing. */
export class AppEvents implements AsyncIterator<CallEvent, undefined> {
  readonly #waits: () => void;
  readonly #done: () => Promise<Result>;
  #events: CallEvent[] = [];
  #audioEvents = 0;
  #readers: ((result: Result) => void)[] = [];
  #over = false;
  #droppedAudio = 0;
  #droppedOthers = 0;
  #lastAudio: AudioData | undefined;

  /** `waits` is called when the app waits for an event; `done` answers reads after the last one. */
  constructor(
    waits: () => void = () => {},
    done: (answer: Result) => Promise<Result> = (answer) => Promise.resolve(answer),
  ) {
    this.#waits = waits;
    this.#done = () => done(DONE);
  }

  /** How many events were dropped unread. */
  get dropped(): { readonly audioFrames: number; readonly otherEvents: number } {
    return { audioFrames: this.#droppedAudio, otherEvents: this.#droppedOthers };
  }

  /** Logs how many were dropped. Dropped audio is only debugging news: many apps read none. */
  logDropped(log: Log, call: string): void {
    const { audioFrames, otherEvents } = this.dropped;
    if (audioFrames + otherEvents === 0) return;
    log[otherEvents > 0 ? "info" : "debug"]("app read too little", {
      call,
      audioFrames,
      otherEvents,
    });
  }

  /** Whether this is the latest frame that the app has read; true once for each frame. */
  takeEcho(audio: unknown): boolean {
    if (audio === undefined || audio !== this.#lastAudio) return false;
    this.#lastAudio = undefined;
    return true;
  }

  /** Adds an event; nothing is added after `ended`. */
  put(event: CallEvent): void {
    if (this.#over) return;
    if (event.kind === "ended") this.#over = true;
    const reader = this.#readers.shift();
    if (reader !== undefined) {
      if (event.kind === "audio") this.#lastAudio = event.bytes;
      reader({ done: false, value: event });
      if (this.#over) { for (const other of this.#readers.splice(0)) other(DONE); }
      return;
    }
    this.#makeRoom(event);
    this.#events.push(event);
  }

  /** The next event; done after `ended`. */
  next(): Promise<Result> {
    const value = this.#events.shift();
    if (value !== undefined) {
      if (value.kind === "audio") {
        this.#audioEvents--;
        this.#lastAudio = value.bytes;
      }
      return Promise.resolve({ done: false, value });
    }
    if (this.#over) return this.#done();
    this.#waits();
    return new Promise((resolve) => this.#readers.push(resolve));
  }

  #makeRoom({ kind }: CallEvent): void {
    if (kind === "audio") {
      if (this.#audioEvents < AUDIO_EVENTS) this.#audioEvents++;
      else {
        this.#events.splice(this.#events.findIndex((event) => event.kind === "audio"), 1);
        this.#droppedAudio++;
      }
    } else if (this.#events.length - this.#audioEvents >= OTHER_EVENTS) {
      this.#events.splice(this.#events.findIndex((event) => event.kind !== "audio"), 1);
      this.#droppedOthers++;
    }
  }
}
