/** The deal, on both lines: `apps/ivr.ts`. */
import { assert, assertEquals } from "@std/assert";
import { readWav } from "../../audio/wav.ts";
import { serverWith } from "../support/apps.ts";
import { Client, type Message } from "../support/client.ts";
import { CALLER, inboundCall, JAMBONZ, said, sessionNew } from "../support/lines.ts";
import type { TestServer } from "../support/server.ts";

const SELLER = "+254787654321";
const AGREED = "Thank you. The deal is agreed, and both of you will be told.";

/** Both parties, connected. */
async function parties(server: TestServer): Promise<Client[]> {
  const open = (phone: string) => Client.open(server.ws(`/api/v1/ws/${encodeURIComponent(phone)}`));
  return await Promise.all([CALLER, SELLER].map(open));
}

async function assertAgreed(server: TestServer, told: readonly Client[]): Promise<void> {
  for (const party of told) {
    const { amount } = await party.next({ type: "payment_update" });
    assertEquals(amount, 150.5);
    await party.close();
  }
  const { contracts: [contract], total } = await server.rest("GET", "/contracts/");
  assertEquals(total, 1);
  assertEquals(
    contract.parties.map(({ phone_number }: Message) => phone_number).sort(),
    [CALLER, SELLER],
  );
  const status = await server.rest("GET", `/contracts/${contract.contract_id}/status`);
  assertEquals(status.progress.signed, 1);
  // The seller has the last word.
  const phone = encodeURIComponent(SELLER);
  const confirm = `/contracts/${contract.contract_id}/confirm?phone_number=${phone}`;
  await server.rest("POST", confirm);
  assertEquals(
    (await server.rest("GET", `/contracts/${contract.contract_id}`)).status,
    "confirmed",
  );
}

async function assertNoDeal(server: TestServer): Promise<void> {
  assertEquals((await server.rest("GET", "/contracts/")).total, 0);
}

/** The PCM of a prompt. */
async function prompt(name: string): Promise<Uint8Array> {
  const { samples } = readWav(
    await Deno.readFile(new URL(`../../apps/prompts/${name}.wav`, import.meta.url)),
  );
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}

Deno.test("ivr, inbound: 1 interrupts the offer, and the deal is agreed", async () => {
  await using server = await serverWith("apps/ivr.ts");
  const told = await parties(server);
  await using line = await inboundCall(server);
  const offer = await prompt("offer");
  for (let at = 0; at < 3200; at += 320) {
    assertEquals(await line.nextAudio(), offer.slice(at, at + 320));
  }
  line.send({ event: "dtmf", digit: "1" });
  await line.next({ event: "interrupt" });
  await assertAgreed(server, told);
  const agreed = await prompt("agreed");
  assertEquals(await line.nextAudio(), agreed.slice(0, 320));
  await line.next({ event: "hangup" });
  line.send({ event: "cdr", hangupCauseCode: 16 });
  await line.whenClosed();
  const frames = line.frames.all.filter((frame) => frame instanceof Uint8Array).length;
  assert(
    frames >= 10 + Math.floor(agreed.length / 320),
    `${frames} frames: it is heard to its end`,
  );
  const call = await server.call("inbound", "in-1");
  const texts = (await server.record(call)).map(({ type, data }) =>
    type === "note" ? data.text : type
  );
  for (const text of ["contract opened", "contract confirmed", "payment recorded"]) {
    assert(texts.includes(text), text);
  }
});

Deno.test("ivr, inbound: 2 refuses", async () => {
  await using server = await serverWith("apps/ivr.ts");
  await using line = await inboundCall(server);
  await line.nextAudio();
  line.send({ event: "dtmf", digit: "2" });
  await line.next({ event: "interrupt" });
  const refused = await prompt("refused");
  assertEquals(await line.nextAudio(), refused.slice(0, 320));
  await line.next({ event: "hangup" });
  await assertNoDeal(server);
});

async function offered(server: TestServer): Promise<{ line: Client; hook: Message }> {
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack", msgid: "new" });
  const [answer, gather] = data as Message[];
  assertEquals(answer, { verb: "answer" });
  return { line, hook: { hook: gather!["actionHook"] } };
}

Deno.test("ivr, jambonz: 1 agrees", async () => {
  await using server = await serverWith("apps/ivr.ts");
  const told = await parties(server);
  const { line, hook } = await offered(server);
  line.send({ ...said("verb:hook", "h", { digits: "1" }), ...hook });
  const { data } = await line.next({ type: "ack", msgid: "h" });
  assertEquals(data, [{ verb: "say", text: AGREED }, { verb: "hangup" }]);
  await assertAgreed(server, told);
  await line.close();
});

Deno.test("ivr, jambonz: three silences hang up, and 2 declines", async () => {
  await using server = await serverWith("apps/ivr.ts");
  let { line, hook } = await offered(server);
  for (const msgid of ["h1", "h2"]) {
    line.send({ ...said("verb:hook", msgid, { reason: "timeout" }), ...hook });
    const { data: [gather] } = await line.next({ type: "ack", msgid }) as { data: Message[] };
    assertEquals(gather!["say"], { text: "I heard no key. Press 1 to agree, or 2 to refuse." });
    hook = { hook: gather!["actionHook"] };
  }
  line.send({ ...said("verb:hook", "h3", { reason: "timeout" }), ...hook });
  const { data } = await line.next({ type: "ack", msgid: "h3" });
  assertEquals(data, [{ verb: "say", text: "Goodbye." }, { verb: "hangup" }]);
  line.send(said("call:status", "s", { call_status: "completed" }));
  await line.close();
  ({ line, hook } = await offered(server));
  line.send({ ...said("verb:hook", "h4", { digits: "2" }), ...hook });
  assert(
    JSON.stringify(await line.next({ type: "ack", msgid: "h4" })).includes("refused the deal"),
  );
  await assertNoDeal(server);
  await line.close();
});
