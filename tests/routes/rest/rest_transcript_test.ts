import { assertEquals } from "@std/assert";
import { CallTranscript } from "../../../routes/rest/call_transcript.ts";
import { Client } from "../../support/client.ts";
import { refused, RestServer, wrongFields } from "../../support/rest.ts";

Deno.test("POST /transcript records final segments, in order, and watchers receive them", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const token = live.call.liveConversationToken;
  await using watcher = await Client.open(
    rest.url(`/ws/v1/liveCalls?conversationToken=${token}&key=dev`, "ws"),
  );
  await watcher.next({ type: "event:start" });
  const segments = [
    { role: "other", text: "I buy", final: false },
    { role: "other", text: "I buy ten bags", offset: 1200, final: true },
    { role: "assistant", text: "Which ones?", final: true },
  ];
  const { status, body } = await rest.ask("POST", `${live.path}/transcript`, { segments });
  assertEquals(status, 200);
  const seqs = body.segments.map(({ seq }: { seq?: number }) => seq);
  assertEquals(body.segments.map(({ recorded }: { recorded: boolean }) => recorded), [
    false,
    true,
    true,
  ]);
  assertEquals(seqs[2], seqs[1] + 1);
  const first = { type: "transcript", msg: "I buy ten bags", role: "other", offset: 1200 };
  assertEquals(await watcher.next({ type: "transcript" }), first);
  const second = { type: "transcript", msg: "Which ones?", role: "assistant" };
  assertEquals(await watcher.next({ type: "transcript" }), second);
  const read = CallTranscript.parse((await rest.ask("GET", `${live.path}/transcript`)).body);
  assertEquals(read.transcript.map(({ at: _, ...said }) => said), [
    { seq: seqs[1], msg: "I buy ten bags", role: "other", offset: 1200 },
    { seq: seqs[2], msg: "Which ones?", role: "assistant" },
  ]);
});

Deno.test("POST /transcript accepts a single segment", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const final = { role: "user", text: "Hello", final: true };
  const recorded = await rest.ask("POST", `${live.path}/transcript`, final);
  assertEquals(recorded.body, { segments: [{ recorded: true, seq: 3 }] });
  const partial = await rest.ask("POST", `${live.path}/transcript`, { ...final, final: false });
  assertEquals(partial.body, { segments: [{ recorded: false }] });
});

Deno.test("POST /transcript with one key is recorded once", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const segments = ["one", "two"].map((text) => ({ role: "other", text, final: true }));
  const key = { "idempotency-key": "k" };
  const post = () => rest.ask("POST", `${live.path}/transcript`, { segments }, key);
  const answers = await Promise.all([post(), post(), post()]);
  assertEquals(new Set(answers.map(({ text }) => text)).size, 1);
  const { body } = await rest.ask("GET", `${live.path}/transcript`);
  assertEquals(body.transcript.map(({ msg }: { msg: string }) => msg), ["one", "two"]);
});

Deno.test("POST /transcript names the fault, and refuses calls that are over or unknown", async () => {
  await using rest = await RestServer.start();
  await using live = await rest.inboundCall();
  const path = `${live.path}/transcript`;
  const wrong = { segments: [{ role: "other", text: "a" }, { role: "x", text: "", offset: -1 }] };
  refused(await rest.ask("POST", path, wrong), 422);
  assertEquals(wrongFields(await rest.ask("POST", path, wrong)), [
    "segments.1.role",
    "segments.1.text",
    "segments.1.offset",
  ]);
  assertEquals(wrongFields(await rest.ask("POST", path, { role: "other", text: 1 })), ["text"]);
  assertEquals(wrongFields(await rest.ask("POST", path, { segments: [] })), ["segments"]);
  const said = { role: "other", text: "late", final: true };
  refused(await rest.ask("POST", "/calls/nobody/transcript", said), 404, "nobody");
  await live.end();
  refused(await rest.ask("POST", path, said), 409, "it is over");
});
