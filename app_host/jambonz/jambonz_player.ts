/**
 * What an app plays on a jambonz call: jambonz fetches URLs, all else goes over the audio socket.
 * @module
 */
import type { AudioData, PlayEnd } from "../../calls/app.ts";
import type { Verb } from "../../protocols/jambonz/commands.ts";
import type { FarPlayout } from "./far_playout.ts";
import { type JambonzAudioListener, JambonzCallAudio } from "./jambonz_call_audio.ts";

/** What the player needs from its call. */
export interface JambonzPlayerPorts extends JambonzAudioListener {
  /** Distinguishes this run of the app from those before a restart; empty for the first. */
  readonly run: string;
  /** Sends a verb to jambonz. */
  emit(verb: Verb): void;
  /** Whether this is the frame that the app has just heard: its echo may pass the queue by. */
  takeEcho(audio: AudioData | string | URL): boolean;
}

interface UrlPlay {
  readonly name: string;
  readonly resolve: (end: PlayEnd) => void;
}

/** The audio of one call, over all its sockets, and the URLs of one run of its app. */
export class JambonzPlayer {
  readonly #ports: JambonzPlayerPorts;
  readonly #stopping: AbortSignal;
  #audio: JambonzCallAudio | undefined;
  /** By their hooks. */
  readonly #urls = new Map<string, UrlPlay>();
  #count = 0;

  /** The audio ends with the call, or when `stopping` is aborted. */
  constructor(ports: JambonzPlayerPorts, stopping: AbortSignal) {
    this.#ports = ports;
    this.#stopping = stopping;
  }

  /** What the caller says, and what we play ourselves. Most calls have no socket for it. */
  get audio(): JambonzCallAudio {
    return this.#audio ??= new JambonzCallAudio(this.#ports, this.#stopping);
  }

  /** What we play ourselves; undefined where the call has never needed a socket. */
  get playback(): FarPlayout | undefined {
    return this.#audio?.playback;
  }

  /** Plays over the socket after queued audio; undefined when there is none and none will come. */
  play(audio: AudioData | string | URL, name: string | undefined): Promise<PlayEnd> | undefined {
    const isEcho = name === undefined && this.audio.playback.isSilent &&
      this.#ports.takeEcho(audio);
    return isEcho ? this.audio.passBack(audio as AudioData) : this.audio.play(audio, name);
  }

  /** Lets jambonz play a URL after the running verbs. */
  playUrl(url: string, name: string): Promise<PlayEnd> {
    // jambonz sends no hook for a URL that it cannot fetch, but a status when the verb ends.
    if (this.#count === 0) this.#ports.emit({ verb: "config", notifyEvents: true });
    const actionHook = `/app/played/${++this.#count}${this.#ports.run}`;
    const { promise, resolve } = Promise.withResolvers<PlayEnd>();
    this.#urls.set(actionHook, { name, resolve });
    this.#ports.emit({ verb: "play", id: actionHook, url, actionHook });
    return promise;
  }

  /** Handles a hook; true when it belongs to a URL. */
  hear(hook: string, reason: unknown): boolean {
    return this.#settle(hook, reason === "playFailed" ? "failed" : "heard");
  }

  /** jambonz has finished the verb with this id. Its hook would have come before. */
  finished(id: string): void {
    this.#settle(id, "failed");
  }

  /** Drops unheard audio; URLs go on. */
  clear(): void {
    this.#audio?.clear();
  }

  /** No URL will be heard any more. */
  dropUrls(): void {
    for (const { resolve } of this.#urls.values()) resolve("dropped");
    this.#urls.clear();
  }

  /** Closes the socket: the call needs no more audio. */
  end(): void {
    this.#audio?.end();
  }

  #settle(hook: string, end: PlayEnd): boolean {
    const play = this.#urls.get(hook);
    if (play === undefined) return false;
    this.#urls.delete(hook);
    play.resolve(end);
    if (end === "heard") this.#ports.played(play.name);
    return true;
  }
}
