/**
 * Starts one server and stops it.
 * @module
 */
import { CallSweep } from "../calls/call_sweep.ts";
import type { Config } from "../config/config.ts";
import { countSessions } from "../http/admission/count_sessions.ts";
import { IdempotentAnswers } from "../http/idempotency.ts";
import { KEY_ENDED } from "../http/open_socket.ts";
import { Hosts } from "../http/guards/hosts.ts";
import type { Route } from "../http/route.ts";
import { type Handler, router } from "../http/router.ts";
import type { Log } from "../log.ts";
import { WavFolder } from "../recordings/folder.ts";
import { allRoutes } from "../routes/mod.ts";
import { refusalOf } from "../routes/refusals.ts";
import type { Services } from "../routes/services.ts";
import { type Observe, observeAll } from "../session/observe.ts";
import { Sessions } from "../session/sessions.ts";
import { ConnectionCounts } from "./listen/connection_counts.ts";
import { listenHardened } from "./listen/hardened.ts";
import { listenNative } from "./listen/native.ts";
import { ReopeningListener, type ReopeningOptions } from "./reopening_listener.ts";
import { bodyLimits, sessionLimits } from "./limits.ts";
import { hostRules } from "./host_rules.ts";
import { startPeriodicJobs } from "./periodic_jobs.ts";
import { logStore } from "./outage_log.ts";
import { recoverCalls } from "./recovery.ts";
import { buildServices, type ServiceOptions } from "./build_services.ts";
import { logSessions } from "./session_log.ts";

/** Options of a server. */
export interface ServerOptions extends ServiceOptions {
  /** Observes sessions, besides the log. */
  readonly observe?: Observe;
  /** Routes besides those of the product: see examples/fifth_protocol. */
  readonly routes?: readonly Route[];
}

/** A server that listens. */
export interface Server {
  /** Where it listens, in the order of the settings; a port of 0 has become a real one. */
  readonly addresses: readonly Deno.NetAddr[];
  readonly routes: readonly Route[];
  readonly services: Services;
  /** Resolves when a listener has ended on its own and cannot be reopened, which is fatal. */
  readonly broken: Promise<void>;
  /** Accepts no new sessions, ends the open ones with 1001 and resolves when all have ended. */
  stop(): Promise<void>;
}

/** Grace period for our close frames; new requests get 503. */
const CLOSE_FRAMES_MS = 20;

/** Time for recordings to reach the disk; the next start repairs what does not. */
const RECORDINGS_MS = 1000;

/** An address that cannot be listened on. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

/**
 * Opens the store, recovers the calls that were not over, and starts to listen.
 * @throws {CannotListen} which names the address
 * @throws {CannotOpen} when the database cannot be opened, or another server has it open
 * @throws {WrongDatabase} for a database of a newer version
 * @throws {NoKeys} when there are no keys, and HOST is not loopback
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, log } = options;
  const stopping = new AbortController();
  const services = await buildServices(options, stopping.signal);
  const { access, admission, apps, recordings, sessions, store } = services;
  const outages = logStore(log, store);
  const repeats = new IdempotentAnswers(store.requests, services.now);
  const routes = allRoutes(services, options.routes);
  const taps = options.observe === undefined ? [] : [options.observe];
  const { promise: ready, resolve: open } = Promise.withResolvers<void>();
  const keyless = new Sessions(sessions);
  const handler = router({
    routes,
    // The calls from before are recovered first.
    ready,
    access,
    admission,
    allowedOrigins: config.ALLOWED_ORIGINS,
    hosts: new Hosts(hostRules(config, !access.isOpen)),
    behindProxy: config.BEHIND_PROXY,
    stopping: stopping.signal,
    limits: sessionLimits(config),
    bodies: bodyLimits(config),
    observe: observeAll(
      logSessions(log),
      recordings.observe,
      countSessions(admission.refusals),
      ...taps,
    ),
    sessions,
    keyless,
    repeats,
    refusalOf,
    failed: (error, requestId) => log.error("request failed", { requestId, error }),
  });
  const servers = await listenOrClose(services, handler, stopping.signal);
  log.info("listening", { transport: config.TRANSPORT, host: config.HOST });
  await recoverCalls(services);
  // Not awaited: an app that loads must not delay the server.
  apps.check();
  const { refusal } = new WavFolder(config.RECORDINGS);
  if (refusal !== undefined) log.warn("no call can be recorded", { why: refusal });
  services.webhooks.start();
  const sweep = new CallSweep({
    ...services,
    longestMs: config.LIMIT_CALL_MS,
    ending(why, call) {
      admission.refusals.add(why);
      log.warn("a call is ended", { call, why });
    },
  });
  access.onFirstKey(() => {
    log.warn("the first key exists: closing the connections without a key");
    keyless.hangUpAll(KEY_ENDED, "the server asks for a key now").catch(services.failed);
  });
  const upkeep = startPeriodicJobs(services, repeats, sweep);
  open();
  const broken = Promise.race(servers.map(({ broken }) => broken));
  let stopped: Promise<void> | undefined;
  return {
    addresses: servers.map(({ addr }) => addr),
    routes,
    services,
    broken,
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };

  async function stop(): Promise<void> {
    stopping.abort();
    upkeep[Symbol.dispose]();
    await sessions.hangUpAll(1001, "the server is stopping");
    await new Promise((resolve) => setTimeout(resolve, CLOSE_FRAMES_MS));
    await Promise.all(servers.map((server) => server.shutdown()));
    await within(RECORDINGS_MS, recordings.stopAll("the server stopped"));
    await services.calls.settled();
    await services.webhooks.stop();
    await services.tail.close();
    await access.keys.noteUses().catch(services.failed);
    services.clientKeys.close();
    await store.close();
    outages[Symbol.dispose]();
  }
}

/** The routes of a server that does not listen, on a store in memory: for the documents. */
export async function describeRoutes(settings: Config, log: Log): Promise<Route[]> {
  const config = { ...settings, DATABASE_URL: "sqlite::memory:" };
  const services = await buildServices({ config, log }, new AbortController().signal);
  const routes = allRoutes(services);
  await services.store.close();
  return routes;
}

/** Waits for this, but no longer. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([done, new Promise((resolve) => timer = setTimeout(resolve, ms))]);
  clearTimeout(timer);
}

async function listenOrClose(
  { config, log, store }: Services,
  handler: Handler,
  stopping: AbortSignal,
): Promise<ReopeningListener[]> {
  try {
    return await listen(config, handler, {
      stopping,
      report: (message, fields) => log.error(message, fields),
    });
  } catch (error) {
    await store.close();
    throw error;
  }
}

async function listen(
  config: Config,
  handler: Handler,
  options: Omit<ReopeningOptions, "open">,
): Promise<ReopeningListener[]> {
  const { HOST: hostname, PORTS } = config;
  const { report } = options;
  const admission = new ConnectionCounts({
    total: config.LIMIT_CONNECTIONS,
    // Behind a proxy all connections are its own; admission counts its clients.
    perAddress: config.BEHIND_PROXY ? Infinity : config.LIMIT_CONNECTIONS_PER_ADDRESS,
  });
  const servers: ReopeningListener[] = [];
  for (const port of PORTS) {
    const open = (again = port) => {
      const options = { hostname, port: again, handler };
      return config.TRANSPORT === "native"
        ? listenNative(options)
        : listenHardened({ ...options, admission, headersMs: config.LIMIT_HEADERS_MS, report });
    };
    try {
      servers.push(await ReopeningListener.open({ ...options, open }));
    } catch (error) {
      for (const server of servers) server.shutdown();
      throw new CannotListen(`Cannot listen on ${hostname}:${port}: ${whyNot(error)}`);
    }
  }
  return servers;
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (error instanceof Deno.errors.AddrInUse || code === "EADDRINUSE") {
    return "the port is taken; set PORTS";
  }
  return error instanceof Error ? error.message : String(error);
}
