/** Our reader of RFC 6455 beside that of `ws`. `deno task fuzz` compares as many streams as one likes. */
import { assert, assertEquals, assertThrows } from "@std/assert";
import {
  compareStreams,
  deviation,
  DEVIATIONS,
  resultOfOurs,
  resultOfWs,
} from "../../fuzz/websocket_oracle.ts";

const SEED = 6455;

Deno.test("MessageReader reads what ws reads in 5,000 streams, cut and corrupted everywhere", () => {
  const { ends, deviations } = compareStreams(5000, SEED);
  // A stream of every fate, or the oracle has looked at nothing.
  assertEquals(new Set(Object.keys(ends)), new Set(["open", "closed", "1002", "1007", "1009"]));
  for (const [end, count] of Object.entries(ends)) assert(count > 50, `${count} ended ${end}`);
  assertEquals(new Set(Object.keys(deviations)), new Set(Object.keys(DEVIATIONS)));
});

Deno.test("the oracle reports a difference that is not a named one", () => {
  const ping = [new Uint8Array([0x89, 0x80, 0, 0, 0, 0])];
  const [ours, theirs] = [resultOfOurs(ping), resultOfWs(ping)];
  assertEquals(deviation(ours, theirs), undefined);
  assertThrows(() => deviation({ ...ours, heard: [] }, theirs), Error, "Ours is");
  assertThrows(() => deviation({ ...ours, end: 1002 }, theirs), Error, "Ours is");
});
