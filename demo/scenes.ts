/**
 * The three acts: a deal on the inbound line, the same on jambonz, and one that outlives its server.
 * @module
 */
import { type Actors, BUYER, SELLER } from "./actors.ts";

/** The calls, by the ids that their platforms give them. */
const FIRST = "act-1";
const SECOND = "act-2";
const THIRD = "act-3";

/** The offer takes four seconds to be spoken. */
const HALF_AN_OFFER_MS = 1500;

/** A caller takes the deal on the inbound line; a watcher and both parties follow. */
export async function dealOnInboundLine(actors: Actors): Promise<void> {
  const { stage, buyer, seller, rest } = actors;
  stage.act("Act 1 · A caller takes the deal on the inbound line");
  stage.tell("buyer", "--", `comes as ${BUYER}`);
  buyer.come();
  stage.tell("seller", "--", `comes as ${SELLER}`);
  seller.come();
  await bothHear(actors, "pong");
  const call = actors.callIn(FIRST);
  await stage.until("caller", "<- answer");
  const watching = await actors.watch(FIRST);
  await stage.until("watcher", "<- event:start");
  await rest.hear(FIRST, "Ten bags, at that price?");
  await bothHear(actors, "payment_update", "pending");
  await rest.sign("seller", FIRST, SELLER);
  await rest.settle(FIRST, "Success");
  await bothHear(actors, "contract_update", "active");
  await call;
  await watching.gone();
}

/** The same app on the jambonz line. */
export async function dealOnJambonz(actors: Actors): Promise<void> {
  const { stage } = actors;
  stage.act("Act 2 · The same app on jambonz");
  // Two real seconds: a call that is over has no token for its watcher any more.
  const call = actors.callOnJambonz(SECOND, "wait:8;dtmf:1", 4);
  await stage.until("jambonz", "<- ack");
  const watching = await actors.watch(SECOND);
  await bothHear(actors, "payment_update", "pending");
  await call;
  await watching.gone();
}

/** The server is killed in the middle of the offer, and started again. */
export async function dealOverRestart(actors: Actors): Promise<void> {
  const { stage, buyer, seller, rest, reader } = actors;
  stage.act("Act 3 · The server is killed in the middle of the offer");
  // The server is back long before; if it is not, jambonz keeps the key until it is.
  const call = actors.callOnJambonz(THIRD, "wait:6;dtmf:1", 1);
  await stage.until("jambonz", "<- ack");
  const watching = await actors.watch(THIRD);
  await stage.until("watcher", "<- transcript");
  await stage.pause(HALF_AN_OFFER_MS);
  await seller.leave();
  await Promise.all([
    rest.settle(FIRST, "Released"),
    rest.hear(THIRD, "Let me think about it."),
  ]);
  await actors.kill(buyer, watching);
  await actors.restart();
  // Nobody is back yet who would hear of these.
  await rest.sign("seller", SECOND, SELLER);
  await rest.hear(THIRD, "Are you still there?");
  watching.come();
  buyer.come();
  seller.come();
  await bothHear(actors, "contract_update", "confirmed");
  await stage.until("jambonz", "the app's new verbs", ({ direction, what, detail }) => {
    const { verbs } = (detail ?? {}) as { verbs?: readonly string[] };
    return direction === "<-" && what === "command redirect" && verbs?.[0] === "gather";
  });
  stage.tell(
    "server",
    "--",
    "the app has begun again: it offers anew, and the key is still to come",
  );
  await bothHear(actors, "payment_update", "pending");
  await call;
  await watching.gone();
  const last = await reader.lastNews([BUYER, SELLER]);
  for (const who of ["buyer", "seller"]) {
    await stage.until(
      who,
      `event ${last}`,
      ({ detail }) => (detail as { event_id?: number } | undefined)?.event_id === last,
    );
  }
}

/** Both parties are told so. */
async function bothHear({ stage }: Actors, what: string, status?: string): Promise<void> {
  for (const who of ["buyer", "seller"]) {
    await stage.until(
      who,
      `${what} ${status ?? ""}`,
      (entry) =>
        entry.direction === "<-" && entry.what === what &&
        (entry.detail as { status?: string }).status === status,
    );
  }
}
