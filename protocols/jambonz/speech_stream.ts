/**
 * TTS streaming on one call: sends the app's text to jambonz, and handles jambonz's events.
 * @module
 */
import type { Command } from "./commands.ts";
import type { Steps } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import { type TokensResult, TokenStream } from "./token_stream.ts";
import { type JambonzNotice, type JambonzPorts, TTS_STREAM } from "./ports.ts";

/** The speech stream of one call on one socket. */
export class SpeechStream {
  readonly #stream = new TokenStream();
  readonly #ports: Pick<JambonzPorts, "fault" | "lineEvent">;
  readonly #outlet: Outlet;

  constructor(ports: Pick<JambonzPorts, "fault" | "lineEvent">, outlet: Outlet) {
    this.#ports = ports;
    this.#outlet = outlet;
  }

  /** Handles the result of a piece of text. */
  result(result: TokensResult): void {
    const { fault } = this.#stream.result(result);
    if (fault !== undefined) this.#ports.fault(fault);
  }

  /** Handles a change of the stream's state. */
  *event(event_type: string): Steps {
    // Recorded, because the next socket of this call needs it.
    if (STREAM_ENDS.includes(event_type)) this.#ports.lineEvent(TTS_STREAM, { event_type });
    yield* this.#sendAll(this.#stream.event(event_type));
  }

  /** The stream was opened on an earlier socket of the call. */
  isOpen(): void {
    this.#stream.event("stream_open");
  }

  /** Accepts text, a flush or a clear from the app. */
  *take(notice: Extract<JambonzNotice, { kind: "tokens" | "flush" | "clear" }>): Steps {
    switch (notice.kind) {
      case "tokens": {
        const { commands, fault } = this.#stream.push(notice.text);
        if (fault !== undefined) this.#ports.fault(fault);
        return yield* this.#sendAll(commands);
      }
      case "flush":
        return yield* this.#sendAll(this.#stream.flush());
      case "clear":
        return yield* this.#sendAll(this.#stream.clear());
    }
  }

  *#sendAll(commands: readonly Command[]): Steps {
    for (const command of commands) yield* this.#outlet.say(command);
  }
}

const STREAM_ENDS: readonly string[] = ["stream_open", "stream_closed"];
