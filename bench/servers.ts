/**
 * Starts the two measured servers, each in its own process.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { Echo } from "./load/call.ts";
import { type Child, SERVER_CORE, start } from "./children.ts";

/** A server that is ready. */
export interface Server extends AsyncDisposable {
  readonly echo: Echo;
  readonly port: number;
  readonly pid: number;
}

/** Settings of Tipring, by their names in the environment. */
export type Settings = Readonly<Record<string, string>>;

/** No call ends during a measurement, and all of them come from one address. */
const LASTING = {
  INBOUND_DTMF_AFTER_MS: "never",
  INBOUND_HANGUP_AFTER_MS: "never",
  LIMIT_CONNECTIONS_PER_ADDRESS: "10000",
};
/** The flags of `deno task start`: idle sockets need no space for garbage that never comes. */
const START_FLAGS = ["--v8-flags=--max-semi-space-size=4,--no-allocation-site-pretenuring"];
/** Our own transport, instead of Deno's. */
export const HARDENED: Settings = { TRANSPORT: "hardened" };
/**
 * The server drops no audio. With one frame in flight on each call a dropped frame ends the echo.
 */
export const NOTHING_DROPPED: Settings = {
  LIMIT_LATE_AUDIO_MS: "60000",
  LIMIT_AUDIO_BYTES_PER_SECOND: String(1024 ** 3),
  LIMIT_AUDIO_FRAMES_PER_SECOND: "1000000",
};
/** A bench is one client, and opens more than one client may. */
const UNLIMITED: Settings = {
  LIMIT_CONNECTIONS: "100000",
  LIMIT_CONNECTIONS_PER_CLIENT: "100000",
  LIMIT_HANDSHAKES_PER_SECOND: "1000000",
  LIMIT_CALLS: "100000",
  LIMIT_CALLS_PER_NUMBER: "100000",
  LIMIT_FIRST_MESSAGE_MS: "never",
};
const START_WITHIN_MS = 30_000;
const POLL_MS = 5;
/** Each Tipring starts with its own empty database. */
const folder = await Deno.makeTempDir({ prefix: "tipring_bench_" });

/**
 * Starts Tipring or the bare echo, and waits until it is ready.
 * @param core the CPU core it is pinned to; null for all
 * @throws {Error} when it is not ready in time
 */
export async function startServer(
  echo: Echo,
  settings: Settings = {},
  core: number | null = SERVER_CORE,
): Promise<Server> {
  const port = freePort();
  const child = echo === "bare"
    ? start("bare_echo.ts", [String(port)], { core, flags: START_FLAGS })
    : start("../main.ts", [], {
      core,
      flags: START_FLAGS,
      env: {
        ...LASTING,
        ...UNLIMITED,
        DATABASE_URL: `sqlite:${folder}/${port}.db`,
        ...settings,
        HOST: "127.0.0.1",
        PORTS: String(port),
      },
    });
  await ready(echo, port, child);
  return { echo, port, pid: child.pid, [Symbol.asyncDispose]: () => child.stop() };
}

/** Removes the databases of the servers. */
export async function removeDatabases(): Promise<void> {
  await Deno.remove(folder, { recursive: true });
}

function freePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

async function ready(echo: Echo, port: number, child: Child): Promise<void> {
  const endMs = performance.now() + START_WITHIN_MS;
  while (performance.now() < endMs && child.running) {
    try {
      const response = await fetch(`http://127.0.0.1:${port}/readyz`);
      await response.body?.cancel();
      // The bare server has only sockets: any answer means that it listens.
      if (response.ok || echo === "bare") return;
    } catch {
      // Not listening yet.
    }
    await sleep(POLL_MS);
  }
  throw new Error(`The server on port ${port} was not ready within ${START_WITHIN_MS} ms`);
}
