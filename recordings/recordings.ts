/**
 * The recordings of calls: which call is being recorded, what its sockets hear and play, and where
 * its file is. Audio comes by the sessions' tap, and never waits.
 * @module
 */
import type { Calls } from "../calls/calls.ts";
import type { CallRecord, NewRecordEvent } from "../calls/call_record.ts";
import type { Observe } from "../session/observe.ts";
import { type EventWriter, Recording } from "./recording.ts";
import { EMPTY, type FileLength, type RecordingFile } from "./wav_file.ts";

/** Where recordings are kept. */
export interface RecordingFolder {
  /** The path of a call's file, whether it is there or not. */
  pathOf(callId: string): string;
  /** Begins a call's file. */
  create(callId: string): Promise<RecordingFile>;
  /** Makes a file whole that was cut off; rejects where there is none. */
  repair(callId: string): Promise<FileLength>;
}

/** What recordings need from the world. */
export interface RecordingsPorts {
  readonly folder: RecordingFolder;
  readonly calls: Pick<Calls, "call" | "follow">;
  /** Writes in a call's record, also when the call is over. */
  readonly events: (call: CallRecord) => EventWriter;
  /** Whether every call is recorded, and not only those for which it is asked. */
  readonly all: boolean;
  readonly nowMs: () => number;
  /** Is told what went wrong. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A recording that is refused; the message says why. */
export class CannotRecord extends Error {
  /** `CannotRecord`. */
  override readonly name = "CannotRecord";
}

/** The audio of a session that is that of a call, until it is disposed of. */
export interface Attached extends Disposable {
  /** A frame that the call's protocol has heard, where the tap does not listen to the peer. */
  hear(pcm: Uint8Array): void;
}

/** Of each call one recording, which begins and ends once. */
export class Recordings {
  readonly #ports: RecordingsPorts;
  /** By their calls, until the record says that they have ended. */
  readonly #running = new Map<string, Recording>();
  /** Whose audio is a call's. */
  readonly #sessionsOf = new Map<string, Set<string>>();
  /** By their sessions: those that take audio. */
  readonly #taps = new Map<string, Recording>();
  /** The sessions whose protocol tells what it hears. */
  readonly #telling = new Set<string>();

  constructor(ports: RecordingsPorts) {
    this.#ports = ports;
  }

  /**
   * The tap: what a peer says goes to the left, what we play to it to the right. It is asked for
   * every frame of every call, and has nothing to do where none is recorded.
   */
  readonly observe: Observe = (session, fact) => {
    if (this.#taps.size === 0) return;
    if (fact.kind === "audio") {
      if (!this.#telling.has(session.id)) this.#taps.get(session.id)?.hear("left", fact.bytes);
    } else if (fact.kind === "play") this.#taps.get(session.id)?.hear("right", fact.bytes);
  };

  /**
   * From now on the audio of a session is that of a call: 8 kHz mono PCM, 16 bits, both ways. The
   * tap hears a frame when it comes. A protocol that learns from a message whose audio it has is
   * behind by then: it tells what it hears instead, so that frames of the same read are not lost.
   */
  attach(sessionId: string, callId: string, hears: "tap" | "protocol" = "tap"): Attached {
    const sessions = this.#sessionsOf.get(callId) ?? new Set();
    this.#sessionsOf.set(callId, sessions.add(sessionId));
    const recording = this.#running.get(callId);
    if (recording?.isOver === false) this.#taps.set(sessionId, recording);
    if (hears === "protocol") this.#telling.add(sessionId);
    return {
      hear: (pcm) => this.#taps.get(sessionId)?.hear("left", pcm),
      [Symbol.dispose]: () => {
        this.#taps.delete(sessionId);
        this.#telling.delete(sessionId);
        sessions.delete(sessionId);
        if (sessions.size === 0) this.#sessionsOf.delete(callId);
      },
    };
  }

  /** A call has been answered: where all are recorded, it is from now on. */
  answered(callId: string): void {
    const { all, calls } = this.#ports;
    const call = calls.call(callId);
    if (!all || call === undefined || call.state === "ended") return;
    if (call.recording === undefined && !this.#running.has(callId)) this.start(callId, "us");
  }

  /**
   * Records a call from now on, to its end at the latest; does nothing while it is being recorded.
   * @param actor who asks for it, as in the record
   * @throws {CannotRecord} when the call is over, or has been recorded before
   */
  start(callId: string, actor: string): void {
    const { folder, calls, events, nowMs } = this.#ports;
    const call = calls.call(callId);
    if (call === undefined || call.state === "ended") {
      throw new CannotRecord(`Cannot record call ${callId}: it is over`);
    }
    const running = this.#running.get(callId);
    if (running?.isOver === false) return;
    if (running !== undefined || call.recording !== undefined) {
      throw new CannotRecord(`Cannot record call ${callId} again: its recording is over`);
    }
    const following = calls.follow(callId, ({ type }) => {
      if (type === "ended") this.stop(callId, "the call ended", "us");
    });
    const recording = new Recording(actor, {
      open: () => folder.create(callId),
      events: events(call),
      nowMs,
      stopped: () => {
        following[Symbol.dispose]();
        for (const session of this.#sessions(callId)) this.#taps.delete(session);
      },
    });
    this.#running.set(callId, recording);
    for (const session of this.#sessions(callId)) this.#taps.set(session, recording);
    this.#followToEnd(callId, recording);
  }

  /**
   * Resolves when the recording of a call has begun and the record says so, or can say nothing for
   * now; with the reason where there is no file.
   */
  async started(callId: string): Promise<string | undefined> {
    return await this.#running.get(callId)?.started;
  }

  /** Ends the recording of a call, if there is one; resolves when its file is whole. */
  async stop(callId: string, why: string, actor: string): Promise<void> {
    const recording = this.#running.get(callId);
    recording?.stop(why, actor);
    await recording?.ended;
  }

  /** Whether a call is being recorded. */
  isRecording(callId: string): boolean {
    return this.#running.get(callId)?.isOver === false;
  }

  /** Ends all recordings; resolves when their files are whole. */
  async stopAll(why: string): Promise<void> {
    await Promise.all([...this.#running.keys()].map((callId) => this.stop(callId, why, "us")));
  }

  /** The path of a call's file, whether it is there or not. */
  pathOf(callId: string): string {
    return this.#ports.folder.pathOf(callId);
  }

  /** Makes the file of a call whole whose recording a killed server has left, and says how it ended. */
  async repair(callId: string): Promise<NewRecordEvent> {
    const { folder, report } = this.#ports;
    let length = EMPTY;
    let reason = "cut off: the server stopped while it was on";
    try {
      length = await folder.repair(callId);
    } catch (error) {
      reason += `, and its file cannot be repaired: ${
        error instanceof Error ? error.message : error
      }`;
      report("recording cannot be repaired", { call: callId, error });
    }
    const { durationMs, bytes } = length;
    return { type: "recording_ended", actor: "us", data: { durationMs, bytes, reason } };
  }

  #sessions(callId: string): Iterable<string> {
    return this.#sessionsOf.get(callId) ?? [];
  }

  async #followToEnd(callId: string, recording: Recording): Promise<void> {
    const { reason, failed, droppedMs } = await recording.ended;
    this.#running.delete(callId);
    if (failed) this.#ports.report("recording failed", { call: callId, reason });
    if (droppedMs > 0) this.#ports.report("recording left audio out", { call: callId, droppedMs });
  }
}
