/**
 * A call app on an inbound line: what it asks for goes into the session's inbox.
 * @module
 */
import {
  type AudioData,
  checkLine,
  type Gathered,
  type GatherOptions,
  type PlayEnd,
  type PlayOptions,
} from "../calls/app.ts";
import type * as kept from "../calls/call.ts";
import type { Ask } from "../calls/line.ts";
import { durationMs } from "../audio/pcm.ts";
import type { InboundApp, InboundCallNotice } from "../protocols/inbound_call/world.ts";
import type { Session } from "../session/session.ts";
import { fileOf, isWav, pcmOf, readRecording } from "./app_audio.ts";
import { AppCall, type AppCallParts } from "./app_call.ts";
import { Gathering } from "./app_gathering.ts";
import { PacedPlayout } from "./app_playout.ts";

/** What waits to be heard is bounded, so that an app that plays forever takes no more memory. */
const WAITING_MS = 10 * 60 * 1000;
const SAMPLE_RATE = 8000;
const HEARD: Promise<PlayEnd> = Promise.resolve("heard");

interface Piece {
  readonly name: string;
  readonly ms: number;
  readonly resolve: (end: PlayEnd) => void;
}

/** One inbound call in the hands of its app. */
export class InboundAppCall extends AppCall {
  readonly playout: PacedPlayout;
  readonly #notify: Session<InboundCallNotice>["notify"];
  /** What has been given and not heard yet, by its mark. */
  readonly #pieces = new Map<string, Piece>();
  #marks = 0;
  #waitingMs = 0;
  #answered = false;
  #gathering: Gathering | undefined;
  /** Whether a prompt is being played that a key or a word stops. */
  #stopsPrompt = false;
  /** Files that are being read: what is asked behind them comes behind them. */
  #reading: Promise<void> | undefined;
  /** What was being read when it was interrupted is not played any more. */
  #interruptions = 0;

  constructor(call: kept.Call, parts: AppCallParts, session: Session<InboundCallNotice>) {
    super(call, parts, false);
    this.#notify = (notice) => session.notify(notice);
    this.playout = new PacedPlayout({
      heard: (mark) => this.#settle(mark, "heard"),
      dropped: (mark) => this.#settle(mark, "dropped"),
    });
  }

  answer(): void {
    if (this.#answered || this.ended) return;
    this.#answered = true;
    this.#notify({ kind: "answer" });
  }

  play(audio: string | URL | AudioData, options: PlayOptions = {}): Promise<PlayEnd> {
    if (this.ended) return Promise.resolve("dropped");
    this.answer();
    if (audio instanceof Uint8Array) {
      if (audio === this.events.lastAudio && this.#isSilent && options.name === undefined) {
        this.#notify({ kind: "pass back", bytes: audio });
        return HEARD;
      }
      const pcm = isWav(audio) ? pcmOf(audio) : audio;
      return this.#play(pcm, options.name ?? "audio");
    }
    const file = fileOf(audio);
    return this.#play(readRecording(file), options.name ?? String(audio));
  }

  gather(options: GatherOptions = {}): Promise<Gathered> {
    if (options.say !== undefined) checkLine("say", this.line);
    const { gone } = this;
    if (gone !== undefined) return Promise.resolve({ by: gone, digits: "", speech: "" });
    this.answer();
    this.endGather("interrupted");
    const gathering = new Gathering(options);
    this.#gathering = gathering;
    if (options.play === undefined) {
      gathering.listen();
      return gathering.done;
    }
    this.#stopsPrompt = options.bargeIn !== false;
    const prompted = this.play(options.play).then(() => {
      if (this.#gathering === gathering) this.#stopsPrompt = false;
      gathering.listen();
      return gathering.done;
    });
    // A prompt that cannot be played must not leave the app waiting.
    return Promise.race([gathering.done, prompted]);
  }

  interrupt(): void {
    if (this.ended) return;
    this.endGather("interrupted");
    this.#stopPlaying();
  }

  endGather(by: Gathered["by"]): void {
    this.#gathering?.end(by);
    this.#gathering = undefined;
    this.#stopsPrompt = false;
  }

  giveUp(): void {
    this.release();
    this.#notify({ kind: "hangup", why: "the app failed", now: true });
  }

  /** The caller has pressed a key. */
  key(digit: string): void {
    if (this.#gathering?.key(digit) !== true) this.events.put({ kind: "dtmf", digit });
    else if (this.#stopsPrompt) this.#stopPlaying();
  }

  override over(by: kept.EndedBy): void {
    super.over(by);
    for (const mark of [...this.#pieces.keys()]) this.#settle(mark, "dropped");
  }

  /** What the session needs of it. */
  app(begin: () => void): InboundApp {
    return {
      begin,
      audio: (bytes) => this.events.put({ kind: "audio", bytes }),
      playout: this.playout,
    };
  }

  protected override takeWords(msg: string): boolean {
    const taken = this.#gathering?.words(msg) === true;
    if (taken && this.#stopsPrompt) this.#stopPlaying();
    return taken;
  }

  protected send(digits: string, durationMs: number): void {
    this.answer();
    this.#ask({ kind: "digits", digits, durationMs });
  }

  protected hangUp(): void {
    const hangUp = () => this.#notify({ kind: "hangup", why: "the app hung up", now: false });
    if (this.#reading === undefined) hangUp();
    else this.#reading.then(hangUp);
  }

  get #isSilent(): boolean {
    return this.#pieces.size === 0 && this.#reading === undefined;
  }

  #play(audio: AudioData | Promise<AudioData>, name: string): Promise<PlayEnd> {
    if (audio instanceof Uint8Array && this.#reading === undefined) return this.#give(audio, name);
    const interruptions = this.#interruptions;
    const given = Promise.all([audio, this.#reading]).then(([pcm]) => ({
      end: interruptions === this.#interruptions && !this.ended
        ? this.#give(pcm, name)
        : Promise.resolve<PlayEnd>("dropped"),
    }));
    const end = given.then(({ end }) => end);
    // The app may not be waiting for it: then the note is all that tells.
    const reading = given.then(() => {}, (error: Error) => {
      end.catch(() => {});
      this.note(`Cannot play ${name}: ${error.message}`);
    }).then(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    this.#reading = reading;
    return end;
  }

  #give(pcm: AudioData, name: string): Promise<PlayEnd> {
    const ms = durationMs(pcm.length, SAMPLE_RATE);
    if (this.#waitingMs + ms > WAITING_MS) {
      throw new RangeError(`Cannot play ${name}: more than ${WAITING_MS} ms would wait`);
    }
    this.#waitingMs += ms;
    const mark = String(++this.#marks);
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#pieces.set(mark, { name, ms, resolve });
    this.#notify({ kind: "play", pcm, mark });
    return promise;
  }

  #settle(mark: string, end: PlayEnd): void {
    const piece = this.#pieces.get(mark);
    if (piece === undefined) return;
    this.#pieces.delete(mark);
    this.#waitingMs -= piece.ms;
    piece.resolve(end);
    if (end === "heard") this.events.put({ kind: "played", name: piece.name });
  }

  #stopPlaying(): void {
    this.#stopsPrompt = false;
    this.#interruptions++;
    this.record({ type: "interrupted", actor: "app", data: {} });
    this.#ask({ kind: "interrupt" });
  }

  #ask(ask: Ask): void {
    this.#notify({ kind: "ask", ask });
  }
}
