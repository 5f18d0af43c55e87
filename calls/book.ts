/**
 * The book of calls: begins them, writes their records, tells who follows them, and passes on what
 * is asked of them.
 * @module
 */
import type { Call, CallEvent, NewCall, NewCallEvent } from "./call.ts";
import { fold } from "./fold.ts";
import type { Ask, Line } from "./line.ts";
import { toE164 } from "./phone.ts";
import type { CallStore } from "./store.ts";

/** What the book needs from the world. */
export interface CallBookParts {
  readonly store: CallStore;
  readonly now: () => Date;
  /** Reads national numbers as numbers of this country. */
  readonly defaultCountry?: string;
  /** Is told what a follower threw. */
  readonly failed: (error: unknown) => void;
}

/** Who asks, and by which message: a repeated message acts once. */
export interface Request {
  readonly actor: string;
  readonly messageId: string;
}

/** What came of something that was asked. */
export type Outcome = { readonly accepted: true } | { readonly accepted: false; why: string };

/** Hears of each event after it has been recorded. */
export type Follower = (event: CallEvent, call: Call) => void;

interface Page {
  call: Call;
  readonly events: CallEvent[];
  readonly followers: Set<Follower>;
  /** Messages that asked for something, by actor and id, with what came of them. */
  readonly asked: Map<string, { kind: Ask["kind"]; outcome: Promise<Outcome> }>;
  line: Line | undefined;
  /** What the call's line refuses, also while it is away: another of its kind will come. */
  refuses: Line["refuses"];
  /** Asked while the line was away; the next line is told. */
  waiting: Ask[];
  ending: boolean;
}

/** All calls that this server knows. */
export class CallBook {
  readonly #parts: CallBookParts;
  readonly #pages = new Map<string, Page>();
  readonly #byPlatformId = new Map<string, string>();
  readonly #byToken = new Map<string, string>();

  constructor(parts: CallBookParts) {
    this.#parts = parts;
  }

  /** Opens a record; resolves when the call is kept. */
  async begin(seed: NewCall): Promise<Call> {
    const { store, now, defaultCountry } = this.#parts;
    const call: Call = {
      ...seed,
      id: crypto.randomUUID(),
      fromE164: toE164(seed.from, defaultCountry),
      toE164: toE164(seed.to, defaultCountry),
      state: "ringing",
      startedAt: now(),
      answeredAt: null,
      endedAt: null,
      endedBy: null,
      cdr: null,
      liveConversationToken: token(),
      lastSeq: 0,
    };
    await store.begin(call);
    this.#pages.set(call.id, {
      call,
      events: [],
      followers: new Set(),
      asked: new Map(),
      line: undefined,
      refuses: () => undefined,
      waiting: [],
      ending: false,
    });
    this.#byPlatformId.set(platformKey(call.line, call.platformId), call.id);
    this.#byToken.set(call.liveConversationToken, call.id);
    const { direction } = seed;
    await this.record(call.id, { type: "started", actor: "line", data: { direction } });
    return this.#page(call.id).call;
  }

  /** Writes an event; resolves with it when it is kept. Only the first `ended` counts. */
  async record(callId: string, event: NewCallEvent): Promise<CallEvent | undefined> {
    const page = this.#page(callId);
    if (event.type === "ended") {
      if (page.ending) return undefined;
      page.ending = true;
    }
    const appending = this.#parts.store.append(callId, event, this.#parts.now());
    // An end that could not be kept may be told again.
    if (event.type === "ended") appending.catch(() => page.ending = false);
    const recorded = await appending;
    page.call = fold(page.call, recorded);
    page.events.push(recorded);
    for (const follower of [...page.followers]) this.#tell(follower, recorded, page.call);
    return recorded;
  }

  /** The call of this id. */
  call(id: string): Call | undefined {
    return this.#pages.get(id)?.call;
  }

  /** The record of a call so far. */
  events(id: string): readonly CallEvent[] {
    return this.#pages.get(id)?.events ?? [];
  }

  /** The latest call that the platform calls by this id. */
  byPlatformId(line: Call["line"], platformId: string): Call | undefined {
    const id = this.#byPlatformId.get(platformKey(line, platformId));
    return id === undefined ? undefined : this.call(id);
  }

  /** The call that a live conversation token opens, over or not. */
  byToken(conversationToken: string): Call | undefined {
    const id = this.#byToken.get(conversationToken);
    return id === undefined ? undefined : this.call(id);
  }

  /** All calls, newest first. */
  list(): Call[] {
    return [...this.#pages.values()].map(({ call }) => call).reverse();
  }

  /** Hears every event of a call from now on; what was before is in `events`. */
  follow(callId: string, follower: Follower): Disposable {
    const { followers } = this.#page(callId);
    followers.add(follower);
    return { [Symbol.dispose]: () => void followers.delete(follower) };
  }

  /** Puts a call's line in place: it is told what was asked while there was none. */
  attach(callId: string, line: Line): Disposable {
    const page = this.#page(callId);
    page.line = line;
    page.refuses = (ask) => line.refuses(ask);
    const { waiting } = page;
    page.waiting = [];
    for (const ask of waiting) line.ask(ask);
    return {
      [Symbol.dispose]: () => {
        if (page.line === line) page.line = undefined;
      },
    };
  }

  /** Whether a line is in place: not so while a jambonz call reconnects. */
  hasLine(callId: string): boolean {
    return this.#page(callId).line !== undefined;
  }

  /**
   * Asks something of a call, once per actor and message: it is recorded, then `answered` is told,
   * and then the line does it, so that an acknowledgement always comes before its consequences.
   */
  ask(callId: string, ask: Ask, request: Request, answered: (outcome: Outcome) => void): void {
    const page = this.#page(callId);
    const key = JSON.stringify([request.actor, request.messageId]);
    const before = page.asked.get(key);
    if (before !== undefined && before.kind !== ask.kind) {
      const why = `Cannot take message ${request.messageId} for "${ask.kind}": ` +
        `it has already asked for "${before.kind}"`;
      return answered({ accepted: false, why });
    }
    const outcome = before?.outcome ?? this.#accept(page, ask, request);
    page.asked.set(key, { kind: ask.kind, outcome });
    outcome.then((result) => {
      answered(result);
      if (before !== undefined) return;
      // What was refused may be asked again: the call may have moved on by then.
      if (!result.accepted) page.asked.delete(key);
      else if (page.line === undefined) page.waiting.push(ask);
      else page.line.ask(ask);
    }).catch(this.#parts.failed);
  }

  async #accept(page: Page, ask: Ask, request: Request): Promise<Outcome> {
    const { call } = page;
    if (page.ending || call.state === "ended") {
      return { accepted: false, why: `Cannot ${ask.kind} call ${call.id}: it is over` };
    }
    const refusal = page.refuses(ask);
    if (refusal !== undefined) return { accepted: false, why: refusal };
    const event = askEvent(ask, request);
    try {
      if (event !== undefined) await this.record(call.id, event);
    } catch (error) {
      this.#parts.failed(error);
      return { accepted: false, why: `Cannot ${ask.kind} call ${call.id}: it cannot be recorded` };
    }
    return { accepted: true };
  }

  #tell(follower: Follower, event: CallEvent, call: Call): void {
    try {
      follower(event, call);
    } catch (error) {
      this.#parts.failed(error);
    }
  }

  #page(id: string): Page {
    const page = this.#pages.get(id);
    if (page === undefined) throw new Error(`Cannot open the record of call ${id}: unknown`);
    return page;
  }
}

function askEvent(ask: Ask, { actor, messageId }: Request): NewCallEvent | undefined {
  switch (ask.kind) {
    case "end":
      return { type: "end_requested", actor, data: { messageId } };
    case "join":
      return { type: "join_requested", actor, data: { messageId, number: ask.number } };
    case "interrupt":
      return { type: "interrupted", actor, data: {} };
    case "digits":
      return undefined;
  }
}

function platformKey(line: Call["line"], platformId: string): string {
  return `${line} ${platformId}`;
}

function token(): string {
  return crypto.getRandomValues(new Uint8Array(24)).toBase64({
    alphabet: "base64url",
    omitPadding: true,
  });
}
