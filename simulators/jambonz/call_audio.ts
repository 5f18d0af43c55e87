/**
 * The audio of one simulated jambonz call: what the caller says and hears every 20 ms, on the
 * sockets that listen verbs have opened.
 * @module
 */
import { bytesOf, samplesOf } from "../../audio/pcm.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import type { AudioSource } from "../audio/audio_source.ts";
import { FRAME_MS, FrameClock } from "../time/frame_clock.ts";
import { AudioSocket, type AudioSocketPorts } from "./audio_socket.ts";
import { readListen } from "./listen_verb.ts";
import { sum } from "./mix.ts";
import { FRAME_SAMPLES } from "./playout.ts";
import type { SimulatedTime } from "../time/simulated_time.ts";

/** What a call's audio is made with. */
export interface CallAudioOptions extends AudioSocketPorts {
  readonly time: SimulatedTime;
  /** The caller's voice: is read while a socket is open. */
  readonly voice: AudioSource;
  /**
   * Takes each 20 ms that the caller hears of the application: 8 kHz, and when, in simulated ms.
   */
  readonly onHeard?: (frame: AudioBytes, atMs: number) => void;
}

/** The audio of a call. */
export class CallAudio {
  readonly #options: CallAudioOptions;
  readonly #time: SimulatedTime;
  readonly #open = new Set<AudioSocket>();
  readonly #all: Promise<AudioSocket | undefined>[] = [];
  readonly #clock: FrameClock;
  #background: "none" | "opening" | AudioSocket = "none";
  #foreground: AudioSocket | undefined;
  #opening = new AbortController();
  #heardUntilMs = 0;
  #isOver = false;

  constructor(options: CallAudioOptions) {
    this.#options = options;
    this.#time = options.time;
    this.#clock = new FrameClock(options.time, (atMs) => this.#tick(atMs));
  }

  /** Whether the caller's audio goes anywhere. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** For how long the caller has heard nothing of the application, in simulated seconds. */
  get silentSeconds(): number {
    return Math.max(0, this.#time.nowMs - this.#heardUntilMs) / 1000;
  }

  /** Waits until audio is open: then true; false where the signal is given before. */
  async opened(signal: AbortSignal): Promise<boolean> {
    while (!this.isOpen && !signal.aborted) {
      const either = AbortSignal.any([signal, this.#opening.signal]);
      await new Promise((resolve) => either.addEventListener("abort", resolve, { once: true }));
    }
    return !signal.aborted;
  }

  /** Opens the audio of a listen verb; undefined where it cannot be opened. */
  async listen(verb: Readonly<Record<string, unknown>>): Promise<AudioSocket | undefined> {
    const audio = await this.#start(verb);
    this.#foreground = audio;
    return audio;
  }

  /** Starts the listen of a config in the background, or ends it. */
  async configure(listen: Readonly<Record<string, unknown>>): Promise<void> {
    if (listen["enable"] !== true) {
      const running = this.#background;
      this.#background = "none";
      if (running instanceof AudioSocket) await running.stop();
      return;
    }
    if (this.#background !== "none") {
      return this.#options.timeline.note("a listen runs in the background: this one is ignored");
    }
    this.#background = "opening";
    const audio = await this.#start(listen);
    // It may have been disabled again meanwhile.
    if (this.#background !== "opening") return await audio?.stop();
    this.#background = audio ?? "none";
    audio?.over.addEventListener("abort", () => this.#background = "none", { once: true });
  }

  /** `listen:status`: pauses the audio of the listen verb that runs, silences or resumes it. */
  setStatus(status: unknown): void {
    const audio = this.#foreground;
    if (audio === undefined || audio.over.aborted) {
      return this.#options.timeline.note("no listen verb runs: listen:status is ignored");
    }
    if (status === "pause") audio.sending = "nothing";
    if (status === "silence") audio.sending = "silence";
    if (status === "resume") audio.sending = "voice";
  }

  /** The caller presses a key; false where no audio socket hears of it. */
  press(key: string): boolean {
    this.#options.tally.bargeIn.pressed(this.#time.nowMs);
    return [...this.#open].map((audio) => audio.press(key)).includes(true);
  }

  /** The call is over: jambonz closes what is open. */
  async end(): Promise<void> {
    this.#isOver = true;
    this.#options.tally.bargeIn.over(this.#time.nowMs);
    await Promise.all(this.#all.map(async (opening) => await (await opening)?.stop()));
  }

  async #start(verb: Readonly<Record<string, unknown>>): Promise<AudioSocket | undefined> {
    const listen = readListen(verb);
    const opening = AudioSocket.open(listen, this.#options);
    this.#all.push(opening);
    const audio = await opening;
    if (audio === undefined || this.#isOver || audio.over.aborted) return audio;
    this.#open.add(audio);
    this.#opening.abort();
    this.#opening = new AbortController();
    this.#heardUntilMs = this.#time.nowMs;
    this.#clock.start();
    audio.over.addEventListener("abort", () => {
      this.#open.delete(audio);
      if (!this.isOpen) this.#clock.stop();
    }, { once: true });
    if (listen.maxSeconds !== undefined) {
      this.#time.sleep(listen.maxSeconds, audio.over).then((passed) => {
        if (passed) audio.stop();
      });
    }
    return audio;
  }

  #tick(atMs: number): void {
    const voice = telephoned(samplesOf(this.#options.voice.read(2 * FRAME_SAMPLES)));
    const heard = [...this.#open].flatMap((audio) => audio.tick(voice, atMs) ?? []);
    if (heard.length === 0) return;
    const frame = heard.map(({ frame }) => frame).reduce(sum);
    const { tally, onHeard } = this.#options;
    tally.heardMs += Math.max(...heard.map(({ ms }) => ms));
    this.#heardUntilMs = atMs + FRAME_MS;
    tally.bargeIn.heard(frame, atMs, this.#heardUntilMs);
    onHeard?.(bytesOf(frame), atMs);
  }
}

/**
 * What G.711 leaves of a voice: it has no sample of -1, which jambonz takes for a mark where an
 * application plays it back, nor of -2, which becomes one by a number in the lowest bits.
 */
function telephoned(samples: Int16Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => sample === -1 || sample === -2 ? 0 : sample);
}
