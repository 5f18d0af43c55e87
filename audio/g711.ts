/**
 * Decodes the two codecs of telephone lines, µ-law and A-law: 8 bits for samples of 14 and 13 bits.
 * As in ITU-T G.711, with the rounding of its reference implementation (G.191, STL2009).
 * @module
 */

const MU_LAW_BIAS = 33;
/** A-law inverts every other bit, for lines that need transitions. */
const A_LAW_TOGGLE = 0x55;

const muLawSamples = Int16Array.from({ length: 256 }, (_, code) => muLawSample(code));
const aLawSamples = Int16Array.from({ length: 256 }, (_, code) => aLawSample(code));

/** Decodes µ-law bytes to 16-bit samples, at most ±32124. */
export function decodeMuLaw(codes: Uint8Array): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(codes.length);
  for (let i = 0; i < codes.length; i++) samples[i] = muLawSamples[codes[i]!]!;
  return samples;
}

/** Decodes A-law bytes to 16-bit samples, at most ±32256. */
export function decodeALaw(codes: Uint8Array): Int16Array<ArrayBuffer> {
  const samples = new Int16Array(codes.length);
  for (let i = 0; i < codes.length; i++) samples[i] = aLawSamples[codes[i]!]!;
  return samples;
}

function muLawSample(code: number): number {
  const bits = ~code;
  const segment = (bits >> 4 & 7) + 1;
  const step = 4 << segment;
  const size = (64 << segment) + step * (bits & 15) + step / 2 - 4 * MU_LAW_BIAS;
  return code < 0x80 ? -size : size;
}

function aLawSample(code: number): number {
  const bits = code ^ A_LAW_TOGGLE;
  const exponent = bits >> 4 & 7;
  const mantissa = exponent === 0 ? bits & 15 : bits & 15 | 16;
  const size = (mantissa << 4 | 8) << Math.max(0, exponent - 1);
  return code < 0x80 ? -size : size;
}
