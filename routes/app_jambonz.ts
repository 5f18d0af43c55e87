/**
 * A call app on a jambonz line: what it asks for becomes verbs, in the ack that jambonz waits for or
 * in a command; hooks tell what has come of them.
 * @module
 */
import type {
  AudioData,
  Detection,
  Gathered,
  GatherOptions,
  Playable,
  PlayEnd,
  PlayOptions,
} from "../calls/app.ts";
import type * as kept from "../calls/call.ts";
import { SORRY } from "../protocols/jambonz/answers.ts";
import type { JambonzCall, Question } from "../protocols/jambonz/application.ts";
import type { Verb } from "../protocols/jambonz/commands.ts";
import { bestTranscript } from "../protocols/jambonz/transcripts.ts";
import { isWav, nameOf, pcmOf, playableOf, readRecording } from "./app_audio.ts";
import { AppCall, type AppCallParts } from "./app_call.ts";
import { JambonzCallAudio } from "./app_jambonz_audio.ts";
import { gatherVerb, listenOptions, urlOf } from "./app_jambonz_verbs.ts";
import { VerbQueue } from "./app_verb_queue.ts";

/** The hooks of apps begin so; jambonz tells them from those of other verbs by nothing else. */
const HOOK = "/app/";

/** A `gather` that jambonz carries out. */
interface Gathering {
  readonly hook: string;
  readonly takesKeys: boolean;
  /** Whether a key or a word stops the prompt that we play. */
  readonly bargeIn: boolean;
  readonly resolve: (gathered: Gathered) => void;
}

/** One jambonz call in the hands of its app: the same over all sockets that it has in its time. */
export class JambonzAppCall extends AppCall {
  /** What the caller says, and what we play ourselves. */
  readonly audio: JambonzCallAudio;
  #handle: JambonzCall;
  readonly #verbs: VerbQueue;
  #hooks = 0;
  #gaveUp = false;
  #answered: boolean;
  #gather: Gathering | undefined;
  readonly #plays = new Map<string, { name: string; resolve: (end: PlayEnd) => void }>();
  /** Words that a `gather` has taken come once more with the record. */
  #taken: string | undefined;

  constructor(handle: JambonzCall, parts: AppCallParts, resumed: boolean) {
    super(handle.call, parts, resumed);
    this.#handle = handle;
    const { answeredAt, direction } = handle.call;
    this.#answered = answeredAt !== null || direction === "outbound";
    this.audio = new JambonzCallAudio({
      open: () => this.#verbs.configure({ listen: listenOptions(this.#handle) }),
      audio: (bytes) => this.hear(bytes),
      key: (digit) => this.keyInBand(digit),
      played: (name) => this.events.put({ kind: "played", name }),
      failed: (why) => this.note(why),
    }, parts.stopping);
    this.#verbs = new VerbQueue({
      playback: this.audio.playback,
      hasLine: () => parts.calls.hasLine(this.id),
      command: (command) => this.#handle.command(command),
    });
  }

  answer(): void {
    if (this.#answered || this.ended) return;
    this.#answered = true;
    this.#emit({ verb: "answer" });
  }

  override say(text: string): void {
    this.#answered = true;
    this.#emit({ verb: "say", text });
  }

  play(given: Playable, options: PlayOptions = {}): Promise<PlayEnd> {
    const audio = playableOf(given);
    if (this.ended) return this.answers.answer("dropped");
    const url = urlOf(audio);
    if (url === undefined) return this.#playOverSocket(audio, options.name);
    this.#answered = true;
    const actionHook = this.#newHook("played");
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#plays.set(actionHook, { name: options.name ?? url, resolve });
    this.#emit({ verb: "play", url, actionHook });
    return promise;
  }

  gather(options: GatherOptions = {}): Promise<Gathered> {
    const play = options.play === undefined ? undefined : playableOf(options.play);
    const { gone } = this;
    if (gone !== undefined) return this.answers.answer({ by: gone, digits: "", speech: "" });
    if (this.#gather !== undefined) this.interrupt();
    const hook = this.#newHook("gathered");
    const { promise, resolve } = Promise.withResolvers<Gathered>();
    const { digits, bargeIn = true } = options;
    const gathering = this.#gather = { hook, takesKeys: digits !== 0, bargeIn, resolve };
    if (play !== undefined && urlOf(play) === undefined) {
      const prompted = this.#prompt(gathering, options, play).then(() => promise);
      // A prompt that cannot be played ends its gather, and must not leave the app waiting.
      return Promise.race([promise, prompted]).catch((error) => {
        if (this.#gather === gathering) this.#gather = undefined;
        throw error;
      });
    }
    this.#answered = true;
    this.#emit({ ...gatherVerb(options), actionHook: hook });
    return promise;
  }

  interrupt(): void {
    if (this.ended) return;
    this.endGather("interrupted");
    this.#drop();
    this.#verbs.replace();
    this.keep({ type: "interrupted", actor: "app", data: {} });
    this.#handle.clear();
  }

  override transfer(number: string): void {
    if (this.ended) return;
    this.release();
    const target = [{ type: "phone", number }];
    this.#replace([{ verb: "dial", target, answerOnBridge: true }, { verb: "hangup" }]);
    this.audio.end();
  }

  endGather(by: Gathered["by"]): void {
    this.#gather?.resolve({ by, digits: "", speech: "" });
    this.#gather = undefined;
  }

  giveUp(): void {
    if (this.#gaveUp) return;
    this.#gaveUp = true;
    this.release();
    this.#replace(SORRY);
  }

  /** The app has asked for what jambonz does not take, and may be waiting for what will not come. */
  fault(detail: string): void {
    this.note(detail);
    this.giveUp();
  }

  override over(by: kept.EndedBy): void {
    super.over(by);
    this.#drop();
    this.audio.end();
    this.#verbs.end();
  }

  /** The call has a line: its first, or a new one after a loss. What waited goes out. */
  attached(handle: JambonzCall): void {
    this.#handle = handle;
    this.#verbs.reattached();
  }

  /** A message of jambonz that the app has its say on. */
  ask({ type, hook, data }: Question): readonly Verb[] | Promise<readonly Verb[]> {
    if (type === "dial:confirm" || this.ended) return [];
    if (type === "verb:hook") {
      if (hook !== undefined && this.#heardPlayed(hook)) return [];
      const mine = hook !== undefined && this.#gather?.hook === hook;
      // A hook of another time: after a restart the app has begun anew, and its verbs answer it.
      if (!mine && !(this.resumed && hook?.startsWith(HOOK))) return [];
      if (mine) this.#gathered(data);
    }
    return this.#verbs.ask(type === "verb:hook");
  }

  protected send(digits: string, durationMs: number): void {
    this.#handle.ask({ kind: "digits", digits, durationMs });
  }

  protected hangUp(): void {
    // Whoever hangs up does not wait for a key.
    if (this.#gather === undefined) this.#emit({ verb: "hangup" });
    else this.#replace([{ verb: "hangup" }]);
  }

  protected override takeWords(msg: string): boolean {
    const taken = this.#taken === msg;
    if (taken) this.#taken = undefined;
    return taken;
  }

  /** The verbs that it waits for are gone. */
  override interrupted(): void {
    this.endGather("interrupted");
    this.#drop();
  }

  /** The caller talks with somebody else now. */
  protected override handedOver(): void {
    this.audio.end();
  }

  /** An app that waits for what happens has no more to say for now. */
  protected override waits(): void {
    this.#verbs.rest();
    // Who waits for what happens wants to hear the caller, and keys that no gather takes.
    if (this.#answered && !this.released) this.audio.want();
  }

  override detect(what: Detection): void {
    super.detect(what);
    if (!this.released) this.audio.want();
  }

  protected override recorded(): void {
    if (!this.released) this.audio.want();
  }

  /** As over the audio socket; those of a gather are told by its hook. */
  protected keyInBand(digit: string): void {
    if (this.#gather?.takesKeys) {
      if (this.#gather.bargeIn) this.audio.clear();
      return;
    }
    this.keep({ type: "dtmf", actor: "line", data: { digit, from: "caller" } });
    this.events.put({ kind: "dtmf", digit });
  }

  #playOverSocket(audio: string | URL | AudioData, name: string | undefined): Promise<PlayEnd> {
    this.answer();
    const isEcho = name === undefined && this.audio.playback.isSilent &&
      this.events.takeEcho(audio);
    const played = isEcho ? this.audio.passBack(audio as AudioData) : this.audio.play(audio, name);
    return played ?? this.answers.answer("dropped");
  }

  /** We play the prompt, while jambonz gathers already where a key or a word may stop it. */
  async #prompt(gathering: Gathering, options: GatherOptions, play: string | URL | AudioData) {
    const isBytes = play instanceof Uint8Array;
    const pcm = isBytes ? (isWav(play) ? pcmOf(play) : play) : await readRecording(play);
    if (this.#gather !== gathering) return;
    const played = this.#playOverSocket(pcm, isBytes ? "audio" : nameOf(play));
    if (!gathering.bargeIn) await played;
    if (this.#gather !== gathering) return;
    const verb = gatherVerb(options, this.audio.playback.waitingMs);
    this.#verbs.addNow({ ...verb, actionHook: gathering.hook });
  }

  #gathered(data: Question["data"]): void {
    const digits = typeof data["digits"] === "string" ? data["digits"] : "";
    const speech = bestTranscript(data["speech"]) ?? "";
    if (speech !== "") this.#taken = speech;
    const by = digits !== "" ? "digits" : speech !== "" ? "speech" : "timeout";
    if (this.#gather?.bargeIn) this.audio.clear();
    this.#gather?.resolve({ by, digits, speech });
    this.#gather = undefined;
  }

  #heardPlayed(hook: string): boolean {
    const play = this.#plays.get(hook);
    if (play === undefined) return false;
    this.#plays.delete(hook);
    play.resolve("heard");
    this.events.put({ kind: "played", name: play.name });
    return true;
  }

  /** Nothing of what was asked for is to be heard any more. */
  #drop(): void {
    this.#verbs.drop();
    this.audio.clear();
    for (const { resolve } of this.#plays.values()) resolve("dropped");
    this.#plays.clear();
  }

  #newHook(what: string): string {
    return `${HOOK}${what}/${++this.#hooks}${this.resumed ? "r" : ""}`;
  }

  #replace(verbs: readonly Verb[]): void {
    this.endGather("interrupted");
    this.#drop();
    this.#verbs.replace();
    for (const verb of verbs) this.#emit(verb);
  }

  #emit(verb: Verb): void {
    // Verbs would take the caller from whoever has joined.
    if (this.gone === undefined) this.#verbs.add(verb);
  }
}
