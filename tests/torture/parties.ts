/**
 * The parties of contracts at the notifications door: they come and go, and miss nothing.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { PartyLog } from "./logs.ts";
import { ClientSocket } from "./socket.ts";

/** The phone numbers of the parties. */
export const PARTY_PHONES: readonly string[] = [
  "+254712000001",
  "+254712000002",
  "+254712000003",
  "+254712000004",
];

/** Listens until the end of the run; with `leaves` it disconnects now and then. */
export async function party(
  load: Load,
  random: SeededRandom,
  clientId: string,
  leaves: boolean,
): Promise<void> {
  const log: PartyLog = { clientId, told: [], sockets: [] };
  load.logs.parties.push(log);
  while (!load.over.aborted) {
    const after = lastHeard(log);
    const path = `/api/v1/ws/${encodeURIComponent(clientId)}?after=${after}`;
    const socket = await ClientSocket.open(load.url("ws", path));
    if (socket !== undefined) {
      const numbers: number[] = [];
      log.sockets.push({ after, numbers });
      const goes = leaves && !load.draining
        ? setTimeout(() => socket.close(4000), random.whole(20, 600))
        : undefined;
      const leave = () => void socket.close();
      load.over.addEventListener("abort", leave);
      if (load.over.aborted) leave();
      for (let said = await socket.next(); said !== undefined; said = await socket.next()) {
        log.told.push(said);
        numbers.push(Number(said["event_id"]));
      }
      load.over.removeEventListener("abort", leave);
      clearTimeout(goes);
    }
    await load.pause(random, 10, leaves ? 200 : 30);
  }
}

/** The number after which a party resumes. */
export function lastHeard({ told }: PartyLog): number {
  return Number(told.at(-1)?.["event_id"] ?? 0);
}
