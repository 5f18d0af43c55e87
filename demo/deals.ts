/**
 * The three parts of the demo: a deal on the inbound line, a deal on jambonz, and a deal during
 * which the server is killed.
 * @module
 */
import { type Actors, BUYER, SELLER } from "./actors.ts";

/** The platform ids of the calls. */
const FIRST = "act-1";
const SECOND = "act-2";
const THIRD = "act-3";

/** The offer takes four seconds. */
const HALF_AN_OFFER_MS = 1500;

/** A caller takes the deal on the inbound line; a watcher and both parties follow. */
export async function dealOnInboundLine(actors: Actors): Promise<void> {
  const { story, buyer, seller, rest } = actors;
  story.part("Act 1 · A caller takes the deal on the inbound line");
  story.line("buyer", "--", `comes as ${BUYER}`);
  buyer.connect();
  story.line("seller", "--", `comes as ${SELLER}`);
  seller.connect();
  await bothReceive(actors, "pong");
  const call = actors.callIn(FIRST);
  await story.waitFor("caller", "<- answer");
  const watching = await actors.watch(FIRST);
  await story.waitFor("watcher", "<- event:start");
  await rest.transcribe(FIRST, "Ten bags, at that price?");
  await bothReceive(actors, "payment_update", "pending");
  await rest.sign("seller", FIRST, SELLER);
  await rest.settle(FIRST, "Success");
  await bothReceive(actors, "contract_update", "active");
  await call;
  await watching.gone();
}

/** The same app on the jambonz line. */
export async function dealOnJambonz(actors: Actors): Promise<void> {
  const { story } = actors;
  story.part("Act 2 · The same app on jambonz");
  // Two real seconds: an ended call has no token for its watcher.
  const call = actors.callOnJambonz(SECOND, "wait:8;dtmf:1", 4);
  await story.waitFor("jambonz", "<- ack");
  const watching = await actors.watch(SECOND);
  await bothReceive(actors, "payment_update", "pending");
  await call;
  await watching.gone();
}

/** The server is killed in the middle of the offer, and started again. */
export async function dealOverRestart(actors: Actors): Promise<void> {
  const { story, buyer, seller, rest, reader } = actors;
  story.part("Act 3 · The server is killed in the middle of the offer");
  // The server is back long before; otherwise jambonz sends the key when it is back.
  const call = actors.callOnJambonz(THIRD, "wait:6;dtmf:1", 1);
  await story.waitFor("jambonz", "<- ack");
  const watching = await actors.watch(THIRD);
  await story.waitFor("watcher", "<- transcript");
  await story.pause(HALF_AN_OFFER_MS);
  await seller.leave();
  await Promise.all([
    rest.settle(FIRST, "Released"),
    rest.transcribe(THIRD, "Let me think about it."),
  ]);
  await actors.kill(buyer, watching);
  await actors.restart();
  // No listener is connected yet.
  await rest.sign("seller", SECOND, SELLER);
  await rest.transcribe(THIRD, "Are you still there?");
  watching.connect();
  buyer.connect();
  seller.connect();
  await bothReceive(actors, "contract_update", "confirmed");
  await story.waitFor("jambonz", "the app's new verbs", ({ direction, what, detail }) => {
    const { verbs } = (detail ?? {}) as { verbs?: readonly string[] };
    return direction === "<-" && what === "command redirect" && verbs?.[0] === "gather";
  });
  story.line(
    "server",
    "--",
    "the app has started again: it repeats the offer, and waits for the key",
  );
  await bothReceive(actors, "payment_update", "pending");
  await call;
  await watching.gone();
  const last = await reader.lastSentId([BUYER, SELLER]);
  for (const who of ["buyer", "seller"]) {
    await story.waitFor(
      who,
      `event ${last}`,
      ({ detail }) => (detail as { event_id?: number } | undefined)?.event_id === last,
    );
  }
}

/** Waits until both parties have received it. */
async function bothReceive({ story }: Actors, what: string, status?: string): Promise<void> {
  for (const who of ["buyer", "seller"]) {
    await story.waitFor(
      who,
      `${what} ${status ?? ""}`,
      (entry) =>
        entry.direction === "<-" && entry.what === what &&
        (entry.detail as { status?: string }).status === status,
    );
  }
}
