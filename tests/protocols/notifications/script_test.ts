import { assert, assertEquals } from "@std/assert";
import { encode, prepare } from "../../../session/encode.ts";
import { notificationsWire, type Update } from "../../../protocols/notifications/messages.ts";
import { notifications } from "../../../protocols/notifications/session.ts";
import { saidIn, Script } from "../../support/script.ts";
import { notificationsWorld } from "../../support/worlds.ts";

const CONTRACT: Update = {
  type: "contract_update",
  contract_id: "AG-261121-3FA9C1",
  status: "terminated",
  timestamp: "1795248000",
};
const PAYMENT: Update = {
  type: "payment_update",
  contract_id: "AG-261121-3FA9C1",
  status: "completed",
  amount: 150.5,
  timestamp: "1795248000",
};

function client() {
  const world = notificationsWorld();
  const script = new Script(notificationsWire, notifications, world);
  return { script, told: world.told };
}

Deno.test("notifications() echoes a ping's timestamp unchanged, whatever it is", async () => {
  const { script } = client();
  const texts = [
    "1234567890",
    "1795248000000.125",
    "0",
    "false",
    '""',
    '"2026-11-21T08:00:00Z"',
    '{"a":[1,{"b":null}]}',
    "[]",
    "null",
    "-1e-7",
  ];
  for (const text of texts) {
    const commands = await script.hearText(`{"type":"ping","timestamp":${text}}`);
    const [pong] = saidIn(commands).map((message) => JSON.parse(encode(message)));
    assertEquals(pong, { type: "pong", timestamp: JSON.parse(text) });
    assertEquals(commands.length, 1);
  }
  await script.close(1000);
});

Deno.test("notifications() answers a ping without a timestamp with null", async () => {
  const { script } = client();
  assertEquals(saidIn(await script.hear({ type: "ping" })), [{ type: "pong", timestamp: null }]);
  await script.close(1000);
});

Deno.test("notifications() looks up a contract and sends its status", async () => {
  const { script, told } = client();
  assertEquals(await script.hear({ type: "contract_status", contract_id: "c1" }), []);
  assertEquals(told, [["askStatus", "c1"]]);
  for (const status of ["active", "not_found"]) {
    const notice = { kind: "status", contractId: "c1", status } as const;
    assertEquals(saidIn(await script.notify(notice)), [
      { type: "contract_status_response", contract_id: "c1", status },
    ]);
  }
  await script.close(1000);
});

Deno.test("notifications() passes updates on, whether prepared for broadcast or not", async () => {
  const { script } = client();
  for (const update of [CONTRACT, PAYMENT, prepare({ ...CONTRACT })]) {
    const [command] = await script.notify({ kind: "update", update });
    assert(command?.kind === "send" && command.message === update, "the very same message");
  }
  await script.close(1000);
});

Deno.test("notifications() never answers an invalid message, and the socket stays open", async () => {
  const { script, told } = client();
  const bad = [
    "nonsense",
    "",
    "[]",
    "1",
    "null",
    '"ping"',
    "{}",
    '{"type":"subscribe"}',
    '{"type":"pong","timestamp":1}',
    '{"type":"contract_status"}',
    '{"type":"contract_status","contract_id":7}',
  ];
  for (const text of bad) assertEquals(await script.hearText(text), []);
  await script.tell({ kind: "malformed", why: "binary refused", detail: "1 bytes" });
  assertEquals(told.length, bad.length + 1);
  assert(told.every(([name]) => name === "unexpected"));
  assertEquals(saidIn(await script.hear({ type: "ping", timestamp: 1 })).length, 1);
  await script.close(1000);
});

Deno.test("notifications() closes with 1011 when the contracts cannot be read, and sends nothing more", async () => {
  const { script } = client();
  await script.tell(
    { kind: "notice", notice: { kind: "unavailable" } },
    { kind: "message", message: { type: "ping", timestamp: 1 } },
    { kind: "notice", notice: { kind: "update", update: CONTRACT } },
    { kind: "notice", notice: { kind: "unavailable" } },
  );
  assertEquals(script.commands, [
    { kind: "close", code: 1011, reason: "the contracts cannot be read" },
  ]);
  assert(script.over);
});

Deno.test("notifications() ends when its client leaves", async () => {
  const { script, told } = client();
  assertEquals(await script.close(1006), []);
  assert(script.over);
  assertEquals(told, []);
});
