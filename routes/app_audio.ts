/**
 * What an app gives to be played, as 8 kHz mono PCM.
 * @module
 */
import { bytesOf } from "../audio/pcm.ts";
import { resample } from "../audio/resample.ts";
import { readWav } from "../audio/wav.ts";
import { type AudioData, UnsupportedOnLine } from "../calls/app.ts";

const SAMPLE_RATE = 8000;

/** Where audio is kept: a file; anything else an inbound line cannot play. */
export function fileOf(audio: string | URL): string | URL {
  if (typeof audio === "string" && /^https?:/i.test(audio)) {
    throw new UnsupportedOnLine("play URL", "inbound");
  }
  if (audio instanceof URL && audio.protocol !== "file:") {
    throw new UnsupportedOnLine("play URL", "inbound");
  }
  return typeof audio === "string" && audio.startsWith("file:") ? new URL(audio) : audio;
}

/** Whether these bytes are a WAV file, and no PCM. */
export function isWav(bytes: AudioData): boolean {
  return bytes.length >= 12 && bytes[0] === 0x52 && bytes[1] === 0x49 && bytes[2] === 0x46 &&
    bytes[3] === 0x46 && bytes[8] === 0x57;
}

/** Reads a WAV file; throws where there is none. */
export async function readRecording(file: string | URL): Promise<AudioData> {
  return pcmOf(await Deno.readFile(file));
}

/** The audio of a WAV file: at our rate, and both channels as one. */
export function pcmOf(wav: AudioData): AudioData {
  const { sampleRate, channels, samples } = readWav(wav);
  const mono = channels === 1 ? samples : mixed(samples);
  const ours = sampleRate === SAMPLE_RATE ? mono : resample(mono, sampleRate, SAMPLE_RATE);
  // A view of an odd part of the file is copied: what is played is always of our own memory.
  return bytesOf(Int16Array.from(ours));
}

function mixed(stereo: Int16Array): Int16Array {
  const mono = new Int16Array(stereo.length / 2);
  for (let i = 0; i < mono.length; i++) mono[i] = (stereo[2 * i]! + stereo[2 * i + 1]!) >> 1;
  return mono;
}
