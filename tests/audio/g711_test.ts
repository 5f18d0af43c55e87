/** µ-law and A-law against the reference of the ITU and the tables of SoX. */
import { assertEquals, assertLessOrEqual } from "@std/assert";
import { decodeALaw, decodeMuLaw } from "../../audio/g711.ts";
import { encodeALaw, encodeMuLaw } from "../support/g711_encoder.ts";

const CODES = Uint8Array.from({ length: 256 }, (_, code) => code);
const SAMPLES = Int16Array.from({ length: 65536 }, (_, i) => i - 32768);
/** Of the codes of all samples, as the loops of ITU-T G.191 give them: see data/audio/README.md. */
const MU_LAW_SHA256 = "90c29de505fb68e766118303bd552a16005dcf810873698bee1d8f3b247ce28c";
const A_LAW_SHA256 = "38488f6fd710f4686360edc4d38639f96c491595ef93f8eb8d62d5e07ca6ce7b";

Deno.test("g711 decodes all 256 µ-law codes as SoX does", async () => {
  assertEquals(decodeMuLaw(CODES), await golden("mu_law_decoded.raw"));
});

Deno.test("g711 decodes all 256 A-law codes as SoX does", async () => {
  assertEquals(decodeALaw(CODES), await golden("a_law_decoded.raw"));
});

Deno.test("g711 encodes all 65536 samples as the ITU reference does", async () => {
  assertEquals(await sha256(encodeMuLaw(SAMPLES)), MU_LAW_SHA256);
  assertEquals(await sha256(encodeALaw(SAMPLES)), A_LAW_SHA256);
});

Deno.test("g711 encodes selected samples as the tables of G.711 do", () => {
  const samples = Int16Array.of(-32768, -1000, -133, -1, 0, 1, 133, 1000, 32767);
  assertEquals(
    [...encodeMuLaw(samples)],
    [0x00, 0x4e, 0x6f, 0x7f, 0xff, 0xff, 0xef, 0xce, 0x80],
  );
  assertEquals(
    [...encodeALaw(samples)],
    [0x2a, 0x7a, 0x5d, 0x55, 0xd5, 0xd5, 0xdd, 0xfa, 0xaa],
  );
});

Deno.test("g711 round-trips every code", () => {
  assertEquals(encodeALaw(decodeALaw(CODES)), CODES);
  // µ-law has two zeros; the negative one comes back as the other.
  const expected = CODES.slice();
  expected[0x7f] = 0xff;
  assertEquals(encodeMuLaw(decodeMuLaw(CODES)), expected);
});

Deno.test("g711 is never off by more than half a step", () => {
  for (const [encode, decode] of [[encodeMuLaw, decodeMuLaw], [encodeALaw, decodeALaw]] as const) {
    const back = decode(encode(SAMPLES));
    for (let i = 0; i < SAMPLES.length; i++) {
      const size = Math.abs(SAMPLES[i]!);
      assertLessOrEqual(Math.abs(back[i]! - SAMPLES[i]!), Math.max(16, size / 27));
    }
  }
});

async function golden(name: string): Promise<Int16Array> {
  const bytes = await Deno.readFile(new URL(`../data/audio/${name}`, import.meta.url));
  return new Int16Array(bytes.buffer);
}

async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).toHex();
}
