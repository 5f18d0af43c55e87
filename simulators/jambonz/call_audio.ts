/**
 * The audio of one simulated jambonz call: what the caller says and hears every 20 ms, over the
 * sockets of its listen verbs.
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

/** The part of its call that the audio needs. */
export interface CallAudioOptions extends AudioSocketPorts {
  readonly time: SimulatedTime;
  /** The caller's voice, which is read while a socket is open. */
  readonly voice: AudioSource;
  /**
   * Called with each 20 ms that the caller hears, at 8 kHz, and the simulated time in milliseconds.
   */
  readonly onHeard: ((frame: AudioBytes, atMs: number) => void) | undefined;
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

  /** Whether a socket is open. */
  get isOpen(): boolean {
    return this.#open.size > 0;
  }

  /** How long the caller has heard no audio, in simulated seconds. */
  get silentSeconds(): number {
    return Math.max(0, this.#time.nowMs - this.#heardUntilMs) / 1000;
  }

  /** Resolves with true when a socket is open, or with false when the signal comes first. */
  async opened(signal: AbortSignal): Promise<boolean> {
    while (!this.isOpen && !signal.aborted) {
      const either = AbortSignal.any([signal, this.#opening.signal]);
      await new Promise((resolve) => either.addEventListener("abort", resolve, { once: true }));
    }
    return !signal.aborted;
  }

  /** Opens the socket of a listen verb; undefined when that fails. */
  async listen(verb: Readonly<Record<string, unknown>>): Promise<AudioSocket | undefined> {
    const audio = await this.#start(verb);
    this.#foreground = audio;
    return audio;
  }

  /** Starts or ends the background listen of a config. */
  async configure(listen: Readonly<Record<string, unknown>>): Promise<void> {
    if (listen["enable"] !== true) {
      const running = this.#background;
      this.#background = "none";
      if (running instanceof AudioSocket) await running.stop();
      return;
    }
    if (this.#background !== "none") {
      return this.#options.timeline.note("a background listen is running: this one is ignored");
    }
    this.#background = "opening";
    const audio = await this.#start(listen);
    // The application may have disabled it meanwhile.
    if (this.#background !== "opening") return await audio?.stop();
    this.#background = audio ?? "none";
    audio?.over.addEventListener("abort", () => this.#background = "none", { once: true });
  }

  /** `listen:status`: pauses, silences or resumes the audio of the running listen verb. */
  setStatus(status: unknown): void {
    const audio = this.#foreground;
    if (audio === undefined || audio.over.aborted) {
      return this.#options.timeline.note("no listen verb is running: listen:status is ignored");
    }
    if (status === "pause") audio.sending = "nothing";
    if (status === "silence") audio.sending = "silence";
    if (status === "resume") audio.sending = "voice";
  }

  /** The caller presses a key; false when no socket takes it. */
  press(key: string): boolean {
    this.#options.tally.bargeIn.pressed(this.#time.nowMs);
    return [...this.#open].map((audio) => audio.press(key)).includes(true);
  }

  /** Closes all sockets at the end of the call. */
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
    const voice = withoutMarkSamples(samplesOf(this.#options.voice.read(2 * FRAME_SAMPLES)));
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
 * A voice after G.711, which has no sample of -1: jambonz treats it as a mark when an application
 * echoes it. Nor of -2, which the frame number in the lowest bits can make -1.
 */
function withoutMarkSamples(samples: Int16Array): Int16Array<ArrayBuffer> {
  return Int16Array.from(samples, (sample) => sample === -1 || sample === -2 ? 0 : sample);
}
