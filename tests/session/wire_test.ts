import { assert, assertEquals, assertFalse, assertThrows } from "@std/assert";
import { z } from "zod";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { jambonzAudioWire } from "../../protocols/jambonz_audio/messages.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { liveCallsWire } from "../../protocols/live_calls/messages.ts";
import { notificationsWire } from "../../protocols/notifications/messages.ts";
import { decode, type MessageSet, messagesOf, tagsOf, wire } from "../../session/wire.ts";
import { checkSaid } from "../support/script.ts";

const WIRES = {
  inboundCallWire,
  jambonzWire,
  jambonzAudioWire,
  liveCallsWire,
  notificationsWire,
};

Deno.test("decode() decodes a valid frame into a message", () => {
  const message = { event: "dtmf", digit: "#" };
  assertEquals(decode(inboundCallWire, JSON.stringify(message)), {
    kind: "message",
    message,
  } as unknown);
});

Deno.test("decode() drops unknown fields, or keeps them where all are kept", () => {
  assertEquals(decode(inboundCallWire, '{"event":"hangup","why":"bored"}'), {
    kind: "message",
    message: { event: "hangup" },
  });
  const cdr = { event: "cdr", vendorField: [1] };
  const event: unknown = decode(inboundCallWire, JSON.stringify(cdr));
  assertEquals(event, { kind: "message", message: cdr });
});

Deno.test("decode() tells not json", () => {
  for (const text of ["", "{", "nonsense", '{"event":"hangup"', "\u0000", "NaN"]) {
    const event = decode(inboundCallWire, text);
    assertEquals(event, {
      kind: "malformed",
      why: "not json",
      detail: `${text.length} characters`,
    });
  }
});

Deno.test("decode() reports a bad shape for anything but an object", () => {
  for (const text of ["[]", "1", "null", '"hangup"', "true", "[[]]"]) {
    assertEquals(decode(inboundCallWire, text), {
      kind: "malformed",
      why: "bad shape",
      detail: "not an object",
    });
  }
});

Deno.test("decode() reports an unknown type, clipped to 64 characters", () => {
  const event = decode(inboundCallWire, `{"event":"${"x".repeat(100)}"}`);
  assertEquals(event, {
    kind: "malformed",
    why: "unknown type",
    detail: "x".repeat(64),
    fields: ["event"],
  });
});

Deno.test("decode() reports a bad shape by its fields, and never by its values", () => {
  for (
    const json of [
      { event: "incoming_call", callerId: ["secret"], didNumber: "secret-number" },
      { event: "dtmf", digit: "secret-digit" },
      { event: 7, secret: "secret" },
      { noEvent: "secret" },
    ]
  ) {
    const event = decode(inboundCallWire, JSON.stringify(json));
    assert(event.kind === "malformed" && event.why === "bad shape", JSON.stringify(event));
    assertFalse(event.detail.includes("secret"), event.detail);
  }
  const event = decode(inboundCallWire, '{"event":"incoming_call","callerId":{},"sessionId":[]}');
  assert(event.kind === "malformed" && event.detail.includes("callerId"));
  assertEquals(event.fields, ["callerId", "sessionId"]);
});

Deno.test("decode() never throws, and keeps its detail short", () => {
  const deep = "[".repeat(5000) + "]".repeat(5000);
  for (const text of [deep, `{"event":${deep}}`, `{"__proto__":{"event":"hangup"}}`]) {
    const event = decode(inboundCallWire, text);
    assert(event.kind === "malformed" && event.detail.length <= 512);
  }
});

Deno.test("decode() reads no tag from the prototype", () => {
  for (const tag of ["__proto__", "constructor", "toString"]) {
    const event = decode(inboundCallWire, JSON.stringify({ event: tag }));
    assertEquals(event, { kind: "malformed", why: "unknown type", detail: tag, fields: ["event"] });
  }
});

Deno.test("wire() knows its incoming tags, also of nested unions and literals with several values", () => {
  const Inner = z.discriminatedUnion("name", [
    z.object({ type: z.literal("do"), name: z.literal("sit") }),
    z.object({ type: z.literal("do"), name: z.literal("run") }),
  ]);
  const heard = z.discriminatedUnion("type", [
    z.object({ type: z.literal(["hello", "hi"]) }),
    Inner,
  ]);
  const built = wire({ tag: "type", heard, said: heard });
  assertEquals(built.heardTags, new Set(["hello", "hi", "do"]));
  assertEquals(messagesOf(heard).length, 3);
});

Deno.test("decode() distinguishes messages without a tag by their shape", () => {
  const kinds = [
    { callSid: "c1", sampleRate: 8000 },
    { event: "dtmf", dtmf: "5" },
    { type: "mark", data: { name: "m1", event: "playout" } },
    { event: "dtmf", dtmf: "55" },
    { type: "marked" },
    {},
  ].map((message) => {
    const event = decode(jambonzAudioWire, JSON.stringify(message));
    return event.kind === "malformed" ? event.why : event.kind;
  });
  assertEquals(kinds, ["message", "message", "message", "bad shape", "unknown type", "bad shape"]);
});

Deno.test("tagsOf() refuses a schema whose tag is not a literal", () => {
  const schema = z.object({ type: z.string() });
  assertThrows(() => tagsOf(schema, "type"), Error, 'Cannot read the tag "type"');
});

for (const [name, one] of Object.entries(WIRES)) {
  Deno.test(`${name}: every message has an id, a description and examples that parse unchanged`, () => {
    for (const set of [one.heard, one.said] as MessageSet[]) {
      for (const schema of messagesOf(set)) {
        const { id, description, examples } = schema.meta() ?? {};
        assert(id && description && Array.isArray(examples), `${id} lacks something`);
        assert(examples.length > 0, `${id} has no examples`);
        for (const example of examples) {
          assertEquals(set.parse(example), example, id);
        }
      }
    }
  });
}

Deno.test("checkSaid() fails for messages that a schema refuses or does not know", () => {
  const said = (message: unknown) => () => checkSaid(inboundCallWire, message as never);
  said({ event: "dtmf", digit: "1", duration: 200 })();
  assertThrows(said({ event: "dtmf", digit: "A", duration: 200 }));
  assertThrows(said({ event: "dtmf", digit: "1", duration: 1001 }));
  assertThrows(said({ event: "dtmf", digit: "1", duration: 0 }));
  assertThrows(said({ event: "answer", loudly: true }));
  assertThrows(said({ event: "incoming_call" }));
});

Deno.test("jambonzWire sends only acks and commands", () => {
  const tags = messagesOf(jambonzWire.said).flatMap((schema) => tagsOf(schema, "type"));
  assertEquals(new Set(tags), new Set(["ack", "command"]));
  const tokens = { type: "tts:tokens", data: { id: 1, tokens: "Hi" } };
  assertFalse(jambonzWire.said.safeParse(tokens).success);
});
