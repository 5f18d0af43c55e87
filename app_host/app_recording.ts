/**
 * The recording of a call as its app asks for it.
 * @module
 */
import { CannotRecord, type Recordings } from "../recordings/recordings.ts";

/** Starts and stops it. A recording that others ended is no fault of the app. */
export class AppRecording {
  readonly #recordings: Recordings;
  readonly #callId: string;
  readonly #actor: string;
  #isStopped = false;

  /** `actor` is who starts and stops it, in the record. */
  constructor(recordings: Recordings, callId: string, actor: string) {
    this.#recordings = recordings;
    this.#callId = callId;
    this.#actor = actor;
  }

  /**
   * Starts it; returns why it cannot go on where it was ended by a full disk, a restart or another client.
   * @throws {CannotRecord} after the app itself has stopped it
   */
  start(): string | undefined {
    try {
      this.#recordings.start(this.#callId, this.#actor);
    } catch (error) {
      // That must not end the call.
      if (!(error instanceof CannotRecord) || this.#isStopped) throw error;
      return error.message;
    }
  }

  /** Stops it; resolves when the file is complete. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#recordings.stop(this.#callId, "the app stopped it", this.#actor);
  }
}
