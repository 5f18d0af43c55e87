/**
 * Starts Tipring: reads the settings, serves, and stops well.
 * @module
 */
import {
  type Config,
  namesGiven,
  readConfig,
  readEnvironment,
  SETTING_NAMES,
  WrongSettings,
} from "./config.ts";
import { autoFormat, createLog } from "./log.ts";
import { unknownSettings } from "./unknown_settings.ts";
import { DEV_KEY } from "./http/keys.ts";
import { type Server, startServer } from "./server/start.ts";
import { hasStarters, startersGone } from "./starters/watch.ts";

/** However long something is still waited for, the process ends by then. */
const STOP_WITHIN_MS = 1800;

/** The argument that says that `deno run --watch` runs this. */
const WATCHED = "watched";

/** So long its watcher, which gives us 500 ms, may take to start a changed program anew. */
const RESTARTS_WITHIN_MS = 1500;

/** What an operator can put right: told in one line. */
const EXPECTED: ReadonlySet<string> = new Set(["CannotListen", "WrongDatabase", "CannotOpen"]);

if (import.meta.main) await run();

async function run(): Promise<void> {
  const config = configOrExit();
  const format = config.LOG_FORMAT === "auto" ? autoFormat() : config.LOG_FORMAT;
  const log = createLog({ level: config.LOG_LEVEL, format });
  for (const { name, closest } of unknownSettings(namesGiven(), SETTING_NAMES)) {
    log.warn("no such setting", { name, closest });
  }
  // The engine contains its sessions; what still escapes must not end everyone's calls.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.error("unhandled rejection", { error: event.reason });
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.error("unhandled error", { error: event.error });
  });
  const server = await serverOrExit(startServer({ config, log }));
  server.broken.then(() => Deno.exit(1));
  let stopping: Promise<void> | undefined;
  // A task passes the terminal's hangup on even under nohup; without a task, nohup keeps it away.
  const signals = ["SIGINT", "SIGTERM", ...(hasStarters() ? ["SIGHUP"] as const : [])] as const;
  for (const signal of signals) {
    const listener = () => {
      stopping ??= stop(server, () => end(signal, listener));
    };
    Deno.addSignalListener(signal, listener);
    if (signal !== "SIGTERM") continue;
    startersGone().then(() => {
      log.info("what started the server is gone, so it stops");
      listener();
    });
  }
  // Whoever reads that it serves may stop it at once.
  announce(server, config);
}

async function stop(server: Server, end: () => void): Promise<void> {
  setTimeout(end, STOP_WITHIN_MS);
  await server.stop();
  end();
}

/**
 * Ends the process. Under `deno run --watch` an exit ends the program and not its watcher, which on
 * SIGINT ends by itself, and on a SIGTERM that nobody listens to. It tells us of a changed file by
 * SIGTERM as well: then we are gone before the time is over.
 */
function end(signal: "SIGINT" | "SIGTERM" | "SIGHUP", listener: () => void): void {
  if (!Deno.args.includes(WATCHED)) Deno.exit(0);
  if (signal === "SIGINT") return;
  Deno.removeSignalListener(signal, listener);
  setTimeout(() => Deno.kill(Deno.pid, signal), RESTARTS_WITHIN_MS);
}

function configOrExit(): Config {
  try {
    return readConfig(readEnvironment());
  } catch (error) {
    if (!(error instanceof WrongSettings)) throw error;
    for (const fault of error.faults) console.error(fault);
    Deno.exit(2);
  }
}

async function serverOrExit(starting: Promise<Server>): Promise<Server> {
  try {
    return await starting;
  } catch (error) {
    const expected = error instanceof Error && EXPECTED.has(error.name);
    console.error(expected ? error.message : error);
    Deno.exit(1);
  }
}

function announce({ addresses, routes }: Server, config: Config): void {
  const sockets = routes.filter((route) => route.method === "WS");
  const doors = sockets.filter(({ door }, at) => sockets.findIndex((s) => s.door === door) === at);
  for (const { hostname, port } of addresses) {
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    for (const { door, path } of doors) {
      console.log(`${door.padEnd(14)} ws://${host}:${port}${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    }
    console.log(`${"REST".padEnd(14)} http://${host}:${port}/api/v1\n`);
  }
  if (config.API_KEYS.length === 0) {
    console.log(`No API_KEYS are set: live calls take the key "${DEV_KEY}", the rest takes none.`);
  }
}
