/** JSON that is too deep or has too many values is refused before it is parsed. */
import { assertEquals } from "@std/assert";
import { inboundCallWire } from "../../protocols/inbound_call/messages.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { excessOfJson, JSON_BOUNDS } from "../../session/json_bounds.ts";
import { decode, type Wire } from "../../session/wire.ts";
import { Client } from "../support/client.ts";
import { jambonzCall } from "../support/lines.ts";
import { TestServer } from "../support/server.ts";

const TOO_DEEP = "nested deeper than 128 levels";

const TOO_LONG = "a text of more than 524288 characters";

function members(count: number): string {
  return `{${Array.from({ length: count }, (_, at) => `"${at}":1`).join()}}`;
}

function nested(levels: number): string {
  return "[".repeat(levels) + "]".repeat(levels);
}

for (
  const [what, text, excess] of [
    ["128 levels", nested(128), undefined],
    ["129 levels", nested(129), TOO_DEEP],
    ["129 levels of objects", '{"a":'.repeat(129), TOO_DEEP],
    ["brackets in a string", JSON.stringify({ text: nested(500) }), undefined],
    ["brackets after an escaped quote", JSON.stringify({ text: `"\\${nested(500)}` }), undefined],
    ["brackets after a string", `["a\\\\",${nested(129)}]`, TOO_DEEP],
    ["lists beside each other", `[${Array(500).fill("[]").join()}]`, undefined],
    ["20000 values", `[${Array(19_999).fill("1").join()}]`, undefined],
    ["20001 values", `[${Array(20_000).fill("{}").join()}]`, "more than 20000 values"],
    ["a text of commas", JSON.stringify(",".repeat(50_000)), undefined],
    ["a string without an end", `"${nested(500)}`, undefined],
    ["10000 members", members(10_000), undefined],
    ["10001 members", members(10_001), "more than 10000 members"],
    ["a text of colons", JSON.stringify(":".repeat(50_000)), undefined],
    ["a long text", JSON.stringify("x".repeat(524_288)), undefined],
    ["a longer text", JSON.stringify(["x".repeat(524_289)]), TOO_LONG],
    ["a long name", JSON.stringify({ ["x".repeat(524_289)]: 1 }), TOO_LONG],
    ["a long text without an end", `"${"x".repeat(524_300)}`, TOO_LONG],
  ] as const
) {
  Deno.test(`excessOfJson() of ${what}`, () => assertEquals(excessOfJson(text), excess));
}

for (
  const [wire, text] of [
    [jambonzWire, `{"type":"session:new","msgid":"m","hook":${nested(4000)}}`],
    [jambonzWire, `{"type":"jambonz:error","data":{"error":${nested(4000)}}}`],
    [inboundCallWire, `{"event":"hangup","why":${nested(4000)}}`],
  ] satisfies [Wire, string][]
) {
  Deno.test(`decode() refuses ${text.slice(0, 30)}… with 4000 levels`, () => {
    assertEquals<unknown>(decode<Wire>(wire, text), {
      kind: "malformed",
      why: "bad shape",
      detail: TOO_DEEP,
      isExcessive: true,
    });
  });
}

Deno.test("decode() refuses a jambonz frame of 256 KiB that consists of values only", () => {
  const text = `{"type":"session:new","msgid":"m","data":[${Array(80_000).fill("{}").join()}]}`;
  assertEquals<unknown>(decode(jambonzWire, text), {
    kind: "malformed",
    why: "bad shape",
    detail: "more than 20000 values",
    isExcessive: true,
  });
});

Deno.test("content that is nested too deeply is not recorded, and the record stays readable", async () => {
  await using server = await TestServer.start();
  const line = await jambonzCall(server);
  line.send(`{"type":"jambonz:error","msgid":"e1","data":{"error":${nested(100_000)}}}`);
  await server.log.some(({ msg, what }) => msg === "unexpected event" && what === "bad shape");
  const { calls: [call] } = await server.rest("GET", "/calls");
  const verbs = `[{"verb":"tag","data":{"a":${nested(100_000)}}}]`;
  const refused = await fetch(server.http(`/api/v1/calls/${call.id}/actions`), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"action":"redirect","verbs":${verbs}}`,
  });
  assertEquals([refused.status, (await refused.json()).detail], [
    422,
    `The body is too large: ${TOO_DEEP}`,
  ]);
  const { events } = await server.rest("GET", `/calls/${call.id}/events`);
  assertEquals(events[0].type, "started");
  line.close();
});

Deno.test("a form's JSON member is checked for depth too", async () => {
  await using server = await TestServer.start();
  const body = new URLSearchParams({ status: "Success", requestMetadata: `{"a":${nested(9000)}}` });
  const response = await fetch(server.http("/api/v1/payments/webhook"), { method: "POST", body });
  assertEquals([response.status, (await response.json()).errors[0].field], [
    422,
    "requestMetadata",
  ]);
});

const SMALL = {
  LIMIT_JSON_LEVELS: "8",
  LIMIT_JSON_VALUES: "1000",
  LIMIT_JSON_KEYS: "100",
  LIMIT_JSON_CHARACTERS: "100",
};
const EXCESSES: [setting: string, value: unknown, excess: string][] = [
  ["LIMIT_JSON_LEVELS", { a: JSON.parse(nested(8)) }, "nested deeper than 8 levels"],
  ["LIMIT_JSON_VALUES", { a: Array(1000).fill(1) }, "more than 1000 values"],
  ["LIMIT_JSON_KEYS", JSON.parse(members(101)), "more than 100 members"],
  ["LIMIT_JSON_CHARACTERS", { a: "x".repeat(101) }, "a text of more than 100 characters"],
];

for (const [setting, value, excess] of EXCESSES) {
  Deno.test(`${setting} bounds bodies and text frames`, async () => {
    await using server = await TestServer.start({ settings: SMALL });
    const { detail } = await server.rest("POST", "/webhooks", value);
    assertEquals(detail, `The body is too large: ${excess}`);
    await using line = await Client.open(server.ws("/api/v1/ws/a"));
    line.send({ type: "ping", timestamp: "1", more: value });
    const { what } = await server.log.next(({ msg }) => msg === "unexpected event");
    assertEquals(what, "bad shape");
    line.send({ type: "ping", timestamp: "2" });
    await line.next({ type: "pong", timestamp: "2" });
    assertEquals(server.server.services.admission.refusals.of("json too large"), 2);
  });
}

Deno.test("LIMIT_JSON_KEYS counts the members of all objects", () => {
  const bounds = { ...JSON_BOUNDS, keys: 3 };
  assertEquals(excessOfJson('[{"a":1,"b":2},{"c":3}]', bounds), undefined);
  assertEquals(excessOfJson('[{"a":1,"b":2},{"c":{"d":3}}]', bounds), "more than 3 members");
});
