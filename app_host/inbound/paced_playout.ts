/**
 * Playback on an inbound line: frames go out in real time, and are heard as they arrive.
 * @module
 */
import { Pacer } from "../../audio/pacer.ts";
import type { Playout } from "../../protocols/inbound_call/ports.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import { Playback, type PlaybackListener } from "../playback.ts";

/** The playback of one inbound call. */
export class PacedPlayout extends Playback implements Playout {
  readonly #pacer = new Pacer();
  readonly #nowMs: () => number;
  /** Audio that the session has not asked for yet; the pacer gets it then. */
  #waiting: { readonly pcm: AudioBytes; readonly mark: string }[] = [];

  constructor(listener: PlaybackListener, nowMs: () => number = () => performance.now()) {
    super(listener);
    this.#nowMs = nowMs;
  }

  due(): ReturnType<Playout["due"]> {
    const nowMs = this.#nowMs();
    for (const { pcm, mark } of this.#waiting.splice(0)) {
      this.#pacer.give(pcm, nowMs);
      this.#pacer.mark(mark);
    }
    const { frames, marks, nextMs } = this.#pacer.due(nowMs);
    const interrupts = this.takeInterruption();
    for (const mark of marks) this.settle(mark, "heard");
    const againInMs = nextMs === undefined ? undefined : Math.max(0, Math.ceil(nextMs - nowMs));
    return { interrupts, frames, againInMs };
  }

  protected queue(pcm: AudioBytes, mark: string): void {
    // One notice for many pieces: an app may cut its audio into thousands.
    if (this.#waiting.push({ pcm, mark }) === 1) this.wake();
  }

  protected unqueue(): void {
    this.#waiting = [];
    this.#pacer.clear(this.#nowMs());
  }
}
