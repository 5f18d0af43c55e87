/**
 * Fills a database for the scenario of reads: `deno run -A reads_fill.ts DATABASE KIND`.
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { openSqlite } from "../store/sqlite/open.ts";
import { CONTRACTS, EVENTS, LINES } from "./scenarios/reads_sizes.ts";

const AT_ONCE = 1000;

type Store = Awaited<ReturnType<typeof openSqlite>>;

/** A contract with so many payments, each of them an event for everyone. */
async function fillLog(store: Store): Promise<void> {
  const contract = contractOf("bench");
  const payment = (count: number) => ({
    id: `payment-${count}`,
    contractId: contract.id,
    transactionId: null,
    status: "pending" as const,
    amountMinorUnits: count,
    currency: "KES",
    phoneNumber: "+254712345678",
    type: "escrow" as const,
    reached: [],
    createdAt: contract.createdAt,
    changedAt: contract.createdAt,
  });
  await each(EVENTS, (count) => {
    const paid = payment(count);
    return store.contracts.write({
      contract,
      payments: [],
      audit: [],
      events: [{
        kind: "payment_changed",
        at: contract.createdAt,
        actor: "rest",
        contract,
        payment: paid,
        toEveryone: true,
      }],
    });
  });
}

async function fillContracts(store: Store): Promise<void> {
  await each(CONTRACTS, (count) => {
    const contract = contractOf(`contract-${count}`);
    return store.contracts.write({ contract, payments: [], audit: [], events: [] });
  });
}

async function each(count: number, write: (index: number) => Promise<unknown>): Promise<void> {
  for (let begin = 0; begin < count; begin += AT_ONCE) {
    await Promise.all(
      Array.from({ length: Math.min(AT_ONCE, count - begin) }, (_, at) => write(begin + at)),
    );
  }
}

function contractOf(id: string) {
  const createdAt = new Date("2026-11-21T08:00:00Z");
  return {
    id,
    type: "agricultural_supply" as const,
    status: "pending" as const,
    parties: [
      { phoneNumber: "+254712345678", role: "buyer" as const, name: "Wanjiru" },
      { phoneNumber: "+254787654321", role: "seller" as const, name: null },
    ],
    transcript: "I buy one hundred bags of maize for 300,000 shillings.",
    terms: { product: "maize", bags: 100 },
    totalMinorUnits: 30_000_000,
    currency: "KES",
    hash: "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
    createdAt,
    expiresAt: new Date("2036-11-21T08:00:00Z"),
    confirmedAt: null,
    signatures: [],
  };
}

/** One call that is over, with a million lines. */
function fillTranscript(path: string): void {
  using database = new DatabaseSync(path);
  database.exec("PRAGMA synchronous = OFF; BEGIN");
  database.exec(
    `INSERT INTO calls (id, line, platform_id, state, from_number, to_number, started_at, token,
       open, doc)
     VALUES ('long', 'inbound', 'long', 'ended', '+254712345678', '5000', 1, 'long', 0,
       json_object('id', 'long', 'line', 'inbound', 'platformId', 'long', 'direction', 'inbound',
         'from', '+254712345678', 'to', '5000', 'fromE164', '+254712345678', 'toE164', NULL,
         'state', 'ended', 'startedAt', 1, 'answeredAt', 1, 'endedAt', 2, 'endedBy', 'caller',
         'cdr', NULL, 'liveConversationToken', 'long'))`,
  );
  database.prepare(
    `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
     INSERT INTO events (at, type, actor, call_id, call_seq, data)
     SELECT i, 'transcript', 'rest', 'long', i,
       '{"msg":"I buy ten bags of maize, line ' || i || '","role":"other","offset":' || i || '}'
     FROM n`,
  ).run(LINES);
  database.exec("COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
}

if (import.meta.main) {
  const [path = "", kind] = Deno.args;
  const store = await openSqlite(path);
  if (kind === "log") await fillLog(store);
  else await fillContracts(store);
  await store.close();
  if (kind !== "log") fillTranscript(path);
}
