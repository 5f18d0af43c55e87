import { assertEquals, assertRejects } from "@std/assert";
import { CONTRACT_MOVES, CONTRACT_STATUSES, type ContractStatus } from "../contracts/contract.ts";
import { ContractError, IllegalMove } from "../contracts/errors.ts";
import { PAYMENT_MOVES, PAYMENT_STATUSES, type PaymentStatus } from "../contracts/payment.ts";
import { DEAL, Office, SAID } from "./support/contract_office.ts";

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
  Deno.test(`contractBook.change() from ${from} takes the moves of the table and no other`, async () => {
    for (const to of CONTRACT_STATUSES) {
      await using office = await Office.open();
      const { book, store, told } = office;
      const { id } = await book.create(DEAL, "test");
      for (const step of PATHS[from]) await book.change(id, { status: step }, "test");
      told();
      const allowed: readonly ContractStatus[] = CONTRACT_MOVES[from];
      if (to === from) {
        assertEquals((await book.change(id, { status: to }, "test")).status, from);
        assertEquals(told(), []);
      } else if (allowed.includes(to)) {
        assertEquals((await book.change(id, { status: to }, "test")).status, to);
        assertEquals(told(), [`contract ${to}`]);
      } else {
        const error = await assertRejects(
          () => book.change(id, { status: to }, "test"),
          IllegalMove,
          `Cannot move contract ${id} from "${from}" to "${to}"; allowed: ` +
            (allowed.join(", ") || "nothing"),
        );
        assertEquals([error.from, error.to, error.allowed], [from, to, allowed]);
        const both = { status: to, terms: { never: "kept" } };
        await assertRejects(() => book.change(id, both, "test"), ContractError);
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
  Deno.test(`contractBook.settle() from ${from} takes the moves of the table and no other`, async () => {
    for (const to of PAYMENT_STATUSES) {
      await using office = await Office.open();
      const { book, store, told, payment } = office;
      const { id } = await payment((await book.create(DEAL, "test")).id, "direct");
      const settle = (status: PaymentStatus) =>
        book.settle({ transactionId: id, status: SAID[status] });
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
