import fc from "fast-check";
import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { CdrEntry } from "../../../calls/cdr_entry.ts";
import { csvLine } from "../../../calls/csv.ts";
import { CallCdr, CdrList } from "../../../routes/rest/cdrs.ts";
import { refused, RestServer, wrongFields } from "../../support/rest.ts";

const RECEIVED = {
  sessionId: "one",
  source: "+254712345678",
  destination: "5000",
  duration: "12",
  hangupCauseCode: "16",
  hangupCauseText: '=HYPERLINK("http://evil")',
  disposition: "ANSWERED",
  carrier: "unknown to us",
};

const CDR_COMES = { INBOUND_CDR_WAIT_MS: "10000" };

Deno.test("GET /calls/{id}/cdr returns the normal form and the CDR as received", async () => {
  await using rest = await RestServer.start(CDR_COMES);
  await using live = await rest.inboundCall("one");
  refused(await rest.ask("GET", `${live.path}/cdr`), 404, "none yet");
  await live.end(RECEIVED);
  const { body } = await rest.ask("GET", `${live.path}/cdr`);
  const { cdr, received } = CallCdr.parse(body);
  assertEquals(cdr.durationSeconds, 12);
  assertEquals(cdr.hangupCauseCode, 16);
  assertEquals(received, { event: "cdr", ...RECEIVED });
});

Deno.test("GET /calls/{id}/cdr has no received CDR when we wrote our own", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  await live.end();
  const { body } = await rest.ask("GET", `${live.path}/cdr`);
  assertEquals(body.cdr.madeByUs, true);
  assertFalse("received" in body);
});

Deno.test("GET /cdrs as JSON lists the calls whose CDR has arrived, in full pages", async () => {
  await using rest = await RestServer.start();
  for (const name of ["a", "b", "c"]) await (await rest.inboundCall(name)).end();
  await using _live = await rest.inboundCall("on");
  const first = CdrList.parse((await rest.ask("GET", "/cdrs?limit=2")).body);
  assertEquals(first.cdrs.length, 2);
  const { body } = await rest.ask("GET", `/cdrs?limit=2&cursor=${first.next_cursor}`);
  assertEquals(body.cdrs.length, 1);
  assertFalse("next_cursor" in body);
  const told = [...first.cdrs, ...body.cdrs].map(({ sessionId }) => sessionId);
  assertEquals(told.toSorted(), ["a", "b", "c"]);
  assertEquals((await rest.ask("GET", "/cdrs?line=jambonz")).body, { cdrs: [] });
});

Deno.test("GET /cdrs as NDJSON has one CDR per line, and the next page in Link", async () => {
  await using rest = await RestServer.start();
  for (const name of ["a", "b"]) await (await rest.inboundCall(name)).end();
  const answer = await rest.ask("GET", "/cdrs?format=ndjson&limit=1&key=secret");
  assertEquals(answer.headers.get("content-type"), "application/x-ndjson; charset=utf-8");
  const lines = answer.text.trimEnd().split("\n");
  assertEquals(lines.map((line) => CdrEntry.parse(JSON.parse(line)).line), ["inbound"]);
  const link = answer.headers.get("link")!;
  assertMatch(link, /^<\/api\/v1\/cdrs\?format=ndjson&limit=1&cursor=[\w-]+>; rel="next"$/);
  const next = await rest.ask("GET", link.slice("</api/v1".length, link.indexOf(">")));
  assertEquals(next.text.trimEnd().split("\n").length, 1);
  assertEquals(next.headers.get("link"), null);
});

Deno.test("GET /cdrs as CSV is safe to open in a spreadsheet", async () => {
  await using rest = await RestServer.start(CDR_COMES);
  await (await rest.inboundCall("one")).end(RECEIVED);
  const { text, headers } = await rest.ask("GET", "/cdrs?format=csv");
  assertEquals(headers.get("content-type"), "text/csv; charset=utf-8");
  assertEquals(headers.get("content-disposition"), 'attachment; filename="cdrs.csv"');
  const [heads, cells, end] = text.split("\r\n");
  assertEquals(heads, Object.keys(CdrEntry.shape).join(","));
  assertEquals(end, "");
  assertMatch(cells!, /,inbound,inbound,\+254712345678,\+254712345678,5000,/);
  assertMatch(cells!, /,"'=HYPERLINK\(""http:\/\/evil""\)",false,$/);
});

Deno.test("GET /cdrs chooses its format by Accept; ?format= overrides it", async () => {
  await using rest = await RestServer.start();
  const type = async (accept: string, query = "") => {
    const { status, headers } = await rest.ask("GET", `/cdrs${query}`, undefined, { accept });
    return status === 200 ? headers.get("content-type")!.split(";")[0] : status;
  };
  assertEquals(await type("*/*"), "application/json");
  assertEquals(await type("text/csv;q=0.9, application/x-ndjson"), "application/x-ndjson");
  assertEquals(await type("text/csv"), "text/csv");
  assertEquals(await type("text/csv", "?format=json"), "application/json");
  assertEquals(await type("image/png"), 406);
  assertEquals(wrongFields(await rest.ask("GET", "/cdrs?format=xml&limit=0")), ["limit", "format"]);
});

/** The text of one cell. */
function cell(text: string): string {
  return csvLine([text]).slice(0, -"\r\n".length);
}

Deno.test("csv leaves phone numbers unchanged, so that they can be imported", () => {
  const numbers = [
    "+254712345678",
    "+15083084809",
    "+442079460958",
    "+999123456789012",
    "+12",
    "254712345678",
    "0712345678",
    "(254) 712-345678",
    "5000",
    "sip:alice@example.com",
    "anonymous",
    "",
  ];
  assertEquals(numbers.map(cell), numbers);
});

Deno.test("csv defuses every text that a spreadsheet could run", () => {
  const attacks = [
    "=1",
    "=cmd|' /C calc'!A0",
    "=2+5+cmd|' /C calc'!A0",
    "+1+1",
    "+254712345678+cmd|' /C calc'!A0",
    "+2547123*1",
    "+A1",
    "+(1)",
    "+",
    "++254712345678",
    "+0712345678",
    "+1234567890123456",
    "+254 712 345678",
    "+254712345678 ",
    "+٢٥٤٧١٢٣٤٥٦٧٨",
    "-1",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    " =1",
    "\u00a0=1",
    "\0=1+1",
    "\u2060=1",
    "\u00ad@1",
    "\ufeff=1",
    "\u200b+1+1",
    "＝1",
    "＋254712345678",
    "－1",
    "＠a",
  ];
  for (const attack of attacks) assertEquals(cell(attack), `'${attack}`);
  const quoted = [
    '=HYPERLINK("http://evil","x")',
    "=1,2",
    "\t=1",
    "\tb",
    "\rc",
    "\nd",
    "\n=1",
    "\r\n@a",
    "+254712345678\n",
    "=1;2",
  ];
  for (const attack of quoted) {
    assertEquals(cell(attack), `"'${attack.replaceAll('"', '""')}"`);
  }
});

Deno.test("csv quotes as RFC 4180 does, for every separator of a spreadsheet", () => {
  const cells = ['e"f', "g,h", "i\r\nj", "k;=1", "l\t=1", "m n", "Wanjirũ"];
  assertEquals(cells.map(cell), [
    '"e""f"',
    '"g,h"',
    '"i\r\nj"',
    '"k;=1"',
    '"l\t=1"',
    "m n",
    "Wanjirũ",
  ]);
  assertEquals(csvLine([-5, null, true]), "-5,,true\r\n");
});

Deno.test("csv preserves every text except for the apostrophe", () => {
  fc.assert(fc.property(fc.array(fc.string(), { minLength: 2, maxLength: 4 }), (texts) => {
    const read = cellsOf(csvLine(texts))[0]!;
    assertEquals(read.map((text, at) => text === `'${texts[at]}` ? texts[at] : text), texts);
    for (const text of read) {
      if (/^[=+\-@\t\r\n]/.test(text)) assertMatch(text, /^\+[1-9]\d{1,14}$/);
    }
  }));
});

/** Reads CSV by RFC 4180. */
function cellsOf(text: string): string[][] {
  const rows: string[][] = [[]];
  const cells = /("(?:[^"]|"")*"|[^,\r\n"]*)(,|\r\n)/gy;
  for (const [, cell = "", end] of text.matchAll(cells)) {
    rows.at(-1)!.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (end !== ",") rows.push([]);
  }
  return rows;
}
