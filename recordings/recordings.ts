/**
 * The recordings of calls: starts and stops them, and feeds them audio from the sessions' tap, which
 * never waits.
 * @module
 */
import type { Calls } from "../calls/calls.ts";
import type { CallRecord, NewRecordEvent } from "../calls/call_record.ts";
import type { Observe } from "../session/observe.ts";
import { type EventWriter, Recording } from "./recording.ts";
import { EMPTY, type FileLength, type RecordingFile } from "./wav_file.ts";

/** Where recordings are stored. */
export interface RecordingFolder {
  /** The path of a call's file, which may not exist. */
  pathOf(callId: string): string;
  /** Creates a call's file. */
  create(callId: string): Promise<RecordingFile>;
  /** Completes a file that was cut off; rejects when there is none. */
  repair(callId: string): Promise<FileLength>;
}

/** Dependencies of recordings. */
export interface RecordingsPorts {
  readonly folder: RecordingFolder;
  readonly calls: Pick<Calls, "call" | "follow">;
  /** Writes to a call's record, also after the call. */
  readonly events: (call: CallRecord) => EventWriter;
  /** Whether to record every call, not only on request. */
  readonly all: boolean;
  readonly nowMs: () => number;
  /** Logs faults. */
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
}

/** A recording that is refused; the message says why. */
export class CannotRecord extends Error {
  override readonly name = "CannotRecord";
}

/** Links a session's audio to a call until it is disposed. */
export interface Attached extends Disposable {
  /** Receives a frame from the protocol, for sessions attached with `protocol`. */
  hear(pcm: Uint8Array): void;
}

/** At most one recording of each call. */
export class Recordings {
  readonly #ports: RecordingsPorts;
  /** By call id, until the record has their end. */
  readonly #running = new Map<string, Recording>();
  /** The sessions that carry each call's audio. */
  readonly #sessionsOf = new Map<string, Set<string>>();
  /** The active recordings, by session id. */
  readonly #taps = new Map<string, Recording>();
  /** The sessions whose protocol passes on its audio. */
  readonly #telling = new Set<string>();

  constructor(ports: RecordingsPorts) {
    this.#ports = ports;
  }

  /**
   * The tap: the peer's audio goes to the left, ours to the right. It is called for every frame of
   * every call, so it returns at once when nothing is recorded.
   */
  readonly observe: Observe = (session, fact) => {
    if (this.#taps.size === 0) return;
    if (fact.kind === "audio") {
      if (!this.#telling.has(session.id)) this.#taps.get(session.id)?.hear("left", fact.bytes);
    } else if (fact.kind === "play") this.#taps.get(session.id)?.hear("right", fact.bytes);
  };

  /**
   * Links a session's audio to a call: 8 kHz mono PCM, 16 bits, both ways. The tap hears a frame when
   * it arrives. A protocol that learns the call from a message is late by then: it passes on its
   * audio instead, so that frames of the same read are not lost.
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

  /** The call was answered: starts recording it if all calls are recorded. */
  answered(callId: string): void {
    const { all, calls } = this.#ports;
    const call = calls.call(callId);
    if (!all || call === undefined || call.state === "ended") return;
    if (call.recording === undefined && !this.#running.has(callId)) this.start(callId, "us");
  }

  /**
   * Starts to record a call, until its end at the latest; does nothing while it is being recorded.
   * @param actor who requested it, for the record
   * @throws {CannotRecord} when the call is over, or was recorded before
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
   * Resolves when the recording of a call has started and the record has its start, or cannot be written
   * for now; with the reason if there is no file.
   */
  async started(callId: string): Promise<string | undefined> {
    return await this.#running.get(callId)?.started;
  }

  /** Ends the recording of a call, if there is one; resolves when its file is complete. */
  async stop(callId: string, why: string, actor: string): Promise<void> {
    const recording = this.#running.get(callId);
    recording?.stop(why, actor);
    await recording?.ended;
  }

  /** Whether a call is being recorded. */
  isRecording(callId: string): boolean {
    return this.#running.get(callId)?.isOver === false;
  }

  /** Ends all recordings; resolves when their files are complete. */
  async stopAll(why: string): Promise<void> {
    await Promise.all([...this.#running.keys()].map((callId) => this.stop(callId, why, "us")));
  }

  /** The path of a call's file, which may not exist. */
  pathOf(callId: string): string {
    return this.#ports.folder.pathOf(callId);
  }

  /** Completes the file that a killed server left, and returns the event that ends the recording. */
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
