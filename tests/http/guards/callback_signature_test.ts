import { assertEquals, assertThrows } from "@std/assert";
import { createHmac } from "node:crypto";
import {
  CallbackSignature,
  type CallbackSigning,
} from "../../../http/guards/callback_signature.ts";
import { Refused } from "../../../http/problem.ts";

const NOW = new Date("2026-11-21T08:00:00Z");
const SECONDS = String(NOW.getTime() / 1000);
const bytes = (text: string) => new TextEncoder().encode(text);

function signature(more: Partial<CallbackSigning> = {}) {
  return new CallbackSignature({
    secret: "Jefe",
    header: "x-signature",
    algorithm: "sha256",
    timestampHeader: undefined,
    toleranceSeconds: 300,
    ...more,
  }, () => NOW);
}

const hmac = (text: string, encoding: "hex" | "base64" = "hex", algorithm = "sha256") =>
  createHmac(algorithm, "Jefe").update(text).digest(encoding);

/** Refused with 401. */
function wrong(run: () => unknown): void {
  assertEquals(assertThrows(run, Refused).status, 401);
}

// RFC 4231, test case 2.
const RFC_4231 = "what do ya want for nothing?";
const RFC_4231_SHA256 = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";

Deno.test("CallbackSignature accepts the HMAC of RFC 4231 in every encoding that providers use", () => {
  const base64 = Uint8Array.fromHex(RFC_4231_SHA256).toBase64();
  for (
    const shown of [
      RFC_4231_SHA256,
      RFC_4231_SHA256.toUpperCase(),
      ` sha256=${RFC_4231_SHA256}`,
      base64,
      `sha256=${base64}`,
      base64.replaceAll("+", "-").replaceAll("/", "_").replace("=", ""),
    ]
  ) {
    assertEquals(signature().isOn(new Headers({ "x-signature": shown }), bytes(RFC_4231)), true);
  }
});

Deno.test("CallbackSignature uses the header and algorithm of the settings", () => {
  for (const algorithm of ["sha512", "sha1"] as const) {
    const headers = new Headers({ "x-paystack-signature": hmac("body", "hex", algorithm) });
    const header = "x-paystack-signature";
    assertEquals(signature({ header, algorithm }).isOn(headers, bytes("body")), true);
    wrong(() => signature({ header }).isOn(headers, bytes("body")));
  }
});

Deno.test("CallbackSignature returns false for a missing signature, and throws for a wrong one", () => {
  assertEquals(signature().isOn(new Headers(), bytes("body")), false);
  const right = hmac("body");
  for (
    const shown of [
      "",
      "x",
      right.slice(2),
      `${right}00`,
      `00${right.slice(2)}`,
      hmac("body "),
      "é",
    ]
  ) {
    const headers = new Headers();
    headers.set("x-signature", encodeURI(shown));
    wrong(() => signature().isOn(headers, bytes("body")));
  }
  wrong(() => signature().isOn(new Headers({ "x-signature": right }), bytes("body!")));
  wrong(() =>
    signature({ secret: "other" }).isOn(new Headers({ "x-signature": right }), bytes("body"))
  );
});

Deno.test("CallbackSignature signs the bytes as received, not their meaning", () => {
  const body = new Uint8Array([0x7b, 0xff, 0x00, 0x7d]);
  const headers = new Headers({
    "x-signature": createHmac("sha256", "Jefe").update(body).digest("hex"),
  });
  assertEquals(signature().isOn(headers, body), true);
});

Deno.test("CallbackSignature accepts t=…,v1=…, signed with its time, for a few minutes", () => {
  const on = (at: string, time = at) =>
    signature().isOn(
      new Headers({ "x-signature": `t=${time},v1=${hmac(`${at}.body`)}` }),
      bytes("body"),
    );
  const offBy = (seconds: number) => String(Number(SECONDS) + seconds);
  for (const seconds of [0, -300, 300]) assertEquals(on(offBy(seconds)), true);
  for (const seconds of [-301, 301, -86_400]) wrong(() => on(offBy(seconds)));
  // A recorded callback cannot be made younger.
  wrong(() => on(offBy(-301), SECONDS));
  for (const time of ["", "soon", "NaN", "-1"]) wrong(() => on(time));
  const two = `t=${SECONDS}, v1=${hmac("other")}, v0=x, v1=${hmac(`${SECONDS}.body`)}`;
  assertEquals(signature().isOn(new Headers({ "x-signature": two }), bytes("body")), true);
});

Deno.test("CallbackSignature accepts a signature with a time in one form only: its time cannot be omitted", () => {
  const recorded = String(Number(SECONDS) - 86_400);
  const times = [
    recorded,
    `${recorded}000`,
    "2026-11-20T08:00:00Z",
    "2026-11-20T08:00:00.123+03:00",
  ];
  for (const time of times) {
    const signed = `${time}.status=success&amount=5`;
    const plain = new Headers({ "x-signature": hmac(signed) });
    // The whole of what was signed, as if it were a body.
    wrong(() => signature().isOn(plain, bytes(signed)));
    const timed = new Headers({ "x-signature": `t=${time},v1=${hmac(signed)}` });
    wrong(() => signature().isOn(timed, bytes("status=success&amount=5")));
  }
  // A time is written in one way, so it cannot be cut short: the rest would be part of the body.
  const iso = new Headers({
    "x-signature": `t=2026-11-21T08:00:00,v1=${hmac(`${NOW.toISOString()}.body`)}`,
  });
  wrong(() => signature().isOn(iso, bytes("000Z.body")));
  for (const body of ["body", "", "1", "7.5", '{"t":1.5}', "a=1.5", "2026-11-21.x", "é.x"]) {
    const plain = new Headers({ "x-signature": hmac(body) });
    if (body === "7.5") wrong(() => signature().isOn(plain, bytes(body)));
    else assertEquals(signature().isOn(plain, bytes(body)), true, body);
  }
});

Deno.test("CallbackSignature reads the time from a separate header", () => {
  const timestampHeader = "x-timestamp";
  const on = (time: string, signed = time) =>
    signature({ timestampHeader }).isOn(
      new Headers({ "x-signature": hmac(`${signed}.body`, "base64"), "x-timestamp": time }),
      bytes("body"),
    );
  for (const time of [SECONDS, `${SECONDS}000`, NOW.toISOString()]) assertEquals(on(time), true);
  wrong(() => on("2026-11-21T07:00:00Z"));
  wrong(() => on(SECONDS, "2026-11-21T07:00:00Z"));
  const timeless = new Headers({ "x-signature": hmac("body") });
  wrong(() => signature({ timestampHeader }).isOn(timeless, bytes("body")));
});
