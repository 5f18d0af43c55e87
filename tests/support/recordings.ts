/**
 * Recordings of calls with a clock, a disk and a record that the test controls.
 * @module
 */
import { bytesOf } from "../../audio/pcm.ts";
import { CallWriter } from "../../calls/writer.ts";
import type { RecordEvent } from "../../calls/call_record.ts";
import { type RecordingFolder, Recordings } from "../../recordings/recordings.ts";
import type { FileLength, RecordingFile } from "../../recordings/wav_file.ts";
import { Arrivals, within } from "./arrivals.ts";
import { SEED, testCalls } from "./calls.ts";

/** A file in memory; its disk can be slow, full or gone. */
export class FakeFile implements RecordingFile {
  readonly blocks: Arrivals<Uint8Array> = new Arrivals();
  completed = false;
  /** Whether the file is full. */
  full = false;
  #failing: Error | undefined;
  #gate: PromiseWithResolvers<void> | undefined;

  get length(): FileLength {
    const bytes = this.blocks.all.reduce((sum, { length }) => sum + length, 0);
    return { durationMs: bytes / 32, bytes: bytes + 44 };
  }

  /** The length of each written block, in milliseconds. */
  get blocksMs(): number[] {
    return this.blocks.all.map(({ length }) => length / 32);
  }

  hasRoom(): boolean {
    return !this.full;
  }

  async write(samples: Uint8Array): Promise<void> {
    await this.#disk();
    this.blocks.push(samples);
  }

  async complete(): Promise<void> {
    await this.#disk();
    this.completed = true;
  }

  /** Holds every operation until `release`. */
  hold(): void {
    this.#gate ??= Promise.withResolvers();
  }

  release(): void {
    this.#gate?.resolve();
    this.#gate = undefined;
  }

  /** Fails every operation from now on. */
  fail(error: Error | undefined): void {
    this.#failing = error;
  }

  async #disk(): Promise<void> {
    await this.#gate?.promise;
    if (this.#failing !== undefined) throw this.#failing;
  }
}

/** A folder with such files. */
export function folderOf(create: () => FakeFile | Promise<FakeFile>): RecordingFolder {
  return {
    pathOf: (callId) => callId,
    create: async () => await create(),
    repair: () => Promise.reject(new Error("nothing to repair")),
  };
}

/** The set-up of a test. */
export interface Recorder {
  readonly recordings: Recordings;
  readonly callId: string;
  readonly calls: ReturnType<typeof testCalls>["calls"];
  readonly store: ReturnType<typeof testCalls>["store"];
  readonly clock: { nowMs: number };
  /** The reports with their fields. */
  readonly reports: Arrivals<[message: string, fields: Readonly<Record<string, unknown>>]>;
  /** The audio of session `id`. */
  hear(id: string, kind: "audio" | "play", bytes: Uint8Array<ArrayBuffer>): void;
  /** The event of the recording's end, when it is in the record. */
  ended(): Promise<RecordEvent>;
  /** The record's events of the recording. */
  events(): Promise<RecordEvent[]>;
}

/** Recordings with one call in progress. */
export async function aRecorder(
  folder: RecordingFolder,
  { all = false } = {},
): Promise<Recorder> {
  const { calls, store, failures } = testCalls();
  const clock = { nowMs: 5000 };
  const reports: Recorder["reports"] = new Arrivals();
  const never = new AbortController().signal;
  const recordings = new Recordings({
    folder,
    calls,
    events(call) {
      const writer = new CallWriter(calls, (error) => failures.push(error), never);
      writer.resume(call);
      return writer;
    },
    all,
    nowMs: () => clock.nowMs,
    report: (...report) => void reports.push(report),
  });
  const { id: callId } = await calls.begin(SEED);
  const { promise: ended, resolve } = Promise.withResolvers<RecordEvent>();
  calls.follow(callId, (event) => event.type === "recording_ended" && resolve(event));
  return {
    recordings,
    callId,
    calls,
    store,
    clock,
    reports,
    hear: (id, kind, bytes) => recordings.observe({ id, door: "test" }, { kind, bytes }),
    ended: () => within(ended, () => "the recording goes on"),
    async events() {
      await calls.settled();
      const events = await store.events(callId, 0);
      return events.filter(({ type }) => type.startsWith("recording_"));
    },
  };
}

/** This many milliseconds of samples with this value. */
export function pcm(value: number, ms = 20): Uint8Array<ArrayBuffer> {
  return bytesOf(new Int16Array(ms * 8).fill(value));
}
