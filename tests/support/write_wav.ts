/** Whole WAV files for tests. */
import { bytesOf } from "../../audio/pcm.ts";
import { type Wav, WAV_HEADER_BYTES, wavHeader } from "../../audio/wav.ts";

/** A file of 16-bit PCM. */
export function writeWav({ sampleRate, channels, samples }: Wav): Uint8Array<ArrayBuffer> {
  const file = new Uint8Array(WAV_HEADER_BYTES + samples.byteLength);
  file.set(wavHeader(sampleRate, channels, samples.byteLength));
  file.set(bytesOf(samples), WAV_HEADER_BYTES);
  return file;
}
