/**
 * What an app's call has in common on every line: events, the record, contracts.
 * @module
 */
import {
  type AudioData,
  type CallContracts,
  type CallEvent,
  checkLine,
  type Detection,
  type Gathered,
  type GatherOptions,
  type Memory,
  type Playable,
  type PlayEnd,
  type PlayOptions,
  type Prompt,
} from "../calls/app.ts";
import type {
  CallRecord,
  EndedBy,
  LineName,
  NewRecordEvent,
  RecordEvent,
  Role,
} from "../calls/call_record.ts";
import { SlowAnswers } from "./slow_answers.ts";
import { contractsOf } from "./call_contracts.ts";
import type { AppCallPorts } from "./app_call_ports.ts";
import { AppEvents } from "./app_events.ts";
import { AppMemory } from "./app_memory.ts";
import type { GatherHere, Voice } from "./gather_here.ts";
import { AppRecording } from "./app_recording.ts";
import { AppDetection } from "./detection.ts";
import { playableOf } from "./playable.ts";

/** The actor of what an app writes in the record. */
const ACTOR = "app";
const KEYS = /^[0-9*#]*$/;

/** One call with its app. A subclass carries it out on its line. */
export abstract class AppCall {
  readonly id: string;
  readonly line: LineName;
  readonly from: string | null;
  readonly to: string | null;
  readonly resumed: boolean;
  readonly events: AppEvents;
  protected readonly ports: AppCallPorts;
  readonly #following: Disposable;
  readonly #memory: AppMemory;
  // What many apps never need is made when it is needed.
  #contracts: CallContracts | undefined;
  #answers: SlowAnswers | undefined;
  #recording: AppRecording | undefined;
  #detection: AppDetection | undefined;
  #answeredAt: Date | null;
  #ended = false;
  #joined = false;
  /** Whether the call goes on without the app: transferred, handed over, or hanging up. */
  #released = false;

  constructor(call: CallRecord, ports: AppCallPorts, resumed: boolean) {
    const { id, line, fromE164, from, toE164, to, answeredAt } = call;
    this.id = id;
    this.line = line;
    this.from = fromE164 ?? from;
    this.to = toE164 ?? to;
    this.resumed = resumed;
    this.ports = ports;
    this.events = new AppEvents(() => this.waits(), (done) => this.answers.answer(done));
    this.#answeredAt = answeredAt;
    this.#memory = new AppMemory(ports.calls.events(id), (memory) => this.#remember(memory));
    this.#following = ports.calls.follow(id, (event) => this.#follow(event));
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Why the app no longer has the call; undefined while it has. */
  protected get gone(): "ended" | "joined" | undefined {
    return this.#ended ? "ended" : this.#joined ? "joined" : undefined;
  }

  get contracts(): CallContracts {
    return this.#contracts ??= contractsOf(this, this.ports.contracts, ACTOR);
  }

  /** For what it asks for in vain. */
  protected get answers(): SlowAnswers {
    if (this.#answers !== undefined) return this.#answers;
    const { stopping, log } = this.ports;
    const left = () => log.warn("app goes on after its call", { call: this.id });
    this.#answers = new SlowAnswers(stopping, left);
    if (this.#ended) this.#answers.end();
    return this.#answers;
  }

  get #recorded(): AppRecording {
    return this.#recording ??= new AppRecording(this.ports.recordings, this.id, ACTOR);
  }

  get memory(): Memory {
    return this.#memory.values;
  }

  /** Whether the app may return without ending the call. */
  get released(): boolean {
    return this.#released || this.#ended;
  }

  abstract play(audio: Playable, options?: PlayOptions): Promise<PlayEnd>;
  /** Ends a `gather`, if one waits. */
  abstract endGather(by: Gathered["by"]): void;
  /** Ends the call with an apology: the app threw. */
  abstract giveUp(): void;
  /** Waits for keys or words. `play` has been checked. */
  protected abstract gatherHere(options: GatherHere): Promise<Gathered>;
  /** How this line renders a prompt. */
  protected abstract voice(prompt: Prompt): Voice;
  /** Handles a key detected in the caller's audio. */
  protected abstract keyInBand(digit: string): void;
  protected abstract send(digits: string, durationMs: number): void;
  protected abstract hangUp(): void;

  say(_text: string): void {
    checkLine("say", this.line);
  }

  prompt(prompt: Prompt): void {
    if (this.gone !== undefined) return;
    const { say, play } = this.#voice(prompt);
    if (say !== undefined) this.say(say);
    // A note in the record reports a file that cannot be read.
    if (play !== undefined) this.play(play).catch(() => {});
  }

  gather({ prompt, ...options }: GatherOptions = {}): Promise<Gathered> {
    if (options.say !== undefined) checkLine("say", this.line);
    const by = this.gone;
    if (by !== undefined) return this.answers.answer({ by, digits: "", speech: "" });
    const { play, ...rest } = prompt === undefined
      ? options
      : { ...options, ...this.#voice(prompt) };
    return this.gatherHere(play === undefined ? rest : { ...rest, play: playableOf(play) });
  }

  transfer(_number: string): void {
    checkLine("transfer", this.line);
  }

  detect(what: Detection): void {
    if (this.#ended) return;
    this.#detection = new AppDetection(what, {
      speech: (event) => this.events.put(event),
      key: (digit) => this.keyInBand(digit),
    });
  }

  sendDigits(digits: string, durationMs: number = 200): void {
    if (!KEYS.test(digits)) throw new RangeError(`Cannot send ${digits}: keys are 0-9, * and #`);
    if (!(Number.isInteger(durationMs) && durationMs >= 1 && durationMs <= 1000)) {
      throw new RangeError(`Cannot send digits of ${durationMs} ms: 1 to 1000 is possible`);
    }
    if (!this.#ended) this.send(digits, durationMs);
  }

  hangup(): void {
    if (this.#ended) return;
    this.release();
    this.hangUp();
  }

  note(text: string, data: Readonly<Record<string, unknown>> = {}): void {
    this.persist({ type: "note", actor: ACTOR, data: { ...data, text } });
  }

  remember(values: Memory): Promise<void> {
    return this.#memory.add(values);
  }

  transcript(role: Role, msg: string): void {
    const at = this.#answeredAt;
    const offset = at === null ? {} : { offset: Math.max(0, +this.ports.now() - +at) };
    this.persist({ type: "transcript", actor: ACTOR, data: { msg, role, ...offset } });
  }

  record(): void {
    if (this.#ended) return;
    const why = this.#recorded.start();
    if (why !== undefined) this.note(why);
  }

  stopRecording(): void {
    this.#recorded.stop().catch(this.ports.failed);
  }

  startScreening(): void {
    this.persist({ type: "screening_started", actor: ACTOR, data: {} });
  }

  endScreening(msg: string): void {
    this.persist({ type: "screening_ended", actor: ACTOR, data: { msg } });
  }

  [Symbol.asyncIterator](): AsyncIterator<CallEvent, undefined> {
    return this.events;
  }

  /** Ends the app's side of the call. */
  over(by: EndedBy): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#following[Symbol.dispose]();
    this.#answers?.end();
    this.endGather("ended");
    this.events.logDropped(this.ports.log, this.id);
    this.events.put({ kind: "ended", by });
  }

  #voice(prompt: Prompt): Voice {
    if (prompt.text === undefined && prompt.audio === undefined) {
      throw new TypeError("Cannot prompt with nothing: it takes text, audio, or both");
    }
    return this.voice(prompt);
  }

  /** Passes on the caller's audio, at 8 kHz. */
  protected hear(bytes: AudioData): void {
    this.events.put({ kind: "audio", bytes });
    this.#detection?.hear(bytes);
  }

  /** Lets the call go on without the app. */
  protected release(): void {
    this.#released = true;
  }

  /** Writes to the record. */
  protected persist(event: NewRecordEvent): void {
    if (this.#ended) return;
    this.ports.calls.record(this.id, event).catch(this.ports.failed);
  }

  async #remember(memory: Memory): Promise<void> {
    if (this.#ended) return;
    const event = { type: "remembered", actor: ACTOR, data: { memory } } as const;
    await this.ports.calls.record(this.id, event);
  }

  /** Offers the caller's words to the current `gather`; true when it took them. */
  protected takeWords(_msg: string): boolean {
    return false;
  }

  /** Another client stopped the playback. */
  interrupted(): void {}

  /** The caller was connected to a watcher. */
  protected handedOver(): void {}

  /** Recording has started. */
  protected recorded(): void {}

  /** The app is waiting for its next event. */
  protected waits(): void {}

  /** Turns events of the record into events of the app. */
  #follow({ type, actor, data, at }: RecordEvent): void {
    switch (type) {
      case "answered":
        this.#answeredAt ??= at;
        return;
      case "transcript":
        if (actor === ACTOR || actor === "us") return;
        if (data.role === "other" && this.takeWords(data.msg)) return;
        return this.events.put({ kind: "transcript", role: data.role, msg: data.msg });
      case "watched":
        return this.events.put({ kind: "watched", userId: data.userId });
      case "interrupted":
        return actor === ACTOR ? undefined : this.interrupted();
      case "join_requested":
        this.release();
        this.#joined = true;
        this.endGather("joined");
        this.handedOver();
        return this.events.put({ kind: "joined" });
      case "recording_started":
        return this.recorded();
      case "line_lost":
      case "line_back":
        return this.events.put({ kind: type });
      case "ended":
        return this.over(data.by);
    }
  }
}
