/**
 * Starts Tipring: reads the settings, serves, and stops on a signal.
 * @module
 */
import { type Config, readConfig } from "./config/config.ts";
import { namesGiven, readEnvironment } from "./config/environment.ts";
import { SETTING_NAMES } from "./config/settings.ts";
import { WrongSettings } from "./config/wrong_settings.ts";
import { autoFormat, createLog } from "./log.ts";
import { unknownSettings } from "./config/unknown_settings.ts";
import { DEV_KEY } from "./access/access.ts";
import { type Server, startServer } from "./server/start.ts";
import { hasStarters, startersGone } from "./starters/watch.ts";

/** The process ends by then, whatever is still pending. */
const STOP_WITHIN_MS = 1800;

/** The argument that means: `deno run --watch` runs this. */
const WATCHED = "watched";

/** Time for the watcher, which gives us 500 ms, to restart a changed program. */
const RESTARTS_WITHIN_MS = 1500;

/** Errors that an operator can fix: one line, no stack. */
const EXPECTED: ReadonlySet<string> = new Set([
  "CannotListen",
  "WrongDatabase",
  "CannotOpen",
  "NoKeys",
]);

if (import.meta.main) await run();

async function run(): Promise<void> {
  const config = configOrExit();
  const format = config.LOG_FORMAT === "auto" ? autoFormat() : config.LOG_FORMAT;
  const log = createLog({ level: config.LOG_LEVEL, format });
  for (const { name, closest } of unknownSettings(namesGiven(), SETTING_NAMES)) {
    log.warn("no such setting", { name, closest });
  }
  // An error that escapes one session must not end every call.
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
  // A task forwards the terminal's hangup even under nohup; without a task, nohup blocks it.
  const signals = ["SIGINT", "SIGTERM", ...(hasStarters() ? ["SIGHUP"] as const : [])] as const;
  for (const signal of signals) {
    const listener = () => {
      stopping ??= stop(server, () => end(signal, listener));
    };
    Deno.addSignalListener(signal, listener);
    if (signal !== "SIGTERM") continue;
    startersGone().then(() => {
      log.info("the process that started the server is gone: stopping");
      listener();
    });
  }
  // Last: a reader of this may send a signal at once.
  announce(server);
}

async function stop(server: Server, end: () => void): Promise<void> {
  setTimeout(end, STOP_WITHIN_MS);
  await server.stop();
  end();
}

/**
 * Ends the process. Under `deno run --watch` an exit ends only the program. The watcher ends by
 * itself on SIGINT, and on a SIGTERM without a listener. It also sends SIGTERM when a file changes, and
 * then restarts us before the timer fires.
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
    // As for any other missing setting.
    Deno.exit(expected && error.name === "NoKeys" ? 2 : 1);
  }
}

function announce({ addresses, routes, services }: Server): void {
  const sockets = routes.filter((route) => route.method === "WS");
  const doors = sockets.filter(({ door }, at) => sockets.findIndex((s) => s.door === door) === at);
  for (const { hostname, port } of addresses) {
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    for (const { door, path } of doors) {
      console.log(`${door.padEnd(14)} ws://${host}:${port}${path.replaceAll(/:(\w+)/g, "{$1}")}`);
    }
    console.log(`${"REST".padEnd(14)} http://${host}:${port}/api/v1\n`);
  }
  if (services.access.isOpen) {
    console.log(
      `There are no keys: live calls accept the key "${DEV_KEY}", everything else needs none.`,
    );
  }
}
