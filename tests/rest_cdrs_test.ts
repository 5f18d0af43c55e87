import { assertEquals, assertFalse, assertMatch } from "@std/assert";
import { CallCdr, CdrEntry, CdrList } from "../routes/cdrs.ts";
import { csv } from "../routes/csv.ts";
import { refused, RestServer, wrongFields } from "./support/rest.ts";

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

Deno.test("GET /calls/{id}/cdr gives the normal form and what was received", async () => {
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

Deno.test("GET /calls/{id}/cdr has nothing received where we have made it up", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  await live.end();
  const { body } = await rest.ask("GET", `${live.path}/cdr`);
  assertEquals(body.cdr.madeByUs, true);
  assertFalse("received" in body);
});

Deno.test("GET /cdrs as JSON has the calls whose CDR has come, in full pages", async () => {
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

Deno.test("GET /cdrs as NDJSON is one CDR a line, with the next page in Link", async () => {
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
  assertMatch(cells!, /,inbound,inbound,'\+254712345678,'\+254712345678,5000,/);
  assertMatch(cells!, /,"'=HYPERLINK\(""http:\/\/evil""\)",false,$/);
});

Deno.test("GET /cdrs chooses its format by Accept, and ?format= goes before it", async () => {
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

Deno.test("csv quotes by RFC 4180 and takes the edge off formulas", () => {
  const cells = ["=1", "+1", "-1", "@a", "\tb", "\rc", "＝d", 'e"f', "g,h", "i\r\nj", " =k", "l"];
  const written = cells.map((a) => csv(["a"], [{ a }]).slice("a\r\n".length, -"\r\n".length));
  assertEquals(written, [
    "'=1",
    "'+1",
    "'-1",
    "'@a",
    "'\tb",
    '"\'\rc"',
    "'＝d",
    '"e""f"',
    '"g,h"',
    '"i\r\nj"',
    " =k",
    "l",
  ]);
  assertEquals(csv(["a", "b", "c"], [{ a: -5, b: null, c: true }]), "a,b,c\r\n-5,,true\r\n");
});
