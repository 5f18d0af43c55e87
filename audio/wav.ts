/**
 * Reads WAV files as 16-bit samples and writes headers for 16-bit PCM, by "Multimedia Programming
 * Interface and Data Specifications 1.0" and the later WAVE_FORMAT_EXTENSIBLE. Understands the
 * placeholders that streaming programs write for unknown lengths.
 * @module
 */
import { decodeALaw, decodeMuLaw } from "./g711.ts";
import { BYTES_PER_SAMPLE, samplesOf, toSample } from "./pcm.ts";

/** The audio of a file. */
export interface Wav {
  /** Samples per second of each channel. */
  readonly sampleRate: number;
  /** Mono or stereo. */
  readonly channels: 1 | 2;
  /** In stereo left and right alternate, left first. */
  readonly samples: Int16Array;
}

/** The result of reading a file. */
export interface ReadWav extends Wav {
  /** Whether the file is shorter than its header says. */
  readonly truncated: boolean;
}

/** A file cannot be read as WAV; the message says why, and what helps. */
export class WavError extends Error {
  /** `WavError`. */
  override name = "WavError";
}

/** The length of `wavHeader`, in bytes. */
export const WAV_HEADER_BYTES = 44;

const PCM = 1;
const A_LAW = 6;
const MU_LAW = 7;
const EXTENSIBLE = 0xfffe;
const UNKNOWN_SIZE = 0xffffffff;
/** Sizes from here on mean unknown: SoX writes 0x7ffff000, others all ones. */
const STREAMED_SIZE = 0x7ffff000;
/** The most bytes of samples in a file: 18 hours of 8 kHz stereo. */
export const WAV_MAX_DATA_BYTES = STREAMED_SIZE - 1;
const MAX_SAMPLE_RATE = 192_000;
/** The end of every WAVE_FORMAT_EXTENSIBLE subformat that means a plain format number. */
const SUBFORMAT_TAIL = "000000001000800000aa00389b71";

interface Format {
  readonly code: number;
  readonly channels: 1 | 2;
  readonly sampleRate: number;
  readonly bits: number;
}

/**
 * Reads a file: PCM of 8, 16 or 24 bits, µ-law or A-law, mono or stereo; skips other chunks.
 * 16-bit samples are a view of `bytes` when they lie at an even address.
 * @throws {WavError}
 */
export function readWav(bytes: Uint8Array): ReadWav {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  checkRiff(bytes, view);
  let format: Format | undefined;
  for (let at = 12; at + 8 <= bytes.length;) {
    const id = ascii(bytes, at, 4);
    const size = view.getUint32(at + 4, true);
    const start = at + 8;
    if (id === "fmt ") format = readFormat(bytes, view, start, size);
    if (id === "data") {
      if (format === undefined) throw new WavError("The data chunk precedes the fmt chunk");
      return readData(bytes, view, start, size, format);
    }
    at = start + size + size % 2;
  }
  throw new WavError(format === undefined ? "There is no fmt chunk" : "There is no data chunk");
}

/**
 * The header of a file of 16-bit PCM with `dataBytes` of samples. If the number is not known yet,
 * leave it out, and overwrite the header at the end: until then, and after a crash, readers take
 * the samples that they find.
 * @throws {RangeError} for incomplete samples and for more than 2 GiB
 */
export function wavHeader(
  sampleRate: number,
  channels: 1 | 2,
  dataBytes?: number,
): Uint8Array<ArrayBuffer> {
  const frame = channels * BYTES_PER_SAMPLE;
  const limit = WAV_MAX_DATA_BYTES;
  if (dataBytes !== undefined && (dataBytes % frame !== 0 || dataBytes < 0 || dataBytes > limit)) {
    throw new RangeError(
      `Cannot write ${dataBytes} bytes of samples: not whole samples, or too many for a WAV file`,
    );
  }
  const header = new Uint8Array(WAV_HEADER_BYTES);
  const view = new DataView(header.buffer);
  const text = (at: number, id: string) =>
    header.set(Uint8Array.from(id, (letter) => letter.charCodeAt(0)), at);
  text(0, "RIFF");
  view.setUint32(4, dataBytes === undefined ? UNKNOWN_SIZE : dataBytes + 36, true);
  text(8, "WAVEfmt ");
  view.setUint32(16, 16, true);
  view.setUint16(20, PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRate, true);
  view.setUint32(28, sampleRate * frame, true);
  view.setUint16(32, frame, true);
  view.setUint16(34, 16, true);
  text(36, "data");
  view.setUint32(40, dataBytes ?? UNKNOWN_SIZE, true);
  return header;
}

function checkRiff(bytes: Uint8Array, view: DataView): void {
  const id = ascii(bytes, 0, 4);
  if (bytes.length < 12) throw new WavError(`${bytes.length} bytes are too few for a WAV file`);
  if (id === "RIFX" || id === "RF64" || id === "BW64") {
    throw new WavError(
      `${id} files are not supported: convert it with \`sox in.wav -b 16 out.wav\``,
    );
  }
  if (id !== "RIFF") throw new WavError("The file does not start with RIFF");
  const form = ascii(bytes, 8, 4);
  if (form !== "WAVE") {
    throw new WavError(`The RIFF file contains ${JSON.stringify(form)}, not WAVE`);
  }
  if (view.byteLength < 20) throw new WavError("There is no fmt chunk");
}

function readFormat(bytes: Uint8Array, view: DataView, start: number, size: number): Format {
  if (size < 16 || start + size > bytes.length) throw new WavError("The fmt chunk is too short");
  const tag = view.getUint16(start, true);
  const channels = view.getUint16(start + 2, true);
  const sampleRate = view.getUint32(start + 4, true);
  const blockAlign = view.getUint16(start + 12, true);
  const bits = view.getUint16(start + 14, true);
  const code = tag === EXTENSIBLE ? subformat(bytes, view, start, size) : tag;
  const known = code === PCM
    ? bits === 8 || bits === 16 || bits === 24
    : (code === A_LAW || code === MU_LAW) && bits === 8;
  if (!known) {
    throw new WavError(
      `Format ${code} with ${bits} bits is not read (PCM of 8, 16, 24 bits, A-law and µ-law are): ` +
        "convert it with `sox in.wav -e signed -b 16 out.wav`",
    );
  }
  if (channels !== 1 && channels !== 2) {
    throw new WavError(`${channels} channels are not supported`);
  }
  if (sampleRate === 0 || sampleRate > MAX_SAMPLE_RATE) {
    throw new WavError(`${sampleRate} Hz is not a sample rate for audio`);
  }
  if (blockAlign !== channels * bits / 8) {
    throw new WavError(`Blocks of ${blockAlign} bytes do not fit ${channels} times ${bits} bits`);
  }
  return { code, channels, sampleRate, bits };
}

function subformat(bytes: Uint8Array, view: DataView, start: number, size: number): number {
  if (size < 40) throw new WavError("The extensible fmt chunk is too short");
  const tail = bytes.subarray(start + 26, start + 40);
  if (tail.toHex() !== SUBFORMAT_TAIL) throw new WavError("The subformat is not a known one");
  return view.getUint16(start + 24, true);
}

function readData(
  bytes: Uint8Array,
  view: DataView,
  start: number,
  size: number,
  { code, channels, sampleRate, bits }: Format,
): ReadWav {
  const there = bytes.length - start;
  const streamed = size >= STREAMED_SIZE || (size === 0 && !riffIsWhole(view));
  const truncated = !streamed && size > there;
  const frame = channels * bits / 8;
  const length = Math.floor((streamed ? there : Math.min(size, there)) / frame) * frame;
  const data = bytes.subarray(start, start + length);
  return { sampleRate, channels, samples: toSamples(data, code, bits), truncated };
}

/**
 * Whether the length in the RIFF header is that of the file, so that the other lengths are
 * credible.
 */
function riffIsWhole(view: DataView): boolean {
  const size = view.getUint32(4, true) + 8;
  return size === view.byteLength || size + size % 2 === view.byteLength;
}

function toSamples(data: Uint8Array, code: number, bits: number): Int16Array {
  if (code === MU_LAW) return decodeMuLaw(data);
  if (code === A_LAW) return decodeALaw(data);
  if (bits === 16) return samplesOf(data);
  const samples = new Int16Array(data.length * 8 / bits);
  if (bits === 8) {
    for (let i = 0; i < samples.length; i++) samples[i] = (data[i]! - 128) << 8;
    return samples;
  }
  for (let i = 0; i < samples.length; i++) {
    const low = data[3 * i]!;
    const upper = (data[3 * i + 1]! | data[3 * i + 2]! << 8) << 16 >> 16;
    samples[i] = toSample(upper + low / 256);
  }
  return samples;
}

function ascii(bytes: Uint8Array, at: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + length));
}
