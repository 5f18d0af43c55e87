/**
 * The two servers that are measured, each in a process of its own.
 * @module
 */
import type { Echo } from "./load/call.ts";
import { sleep } from "./load/sleep.ts";
import { type Child, SERVER_CORE, start } from "./children.ts";

/** A server that listens. */
export interface Server extends AsyncDisposable {
  readonly echo: Echo;
  readonly port: number;
  readonly pid: number;
}

/** Settings of Tipring, by their names in the environment. */
export type Settings = Readonly<Record<string, string>>;

/** Calls stay up for as long as they are measured. */
const LASTING = { INBOUND_DTMF_AFTER_MS: "never", INBOUND_HANGUP_AFTER_MS: "never" };
/**
 * Drops no audio: where one frame is in flight on each call, a dropped one would silence it.
 */
export const NOTHING_DROPPED: Settings = {
  LIMIT_LATE_AUDIO_MS: "60000",
  LIMIT_AUDIO_BYTES_PER_SECOND: String(1024 ** 3),
};
const START_WITHIN_MS = 20_000;
/** Every Tipring has a database of its own, as on its first day. */
const folder = await Deno.makeTempDir({ prefix: "tipring_bench_" });

/** Starts Tipring as it is, or the bare echo, and waits until it is ready. */
export async function startServer(echo: Echo, settings: Settings = {}): Promise<Server> {
  const port = freePort();
  const child = echo === "bare"
    ? start("bare_echo.ts", [String(port)], { core: SERVER_CORE })
    : start("../main.ts", [], {
      core: SERVER_CORE,
      env: {
        ...LASTING,
        ...settings,
        HOST: "127.0.0.1",
        PORTS: String(port),
        DATABASE_URL: `sqlite:${folder}/${port}.db`,
      },
    });
  await ready(echo, port, child);
  return { echo, port, pid: child.pid, [Symbol.asyncDispose]: () => child.stop() };
}

/** Removes what the servers have written. */
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
      // The bare server knows nothing but sockets: any answer will do.
      if (response.ok || echo === "bare") return;
    } catch {
      // It does not listen yet.
    }
    await sleep(50);
  }
  throw new Error(`the server on port ${port} did not become ready`);
}
