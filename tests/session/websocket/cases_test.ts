/** RFC 6455 over real sockets on both transports: strict on ours, with Deno's deviations by name. */
import { assert, assertEquals } from "@std/assert";
import { listenHardened } from "../../../server/listen/hardened.ts";
import type { Listener } from "../../../server/listen/listener.ts";
import { listenNative } from "../../../server/listen/native.ts";
import { limitsOf } from "../../../session/limits.ts";
import { denoUpgrade } from "../../../session/serve.ts";
import type { Handler } from "../../../http/router.ts";
import { CLOSE, RawSocket } from "../../support/raw_socket.ts";
import { type Case, CASES, MOST_BYTES, type Outcome, told } from "./cases.ts";
import { NATIVE_DEVIATIONS } from "./native_deviations.ts";

const limits = limitsOf({ textBytes: MOST_BYTES, audioBytes: MOST_BYTES });
const MARK = "6d61726b";
/** A ping of `mark`: whoever answers it is open. */
const MARKER = Uint8Array.of(0x89, 0x84, 0, 0, 0, 0, ...new TextEncoder().encode("mark"));

/** The smallest server on a transport: it sends back what it hears, so many promises later. */
function echo(ticks: number): Handler {
  return (request, { upgrade = denoUpgrade }) => {
    const options = { limits, heartbeatMs: 0, subprotocol: undefined };
    const { socket, response } = upgrade(request, options);
    socket.binaryType = "arraybuffer";
    socket.addEventListener("message", {
      async handleEvent(event: Event) {
        if (event.type !== "message") return;
        const { data } = event as MessageEvent;
        for (let tick = 0; tick < ticks; tick++) await null;
        socket.send(data);
      },
    });
    return Promise.resolve(response);
  };
}

const where = { hostname: "127.0.0.1", port: 0, handler: echo(0) };
/** A protocol answers in promises: more than the engine has between a message and its answer. */
const ENGINE_TICKS = 50;
const admission = { opened: () => true, closed: () => {} };

async function play(listener: Listener, writes: readonly Uint8Array[], marks: boolean) {
  const { port } = listener.addr as Deno.NetAddr;
  using raw = await RawSocket.open(port, "/");
  // A server that has closed accepts no more, and may report it.
  const writing = (async () => {
    for (const bytes of marks ? [...writes, MARKER] : writes) await raw.write(bytes);
  })().catch(() => {});
  const outcome = await outcomeOf(raw);
  await writing;
  return outcome;
}

async function outcomeOf(raw: RawSocket): Promise<Outcome> {
  const heard: string[] = [];
  while (true) {
    const read = await raw.read().catch((error) => {
      if (isGone(error)) return undefined;
      throw error;
    });
    if (read === undefined) return { heard, end: "dropped" };
    const { opcode, payload } = read;
    if (opcode === CLOSE) {
      const view = new DataView(payload.buffer, payload.byteOffset);
      return { heard, end: payload.length === 0 ? 1005 : view.getUint16(0) };
    }
    const said = told(opcode, payload);
    if (said === `pong ${MARK}`) return { heard, end: "open" };
    heard.push(said);
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Error && error.message === "The peer has gone";
}

function isSame(one: Outcome, { heard, end }: Outcome): boolean {
  return one.end === end && one.heard.join("|") === heard.join("|");
}

function fault({ name, heard, end }: Case, outcome: Outcome): string {
  return `${name}: ${Deno.inspect(outcome)}, not ${Deno.inspect({ heard, end })}`;
}

for (const [group, cases] of Object.entries(CASES)) {
  Deno.test(`RFC 6455 on hardened, strictly: ${group}, ${cases.length} cases`, async () => {
    const listener = await listenHardened({ ...where, admission, headersMs: 10_000 });
    const faults: string[] = [];
    for (const played of cases) {
      // An invalid frame is refused before the rest of it has arrived.
      const outcome = await play(listener, played.writes, played.rest === undefined);
      if (!isSame(outcome, played)) faults.push(fault(played, outcome));
    }
    await listener.shutdown();
    assertEquals(faults, []);
  });

  Deno.test(`RFC 6455 on native, with named deviations: ${group}`, async () => {
    const listener = listenNative(where);
    const faults: string[] = [];
    for (const played of cases) {
      const { writes, rest } = played;
      const outcome = await play(listener, rest === undefined ? writes : [...writes, rest], true);
      const deviating = NATIVE_DEVIATIONS.map((one) => one.outcomeOf(played))
        .find((deviation) => deviation !== undefined);
      if (!isSame(outcome, deviating ?? played)) faults.push(fault(played, outcome));
    }
    await listener.shutdown();
    assertEquals(faults, []);
  });
}

Deno.test("RFC 6455 on hardened: what came before a fault or a close is answered, in promises too", async () => {
  const handler = echo(ENGINE_TICKS);
  const listener = await listenHardened({ ...where, handler, admission, headersMs: 10_000 });
  const faults: string[] = [];
  // A pong does not wait for the answers before it.
  const ending = Object.values(CASES).flat().filter(({ end, heard }) =>
    typeof end === "number" && !heard.some((said) => said.startsWith("pong"))
  );
  for (const played of ending) {
    const bytes = Uint8Array.from(played.writes.flatMap((bytes) => [...bytes]));
    const outcome = await play(listener, [bytes], false);
    if (!isSame(outcome, played)) faults.push(fault(played, outcome));
  }
  await listener.shutdown();
  assertEquals(faults, []);
  assert(ending.filter(({ heard }) => heard.length > 0).length >= 10);
});

Deno.test("RFC 6455: there are at least 250 cases, with unique names", () => {
  const names = Object.values(CASES).flat().map(({ name }) => name);
  assert(names.length >= 250, `there are ${names.length}`);
  assertEquals(names.length, new Set(names).size);
});
