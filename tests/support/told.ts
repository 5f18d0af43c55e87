/**
 * Messages for clients of the notifications door, by writing to the store.
 * @module
 */
import type { Contract } from "../../contracts/contract.ts";
import {
  BUYER,
  changed,
  contractWrite,
  paid,
  sampleContract,
  samplePayment,
} from "./store_samples.ts";
import { Client, type Message } from "./client.ts";
import type { KeptServer } from "./kept_server.ts";

/** Opens a notifications socket. */
export function listen(
  server: KeptServer,
  clientId: string = BUYER,
  after?: number,
): Promise<Client> {
  const query = after === undefined ? "" : `?after=${after}`;
  return Client.open(server.ws(`/api/v1/ws/${encodeURIComponent(clientId)}${query}`));
}

/** A contract between these two, or between the usual ones, without an event. */
export function dealBetween(id: string, phoneNumbers?: readonly [string, string]): Contract {
  const contract = sampleContract(id);
  const [buyer, seller] = contract.parties;
  if (phoneNumbers === undefined) return contract;
  const parties = [
    { ...buyer!, phoneNumber: phoneNumbers[0] },
    { ...seller!, phoneNumber: phoneNumbers[1] },
  ];
  return { ...contract, parties };
}

/** Writes a change of a contract; returns the id of the event. */
export async function tellContract(server: KeptServer, contract: Contract): Promise<number> {
  const { contracts } = server.server.services.store;
  const [id] = await contracts.write(contractWrite(contract, { events: [changed(contract)] }));
  return id!;
}

/** Writes a change of a payment; returns the id of the event. */
export async function tellPayment(
  server: KeptServer,
  contract: Contract,
  { units, toEveryone }: { units: number; toEveryone: boolean },
): Promise<number> {
  const payment = samplePayment(`of ${contract.id}`, contract.id, { amountMinorUnits: units });
  const news = [paid(contract, payment, toEveryone)];
  const { contracts } = server.server.services.store;
  const [id] = await contracts.write(
    contractWrite(contract, { payments: [payment], events: news }),
  );
  return id!;
}

/** The ids of the events that a client has received so far. */
export function toldIds(client: Client): number[] {
  return updates(client).map((message) => Number(message["event_id"]));
}

/** The updates that a client has received so far. */
export function updates(client: Client): Message[] {
  return client.messages.filter(({ type }) => String(type).endsWith("_update"));
}
