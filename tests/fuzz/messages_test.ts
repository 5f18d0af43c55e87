/** A share of `deno task fuzz --messages`, with its own seed. */
import { assert, assertEquals } from "@std/assert";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { SeededRandom } from "../torture/seeded_random.ts";
import { fuzzMessages } from "./messages.ts";
import { examplesOf, mutated } from "./mutate.ts";

Deno.test("fuzz: 5,000 mutated messages on every door cause no failure", async () => {
  const { sent, sockets, closes, faults } = await fuzzMessages(5000, 10);
  assertEquals(faults, []);
  assertEquals(sent, 5000);
  assertEquals(Object.values(closes).reduce((sum, count) => sum + count, 0), sockets);
  assertEquals(({} as { polluted?: boolean }).polluted, undefined);
});

Deno.test("fuzz: a seed reproduces its messages, a mix of valid and invalid ones", () => {
  const texts = (seed: number) => {
    const random = new SeededRandom(seed);
    return Array.from({ length: 500 }, () => mutated(examplesOf(jambonzWire), random));
  };
  assertEquals(texts(1), texts(1));
  const json = texts(2).filter((text) => {
    try {
      return typeof text === "string" && typeof JSON.parse(text) === "object";
    } catch {
      return false;
    }
  });
  assert(json.length > 250 && json.length < 495, `${json.length} of 500 are JSON`);
});
