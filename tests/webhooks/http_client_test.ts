/** One request and its answer, with any kind of receiver. */
import { assertEquals, assertMatch } from "@std/assert";
import { type Answer, post } from "../../webhooks/http_client.ts";
import { AllowedTargets } from "../../webhooks/targets.ts";

const NEVER = new AbortController().signal;

async function ask(
  handler: (request: Request) => Response | Promise<Response>,
  { timeoutMs = 15_000, stopping = NEVER, done = () => {} } = {},
): Promise<Answer> {
  const options = { port: 0, hostname: "127.0.0.1", onListen() {} };
  const server = Deno.serve(options, (request) => handler(request));
  const url = new URL(`http://127.0.0.1:${server.addr.port}/`);
  const allowed = new AllowedTargets(["127.0.0.1"]);
  const resolve = () => Promise.reject(new Error("an address is not looked up"));
  const request = { url, headers: {}, body: "{}" };
  const answer = await post(request, { allowed, resolve, timeoutMs }, stopping);
  done();
  await server.shutdown();
  return answer;
}

Deno.test("post() reads only the start of an endless body", async () => {
  let cancelled = false;
  const flood = () =>
    new ReadableStream({
      pull: (to) => to.enqueue(new Uint8Array(1024).fill(64)),
      cancel: () => void (cancelled = true),
    });
  const { status, error, excerpt } = await ask(() => new Response(flood()));
  assertEquals([status, error, excerpt], [200, null, "@".repeat(256)]);
  assertEquals(cancelled, true);
});

Deno.test("post() keeps the status of an answer whose body is cut off", async () => {
  const stuck = () =>
    new ReadableStream({ start: (to) => to.enqueue(new TextEncoder().encode("almost\r\n\0")) });
  const { status, error, excerpt } = await ask(() => new Response(stuck()), { timeoutMs: 1000 });
  assertEquals([status, error, excerpt], [200, null, "almost"]);
});

Deno.test("post() cuts a long answer of multi-byte characters between characters", async () => {
  const { excerpt } = await ask(() => new Response("é😀".repeat(2000), { status: 400 }));
  assertEquals(excerpt?.isWellFormed(), true);
  assertMatch(excerpt ?? "", /^(é😀?|\ufffd)+$/u);
});

Deno.test("post() ends when the server stops", async () => {
  const stopping = new AbortController();
  const over = Promise.withResolvers<Response>();
  const mute = () => {
    stopping.abort();
    return over.promise;
  };
  const broken = await ask(mute, {
    stopping: stopping.signal,
    done: () => over.resolve(new Response()),
  });
  assertEquals([broken.status, broken.error], [null, "the server is stopping"]);
  let reached = false;
  const reach = () => {
    reached = true;
    return new Response();
  };
  const never = await ask(reach, { stopping: AbortSignal.abort() });
  assertEquals([never.status, never.error, reached], [null, "the server is stopping", false]);
});

Deno.test("post() reports a refused connection, and a server that does not speak HTTP", async () => {
  const allowed = new AllowedTargets(["127.0.0.1"]);
  const listener = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const url = new URL(`http://127.0.0.1:${listener.addr.port}/`);
  const client = { allowed, resolve: () => Promise.resolve([]), timeoutMs: 15_000 };
  const speaking = (async () => {
    using socket = await listener.accept();
    await socket.write(new TextEncoder().encode("220 mail.example ESMTP\r\n"));
    await socket.read(new Uint8Array(1024));
  })();
  const strange = await post({ url, headers: {}, body: "{}" }, client, NEVER);
  assertEquals(strange.status, null);
  await speaking;
  listener.close();
  const nobody = await post({ url, headers: {}, body: "{}" }, client, NEVER);
  assertMatch(nobody.error ?? "", /ECONNREFUSED/);
});
