/** The G.711 encoders, with the rounding of the ITU's reference implementation (G.191, STL2009). */

const MU_LAW_BIAS = 33;
const MU_LAW_MAX = 0x1fff;
/** µ-law uses the upper 14 bits of a sample, A-law the upper 12 of its 13 (the last has no weight). */
const MU_LAW_DROPS = 2;
const A_LAW_DROPS = 4;
const A_LAW_TOGGLE = 0x55;

const muLawCodes = table(1 << (16 - MU_LAW_DROPS), muLawCode);
const aLawCodes = table(1 << (16 - A_LAW_DROPS), aLawCode);

/** Encodes 16-bit samples as µ-law, one byte each. */
export function encodeMuLaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    codes[i] = muLawCodes[(samples[i]! & 0xffff) >> MU_LAW_DROPS]!;
  }
  return codes;
}

/** Encodes 16-bit samples as A-law, one byte each. */
export function encodeALaw(samples: Int16Array): Uint8Array<ArrayBuffer> {
  const codes = new Uint8Array(samples.length);
  for (let i = 0; i < samples.length; i++) {
    codes[i] = aLawCodes[(samples[i]! & 0xffff) >> A_LAW_DROPS]!;
  }
  return codes;
}

/** The code of every sample, indexed by its upper bits as an unsigned number. */
function table(size: number, code: (upperBits: number) => number): Uint8Array {
  return Uint8Array.from({ length: size }, (_, i) => code(i < size / 2 ? i : i - size));
}

/** The complement of negative samples, as in the reference implementation. */
function magnitude(upperBits: number): number {
  return upperBits < 0 ? ~upperBits : upperBits;
}

function muLawCode(upperBits: number): number {
  const biased = Math.min(magnitude(upperBits) + MU_LAW_BIAS, MU_LAW_MAX);
  const segment = 27 - Math.clz32(biased);
  const code = (7 - (segment - 1)) << 4 | 15 - (biased >> segment & 15);
  return upperBits < 0 ? code : code | 0x80;
}

function aLawCode(upperBits: number): number {
  const size = magnitude(upperBits);
  const exponent = Math.max(0, 28 - Math.clz32(size));
  const code = exponent === 0 ? size : exponent << 4 | size >> (exponent - 1) & 15;
  return (upperBits < 0 ? code : code | 0x80) ^ A_LAW_TOGGLE;
}
