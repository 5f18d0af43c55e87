/** WAV files of other programs, our own, and invalid ones. */
import {
  assertAlmostEquals,
  assertEquals,
  assertIsError,
  assertLess,
  assertLessOrEqual,
  assertStrictEquals,
  assertThrows,
} from "@std/assert";
import { encodeMuLaw } from "../support/g711_encoder.ts";
import { bytesOf, level } from "../../audio/pcm.ts";
import { readWav, WAV_HEADER_BYTES, WavError, wavHeader } from "../../audio/wav.ts";
import { writeWav } from "../support/write_wav.ts";
import { random, sine } from "../data/audio/signals.ts";

const TONE = sine(440, 400, 8000, 10 ** (-6 / 20));

Deno.test("wav reads every format that SoX writes", async () => {
  const reference = readWav(await golden("s16.wav")).samples;
  assertAlmostEquals(level(reference), level(TONE), 0.1);
  const worst = {
    "streamed.wav": 0,
    "s24_extensible.wav": 0,
    "u8.wav": 128,
    "mu_law.wav": 512,
    "a_law.wav": 512,
  };
  for (const [name, error] of Object.entries(worst)) {
    const { sampleRate, channels, samples, truncated } = readWav(await golden(name));
    assertEquals([sampleRate, channels, truncated], [8000, 1, false], name);
    assertEquals(samples.length, 400, name);
    const errors = samples.map((sample, i) => Math.abs(sample - reference[i]!));
    assertLessOrEqual(Math.max(...errors), error, name);
  }
});

Deno.test("wav rounds 24 bits to the nearest 16-bit value", () => {
  const data = Uint8Array.from([0x7f, 0x34, 0x12, 0x80, 0x34, 0x12, 0xff, 0xff, 0x7f, 0, 0, 0x80]);
  const file = riff(format(1, 1, 24), chunk("data", data));
  assertEquals([...readWav(file).samples], [0x1234, 0x1235, 32767, -32768]);
});

Deno.test("wav reads interleaved stereo", async () => {
  const reference = readWav(await golden("s16.wav")).samples;
  const { channels, samples } = readWav(await golden("stereo.wav"));
  assertEquals(channels, 2);
  assertEquals(samples.filter((_, i) => i % 2 === 0), reference);
  assertEquals(
    samples.filter((_, i) => i % 2 === 1),
    reference.map((sample) => Math.round(sample / 2)),
  );
});

Deno.test("wav does not copy 16-bit samples at an even address", () => {
  const file = writeWav({ sampleRate: 8000, channels: 1, samples: TONE });
  assertStrictEquals(readWav(file).samples.buffer, file.buffer);
  const odd = new Uint8Array(file.length + 1);
  odd.set(file, 1);
  assertEquals(readWav(odd.subarray(1)).samples, TONE);
});

Deno.test("wav round-trips what it wrote, in mono and stereo", () => {
  for (const channels of [1, 2] as const) {
    const wav = { sampleRate: 24_000, channels, samples: TONE };
    assertEquals(readWav(writeWav(wav)), { ...wav, truncated: false });
  }
});

Deno.test("wav skips other chunks, and their padding", () => {
  const file = riff(
    chunk("JUNK", new Uint8Array(27)),
    format(1, 1, 16),
    chunk("LIST", Uint8Array.of(1)),
    chunk("data", bytesOf(TONE)),
    chunk("id3 ", new Uint8Array(5)),
  );
  assertEquals(readWav(file).samples, TONE);
});

Deno.test("wav reads µ-law with an odd number of bytes and a longer fmt chunk", () => {
  const codes = encodeMuLaw(TONE.subarray(0, 399));
  const fmt = new Uint8Array([...format(7, 1, 8).slice(8), 0, 0]);
  const file = riff(chunk("fmt ", fmt), chunk("fact", new Uint8Array(4)), chunk("data", codes));
  const { samples, truncated } = readWav(file);
  assertEquals([samples.length, truncated], [399, false]);
});

Deno.test("wav reads to the end of the file when the length is unknown", () => {
  for (const size of [0xffffffff, 0, 0x7ffff000]) {
    const file = writeWav({ sampleRate: 8000, channels: 1, samples: TONE });
    const view = new DataView(file.buffer);
    view.setUint32(4, size, true);
    view.setUint32(40, size, true);
    const { samples, truncated } = readWav(file);
    assertEquals([samples.length, truncated], [400, false], `${size}`);
  }
});

Deno.test("wav accepts a length of zero when the file is complete", () => {
  const file = riff(format(1, 1, 16), chunk("data", new Uint8Array(0)), chunk("LIST", TONE_BYTES));
  assertEquals(readWav(file).samples.length, 0);
});

Deno.test("wav reports a truncated file, and omits half a frame", () => {
  const file = writeWav({ sampleRate: 8000, channels: 2, samples: TONE });
  const { samples, truncated } = readWav(file.subarray(0, file.length - 5));
  assertEquals([samples.length, truncated], [396, true]);
});

Deno.test("wav writes a header before the length is known, and completes it later", () => {
  const begun = wavHeader(8000, 2);
  assertEquals(begun.length, WAV_HEADER_BYTES);
  const file = new Uint8Array([...begun, ...TONE_BYTES]);
  assertEquals(readWav(file).samples, TONE);
  file.set(wavHeader(8000, 2, TONE_BYTES.length));
  assertEquals(file, writeWav({ sampleRate: 8000, channels: 2, samples: TONE }));
  assertThrows(() => wavHeader(8000, 2, 6), RangeError);
  assertThrows(() => wavHeader(8000, 1, 2 ** 31), RangeError);
});

Deno.test("wav writes the same header as SoX", async () => {
  const theirs = await golden("s16.wav");
  assertEquals(wavHeader(8000, 1, theirs.length - 44), theirs.slice(0, 44));
});

Deno.test("wav refuses garbage, and says why", () => {
  const data = chunk("data", TONE_BYTES);
  const refused: [Uint8Array, string][] = [
    [new Uint8Array(0), "0 bytes are too few"],
    [new TextEncoder().encode("ID3 an MP3 file, really"), "does not start with RIFF"],
    [new TextEncoder().encode("RF64\0\0\0\0WAVEds64"), "RF64 files are not supported"],
    [new TextEncoder().encode("RIFF\0\0\0\0AVI LIST    "), 'contains "AVI ", not WAVE'],
    [riff(data), "data chunk precedes"],
    [riff(format(1, 1, 16)), "There is no data chunk"],
    [riff(chunk("JUNK", new Uint8Array(40))), "There is no fmt chunk"],
    [riff(chunk("fmt ", new Uint8Array(10)), data), "fmt chunk is too short"],
    [riff(format(3, 1, 32), data), "convert it with"],
    [riff(format(1, 1, 12), data), "Format 1 with 12 bits"],
    [riff(format(85, 1, 16), data), "Format 85"],
    [riff(format(1, 6, 16), data), "6 channels"],
    [riff(format(1, 1, 16, 0), data), "0 Hz"],
    [riff(format(1, 2, 16, 8000, 3), data), "Blocks of 3 bytes"],
    [riff(chunk("fmt ", extensible("00".repeat(14))), data), "subformat"],
    [riff(format(0xfffe, 1, 16), data), "extensible fmt chunk is too short"],
  ];
  for (const [file, why] of refused) assertThrows(() => readWav(file), WavError, why);
});

Deno.test("wav throws only WavError, for any bytes", async () => {
  const files = await Promise.all(["s16.wav", "s24_extensible.wav"].map(golden));
  const next = random(3);
  for (let n = 0; n < 4000; n++) {
    const file = files[n % 2]!.slice(0, Math.floor(next() * 200));
    for (let k = 0; k < 3; k++) file[Math.floor(next() * 100)] = Math.floor(next() * 256);
    try {
      readWav(file);
    } catch (error) {
      assertIsError(error, WavError);
    }
  }
});

Deno.test("the ivr's prompts are mono, 8 kHz, small and not empty", async () => {
  const folder = new URL("../../apps/prompts/", import.meta.url);
  const names: string[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".wav")) continue;
    names.push(name);
    const file = await Deno.readFile(new URL(name, folder));
    const { sampleRate, channels, samples, truncated } = readWav(file);
    assertEquals([sampleRate, channels, truncated], [8000, 1, false], name);
    assertLess(file.length, 60_000, name);
    assertLess(-35, level(samples), name);
  }
  assertEquals(names.sort(), [
    "agreed.wav",
    "goodbye.wav",
    "no_input.wav",
    "offer.wav",
    "refused.wav",
  ]);
});

const TONE_BYTES = bytesOf(TONE);

function golden(name: string): Promise<Uint8Array<ArrayBuffer>> {
  return Deno.readFile(new URL(`../data/audio/${name}`, import.meta.url));
}

function chunk(id: string, content: Uint8Array): Uint8Array {
  const padded = new Uint8Array(8 + content.length + content.length % 2);
  padded.set(new TextEncoder().encode(id));
  new DataView(padded.buffer).setUint32(4, content.length, true);
  padded.set(content, 8);
  return padded;
}

function format(
  code: number,
  channels: number,
  bits: number,
  sampleRate = 8000,
  blockAlign = channels * bits / 8,
): Uint8Array {
  const view = new DataView(new ArrayBuffer(16));
  view.setUint16(0, code, true);
  view.setUint16(2, channels, true);
  view.setUint32(4, sampleRate, true);
  view.setUint32(8, sampleRate * blockAlign, true);
  view.setUint16(12, blockAlign, true);
  view.setUint16(14, bits, true);
  return chunk("fmt ", new Uint8Array(view.buffer));
}

function extensible(subformatTail: string): Uint8Array {
  const start = format(0xfffe, 1, 16).slice(8);
  return new Uint8Array([
    ...start,
    ...[22, 0, 16, 0, 4, 0, 0, 0, 1, 0],
    ...Uint8Array.fromHex(subformatTail),
  ]);
}

function riff(...chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const content = [...new TextEncoder().encode("WAVE"), ...chunks.flatMap((it) => [...it])];
  return new Uint8Array(chunk("RIFF", Uint8Array.from(content)));
}
