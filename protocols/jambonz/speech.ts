/**
 * What is spoken as it is written: an application's text on its way to jambonz, and what jambonz
 * says of it.
 * @module
 */
import type { Command } from "./commands.ts";
import type { Steps } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import { type TokensResult, TokenStream } from "./tts.ts";
import { type JambonzNotice, type JambonzPorts, TTS_STREAM } from "./ports.ts";

/** The speech stream of one call on one socket. */
export class Speech {
  readonly #stream = new TokenStream();
  readonly #ports: Pick<JambonzPorts, "fault" | "lineEvent">;
  readonly #outlet: Outlet;

  constructor(ports: Pick<JambonzPorts, "fault" | "lineEvent">, outlet: Outlet) {
    this.#ports = ports;
    this.#outlet = outlet;
  }

  /** jambonz tells what has become of tokens. */
  result(result: TokensResult): void {
    const { fault } = this.#stream.result(result);
    if (fault !== undefined) this.#ports.fault(fault);
  }

  /** jambonz tells how the stream stands. */
  *event(event_type: string): Steps {
    // In the record, since a new socket of this call has to know it.
    if (STREAM_ENDS.includes(event_type)) this.#ports.lineEvent(TTS_STREAM, { event_type });
    yield* this.#sendAll(this.#stream.event(event_type));
  }

  /** The stream was opened on an earlier socket of the call. */
  isOpen(): void {
    this.#stream.event("stream_open");
  }

  /** The application speaks, or changes its mind. */
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
