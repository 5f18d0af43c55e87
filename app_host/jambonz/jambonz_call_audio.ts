/**
 * The audio of a jambonz call with an app. We ask jambonz for an audio socket when the app needs one,
 * and what the app plays waits for it.
 * @module
 */
import { bytesOf, PcmStream } from "../../audio/pcm.ts";
import { Resampler } from "../../audio/resample.ts";
import type { AudioData, PlayEnd } from "../../calls/app.ts";
import type { AudioMetadata } from "../../protocols/jambonz_audio/messages.ts";
import type { CallAudio, JambonzAudioNotice } from "../../protocols/jambonz_audio/ports.ts";
import type { Session } from "../../session/session.ts";
import { FarPlayout } from "./far_playout.ts";

const SAMPLE_RATE = 8000;
/** How often a call asks for a socket, the first time included. */
const ATTEMPTS = 5;
const HEARD: Promise<PlayEnd> = Promise.resolve("heard");

/** The times of an audio socket, in milliseconds. */
export interface AudioTimes {
  /** From our request until the socket must be open. */
  readonly openWithinMs: number;
  /** From the loss of a socket until we ask for another. */
  readonly againAfterMs: number;
  /** A socket that lasts this long resets the count of attempts. */
  readonly steadyMs: number;
}

const DEFAULT_TIMES: AudioTimes = { openWithinMs: 10_000, againAfterMs: 1000, steadyMs: 30_000 };

/** Hears what happens to the audio. */
export interface JambonzAudioListener {
  /** Asks jambonz to open the socket. */
  open(): void;
  /** The caller's audio, at 8 kHz. */
  audio(bytes: AudioData): void;
  key(digit: string): void;
  played(name: string): void;
  /** What went wrong, in words. */
  failed(why: string): void;
}

/** The audio of one call, over all its sockets. */
export class JambonzCallAudio {
  readonly playback: FarPlayout;
  readonly #listener: JambonzAudioListener;
  readonly #times: AudioTimes;
  readonly #stopping: AbortSignal;
  readonly #stop = (): void => this.end();
  #session: Session<JambonzAudioNotice> | undefined;
  /** Runs while we wait for a socket, or before we ask again. */
  #opening: ReturnType<typeof setTimeout> | undefined;
  #attempts = 0;
  #openedAtMs = 0;
  #gaveUp = false;
  #over = false;

  /** Ends with the call, or when `stopping` is aborted. */
  constructor(
    listener: JambonzAudioListener,
    stopping: AbortSignal,
    times: AudioTimes = DEFAULT_TIMES,
  ) {
    this.#listener = listener;
    this.#times = times;
    this.#stopping = stopping;
    this.playback = new FarPlayout({
      wake: () => this.#session?.notify({ kind: "play_out" }),
      played: (name) => listener.played(name),
      cannotPlay: (name, error) => listener.failed(`Cannot play ${name}: ${error.message}`),
    });
  }

  get #isOver(): boolean {
    return this.#over || this.#stopping.aborted;
  }

  /** Asks jambonz for a socket, unless one is open or requested, or too many failed. */
  want(): void {
    if (this.#isOver || this.#session !== undefined || this.#opening !== undefined) return;
    if (this.#attempts === ATTEMPTS) return;
    // Added late: a signal searches all its listeners to add or remove one.
    if (this.#attempts++ === 0) this.#stopping.addEventListener("abort", this.#stop);
    this.#opening = setTimeout(() => {
      this.#opening = undefined;
      this.#listener.failed("jambonz has opened no socket for audio");
      this.playback.drop();
      if (this.#attempts === ATTEMPTS) this.#giveUp();
    }, this.#times.openWithinMs);
    this.#listener.open();
  }

  /** Plays after queued audio; undefined when there is no socket and none will come. */
  play(audio: AudioData | string | URL, name: string | undefined): Promise<PlayEnd> | undefined {
    this.want();
    const isComing = this.#session !== undefined || this.#opening !== undefined;
    return isComing && !this.#isOver ? this.playback.play(audio, name) : undefined;
  }

  /** Sends the caller's own frame back as it came; undefined when there is no socket. */
  passBack(bytes: AudioData): Promise<PlayEnd> | undefined {
    return this.#session?.notifyAudio({ kind: "pass_back", bytes }) ? HEARD : undefined;
  }

  /** Drops unheard audio. */
  clear(): void {
    if (this.playback.isSilent) return;
    if (this.#session === undefined) this.playback.drop();
    else this.playback.interrupt();
  }

  /** Closes the socket: the call needs no more audio. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    if (this.#attempts > 0) this.#stopping.removeEventListener("abort", this.#stop);
    clearTimeout(this.#opening);
    this.playback.drop();
    this.#session?.notify({ kind: "disconnect" });
  }

  /** Takes a new socket for this call; it replaces an earlier one. */
  begin(metadata: AudioMetadata, session: Session<JambonzAudioNotice>): CallAudio {
    if (this.#isOver) {
      // Too late: `disconnect` makes jambonz close it.
      session.notify({ kind: "disconnect" });
      return UNHEARD;
    }
    clearTimeout(this.#opening);
    this.#opening = undefined;
    this.#session?.hangUp(1000, "another socket has come for this call");
    this.#session = session;
    this.#openedAtMs = performance.now();
    const read = reader(metadata);
    return {
      playout: this.playback,
      audio: (bytes) => this.#listener.audio(read(bytes)),
      key: (digit) => this.#listener.key(digit),
      closed: (code) => this.#closed(session, code),
    };
  }

  #closed(session: Session<JambonzAudioNotice>, code: number): void {
    if (this.#session !== session) return;
    this.#session = undefined;
    this.playback.drop();
    if (code === 1000 || this.#over) return;
    // A long call may lose its network several times.
    if (performance.now() - this.#openedAtMs >= this.#times.steadyMs) this.#attempts = 0;
    if (this.#attempts === ATTEMPTS) return this.#giveUp();
    // Not at once: at its end a call loses its audio first, then its line.
    this.#opening = setTimeout(() => {
      this.#opening = undefined;
      this.want();
    }, this.#times.againAfterMs);
  }

  /** Reports it once: endless sockets must not fill the record. */
  #giveUp(): void {
    if (this.#gaveUp) return;
    this.#gaveUp = true;
    this.#listener.failed(`The audio was asked for ${ATTEMPTS} times, and is given up`);
  }
}

/** The audio of a socket that came too late. */
const UNHEARD: CallAudio = {
  playout: { due: () => ({ items: [], againInMs: undefined }), marked() {} },
  audio() {},
  key() {},
  closed() {},
};

/** Converts a socket's audio to 8 kHz mono; audio in that form is not copied. */
function reader({ sampleRate, mixType = "mono" }: AudioMetadata): (bytes: AudioData) => AudioData {
  if (sampleRate === SAMPLE_RATE && mixType !== "stereo") return (bytes) => bytes;
  const stream = new PcmStream();
  const resampler = sampleRate === SAMPLE_RATE ? undefined : new Resampler(sampleRate, SAMPLE_RATE);
  let isLeft = false;
  return (bytes) => {
    const samples = stream.read(bytes);
    const mono = mixType === "stereo" ? samples.filter(() => (isLeft = !isLeft)) : samples;
    return bytesOf(resampler === undefined ? Int16Array.from(mono) : resampler.push(mono));
  };
}
