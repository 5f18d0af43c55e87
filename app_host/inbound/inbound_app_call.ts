/**
 * A call with its app on an inbound line: the app's requests become notices to the session.
 * @module
 */
import type { Call, Gathered, Playable, PlayEnd, PlayOptions, Prompt } from "../../calls/app.ts";
import type { CallRecord, EndedBy } from "../../calls/call_record.ts";
import { asked } from "../../calls/line.ts";
import type { InboundApp, InboundCallNotice } from "../../protocols/inbound_call/ports.ts";
import type { Session } from "../../session/session.ts";
import { audioName, fileOf, playableOf } from "../playable.ts";
import { AppCall } from "../app_call.ts";
import type { GatherHere, Voice } from "../gather_here.ts";
import type { AppCallPorts } from "../app_call_ports.ts";
import { InboundGather } from "./inbound_gather.ts";
import { PacedPlayout } from "./paced_playout.ts";

const HEARD: Promise<PlayEnd> = Promise.resolve("heard");

/** One inbound call with its app. */
export class InboundAppCall extends AppCall implements Call {
  readonly playout: PacedPlayout;
  readonly #session: Session<InboundCallNotice>;
  #answered = false;
  #gathering: InboundGather | undefined;
  /** Whether a key or a word stops the current prompt. */
  #stopsPrompt = false;

  constructor(call: CallRecord, ports: AppCallPorts, session: Session<InboundCallNotice>) {
    super(call, ports, false);
    this.#session = session;
    this.playout = new PacedPlayout({
      wake: () => this.#session.notify({ kind: "app:play" }),
      played: (name) => this.events.put({ kind: "played", name }),
      cannotPlay: (name, error) => this.note(`Cannot play ${name}: ${error.message}`),
    });
  }

  answer(): void {
    if (this.#answered || this.ended) return;
    this.#answered = true;
    this.#session.notify({ kind: "app:answer" });
  }

  play(given: Playable, options: PlayOptions = {}): Promise<PlayEnd> {
    const audio = playableOf(given);
    if (this.ended) return this.answers.answer("dropped");
    this.answer();
    if (audio instanceof Uint8Array) {
      if (options.name === undefined && this.playout.isSilent && this.events.takeEcho(audio)) {
        this.#session.notifyAudio({ kind: "app:pass_back", bytes: audio });
        return HEARD;
      }
      return this.playout.play(audio, options.name);
    }
    return this.playout.play(fileOf(audio), options.name ?? audioName(audio));
  }

  protected gatherHere(options: GatherHere): Promise<Gathered> {
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
    // A prompt that cannot be played ends its gather.
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
    this.#session.notify({ kind: "app:hangup", why: "the app failed", now: true });
  }

  /** Handles a key of the caller. */
  key(digit: string): void {
    if (this.#gathering?.key(digit) !== true) this.events.put({ kind: "dtmf", digit });
    else if (this.#stopsPrompt) this.#stopPlaying();
  }

  override over(by: EndedBy): void {
    super.over(by);
    this.playout.drop();
  }

  /** The port through which the session reaches the app. */
  app(begin: () => void): InboundApp {
    return { begin, audio: (bytes) => this.hear(bytes), playout: this.playout };
  }

  protected voice({ text, audio }: Prompt): Voice {
    if (text !== undefined) this.transcript("assistant", text);
    return audio === undefined ? {} : { play: audio };
  }

  protected override takeWords(msg: string): boolean {
    const taken = this.#gathering?.words(msg) === true;
    if (taken && this.#stopsPrompt) this.#stopPlaying();
    return taken;
  }

  protected keyInBand(digit: string): void {
    this.persist({ type: "dtmf", actor: "line", data: { digit, from: "caller" } });
    this.key(digit);
  }

  protected send(digits: string, durationMs: number): void {
    this.answer();
    this.#session.notify(asked({ kind: "digits", digits, durationMs }));
  }

  protected hangUp(): void {
    const hangUp = () =>
      this.#session.notify({ kind: "app:hangup", why: "the app hung up", now: false });
    if (this.playout.isSilent) hangUp();
    else this.playout.read.then(hangUp);
  }

  #stopPlaying(): void {
    this.#stopsPrompt = false;
    this.persist({ type: "interrupted", actor: "app", data: {} });
    // An unanswered call hears nothing.
    if (this.#answered) this.playout.interrupt();
  }
}
