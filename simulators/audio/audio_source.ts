/**
 * The voices of simulated callers: signed 16-bit PCM, 8 kHz, mono. Silence follows the end of a
 * source, since a telephone line always carries audio.
 * @module
 */
import { bytesOf, toSample } from "../../audio/pcm.ts";
import { resample } from "../../audio/resample.ts";
import { readWav } from "../../audio/wav.ts";

const SAMPLE_RATE = 8000;
const AMPLITUDE = 6000;
/** The buffer of a pipe; the oldest audio beyond it is dropped, so that live audio stays live. */
const PIPE_BYTES = 16_000;

/** A voice: returns exactly as many bytes as asked for. */
export interface AudioSource {
  read(bytes: number): Uint8Array<ArrayBuffer>;
}

/** Silence. */
export function silence(): AudioSource {
  return { read: (bytes) => new Uint8Array(bytes) };
}

/** A sine of this frequency. */
export function tone(hz: number): AudioSource {
  let at = 0;
  return {
    read(bytes) {
      const samples = new Int16Array(bytes / 2);
      for (let i = 0; i < samples.length; i++) {
        samples[i] = toSample(AMPLITUDE * Math.sin(2 * Math.PI * hz * at++ / SAMPLE_RATE));
      }
      return bytesOf(samples);
    },
  };
}

/**
 * A WAV file of any sample rate, mono or the left channel, played once.
 * @throws {WavError} for an unreadable file
 */
export function wavFile(file: Uint8Array): AudioSource {
  const pcm = bytesOf(Int16Array.from(readTelephoneWav(file)));
  let at = 0;
  return {
    read(bytes) {
      const piece = new Uint8Array(bytes);
      piece.set(pcm.subarray(at, at + bytes));
      at += bytes;
      return piece;
    },
  };
}

/** A voice after this many seconds of silence. */
export function afterSilence(seconds: number, voice: AudioSource): AudioSource {
  let silentBytes = 2 * Math.round(seconds * SAMPLE_RATE);
  return {
    read(bytes) {
      const piece = new Uint8Array(bytes);
      const silent = Math.min(silentBytes, bytes);
      silentBytes -= silent;
      if (silent < bytes) piece.set(voice.read(bytes - silent), silent);
      return piece;
    },
  };
}

/**
 * The samples of a WAV file, mono or the left channel, at 8 kHz.
 * @throws {WavError} for an unreadable file
 */
export function readTelephoneWav(file: Uint8Array): Int16Array {
  const { samples, channels, sampleRate } = readWav(file);
  const mono = channels === 1 ? samples : samples.filter((_, index) => index % 2 === 0);
  return resample(mono, sampleRate, SAMPLE_RATE);
}

/** Raw PCM from a pipe, such as standard input from a recording program. */
export function pipe(stream: ReadableStream<Uint8Array>): AudioSource {
  let waiting = new Uint8Array(0);
  (async () => {
    for await (const piece of stream) {
      const joined = new Uint8Array(waiting.length + piece.length);
      joined.set(waiting);
      joined.set(piece, waiting.length);
      // Drops an even number of bytes, so that samples stay whole.
      waiting = joined.subarray(Math.max(0, joined.length - PIPE_BYTES) & ~1);
    }
  })().catch(() => {
    // The recording program has ended: silence follows.
  });
  return {
    read(bytes) {
      const piece = new Uint8Array(bytes);
      const ready = Math.min(bytes, waiting.length & ~1);
      piece.set(waiting.subarray(0, ready));
      waiting = waiting.subarray(ready);
      return piece;
    },
  };
}
