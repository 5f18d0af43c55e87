/**
 * Ends a session whose peer is silent: before its first message, altogether, or without audio.
 * @module
 */
import { AudioSweep, idleSweep, type Silenced, type Sweepable } from "./idle.ts";
import type { Limits } from "./limits.ts";

/** Watches one open session until it ends. */
export class Silence implements Sweepable {
  readonly #session: Silenced;
  readonly #limits: Limits;
  #heardSinceSweep = true;
  #audio: AudioSweep | undefined;
  #first: ReturnType<typeof setTimeout> | undefined;

  constructor(session: Silenced, limits: Limits) {
    this.#session = session;
    this.#limits = limits;
    const { firstMessageMs, idleAudioMs, idleMs } = limits;
    if (idleMs > 0) idleSweep(idleMs).add(this);
    if (idleAudioMs > 0) idleSweep(idleAudioMs).add(this.#audio = new AudioSweep(session));
    if (firstMessageMs === 0) return;
    this.#first = setTimeout(() => {
      session.hangUp(1008, `no message came within ${firstMessageMs} ms`);
    }, firstMessageMs);
  }

  /** Whether the message that must come first has not come. */
  get isBeforeFirst(): boolean {
    return this.#first !== undefined;
  }

  /** The peer has sent a message. */
  heardText(): void {
    this.#heardSinceSweep = true;
    if (this.#first === undefined) return;
    clearTimeout(this.#first);
    this.#first = undefined;
  }

  /** The peer has sent audio. */
  heardAudio(): void {
    this.#heardSinceSweep = true;
    if (this.#audio !== undefined) this.#audio.heard = true;
  }

  sweepIdle(): void {
    if (this.#heardSinceSweep) this.#heardSinceSweep = false;
    else this.#session.hangUp(1001, "idle");
  }

  /** The session has ended. */
  end(): void {
    clearTimeout(this.#first);
    const { idleAudioMs, idleMs } = this.#limits;
    if (idleMs > 0) idleSweep(idleMs).delete(this);
    if (this.#audio !== undefined) idleSweep(idleAudioMs).delete(this.#audio);
  }
}
