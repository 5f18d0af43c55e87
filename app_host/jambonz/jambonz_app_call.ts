/**
 * A call with its app on a jambonz line: the app's requests become verbs, in the pending ack or in a
 * command. Hooks bring their results.
 * @module
 */
import type {
  AudioData,
  Call,
  Detection,
  Gathered,
  Playable,
  PlayEnd,
  PlayOptions,
  Prompt,
} from "../../calls/app.ts";
import type { CallRecord, EndedBy } from "../../calls/call_record.ts";
import { asked } from "../../calls/line.ts";
import { SORRY } from "../../protocols/jambonz/pending_acks.ts";
import { STAY, type Verb } from "../../protocols/jambonz/commands.ts";
import type { News, Question } from "../../protocols/jambonz/ports.ts";
import { playableOf, urlOf } from "../playable.ts";
import { AppCall } from "../app_call.ts";
import type { GatherHere, Voice } from "../gather_here.ts";
import type { AppCallPorts } from "../app_call_ports.ts";
import { JambonzGather } from "./jambonz_gather.ts";
import { JambonzPlayer } from "./jambonz_player.ts";
import { APP_DONE, type JambonzLine, listenOptions } from "./jambonz_line.ts";
import { VerbQueue } from "./verb_queue.ts";

/** One jambonz call with its app, over all its sockets. */
export class JambonzAppCall extends AppCall implements Call {
  #line: JambonzLine;
  #player: JambonzPlayer | undefined;
  readonly #run: string;
  readonly #verbs: VerbQueue;
  readonly #gathering: JambonzGather;
  /** The verbs that end the call when the app is done. */
  #lastVerbs: readonly Verb[] = [];
  #gaveUp = false;
  #answered: boolean;

  constructor(call: CallRecord, line: JambonzLine, ports: AppCallPorts, resumed: boolean) {
    super(call, ports, resumed);
    this.#line = line;
    const { answeredAt, direction, lastSeq } = call;
    this.#answered = answeredAt !== null || direction === "outbound";
    this.#run = resumed ? `r${lastSeq}` : "";
    this.#gathering = new JambonzGather(this.#run, {
      emit: (verb) => this.#emitSpoken(verb),
      emitNow: (verb) => this.#verbs.addNow(verb),
      play: (audio, name) => this.#playOverSocket(audio, name),
      waitingMs: () => this.player.audio.playback.waitingMs,
      interrupt: () => this.interrupt(),
    });
    this.#verbs = new VerbQueue({
      playback: () => this.#player?.playback,
      hasLine: () => ports.calls.hasLine(this.id),
      command: (command) => this.#line.notify({ kind: "command", command }),
      awaited: () => this.#awaited,
    }, resumed);
  }

  /** What the app hears and plays. Many calls need neither a socket for audio nor a URL. */
  get player(): JambonzPlayer {
    return this.#player ??= new JambonzPlayer({
      run: this.#run,
      emit: (verb) => this.#emitSpoken(verb),
      open: () => this.#verbs.configure({ listen: listenOptions(this.#line) }),
      audio: (bytes) => this.hear(bytes),
      key: (digit) => this.keyInBand(digit),
      played: (name) => this.events.put({ kind: "played", name }),
      failed: (why) => this.note(why),
      takeEcho: (audio) => this.events.takeEcho(audio),
    }, this.ports.stopping);
  }

  answer(): void {
    if (this.#answered || this.ended) return;
    this.#answered = true;
    this.#emit({ verb: "answer" });
  }

  override say(text: string): void {
    this.#emitSpoken({ verb: "say", text });
  }

  play(given: Playable, options: PlayOptions = {}): Promise<PlayEnd> {
    const audio = playableOf(given);
    if (this.ended) return this.answers.answer("dropped");
    const url = urlOf(audio);
    if (url === undefined) return this.#playOverSocket(audio, options.name);
    return this.player.playUrl(url, options.name ?? url);
  }

  protected gatherHere(options: GatherHere): Promise<Gathered> {
    return this.#gathering.gather(options);
  }

  interrupt(): void {
    if (this.ended) return;
    this.#replace([]);
    this.persist({ type: "interrupted", actor: "app", data: {} });
    this.#line.notify({ kind: "clear" });
  }

  override transfer(number: string): void {
    if (this.ended) return;
    this.#finish("transferred");
    const target = [{ type: "phone", number }];
    this.#last([{ verb: "dial", target, answerOnBridge: true }, { verb: "hangup" }]);
    // The caller hears our audio to its end before the transfer.
    this.player.audio.playback.whenSilent(() => this.player.audio.end());
  }

  endGather(by: Gathered["by"]): void {
    this.#gathering.end(by);
  }

  giveUp(): void {
    if (this.#gaveUp) return;
    this.#gaveUp = true;
    this.#finish("failed");
    this.#replace(this.#lastVerbs = SORRY);
  }

  override over(by: EndedBy): void {
    super.over(by);
    this.#drop();
    this.#player?.end();
    this.#verbs.end();
  }

  /** The call has a new line after a loss: queued verbs go out. */
  attached(line: JambonzLine): void {
    this.#line = line;
    this.#verbs.reattached();
  }

  /** The verbs without which this call would stay silent. */
  get #awaited(): readonly Verb[] {
    if (this.gone !== undefined) return [];
    const { verb } = this.#gathering;
    return verb === undefined ? this.#lastVerbs : [verb];
  }

  /** Answers a message from jambonz with the app's verbs. */
  ask(
    { type, hook, data }: Question,
    line: JambonzLine,
  ): readonly Verb[] | Promise<readonly Verb[]> {
    if (type === "dial:confirm" || this.ended) return [];
    if (type === "verb:hook" && !this.#hearHook(hook, data)) return [];
    return this.#verbs.ask(type === "verb:hook", line);
  }

  /** Takes back an answer that did not go out: its socket was lost meanwhile. */
  takeBack(verbs: readonly Verb[]): void {
    if (!this.ended) this.#verbs.takeBack(verbs);
  }

  /**
   * Answers when live call control sends the call here again. That stops the running verbs, and an
   * empty answer would be silence, so a gather is asked again. Queued URLs get no hook.
   */
  redirected(): readonly Verb[] {
    this.#player?.dropUrls();
    return [this.#gathering.verb ?? STAY];
  }

  /** Handles a message that needs no answer. */
  tell({ type, data }: News): void {
    if (type === "jambonz:error" || type === "error") return this.#failed(data);
    const { event, id } = data;
    if (type === "verb:status" && event === "finished" && typeof id === "string") {
      this.#player?.finished(id);
      this.#verbs.finished(id);
    }
  }

  protected send(digits: string, durationMs: number): void {
    this.#line.notify(asked({ kind: "digits", digits, durationMs }));
  }

  protected hangUp(): void {
    this.#finish("hung up");
    this.#last([{ verb: "hangup" }]);
  }

  protected voice({ text, audio }: Prompt): Voice {
    return text !== undefined ? { say: text } : audio !== undefined ? { play: audio } : {};
  }

  protected override takeWords(msg: string): boolean {
    return this.#gathering.takeWords(msg);
  }

  /** Verbs of another client replace the app's. */
  override interrupted(): void {
    this.endGather("interrupted");
    this.#drop();
  }

  /** The caller was connected to a watcher. */
  protected override handedOver(): void {
    this.player.audio.end();
  }

  /** An app that waits for events has no more verbs for now. */
  protected override waits(): void {
    this.#verbs.rest();
    // It needs the caller's audio, and keys outside a gather.
    if (this.#answered && !this.released) this.player.audio.want();
  }

  override detect(what: Detection): void {
    super.detect(what);
    if (!this.released) this.player.audio.want();
  }

  protected override recorded(): void {
    if (!this.released) this.player.audio.want();
  }

  /** Keys of a gather come with its hook; others come over the audio socket. */
  protected keyInBand(digit: string): void {
    if (this.#gathering.takesKeys) {
      if (this.#gathering.bargesIn) this.#player?.clear();
      return;
    }
    this.persist({ type: "dtmf", actor: "line", data: { digit, from: "caller" } });
    this.events.put({ kind: "dtmf", digit });
  }

  #playOverSocket(audio: string | URL | AudioData, name: string | undefined): Promise<PlayEnd> {
    this.answer();
    this.#verbs.takeOver();
    return this.player.play(audio, name) ?? this.answers.answer("dropped");
  }

  /** Handles a hook; true when the app's next verbs answer it. */
  #hearHook(hook: string | undefined, data: Question["data"]): boolean {
    if (hook === undefined || this.#player?.hear(hook, data["reason"])) return false;
    const isCurrent = this.#gathering.waits(hook);
    const { bargesIn } = this.#gathering;
    const heard = this.#gathering.hear(hook, data);
    if (heard === "this gather" && bargesIn) this.#player?.clear();
    // The app asks the same question again already: its answer is here.
    if (heard === "this gather" && !isCurrent) this.#verbs.replace();
    return heard !== "nothing";
  }

  /** Reports what jambonz cannot do. A gather that cannot listen would wait forever. */
  #failed({ msg, details, verb, failover }: News["data"]): void {
    const message = [msg, details].filter((text) => typeof text === "string").join(": ");
    const name = typeof verb === "string" ? verb : null;
    this.events.put({ kind: "error", message, verb: name });
    // After a failover another vendor listens.
    if (name === "gather" && failover !== "in progress") this.#gathering.end("error");
  }

  /** Drops everything requested and not yet heard. */
  #drop(): void {
    this.#verbs.drop();
    this.#player?.clear();
    this.#player?.dropUrls();
  }

  /** Records that the app is done, so that it does not start again after a restart. */
  #finish(how: string): void {
    this.release();
    this.persist({ type: "line_event", actor: "app", data: { type: APP_DONE, how } });
  }

  /** Appends the last verbs, or replaces a gather by them. */
  #last(verbs: readonly Verb[]): void {
    this.#lastVerbs = verbs;
    if (this.#gathering.isOn) return this.#replace(verbs);
    for (const verb of verbs) this.#emit(verb);
  }

  #replace(verbs: readonly Verb[]): void {
    this.endGather("interrupted");
    this.#drop();
    this.#verbs.replace();
    for (const verb of verbs) this.#emit(verb);
  }

  /** Sends a verb that answers the call. */
  #emitSpoken(verb: Verb): void {
    this.#answered = true;
    this.#emit(verb);
  }

  #emit(verb: Verb): void {
    // After a join, verbs would disconnect the caller from the watcher.
    if (this.gone === undefined) this.#verbs.add(verb);
  }
}
