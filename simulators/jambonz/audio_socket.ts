/**
 * The socket that a jambonz server opens for the audio of a call: it sends the caller's audio and
 * plays the application's.
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
import type { Echoes } from "../audio/echoes.ts";
import { closedWith } from "../output/connection_ends.ts";
import type { Timeline } from "../output/timeline.ts";
import { EventQueue, type PeerEvent } from "../peer/event_queue.ts";
import {
  type Approach,
  CannotConnect,
  PeerSocket,
  type Received,
  type Sent,
} from "../peer/peer_socket.ts";
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

/** The part of its call that an audio socket needs. */
export interface AudioSocketPorts {
  readonly applicationUrl: string;
  readonly subprotocol: string;
  readonly info: CallInfo;
  readonly timeline: Timeline;
  readonly tally: AudioTally;
  /** Whether the application may close the socket: the call is over, or continues without it. */
  mayClose(): Promise<boolean>;
}

/** 20 ms that the caller hears from one socket. */
export interface Heard {
  readonly frame: Int16Array<ArrayBuffer>;
  /** How many milliseconds of it came from the application. */
  readonly ms: number;
}

/** The duration of a key, in samples at 8 kHz whatever the rate of the audio. */
const KEY_SAMPLES = 1600;
const SILENCE = new Int16Array(FRAME_SAMPLES);

type Said = Received<JambonzAudioWire>;

/** One open socket. */
export class AudioSocket {
  readonly listen: Listen;
  /** The key that ended it. */
  finishedBy: string | undefined;
  /** What it sends of the caller: a command may pause it or replace it with silence. */
  sending: "voice" | "silence" | "nothing" = "voice";
  readonly #ports: AudioSocketPorts;
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

  /** @throws {Error} for a verb that jambonz rejects */
  private constructor(listen: Listen, ports: AudioSocketPorts) {
    this.listen = listen;
    this.#ports = ports;
    this.#timeline = ports.timeline;
    this.#approach = approachOf(listen, ports.applicationUrl, ports.subprotocol);
    this.#metadata = metadataOf(listen, ports.info);
    this.#mix = new Mix(listen.mixType, listen.sampleRate);
    this.#playout = new Playout(listen.playRate);
  }

  /** Opens a socket and sends the metadata; undefined when that fails. */
  static async open(listen: Listen, ports: AudioSocketPorts): Promise<AudioSocket | undefined> {
    const { timeline } = ports;
    const { length = 0 } = authorizationOf(listen) ?? "";
    if (length >= HEADER_BYTES) {
      timeline.broke("audio.auth", `${length} bytes: jambonz leaves the header out`);
    }
    try {
      const audio = new AudioSocket(listen, ports);
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

  /** Aborted when either side has ended it. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  /** Resolves when it is over and all messages are read. */
  get done(): Promise<void> {
    return this.#reading;
  }

  /** Sends 20 ms of the caller's voice. Returns what the caller hears; undefined for nothing. */
  tick(voice: Int16Array<ArrayBuffer>, atMs: number): Heard | undefined {
    const heard = this.#play20Ms(atMs);
    if (this.sending !== "nothing") {
      const spoken = this.sending === "voice" ? voice : new Int16Array(FRAME_SAMPLES);
      const frame = this.#mix.frame(spoken, heard?.frame ?? SILENCE);
      if (this.#echoes.sent === 0) this.#timeline.sent("first audio", { bytes: frame.length });
      this.#socket.play(this.#echoes.number(frame, this.#timeline.nowMs));
    }
    return heard;
  }

  /** The caller presses a key; false when the application does not receive it. */
  press(dtmf: string): boolean {
    const { passDtmf, finishOnKey } = this.listen;
    if (passDtmf) {
      this.#send("dtmf", { event: "dtmf", dtmf, duration: KEY_SAMPLES } as Sent<JambonzAudioWire>);
    }
    if (dtmf === finishOnKey) {
      this.finishedBy = dtmf;
      this.stop();
    }
    return passDtmf || dtmf === finishOnKey;
  }

  /** Closes it from the side of jambonz. */
  async stop(): Promise<void> {
    this.#stopped = true;
    if (!this.over.aborted) {
      this.#over.abort();
      this.#timeline.sent("audio close", { code: 1000 });
      await this.#socket.close();
    }
    await this.done;
  }

  async #open(): Promise<void> {
    const { url, subprotocol } = this.#approach;
    this.#timeline.sent("audio connect", { url, subprotocol });
    const events = new EventQueue<Said>();
    this.#socket = await PeerSocket.open(jambonzAudioWire, this.#approach, events);
    this.#echoes = this.#ports.tally.addSocket();
    this.#reading = this.#read(events);
    this.#send("metadata", this.#metadata);
  }

  #play20Ms(atMs: number): Heard | undefined {
    const { plays } = this.listen;
    if (plays === "nothing") return undefined;
    if (plays === "files") {
      const frame = this.#files.tick();
      for (const data of this.#files.takeDone()) this.#send("playDone", { type: "playDone", data });
      if (frame !== undefined) return { frame, ms: durationMs(frame.byteLength, CHANNEL_RATE) };
    }
    const { frame, samples, told, killed } = this.#playout.tick();
    const { marks, bargeIn } = this.#ports.tally;
    if (killed) bargeIn.cut(atMs);
    for (const data of told) {
      marks[data.event === "playout" ? "played" : "cleared"]++;
      this.#send("mark", { type: "mark", data });
    }
    return frame === undefined ? undefined : { frame, ms: durationMs(2 * samples, CHANNEL_RATE) };
  }

  #send(what: string, message: Sent<JambonzAudioWire>): void {
    this.#timeline.sent(`audio ${what}`, "data" in message ? message.data : message);
    this.#socket.send(message);
  }

  async #read(events: EventQueue<Said>): Promise<void> {
    for await (const event of events) {
      if (event.kind === "closed") return await this.#closed(event.code, event.reason);
      this.#receive(event);
    }
  }

  #receive(event: PeerEvent<Said>): void {
    if (event.kind === "audio") return this.#receiveAudio(event.bytes);
    if (event.kind === "timeout" || event.kind === "closed") return;
    if (event.kind === "malformed") {
      const rule = event.why === "unknown type" ? "audio.commands" : "known-messages";
      return this.#timeline.broke(rule, `audio: ${event.why}: ${event.detail}`);
    }
    const { message } = event;
    if (message.type !== "playAudio") {
      this.#timeline.received(
        `audio ${message.type}`,
        "data" in message ? message.data : undefined,
      );
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

  #receiveAudio(bytes: Uint8Array): void {
    if (bytes.length % 2 === 1) {
      this.#timeline.broke("audio.whole-samples", `a frame of ${bytes.length} bytes`);
    }
    if (this.listen.plays !== "stream") {
      if (!this.#ignoredAudio) {
        this.#timeline.broke("audio.bidirectional", `${bytes.length} bytes, which are ignored`);
      }
      this.#ignoredAudio = true;
      return;
    }
    const echo = this.#echoes.received(bytes, this.#timeline.nowMs);
    if (!this.#heardAudio) this.#timeline.received("first audio", { bytes: bytes.length, echo });
    this.#heardAudio = true;
    this.#playout.give(bytes);
  }

  #mark(name: string): void {
    const { marks } = this.#playout;
    this.#ports.tally.marks.asked++;
    if (marks.has(name)) this.#timeline.broke("audio.mark-names", `${name} is pending`);
    if (!marks.add(name)) {
      this.#timeline.broke("audio.marks", `${name} is ignored: ${marks.count} are pending`);
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
      this.#timeline.note("cannot play the file", (error as Error).message);
    }
  }

  async #closed(code: number, reason: string): Promise<void> {
    if (this.over.aborted) return;
    this.#over.abort();
    this.#timeline.received("audio close", { code, reason });
    const mayClose = await this.#ports.mayClose();
    // A command on the other socket may have ended it before.
    if (mayClose || this.#stopped) return;
    this.#timeline.broke("audio.close", `${closedWith(code, reason)} while the call is on`);
  }
}
