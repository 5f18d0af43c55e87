import { assertEquals } from "@std/assert";
import { LOCAL } from "../../access/holder.ts";
import { countedBy } from "../../http/counted_by.ts";
import { holder } from "../support/access.ts";

Deno.test("countedBy() counts by the key, wherever it comes from, and else by the address", () => {
  const [here, there] = ["192.0.2.1", "192.0.2.2"];
  const crm = holder({ id: "k1" });
  assertEquals(
    countedBy({ holder: crm, address: here }),
    countedBy({ holder: crm, address: there }),
  );
  assertEquals(countedBy({ holder: undefined, address: here }), `address ${here}`);
  assertEquals(countedBy({ holder: LOCAL, address: here }), `address ${here}`);
  assertEquals(countedBy({ holder: crm, address: here }), "key k1");
});
