/**
 * A call app on an inbound line: what it asks for goes into the session's inbox.
 * @module
 */
import {
  checkLine,
  type Gathered,
  type GatherOptions,
  type Playable,
  type PlayEnd,
  type PlayOptions,
} from "../../calls/app.ts";
import type { CallRecord, EndedBy } from "../../calls/call_record.ts";
import { type Ask, asked } from "../../calls/line.ts";
import type {
  InboundApp,
  InboundCallNotice,
  PlayPiece,
} from "../../protocols/inbound_call/ports.ts";
import type { Session } from "../../session/session.ts";
import { fileOf, nameOf, playableOf } from "../playable.ts";
import { AppCall, type AppCallPorts } from "../app_call.ts";
import { InboundGather } from "./inbound_gather.ts";
import { Playback } from "../playback.ts";
import { PacedPlayout } from "./paced_playout.ts";

const HEARD: Promise<PlayEnd> = Promise.resolve("heard");

/** One inbound call in the hands of its app. */
export class InboundAppCall extends AppCall {
  readonly playout: PacedPlayout;
  readonly #session: Session<InboundCallNotice>;
  readonly #playback: Playback;
  #answered = false;
  /** What goes to the session as one, as long as it has not been taken there. */
  #together: PlayPiece[] = [];
  #gathering: InboundGather | undefined;
  /** Whether a prompt is being played that a key or a word stops. */
  #stopsPrompt = false;

  constructor(call: CallRecord, ports: AppCallPorts, session: Session<InboundCallNotice>) {
    super(call, ports, false);
    this.#session = session;
    this.#playback = new Playback({
      give: (pcm, mark) => this.#give({ pcm, mark }),
      played: (name) => this.events.put({ kind: "played", name }),
      cannotPlay: (name, error) => this.note(`Cannot play ${name}: ${error.message}`),
    });
    this.playout = new PacedPlayout(this.#playback);
  }

  answer(): void {
    if (this.#answered || this.ended) return;
    this.#answered = true;
    this.#notify({ kind: "app:answer" });
  }

  play(given: Playable, options: PlayOptions = {}): Promise<PlayEnd> {
    const audio = playableOf(given);
    if (this.ended) return this.answers.answer("dropped");
    this.answer();
    if (audio instanceof Uint8Array) {
      if (
        options.name === undefined && this.#playback.isSilent && this.events.takeEcho(audio)
      ) {
        this.#notify({ kind: "app:pass_back", bytes: audio });
        return HEARD;
      }
      return this.#playback.play(audio, options.name);
    }
    return this.#playback.play(fileOf(audio), options.name ?? nameOf(audio));
  }

  gather(options: GatherOptions = {}): Promise<Gathered> {
    if (options.say !== undefined) checkLine("say", this.line);
    if (options.play !== undefined) playableOf(options.play);
    const { gone } = this;
    if (gone !== undefined) return this.answers.answer({ by: gone, digits: "", speech: "" });
    this.answer();
    this.endGather("interrupted");
    const gathering = new InboundGather(options);
    const played = options.play === undefined ? undefined : this.play(options.play);
    this.#gathering = gathering;
    if (played === undefined) {
      gathering.listen();
      return gathering.done;
    }
    this.#stopsPrompt = options.bargeIn !== false;
    const prompted = played.then(() => {
      if (this.#gathering === gathering) this.#stopsPrompt = false;
      gathering.listen();
      return gathering.done;
    });
    // A prompt that cannot be played ends its gather, and must not leave the app waiting.
    return Promise.race([gathering.done, prompted]).catch((error) => {
      if (this.#gathering === gathering) this.endGather("interrupted");
      throw error;
    });
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
    this.#notify({ kind: "app:hangup", why: "the app failed", now: true });
  }

  /** The caller has pressed a key. */
  key(digit: string): void {
    if (this.#gathering?.key(digit) !== true) this.events.put({ kind: "dtmf", digit });
    else if (this.#stopsPrompt) this.#stopPlaying();
  }

  override over(by: EndedBy): void {
    super.over(by);
    this.#playback.dropAll();
  }

  /** What the session needs of it. */
  app(begin: () => void): InboundApp {
    return {
      begin,
      audio: (bytes) => this.hear(bytes),
      playout: this.playout,
    };
  }

  protected override takeWords(msg: string): boolean {
    const taken = this.#gathering?.words(msg) === true;
    if (taken && this.#stopsPrompt) this.#stopPlaying();
    return taken;
  }

  protected keyInBand(digit: string): void {
    this.keep({ type: "dtmf", actor: "line", data: { digit, from: "caller" } });
    this.key(digit);
  }

  protected send(digits: string, durationMs: number): void {
    this.answer();
    this.#ask({ kind: "digits", digits, durationMs });
  }

  protected hangUp(): void {
    const hangUp = () => this.#notify({ kind: "app:hangup", why: "the app hung up", now: false });
    if (this.#playback.isSilent) hangUp();
    else this.#playback.read.then(hangUp);
  }

  /** An app may cut its audio in thousands of pieces; so many notices would be a flood. */
  #give(piece: PlayPiece): void {
    if (this.#together.length > 0) return void this.#together.push(piece);
    const pieces = [piece];
    this.#notify({ kind: "app:play", pieces });
    this.#together = pieces;
  }

  /** What is given after this comes behind it. */
  #notify(notice: InboundCallNotice): void {
    this.#together = [];
    this.#session.notify(notice);
  }

  #stopPlaying(): void {
    this.#stopsPrompt = false;
    this.#playback.dropReading();
    this.keep({ type: "interrupted", actor: "app", data: {} });
    this.#ask({ kind: "interrupt" });
  }

  #ask(ask: Ask): void {
    this.#notify(asked(ask));
  }
}
