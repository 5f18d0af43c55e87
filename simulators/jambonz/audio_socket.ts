/**
 * The socket that a jambonz server opens for the audio of a call: what the caller says goes out,
 * and what the application plays comes back.
 * @module
 */
import { durationMs } from "../../audio/pcm.ts";
import type { CallInfo } from "../../protocols/jambonz/messages.ts";
import {
  type AudioMetadata,
  type JambonzAudioWire,
  jambonzAudioWire,
} from "../../protocols/jambonz_audio/messages.ts";
import type { AudioTally } from "../audio/audio_tally.ts";
import { closedWith } from "../output/closed_with.ts";
import type { Echoes } from "../audio/echoes.ts";
import { EventQueue, type PeerEvent } from "../peer/event_queue.ts";
import { type AudioFile, FilePlayer } from "./file_player.ts";
import {
  approachOf,
  authorizationOf,
  HEADER_BYTES,
  type Listen,
  metadataOf,
} from "./listen_verb.ts";
import { Mix } from "./mix.ts";
import { CHANNEL_RATE, FRAME_SAMPLES, Playout } from "./playout.ts";
import {
  type Approach,
  CannotConnect,
  PeerSocket,
  type Received,
  type Sent,
} from "../peer/peer_socket.ts";
import type { Timeline } from "../output/timeline.ts";

/** What every audio socket of a call shares. */
export interface AudioSocketPorts {
  readonly applicationUrl: string;
  readonly subprotocol: string;
  readonly info: CallInfo;
  readonly timeline: Timeline;
  readonly tally: AudioTally;
  /** Whether the application may close its audio: the call is over, or goes on without it. */
  mayClose(): Promise<boolean>;
}

/** 20 ms of what the caller hears of one socket. */
export interface Heard {
  readonly frame: Int16Array<ArrayBuffer>;
  /** How much of it came from the application. */
  readonly ms: number;
}

/** A key is held down for so long, in samples at 8 kHz, whatever the rate of the audio. */
const KEY_SAMPLES = 1600;
const SILENCE = new Int16Array(FRAME_SAMPLES);

type Said = Received<JambonzAudioWire>;

/** One open socket. */
export class AudioSocket {
  readonly listen: Listen;
  /** The key that has ended it. */
  finishedBy: string | undefined;
  /** What is sent of the caller: a command may pause it, or put silence in its place. */
  sending: "voice" | "silence" | "nothing" = "voice";
  readonly #scene: AudioSocketPorts;
  readonly #timeline: Timeline;
  readonly #approach: Approach;
  readonly #metadata: AudioMetadata;
  readonly #mix: Mix;
  readonly #playout: Playout;
  readonly #files = new FilePlayer();
  readonly #over = new AbortController();
  #socket!: PeerSocket<JambonzAudioWire>;
  #echoes!: Echoes;
  #reading: Promise<void> = Promise.resolve();
  #stopped = false;
  #ignoredAudio = false;
  #heardAudio = false;

  /** Throws an Error for a verb that jambonz refuses. */
  private constructor(listen: Listen, scene: AudioSocketPorts) {
    this.listen = listen;
    this.#scene = scene;
    this.#timeline = scene.timeline;
    this.#approach = approachOf(listen, scene.applicationUrl, scene.subprotocol);
    this.#metadata = metadataOf(listen, scene.info);
    this.#mix = new Mix(listen.mixType, listen.sampleRate);
    this.#playout = new Playout(listen.playRate);
  }

  /** Opens a socket and says which call it is; undefined where it cannot be opened. */
  static async open(listen: Listen, scene: AudioSocketPorts): Promise<AudioSocket | undefined> {
    const { timeline } = scene;
    const { length = 0 } = authorizationOf(listen) ?? "";
    if (length >= HEADER_BYTES) timeline.broke("audio.auth", `${length} bytes: it is left out`);
    try {
      const audio = new AudioSocket(listen, scene);
      await audio.#open();
      return audio;
    } catch (error) {
      const { message } = error as Error;
      const isSubprotocol = message.includes("subprotocol");
      if (!(error instanceof CannotConnect)) timeline.broke("jambonz.verbs", `listen: ${message}`);
      else timeline.broke(isSubprotocol ? "audio.subprotocol" : "connects", `audio: ${message}`);
      return undefined;
    }
  }

  /** Given as soon as it is over, whoever ended it. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when all that came has been heard, after its end. */
  get done(): Promise<void> {
    return this.#reading;
  }

  /** 20 ms: sends what the caller says, and gives what he hears; undefined for nothing. */
  tick(voice: Int16Array<ArrayBuffer>, atMs: number): Heard | undefined {
    const heard = this.#hear20Ms(atMs);
    if (this.sending !== "nothing") {
      const spoken = this.sending === "voice" ? voice : new Int16Array(FRAME_SAMPLES);
      const frame = this.#mix.frame(spoken, heard?.frame ?? SILENCE);
      if (this.#echoes.sent === 0) this.#timeline.sent("first audio", { bytes: frame.length });
      this.#socket.play(this.#echoes.number(frame, this.#timeline.nowMs));
    }
    return heard;
  }

  /** The caller has pressed a key; false where the application does not hear of it. */
  press(dtmf: string): boolean {
    const { passDtmf, finishOnKey } = this.listen;
    if (passDtmf) {
      this.#say("dtmf", { event: "dtmf", dtmf, duration: KEY_SAMPLES } as Sent<JambonzAudioWire>);
    }
    if (dtmf === finishOnKey) {
      this.finishedBy = dtmf;
      this.stop();
    }
    return passDtmf || dtmf === finishOnKey;
  }

  /** jambonz ends it. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (!this.over.aborted) {
      this.#over.abort();
      this.#timeline.sent("audio close", { code: 1000 });
      await this.#socket.leave();
    }
    await this.done;
  }

  async #open(): Promise<void> {
    const { url, subprotocol } = this.#approach;
    this.#timeline.sent("audio connect", { url, subprotocol });
    const events = new EventQueue<Said>();
    this.#socket = await PeerSocket.open(jambonzAudioWire, this.#approach, events);
    this.#echoes = this.#scene.tally.addSocket();
    this.#reading = this.#read(events);
    this.#say("metadata", this.#metadata);
  }

  #hear20Ms(atMs: number): Heard | undefined {
    const { plays } = this.listen;
    if (plays === "nothing") return undefined;
    if (plays === "files") {
      const frame = this.#files.tick();
      for (const data of this.#files.takeDone()) this.#say("playDone", { type: "playDone", data });
      if (frame !== undefined) return { frame, ms: durationMs(frame.byteLength, CHANNEL_RATE) };
    }
    const { frame, samples, told, killed } = this.#playout.tick();
    const { marks, bargeIn } = this.#scene.tally;
    if (killed) bargeIn.cut(atMs);
    for (const data of told) {
      marks[data.event === "playout" ? "played" : "cleared"]++;
      this.#say("mark", { type: "mark", data });
    }
    return frame === undefined ? undefined : { frame, ms: durationMs(2 * samples, CHANNEL_RATE) };
  }

  #say(what: string, message: Sent<JambonzAudioWire>): void {
    this.#timeline.sent(`audio ${what}`, "data" in message ? message.data : message);
    this.#socket.send(message);
  }

  async #read(events: EventQueue<Said>): Promise<void> {
    for await (const told of events) {
      if (told.kind === "closed") return await this.#closed(told.code, told.reason);
      this.#hear(told);
    }
  }

  #hear(told: Exclude<PeerEvent<Said>, { kind: "closed" }>): void {
    if (told.kind === "audio") return this.#hearAudio(told.bytes);
    if (told.kind === "timeout") return;
    if (told.kind === "malformed") {
      const rule = told.why === "unknown type" ? "audio.commands" : "known-messages";
      return this.#timeline.broke(rule, `audio: ${told.why}: ${told.detail}`);
    }
    const { message } = told;
    if (message.type !== "playAudio") {
      this.#timeline.received(`audio ${message.type}`, dataOf(message));
    }
    switch (message.type) {
      case "mark":
        return this.#mark(message.data.name);
      case "killAudio":
        this.#files.kill();
        return this.#playout.kill();
      case "clearMarks":
        return this.#playout.marks.forget();
      case "disconnect":
        this.stop();
        return;
      case "playAudio":
        return this.#playFile(message.data);
    }
  }

  #hearAudio(bytes: Uint8Array): void {
    if (bytes.length % 2 === 1) {
      this.#timeline.broke("audio.whole-samples", `a frame of ${bytes.length} bytes`);
    }
    if (this.listen.plays !== "stream") {
      if (!this.#ignoredAudio) {
        this.#timeline.broke("audio.bidirectional", `${bytes.length} bytes came, and are ignored`);
      }
      this.#ignoredAudio = true;
      return;
    }
    const echo = this.#echoes.came(bytes, this.#timeline.nowMs);
    if (!this.#heardAudio) this.#timeline.received("first audio", { bytes: bytes.length, echo });
    this.#heardAudio = true;
    this.#playout.give(bytes);
  }

  #mark(name: string): void {
    const { marks } = this.#playout;
    this.#scene.tally.marks.asked++;
    if (marks.has(name)) this.#timeline.broke("audio.mark-names", `${name} is pending`);
    if (!marks.add(name)) {
      this.#timeline.broke("audio.marks", `${name} is forgotten: ${marks.count} are pending`);
    }
  }

  #playFile({ audioContent, ...file }: AudioFile): void {
    this.#timeline.received("audio playAudio", { ...file, characters: audioContent.length });
    if (this.listen.plays !== "files") {
      const why = this.listen.plays === "stream" ? "audio is streamed" : "nothing may be played";
      return this.#timeline.broke("audio.commands", `playAudio is ignored: ${why}`);
    }
    try {
      this.#files.play({ audioContent, ...file });
    } catch (error) {
      this.#timeline.note("the file cannot be played", (error as Error).message);
    }
  }

  async #closed(code: number, reason: string): Promise<void> {
    if (this.over.aborted) return;
    this.#over.abort();
    this.#timeline.received("audio close", { code, reason });
    const mayClose = await this.#scene.mayClose();
    // On the other socket it may have been disabled before.
    if (mayClose || this.#stopped) return;
    this.#timeline.broke("audio.close", `${closedWith(code, reason)} while the call is on`);
  }
}

function dataOf(message: Exclude<Said, { type: "playAudio" }>): unknown {
  return "data" in message ? message.data : undefined;
}
