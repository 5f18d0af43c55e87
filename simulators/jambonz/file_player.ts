/**
 * Plays the files of `playAudio` to a caller, one after the other.
 * @module
 */
import type { z } from "zod";
import { samplesOf } from "../../audio/pcm.ts";
import { resample } from "../../audio/resample.ts";
import type { PlayAudio, PlayDone } from "../../protocols/jambonz_audio/messages.ts";
import { readTelephoneWav } from "../audio/audio_source.ts";
import { CHANNEL_RATE, FRAME_SAMPLES } from "./playout.ts";

/** A file to play. */
export type AudioFile = z.infer<typeof PlayAudio>["data"];

/** The report of a played file. */
type PlayDoneData = z.infer<typeof PlayDone>["data"];

/** The default sample rate of raw audio. */
const RAW_RATE = 16_000;

interface Playing {
  readonly id: string | undefined;
  readonly samples: Int16Array;
  played: number;
}

/** The files of one socket. */
export class FilePlayer {
  #queue: Playing[] = [];
  #done: Playing[] = [];

  /**
   * Plays a file after the others, or instead of them.
   * @throws {WavError} for an unreadable file
   */
  play(file: AudioFile): void {
    const bytes = Uint8Array.fromBase64(file.audioContent);
    const samples = file.audioContentType === "wav"
      ? readTelephoneWav(bytes)
      : resample(samplesOf(bytes), file.sampleRate ?? RAW_RATE, CHANNEL_RATE);
    if (file.queuePlay !== true) {
      this.kill();
      this.#queue = [];
    }
    this.#queue.push({ id: file.id, samples, played: 0 });
  }

  /** Ends the current file. */
  kill(): void {
    const playing = this.#queue.shift();
    if (playing !== undefined) this.#done.push(playing);
  }

  /** The next 20 ms; undefined without a file. */
  tick(): Int16Array<ArrayBuffer> | undefined {
    const [playing] = this.#queue;
    if (playing === undefined) return undefined;
    const frame = new Int16Array(FRAME_SAMPLES);
    frame.set(playing.samples.subarray(playing.played, playing.played + FRAME_SAMPLES));
    playing.played = Math.min(playing.samples.length, playing.played + FRAME_SAMPLES);
    if (playing.played === playing.samples.length) this.kill();
    return frame;
  }

  /** The files that have ended since the last call. */
  takeDone(): readonly PlayDoneData[] {
    const done = this.#done.map(({ id, played }) => ({
      id,
      playbackMilliseconds: String(played * 1000 / CHANNEL_RATE),
      playbackLastOffsetPos: String(played),
    }));
    this.#done = [];
    return done;
  }
}
