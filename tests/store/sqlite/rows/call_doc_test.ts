import { assertEquals } from "@std/assert";
import { madeUpCdr } from "../../../../calls/cdr.ts";
import { type CallDoc, callFromDoc, callToDoc } from "../../../../store/sqlite/rows/call_doc.ts";
import { aCall } from "../../../support/worlds.ts";

Deno.test("callFromDoc() reverses callToDoc(), also for a withheld caller", () => {
  const call = aCall({ from: null, to: null, fromE164: null });
  const withCdr = { ...call, cdr: madeUpCdr(call, new Date(0)) };
  for (const each of [call, withCdr]) {
    const doc: CallDoc = JSON.parse(JSON.stringify(callToDoc(each)));
    assertEquals(callFromDoc(doc, each.lastSeq), each);
  }
});

Deno.test("callFromDoc() reads calls of earlier versions", () => {
  const call = aCall({ from: null, to: null });
  const { unread: _, ...cdr } = madeUpCdr(call, new Date(0));
  const doc = JSON.parse(JSON.stringify({ ...callToDoc(call), from: "", to: "", cdr }));
  assertEquals(callFromDoc(doc, 0), { ...call, cdr: { ...cdr, unread: [] } });
});
