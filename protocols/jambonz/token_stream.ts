/**
 * TTS streaming: sends text in numbered `tts:tokens` commands, queues it while jambonz has no room,
 * and drops it when the caller interrupts.
 * @see https://docs.jambonz.org/guides/features/tts-streaming
 * @module
 */
import { utf8Bytes } from "../../session/encode.ts";
import type { Command } from "./commands.ts";

/** One piece of the queue. */
type Piece = { readonly id: number; readonly tokens: string } | "flush";

/**
 * A feature server has room for 1,000 characters. It always refuses a longer piece, and resumes
 * when 200 or fewer are queued: a piece of this size always fits then.
 */
const PIECE_CHARACTERS = 800;
/** The limit of the queue; an app that writes faster than speech gets an error. */
const QUEUE_BYTES = 1024 * 1024;

/** The data of a `tts:tokens-result`. */
export interface TokensResult {
  readonly id: number | string;
  readonly status: string;
  readonly reason?: string | undefined;
}

/** The stream of one call. Its methods return the commands to send. */
export class TokenStream {
  #flow: "closed" | "open" | "waiting" = "closed";
  #queue: Piece[] = [];
  #queuedBytes = 0;
  #lastId = 0;
  #sentId = 0;
  /** A flush followed everything up to this id. */
  #flushedId = 0;
  /** Sent without a result yet, by id: results come out of order. */
  readonly #inFlight = new Map<number, string>();

  /** Queues text; returns a fault if the queue is full. */
  push(text: string): { commands: Command[]; fault?: string } {
    if (this.#queuedBytes + utf8Bytes(text) > QUEUE_BYTES) {
      return {
        commands: [],
        fault: `Cannot queue tokens: more than ${QUEUE_BYTES} bytes would wait`,
      };
    }
    for (let rest = text; rest !== "";) {
      const tokens = piece(rest);
      this.#enqueue({ id: ++this.#lastId, tokens });
      rest = rest.slice(tokens.length);
    }
    return { commands: this.#drain() };
  }

  /** Speaks what was queued so far. */
  flush(): Command[] {
    this.#enqueue("flush");
    return this.#drain();
  }

  /** Drops the queue here and, with the command, at jambonz. */
  clear(): Command[] {
    this.#forget();
    if (this.#flow === "closed") return [];
    // jambonz has room again, without a stream_resumed.
    this.#flow = "open";
    return [{ type: "command", command: "tts:clear" }];
  }

  /** Handles a result; a fault is for the app. */
  result({ id, status, reason }: TokensResult): { fault?: string } {
    const tokens = this.#inFlight.get(Number(id));
    this.#inFlight.delete(Number(id));
    if (status === "ok" || tokens === undefined) return {};
    if (reason !== undefined && /full/i.test(reason)) {
      this.#putBack({ id: Number(id), tokens });
      this.#flow = "waiting";
      return {};
    }
    return { fault: `Cannot speak tokens ${id}: ${reason ?? "no reason given"}` };
  }

  /** Handles a streaming event; returns what can be sent now. */
  event(type: string): Command[] {
    switch (type) {
      case "stream_open":
      case "stream_resumed":
        this.#flow = "open";
        return this.#drain();
      case "stream_paused":
        this.#flow = "waiting";
        return [];
      case "stream_closed":
        this.#flow = "closed";
        this.#inFlight.clear();
        return [];
      case "user_interruption":
        this.#forget();
        if (this.#flow === "waiting") this.#flow = "open";
        return [];
      default:
        return [];
    }
  }

  #enqueue(piece: Piece): void {
    this.#queue.push(piece);
    if (piece !== "flush") this.#queuedBytes += utf8Bytes(piece.tokens);
  }

  /** Puts refused tokens back in order, before anything queued after them. */
  #putBack(piece: Exclude<Piece, "flush">): void {
    const after = this.#queue.findIndex((other) => other === "flush" || other.id > piece.id);
    this.#queue.splice(after === -1 ? this.#queue.length : after, 0, piece);
    this.#queuedBytes += utf8Bytes(piece.tokens);
  }

  #drain(): Command[] {
    if (this.#flow !== "open") return [];
    const commands: Command[] = [];
    // Tokens refused after their flush need another flush.
    let flushOwed = false;
    const flush = () => {
      commands.push({ type: "command", command: "tts:flush" });
      flushOwed = false;
    };
    for (const piece of this.#queue) {
      if (piece === "flush") {
        flush();
        this.#flushedId = this.#sentId;
        continue;
      }
      if (flushOwed && piece.id > this.#flushedId) flush();
      commands.push({ type: "command", command: "tts:tokens", data: piece });
      this.#inFlight.set(piece.id, piece.tokens);
      this.#sentId = Math.max(this.#sentId, piece.id);
      flushOwed = piece.id <= this.#flushedId;
    }
    if (flushOwed) flush();
    this.#queue = [];
    this.#queuedBytes = 0;
    return commands;
  }

  #forget(): void {
    this.#queue = [];
    this.#queuedBytes = 0;
    this.#inFlight.clear();
  }
}

/** A prefix of a text, cut between characters. */
function piece(text: string): string {
  const cut = text.slice(0, PIECE_CHARACTERS);
  // A high surrogate and the low one behind it are one character.
  return cut.length < text.length && /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
}
