/**
 * The pacing of what an app plays on an inbound line: the pacer, with the server's clock.
 * @module
 */
import { Pacer } from "../../audio/pacer.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { Playout } from "../../protocols/inbound_call/ports.ts";

/** Is told what has become of each mark. */
export interface PlayoutListener {
  heard(mark: string): void;
  dropped(mark: string): void;
}

/** Plays in real time what it is given. */
export class PacedPlayout implements Playout {
  readonly #pacer = new Pacer();
  readonly #listener: PlayoutListener;
  readonly #nowMs: () => number;
  #marks = 0;

  constructor(listener: PlayoutListener, nowMs: () => number = () => performance.now()) {
    this.#listener = listener;
    this.#nowMs = nowMs;
  }

  get idle(): boolean {
    return this.#marks === 0;
  }

  give(pcm: AudioBytes, mark: string): void {
    this.#marks++;
    this.#pacer.give(pcm, this.#nowMs());
    this.#pacer.mark(mark);
  }

  clear(): void {
    this.#marks = 0;
    for (const mark of this.#pacer.clear(this.#nowMs()).marks) this.#listener.dropped(mark);
  }

  due(): { frames: readonly AudioBytes[]; againInMs: number | undefined } {
    const nowMs = this.#nowMs();
    const { frames, marks, nextMs } = this.#pacer.due(nowMs);
    this.#marks -= marks.length;
    for (const mark of marks) this.#listener.heard(mark);
    const againInMs = nextMs === undefined ? undefined : Math.max(0, Math.ceil(nextMs - nowMs));
    return { frames, againInMs };
  }
}
