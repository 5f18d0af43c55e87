/**
 * One recording: accepts audio without waiting, and writes it to the disk asynchronously.
 * @module
 */
import { bytesOf } from "../audio/pcm.ts";
import { type Side, StereoTrack } from "../audio/stereo_track.ts";
import type { CallRecord, NewRecordEvent } from "../calls/call_record.ts";
import { EMPTY, type FileLength, type RecordingFile, SAMPLE_RATE } from "./wav_file.ts";

/** One second goes to the disk at a time. */
const BLOCK_FRAMES = SAMPLE_RATE;
const BLOCK_BYTES = 4 * BLOCK_FRAMES;
/** Ten seconds of both sides may be queued for the disk. */
const WAITING_BYTES = 10 * BLOCK_BYTES;

/** Writes to the call's record, also after the call. */
export interface EventWriter {
  write(make: (call: CallRecord) => NewRecordEvent): void;
  /** Resolves when all writes are on disk, or the disk accepts none for now. */
  readonly persistedOrStuck: Promise<void>;
}

/** Dependencies of a recording. */
export interface RecordingPorts {
  readonly open: () => Promise<RecordingFile>;
  readonly events: EventWriter;
  readonly nowMs: () => number;
  /** Called once, when the recording accepts no more audio. */
  readonly stopped: () => void;
}

/** The outcome of a recording. */
export interface RecordingEnd extends FileLength {
  readonly reason: string;
  /** Whether a fault ended it. */
  readonly failed: boolean;
  /** Audio left out because it ran too far ahead of real time. */
  readonly droppedMs: number;
}

/** One recording, from the first sample to the whole file. */
export class Recording {
  /**
   * Resolves when the file is open and the record has its start, or cannot be written for now; with the
   * reason if there is no file.
   */
  readonly started: Promise<string | undefined>;
  /** Resolves when the file is complete and the record has its end, or cannot be written for now. */
  readonly ended: Promise<RecordingEnd>;
  readonly #ports: RecordingPorts;
  readonly #track: StereoTrack;
  #stop: { readonly why: string; readonly actor: string } | undefined;
  #fault: string | undefined;
  #wake = () => {};

  /** `actor` requested it. Audio is accepted at once, while the file is being opened. */
  constructor(actor: string, ports: RecordingPorts) {
    this.#ports = ports;
    this.#track = new StereoTrack(ports.nowMs());
    const file = ports.open();
    this.started = file.then(() => this.#begin(actor), (error) => this.#failed("make", error));
    this.ended = file.then((file) => this.#write(file), () => EMPTY)
      .then((length) => this.#end(length));
  }

  /** Whether it accepts no more audio. */
  get isOver(): boolean {
    return this.#stop !== undefined;
  }

  /** Accepts audio of one side; copies it. */
  hear(side: Side, pcm: Uint8Array): void {
    if (this.isOver) return;
    this.#track.give(side, pcm, this.#ports.nowMs());
    if (this.#track.waitingBytes > WAITING_BYTES) {
      this.#fail("The disk is too slow: more than 10 s of audio are queued");
    } else if (this.#track.frames >= BLOCK_FRAMES) this.#wake();
  }

  /** Accepts no more audio; queued audio is still written. */
  stop(why: string, actor: string): void {
    if (this.isOver) return;
    this.#stop = { why, actor };
    this.#track.end();
    this.#ports.stopped();
    this.#wake();
  }

  #fail(fault: string): string {
    this.#fault ??= fault;
    this.stop(fault, "us");
    return fault;
  }

  #failed(what: string, error: unknown): string {
    return this.#fail(`Cannot ${what} the file: ${error instanceof Error ? error.message : error}`);
  }

  async #begin(actor: string): Promise<undefined> {
    const { events } = this.#ports;
    events.write(() => ({ type: "recording_started", actor, data: {} }));
    await events.persistedOrStuck;
  }

  async #write(file: RecordingFile): Promise<FileLength> {
    try {
      await this.#writeBlocks(file);
    } catch (error) {
      this.#failed("write", error);
    }
    try {
      await file.complete();
    } catch (error) {
      this.#failed("complete", error);
    }
    return file.length;
  }

  async #writeBlocks(file: RecordingFile): Promise<void> {
    const track = this.#track;
    while (!this.isOver || track.frames > 0) {
      if (!this.isOver && track.frames < BLOCK_FRAMES) await this.#woken();
      else if (file.hasRoom(BLOCK_BYTES)) await file.write(bytesOf(track.take(BLOCK_FRAMES)));
      else return this.stop("The file is as long as a WAV file can be", "us");
    }
  }

  #woken(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#wake = resolve;
    return promise;
  }

  async #end(length: FileLength): Promise<RecordingEnd> {
    const { events } = this.#ports;
    const { why, actor } = this.#stop!;
    const reason = this.#fault ?? why;
    const { durationMs, bytes } = length;
    events.write(() => ({
      type: "recording_ended",
      actor: this.#fault === undefined ? actor : "us",
      data: { durationMs, bytes, reason },
    }));
    await events.persistedOrStuck;
    const { droppedMs } = this.#track;
    return { ...length, reason, failed: this.#fault !== undefined, droppedMs };
  }
}
