/**
 * The speech services of a simulated account: a voice and a recogniser, or the errors without them.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { CallContext } from "./call_context.ts";
import { textOf } from "./prompts.ts";

/** The speech services in one call. */
export class SpeechServices {
  /** Every text that the voice has begun to speak, in order. */
  readonly spoken: string[] = [];
  readonly #call: CallContext;

  constructor(call: CallContext) {
    this.#call = call;
  }

  /** Begins to speak a say; false when the account has no voice. */
  async speak(say: unknown, { id }: Verb): Promise<boolean> {
    const text = textOf(say);
    if (text === "") return true;
    if (this.#call.lacks.includes("voice")) {
      await this.#sendError("TTS error", "TTS vendor google error: no credentials", "say", id);
      return false;
    }
    this.spoken.push(text);
    return true;
  }

  /** Whether there is a recogniser; without one the application receives only a jambonz:error. */
  async recognises({ verb, id }: Verb): Promise<boolean> {
    if (!this.#call.lacks.includes("recogniser")) return true;
    await this.#sendError("ASR error", "Invalid vendor google, Error: no credentials", verb, id);
    return false;
  }

  #sendError(msg: string, details: string, verb: string, id: unknown): Promise<void> {
    const error = { msg, details, failover: "not available", verb, id };
    return this.#call.connection.notify("jambonz:error", error);
  }
}
