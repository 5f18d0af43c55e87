/**
 * The folder of recordings: one file for each call, named after its id.
 * @module
 */
import type { RecordingFolder } from "./recordings.ts";
import { type FileLength, WavFile } from "./wav_file.ts";

/** A folder on disk, created when it is first needed. */
export class WavFolder implements RecordingFolder {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** Why this process may not write there; undefined when it may. */
  get refusal(): string | undefined {
    const path = this.#path;
    const may = (["read", "write"] as const).every((name) =>
      Deno.permissions.querySync({ name, path }).state === "granted"
    );
    if (may) return undefined;
    return `this process may not write in ${path}: name it in --allow-read and --allow-write`;
  }

  pathOf(callId: string): string {
    return `${this.#path}/${callId}.wav`;
  }

  async create(callId: string): Promise<WavFile> {
    await Deno.mkdir(this.#path, { recursive: true });
    return await WavFile.create(this.pathOf(callId));
  }

  repair(callId: string): Promise<FileLength> {
    return WavFile.repair(this.pathOf(callId));
  }
}
