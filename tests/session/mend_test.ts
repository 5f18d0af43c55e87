/** Mending of messages that their schema refuses. */
import { assertEquals } from "@std/assert";
import { z } from "zod";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { mend } from "../../session/mend.ts";
import { decode } from "../../session/wire.ts";

const Item = z.looseObject({ name: z.string(), weight: z.number().optional() });
const Parcel = z.object({
  type: z.literal("parcel"),
  id: z.string(),
  data: z.looseObject({
    note: z.string().optional(),
    is_fragile: z.boolean().optional(),
    items: z.array(Item).optional(),
  }).default({}),
});
const PARCEL = { type: "parcel", id: "p1" };

for (
  const [what, given, data, fields] of [
    ["a null as missing", { note: null }, {}, []],
    ["a number as text", { note: 5 }, { note: "5" }, ["data.note"]],
    ["a boolean as text", { note: true }, { note: "true" }, ["data.note"]],
    ["an object as missing where text belongs", { note: {} }, {}, ["data.note"]],
    ["text as missing where a boolean belongs", { is_fragile: "yes" }, {}, ["data.is_fragile"]],
    ["a null among items as missing", { items: [null, { name: "a" }] }, {
      items: [{ name: "a" }],
    }, []],
    ["an item without its name as missing", { items: [{ weight: 1 }, { name: "a" }] }, {
      items: [{ name: "a" }],
    }, ["data.items"]],
    ["an invalid part of an item as missing", { items: [{ name: "a", weight: "?" }] }, {
      items: [{ name: "a" }],
    }, ["data.items"]],
    ["anything but a list as missing", { items: 7 }, {}, ["data.items"]],
    ["null data as none", null, {}, []],
    ["text as no data", "hello", {}, ["data"]],
    ["a list as no data", [1], {}, ["data"]],
    ["many invalid items as none", { note: "n", items: Array(100).fill({}) }, { note: "n" }, [
      "data.items",
    ]],
  ] as const
) {
  Deno.test(`mend() treats ${what}`, () => {
    const received = { ...PARCEL, data: given };
    const before = structuredClone(received);
    const mended = mend(Parcel, received);
    assertEquals(mended?.message, { ...PARCEL, data });
    assertEquals(
      [...mended?.fields ?? []].filter((name) => name !== "data" || fields.length === 1),
      [
        ...fields.filter((name) => name !== "data" || fields.length === 1),
      ],
    );
    assertEquals(received, before, "what was received is left alone");
  });
}

Deno.test("mend() keeps unknown fields and valid ones", () => {
  const data = { note: "n", vendor: { deep: [null, 1] }, items: [{ name: "a", color: null }] };
  assertEquals(mend(Parcel, { ...PARCEL, data }), { message: { ...PARCEL, data }, fields: [] });
});

Deno.test("mend() rejects a message without a type or an id", () => {
  for (const received of [{}, { type: "parcel" }, { type: "other", id: "p1" }, { id: "p1" }]) {
    assertEquals(mend(Parcel, received), undefined);
  }
});

Deno.test("decode() mends messages of a loose peer, and names the mended fields", () => {
  const speech = { is_final: null, alternatives: [{ transcript: "yes", confidence: null }, null] };
  const data = { call_sid: null, from: 15083084809, digits: 12, speech };
  const event = decode(jambonzWire, JSON.stringify({ type: "verb:hook", msgid: "m", data }));
  assertEquals(event, {
    kind: "message",
    message: {
      type: "verb:hook",
      msgid: "m",
      data: {
        from: "15083084809",
        digits: "12",
        speech: { alternatives: [{ transcript: "yes", confidence: null }] },
      },
    },
    mended: ["data.from", "data.digits"],
  } as unknown);
});

Deno.test("decode() passes a loose peer's messages of unknown types unchanged", () => {
  const received = { type: "agent:event", msgid: "m", data: { type: "user_transcript" } };
  const event = decode(jambonzWire, JSON.stringify(received));
  assertEquals(event.kind === "malformed" && [event.why, event.received], [
    "unknown type",
    received,
  ]);
});
