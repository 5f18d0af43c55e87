/**
 * What an app plays, read as 8 kHz mono PCM.
 * @module
 */
import { isAbsolute } from "node:path";
import { bytesOf } from "../audio/pcm.ts";
import { resample } from "../audio/resample.ts";
import { readWav } from "../audio/wav.ts";
import { type AudioData, type Playable, UnsupportedOnLine } from "../calls/app.ts";

const SAMPLE_RATE = 8000;
const TAKEN = "bytes (Uint8Array), samples (Int16Array), or the path or URL of a WAV file";
/** Names are cut: a data URL contains its whole audio. */
const NAME_CHARACTERS = 200;

/**
 * Checks what an app plays; samples become bytes, in the same memory.
 * @throws {TypeError} for anything that cannot be played
 */
export function playableOf(audio: Playable): string | URL | AudioData {
  if (audio instanceof Int16Array) return bytesOf(audio);
  if (typeof audio === "string" || audio instanceof URL || audio instanceof Uint8Array) {
    return audio;
  }
  throw new TypeError(`Cannot play ${kindOf(audio)}: it takes ${TAKEN}`);
}

/** The name of a file or URL in the record. */
export function audioName(audio: string | URL): string {
  const name = String(audio);
  return name.length > NAME_CHARACTERS ? `${name.slice(0, NAME_CHARACTERS)}…` : name;
}

/** A URL that jambonz can fetch; undefined for audio that we send over the socket. */
export function urlOf(audio: Playable): string | undefined {
  if (typeof audio !== "string" && !(audio instanceof URL)) return undefined;
  const url = String(audio);
  return /^https?:/i.test(url) ? url : undefined;
}

/**
 * The file to play on an inbound line.
 * @throws {UnsupportedOnLine} for any other URL, which such a line cannot play
 */
export function fileOf(audio: string | URL): string | URL {
  if (urlOf(audio) !== undefined || (audio instanceof URL && audio.protocol !== "file:")) {
    throw new UnsupportedOnLine("play URL", "inbound");
  }
  return typeof audio === "string" && audio.startsWith("file:") ? new URL(audio) : audio;
}

/** The audio of bytes, which are a WAV file or PCM. */
export function pcmOfBytes(bytes: AudioData): AudioData {
  return isWav(bytes) ? pcmOf(bytes) : bytes;
}

function isWav(bytes: AudioData): boolean {
  return bytes.length >= 12 && bytes[0] === 0x52 && bytes[1] === 0x49 && bytes[2] === 0x46 &&
    bytes[3] === 0x46 && bytes[8] === 0x57;
}

/**
 * Reads a WAV file.
 * @throws {Error} with the file's name and a hint
 */
export async function readRecording(file: string | URL): Promise<AudioData> {
  let wav: AudioData;
  try {
    wav = await Deno.readFile(file);
  } catch (error) {
    throw cannotRead(file, error);
  }
  return pcmOf(wav);
}

/** The audio of a WAV file as 8 kHz mono PCM. */
function pcmOf(wav: AudioData): AudioData {
  const { sampleRate, channels, samples } = readWav(wav);
  const mono = channels === 1 ? samples : mixed(samples);
  const ours = sampleRate === SAMPLE_RATE ? mono : resample(mono, sampleRate, SAMPLE_RATE);
  // A copy: samples in a file may begin at an odd byte.
  return bytesOf(Int16Array.from(ours));
}

function mixed(stereo: Int16Array): Int16Array {
  const mono = new Int16Array(stereo.length / 2);
  for (let i = 0; i < mono.length; i++) mono[i] = (stereo[2 * i]! + stereo[2 * i + 1]!) >> 1;
  return mono;
}

function kindOf(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value).slice(0, NAME_CHARACTERS);
  return `a value of the class ${value.constructor?.name ?? "Object"}`;
}

function cannotRead(file: string | URL, error: unknown): Error {
  const name = audioName(file);
  const isBeside = typeof file === "string" && !isAbsolute(file) && !file.startsWith("file:");
  const hint = isBeside
    ? "; a path is taken from the working folder: for a file beside the app use " +
      `new URL(${JSON.stringify(name)}, import.meta.url)`
    : "";
  if (error instanceof Deno.errors.NotFound) {
    return new Deno.errors.NotFound(`there is no file ${name}${hint}`);
  }
  if (error instanceof Deno.errors.NotCapable) {
    const why = `the server may not read ${name}: name it in --allow-read${hint}`;
    return new Deno.errors.NotCapable(why);
  }
  const { code = "no path" } = error as { code?: string };
  return new Error(`the server cannot read ${name} (${code})`, { cause: error });
}
