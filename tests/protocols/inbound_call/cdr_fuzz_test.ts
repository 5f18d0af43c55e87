/** Whatever object says that it is a CDR is kept as it came: at the socket, in the record, in REST. */
import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { Cdr } from "../../../calls/call_record.ts";
import { normalCdr } from "../../../calls/cdr.ts";
import { Client } from "../../support/client.ts";
import { QUIET_INBOUND } from "../../support/lines.ts";
import { TestServer } from "../../support/server.ts";

const FIELDS = [
  "sessionId",
  "source",
  "destination",
  "startTime",
  "answerTime",
  "endTime",
  "duration",
  "billableSeconds",
  "disposition",
  "hangupBy",
  "hangupCauseCode",
  "hangupCauseText",
] as const;

/** Small mistakes of platforms, among arbitrary JSON. */
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
  fc.constantFrom<unknown>("", " ", "0", "1e400", "-1", "\u0000", "\ud800", "NO_ANSWER", 1e308),
);
const fields = fc.record(
  Object.fromEntries(FIELDS.map((name) => [name, value])),
  { requiredKeys: [] },
);
const more = fc.dictionary(
  fc.oneof(fc.string(), fc.constantFrom("__proto__", "constructor")),
  value,
);
/** A CDR as its JSON text: a tag, and anything beside it. */
const cdrText = fc.tuple(fields, more).map(([known, unknown]) => {
  const members = [...Object.entries(unknown), ...Object.entries(known)]
    .filter(([name]) => name !== "event")
    .map(([name, each]) => `${JSON.stringify(name)}:${JSON.stringify(each)}`);
  return `{${[...members, '"event":"cdr"'].join(",")}}`;
});

const ABSURD = [
  `{"event":"cdr","a":${"[".repeat(127)}${"]".repeat(127)}}`,
  `{"event":"cdr","duration":1e400,"hangupCauseCode":-0}`,
  `{"event":"cdr","__proto__":{"sessionId":"x"},"toString":1,"hasOwnProperty":null}`,
  `{"event":"cdr","event":"cdr","sessionId":{"event":"hangup"}}`,
  `{"event":"cdr","sessionId":12345678901234567890123}`,
  `{"event":"cdr","source":"${"x".repeat(60_000)}"}`,
];

Deno.test("inbound call accepts any object that claims to be a CDR, and keeps it as received", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  let calls = 0;
  await fc.assert(
    fc.asyncProperty(cdrText, async (text) => {
      const sessionId = `call ${++calls}`;
      await using platform = await Client.open(server.ws("/"));
      platform.send({ event: "incoming_call", sessionId });
      await platform.next({ event: "answer" });
      platform.send({ event: "hangup" });
      platform.send(text);
      assertEquals(await platform.whenClosed(), { code: 1000, reason: "the call is over" });
      const { id } = await server.call("inbound", sessionId, ({ cdr }) => cdr !== null);
      const answer = await server.rest("GET", `/calls/${id}/cdr`);
      assertEquals(Cdr.parse(answer.cdr).madeByUs, false);
      // By its text: `__proto__` is a member like any other.
      assertEquals(JSON.stringify(answer.received), JSON.stringify(JSON.parse(text)));
    }),
    { numRuns: 120, examples: ABSURD.map((text) => [text]) },
  );
});

Deno.test("inbound call keeps a CDR that is nested too deeply, without its deepest levels", async () => {
  await using server = await TestServer.start({ settings: QUIET_INBOUND });
  await using platform = await Client.open(server.ws("/"));
  platform.send({ event: "incoming_call", sessionId: "deep" });
  await platform.next({ event: "answer" });
  platform.send(`{"event":"cdr","duration":7,"a":${"[".repeat(30_000)}${"]".repeat(30_000)}}`);
  assertEquals(await platform.whenClosed(), { code: 1000, reason: "the call is over" });
  const { id } = await server.call("inbound", "deep", ({ cdr }) => cdr !== null);
  const { cdr, received } = await server.rest("GET", `/calls/${id}/cdr`);
  assertEquals([cdr.durationSeconds, cdr.madeByUs], [7, false]);
  assertEquals(JSON.stringify(received.a), `${"[".repeat(127)}null${"]".repeat(127)}`);
  const { events } = await server.rest("GET", `/calls/${id}/events`);
  assertEquals(events.at(-1).type, "cdr");
});

Deno.test("normalCdr() names exactly the fields that it could not read", () => {
  fc.assert(
    fc.property(cdrText, (text) => {
      const received = JSON.parse(text);
      const cdr: Record<string, unknown> = normalCdr(received);
      assertEquals(Cdr.parse(cdr) as unknown, cdr);
      for (const name of FIELDS) {
        const normal = cdr[name === "duration" ? "durationSeconds" : name];
        const isUnread = (cdr["unread"] as string[]).includes(name);
        if (normal !== null) assertEquals(isUnread, false, name);
        else if (received[name] === undefined || received[name] === null) {
          assertEquals(isUnread, false, name);
        } else if (typeof received[name] === "object" || typeof received[name] === "boolean") {
          assertEquals(isUnread, true, name);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
