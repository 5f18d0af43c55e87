import { assertEquals, assertRejects } from "@std/assert";
import {
  CONTRACT_MOVES,
  CONTRACT_STATUSES,
  type ContractStatus,
} from "../../contracts/contract.ts";
import { ContractError, IllegalMove } from "../../contracts/errors.ts";
import { PAYMENT_MOVES, PAYMENT_STATUSES, type PaymentStatus } from "../../contracts/payment.ts";
import { DEAL, SAID, TestContracts } from "../support/contracts.ts";

const PATHS: Record<ContractStatus, readonly ContractStatus[]> = {
  pending: [],
  confirmed: ["confirmed"],
  active: ["confirmed", "active"],
  completed: ["confirmed", "active", "completed"],
  disputed: ["confirmed", "disputed"],
  cancelled: ["cancelled"],
  expired: ["expired"],
  terminated: ["confirmed", "active", "terminated"],
};

for (const from of CONTRACT_STATUSES) {
  Deno.test(`contracts.change() from ${from} allows exactly the moves of the table`, async () => {
    for (const to of CONTRACT_STATUSES) {
      await using test = await TestContracts.open();
      const { contracts, store, told } = test;
      const { id } = await contracts.create(DEAL, "test");
      for (const step of PATHS[from]) await contracts.change(id, { status: step }, "test");
      told();
      const allowed: readonly ContractStatus[] = CONTRACT_MOVES[from];
      if (to === from) {
        assertEquals((await contracts.change(id, { status: to }, "test")).status, from);
        assertEquals(told(), []);
      } else if (allowed.includes(to)) {
        assertEquals((await contracts.change(id, { status: to }, "test")).status, to);
        assertEquals(told(), [`contract ${to}`]);
      } else {
        const error = await assertRejects(
          () => contracts.change(id, { status: to }, "test"),
          IllegalMove,
          `Cannot move contract ${id} from "${from}" to "${to}"; allowed: ` +
            (allowed.join(", ") || "nothing"),
        );
        assertEquals([error.from, error.to, error.allowed], [from, to, allowed]);
        const both = { status: to, terms: { never: "kept" } };
        await assertRejects(() => contracts.change(id, both, "test"), ContractError);
        assertEquals((await store.contract(id))?.status, from);
        assertEquals((await store.contract(id))?.terms, DEAL.terms);
        assertEquals(told(), []);
      }
    }
  });
}

const PAYMENT_PATHS: Record<PaymentStatus, readonly PaymentStatus[]> = {
  pending: [],
  completed: ["completed"],
  failed: ["failed"],
  locked: ["locked"],
  released: ["locked", "released"],
  refunded: ["locked", "refunded"],
};

for (const from of PAYMENT_STATUSES) {
  Deno.test(`contracts.settle() from ${from} allows exactly the moves of the table`, async () => {
    for (const to of PAYMENT_STATUSES) {
      await using test = await TestContracts.open();
      const { contracts, store, told, payment } = test;
      const { id } = await payment((await contracts.create(DEAL, "test")).id, "direct");
      const settle = (status: PaymentStatus) =>
        contracts.settle({ transactionId: id, status: SAID[status] });
      for (const step of PAYMENT_PATHS[from]) await settle(step);
      told();
      const reached: readonly PaymentStatus[] = ["pending", ...PAYMENT_PATHS[from]];
      const allowed: readonly PaymentStatus[] = PAYMENT_MOVES[from];
      if (reached.includes(to)) {
        assertEquals((await settle(to)).status, from);
        assertEquals(told(), []);
      } else if (allowed.includes(to)) {
        assertEquals((await settle(to)).status, to);
        assertEquals(told(), [`payment ${to}`]);
      } else {
        const error = await assertRejects(() => settle(to), IllegalMove, `payment ${id}`);
        assertEquals([error.from, error.to, error.allowed], [from, to, allowed]);
        assertEquals((await store.payment(id))?.status, from);
        assertEquals(told(), []);
      }
    }
  });
}
