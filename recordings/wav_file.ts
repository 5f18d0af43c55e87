/**
 * The file of one recording: stereo WAV, readable from its first second, complete at its end.
 * @module
 */
import { durationMs } from "../audio/pcm.ts";
import { WAV_HEADER_BYTES, WAV_MAX_DATA_BYTES, wavHeader } from "../audio/wav.ts";

/** Samples a second of each side. */
export const SAMPLE_RATE = 8000;
const CHANNELS = 2;
const FRAME_BYTES = 4;

/** How long a file is. */
export interface FileLength {
  readonly durationMs: number;
  /** The whole file, with its header. */
  readonly bytes: number;
}

/** The length when there is no file. */
export const EMPTY: FileLength = { durationMs: 0, bytes: 0 };

/** The destination of a recording. */
export interface RecordingFile {
  /** The present length. */
  readonly length: FileLength;
  /** Whether the file can grow by this many bytes. */
  hasRoom(bytes: number): boolean;
  /** Adds samples to its end; one write at a time. */
  write(samples: Uint8Array): Promise<void>;
  /** Completes the file on disk, and closes it. */
  complete(): Promise<void>;
}

/** A file on disk. */
export class WavFile implements RecordingFile {
  readonly #file: Deno.FsFile;
  #dataBytes = 0;

  private constructor(file: Deno.FsFile) {
    this.#file = file;
  }

  /** Creates a file; replaces an older one. */
  static async create(path: string): Promise<WavFile> {
    const file = await Deno.open(path, { write: true, create: true, truncate: true });
    try {
      await writeAll(file, wavHeader(SAMPLE_RATE, CHANNELS));
    } catch (error) {
      file.close();
      throw error;
    }
    return new WavFile(file);
  }

  /** Completes a file that was cut off, with the audio that it has. */
  static async repair(path: string): Promise<FileLength> {
    const { size: bytes } = await Deno.stat(path);
    const file = new WavFile(await Deno.open(path, { write: true }));
    file.#dataBytes = Math.max(0, bytes - WAV_HEADER_BYTES);
    await file.complete();
    return file.length;
  }

  get length(): FileLength {
    const bytes = whole(this.#dataBytes);
    return {
      durationMs: Math.round(durationMs(bytes, SAMPLE_RATE, CHANNELS)),
      bytes: bytes + WAV_HEADER_BYTES,
    };
  }

  hasRoom(bytes: number): boolean {
    return this.#dataBytes + bytes <= WAV_MAX_DATA_BYTES;
  }

  async write(samples: Uint8Array): Promise<void> {
    await writeAll(this.#file, samples, (bytes) => this.#dataBytes += bytes);
  }

  async complete(): Promise<void> {
    using file = this.#file;
    const bytes = whole(this.#dataBytes);
    // A full disk may have stored part of a sample.
    if (bytes < this.#dataBytes) await file.truncate(WAV_HEADER_BYTES + bytes);
    await file.seek(0, Deno.SeekMode.Start);
    await writeAll(file, wavHeader(SAMPLE_RATE, CHANNELS, bytes));
    await file.sync();
  }
}

function whole(bytes: number): number {
  return bytes - bytes % FRAME_BYTES;
}

async function writeAll(
  file: Deno.FsFile,
  bytes: Uint8Array,
  wrote: (bytes: number) => void = () => {},
): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const count = await file.write(bytes.subarray(at));
    at += count;
    wrote(count);
  }
}
