import { assertThrows } from "@std/assert";
import fc from "fast-check";
import { assertInOrder } from "../support/in_order.ts";

const ASKED = " 1.00  jambonz  -> session:reconnect";
const ACKED = " 1.01  jambonz  <- ack of session:reconnect: no verbs";
const PATTERNS = [
  /jambonz +-> session:reconnect$/,
  /jambonz +<- ack of session:reconnect: no verbs/,
];
const others = fc.array(fc.constantFrom(
  " 1.00  buyer    <- contract_update #7 c1 active",
  " 1.00  watcher  <- transcript #3 assistant: Hello",
  " 1.00  jambonz  <- ack of session:new: say, gather",
));

Deno.test("assertInOrder() allows other lines in between, and no other order", () => {
  fc.assert(
    fc.property(others, others, others, (before, between, behind) => {
      assertInOrder([...before, ASKED, ...between, ACKED, ...behind], ...PATTERNS);
      const swapped = [...before, ACKED, ...between, ASKED, ...behind];
      assertThrows(() => assertInOrder(swapped, ...PATTERNS), Error, "no line");
      assertThrows(
        () => assertInOrder([...before, ASKED, ...behind], ...PATTERNS),
        Error,
        "no line",
      );
    }),
    { numRuns: 500 },
  );
});
