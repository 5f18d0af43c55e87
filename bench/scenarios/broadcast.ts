/**
 * A payment update to all connected clients while calls are on.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { Load } from "../loads.ts";
import type { ListenJob, PacedReport } from "../load/jobs.ts";
import { type Server, startServer } from "../servers.ts";
import { measurePaced, type Scenario } from "./scenario.ts";

const CLIENTS = 2000;
const CALLS = 50;
/** The pause between two broadcasts. */
const BETWEEN_MS = 100;

/** 50 calls, with and without broadcasts to 2,000 clients. */
export const broadcast: Scenario = {
  title: `A payment_update to ${CLIENTS} clients, again and again, while ${CALLS} calls go on`,
  async run({ rounds, measureMs }) {
    await using server = await startServer("tipring");
    const job = { kind: "listen", port: server.port, clients: CLIENTS } as const;
    await using listeners = await Load.open<ListenJob>(job);
    await listeners.begin();
    const contractId = await createContract(server);
    const [quiet, loud]: PacedReport[][] = [[], []];
    const heardMs: number[] = [];
    for (let round = 0; round < rounds; round++) {
      quiet!.push(await measurePaced(server, CALLS, measureMs));
      const calls = measurePaced(server, CALLS, measureMs);
      let over = false;
      calls.finally(() => over = true);
      while (!over) {
        const beganMs = Date.now();
        await pay(server, contractId);
        const { lastAtMs } = await listeners.report();
        heardMs.push(lastAtMs - beganMs);
        await sleep(BETWEEN_MS);
      }
      loud!.push(await calls);
    }
    return [
      { measure: "calls' p99 without broadcasts, ms", tipring: quiet!.map(({ p99 }) => p99) },
      { measure: "calls' p99 with broadcasts, ms", tipring: loud!.map(({ p99 }) => p99) },
      { measure: "calls' p99.9 with broadcasts, ms", tipring: loud!.map(({ p999 }) => p999) },
      { measure: "lost frames with broadcasts", tipring: loud!.map((r) => r.sent - r.back) },
      { measure: "from POST to the last client, ms", tipring: heardMs },
    ];
  },
};

async function createContract({ port }: Server): Promise<string> {
  const { contract_id } = await post(port, "/api/v1/contracts/create/manual", {
    product: "maize",
    total_amount: 3000,
    parties: [
      { phone: "+254712345678", role: "buyer" },
      { phone: "+254712345679", role: "seller" },
    ],
    contract_type: "agricultural_supply",
  });
  return contract_id!;
}

async function pay({ port }: Server, contract_id: string): Promise<void> {
  const phone_number = "+254712345678";
  await post(port, "/api/v1/payments/checkout", { contract_id, amount: 1, phone_number });
}

async function post(port: number, path: string, body: unknown): Promise<Record<string, string>> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(`${path} answered ${response.status} ${answer}`);
  return JSON.parse(answer);
}
