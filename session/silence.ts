/**
 * Ends a session whose peer is silent: before its first message, altogether, or without audio.
 * @module
 */
import { idleSweep, type Sweepable } from "./idle.ts";
import type { Limits } from "./limits.ts";

/** What a silence ends. */
export interface Silenced {
  hangUp(code: number, reason: string): void;
}

/** Watches one open session until it ends. The session sets the fields with every frame. */
export class Silence implements Sweepable {
  /** Whether something has come since the last sweep. */
  heard = true;
  /** Whether audio has. */
  heardAudio = true;
  /** Whether the message that must come first has not come. */
  awaitsFirst: boolean;
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
    this.awaitsFirst = firstMessageMs > 0;
    if (!this.awaitsFirst) return;
    this.#first = setTimeout(() => {
      session.hangUp(1008, `no message came within ${firstMessageMs} ms`);
    }, firstMessageMs);
  }

  /** The first message has come. */
  endFirst(): void {
    clearTimeout(this.#first);
    this.#first = undefined;
    this.awaitsFirst = false;
  }

  sweepIdle(): void {
    if (this.heard) this.heard = false;
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
    if (this.heardAudio) this.heardAudio = false;
    else this.#session.hangUp(1001, "idle");
  }
}
