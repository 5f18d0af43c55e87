/**
 * Ends a session whose peer is silent: before its first message, altogether, or without audio.
 * @module
 */
import { idleSweep, type Sweepable } from "./idle.ts";
import type { Limits } from "./limits.ts";

/** A session that silence ends. It holds the marks itself: another object would cost each frame a fetch. */
export interface Silenced {
  /** Set by every message and frame, reset by a sweep. */
  heard: boolean;
  /** Set by every audio frame, reset by a sweep. */
  heardAudio: boolean;
  /** Whether the message that must come first has not come. */
  awaitsFirst: boolean;
  hangUp(code: number, reason: string): void;
}

/** Watches one open session until it ends. */
export class Silence implements Sweepable {
  readonly #session: Silenced;
  readonly #limits: Limits;
  readonly #audio: Sweepable | undefined;
  #first: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Silenced, limits: Limits) {
    this.#session = session;
    this.#limits = limits;
    const { firstMessageMs, idleAudioMs, idleMs } = limits;
    if (idleMs > 0) idleSweep(idleMs).add(this);
    if (idleAudioMs > 0) {
      this.#audio = { sweepIdle: () => this.#sweepAudio() };
      idleSweep(idleAudioMs).add(this.#audio);
    }
    if (firstMessageMs === 0) return;
    session.awaitsFirst = true;
    this.#first = setTimeout(() => {
      session.hangUp(1008, `no message came within ${firstMessageMs} ms`);
    }, firstMessageMs);
  }

  /** The first message has come. */
  endFirst(): void {
    clearTimeout(this.#first);
    this.#first = undefined;
    this.#session.awaitsFirst = false;
  }

  sweepIdle(): void {
    if (this.#session.heard) this.#session.heard = false;
    else this.#session.hangUp(1001, "idle");
  }

  /** The session has ended. */
  end(): void {
    this.endFirst();
    const { idleAudioMs, idleMs } = this.#limits;
    if (idleMs > 0) idleSweep(idleMs).delete(this);
    if (this.#audio !== undefined) idleSweep(idleAudioMs).delete(this.#audio);
  }

  #sweepAudio(): void {
    if (this.#session.heardAudio) this.#session.heardAudio = false;
    else this.#session.hangUp(1001, "idle");
  }
}
