/**
 * A folder for the recordings of one test, and their contents.
 * @module
 */
import { bytesOf } from "../../audio/pcm.ts";
import { readWav } from "../../audio/wav.ts";
import { found } from "./arrivals.ts";

/** The two sides of a recording. */
export interface Sides {
  readonly left: readonly number[];
  readonly right: readonly number[];
}

/** A folder that is removed after the test. */
export class RecordingsFolder implements Disposable {
  readonly path: string = Deno.makeTempDirSync({ prefix: "tipring-recordings-" });

  /** As a setting. */
  get settings(): { readonly RECORDINGS: string } {
    return { RECORDINGS: this.path };
  }

  /** The file of a call. */
  file(callId: unknown): string {
    return `${this.path}/${callId}.wav`;
  }

  /** Waits until a call's file has this much audio of both sides. */
  async holds(callId: unknown, ms: number): Promise<void> {
    const bytes = 44 + 32 * ms;
    let size: number | undefined;
    const look = async () => {
      size = await sizeOf(this.file(callId));
      return size !== undefined && size >= bytes ? size : undefined;
    };
    await found(look, () => `${size} of ${bytes} bytes are in ${this.file(callId)}`);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

async function sizeOf(path: string): Promise<number | undefined> {
  try {
    return (await Deno.stat(path)).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** The audio of each side without silence: its timing depends on the machine. */
export function said(wav: Uint8Array): Sides {
  const { samples } = readWav(wav);
  const side = (offset: 0 | 1) =>
    [...samples].filter((sample, i) => i % 2 === offset && sample !== 0);
  return { left: side(0), right: side(1) };
}

/** Samples that all differ, without silence. */
export function voice(ms: number, first = 1): Int16Array<ArrayBuffer> {
  return Int16Array.from({ length: ms * 8 }, (_, i) => first + i);
}

/** As frames of 20 ms. */
export function frames(samples: Int16Array<ArrayBuffer>): Uint8Array<ArrayBuffer>[] {
  const bytes = bytesOf(samples);
  return Array.from(
    { length: Math.ceil(bytes.length / 320) },
    (_, i) => bytes.slice(320 * i, 320 * (i + 1)),
  );
}
