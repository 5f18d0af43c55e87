/**
 * One server: its services, its listeners, and how it stops.
 * @module
 */
import { Calls } from "../calls/calls.ts";
import { CallWriter } from "../calls/writer.ts";
import type { Config } from "../config.ts";
import { Contracts } from "../contracts/contracts.ts";
import type { Log } from "../log.ts";
import { WavFolder } from "../recordings/folder.ts";
import { Recordings } from "../recordings/recordings.ts";
import type { Limits } from "../session/limits.ts";
import { type Observe, observeAll } from "../session/observe.ts";
import { Sessions } from "../session/sessions.ts";
import { JambonzApps } from "../app_host/jambonz/jambonz_apps.ts";
import { Apps } from "../app_host/apps.ts";
import { Keys } from "../http/keys.ts";
import { allRoutes } from "../routes/mod.ts";
import { recoverCalls } from "./recovery.ts";
import { logSessions } from "./session_log.ts";
import { Outage } from "./outage.ts";
import { logFailures, logOutage, logStore } from "./outage_log.ts";
import type { Services } from "../routes/services.ts";
import { openSqlite } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { Tail } from "../events/tail.ts";
import { Webhooks, type WebhookTuning } from "../webhooks/webhooks.ts";
import { Reconnects } from "../calls/reconnects.ts";
import { IdempotentAnswers } from "../http/idempotency.ts";
import type { Route } from "../http/route.ts";
import { router } from "../http/router.ts";
import { keepHouse } from "./housekeeping.ts";

/** What a server is started with. */
export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  /** A tap beside the log's. */
  readonly observe?: Observe;
  /** What a test sets otherwise of webhooks. */
  readonly webhooks?: Partial<WebhookTuning>;
}

/** A server that listens. */
export interface Server {
  /** Where it listens, in the order of the settings; a port of 0 has become a real one. */
  readonly addresses: readonly Deno.NetAddr[];
  readonly routes: readonly Route[];
  readonly services: Services;
  /** Resolves when a listener ends by itself, which is fatal. */
  readonly broken: Promise<void>;
  /** Takes no new sessions, ends the open ones with 1001 and resolves when all is quiet. */
  stop(): Promise<void>;
}

/** So long our close frames have to go out before Deno sends its own, and who comes gets 503. */
const FAREWELL_MS = 20;

/** So long recordings have to come to the disk; what has not is repaired at the next start. */
const RECORDINGS_MS = 1000;

/** An address that cannot be listened on. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

/**
 * Opens the store, takes up what was not over, and starts to listen.
 * @throws {CannotListen} which names the address
 * @throws {CannotOpen} when the database cannot be opened, or another server has it open
 * @throws {WrongDatabase} for a database of a newer version
 */
export async function startServer(options: ServerOptions): Promise<Server> {
  const { config, log } = options;
  const stopping = new AbortController();
  const store = await openStore(config.DATABASE_URL);
  const outages = logStore(log, store);
  const services = await build(options, stopping.signal, store);
  const repeats = new IdempotentAnswers(store.requests, services.now);
  const routes = allRoutes(services);
  const handler = router({
    routes,
    keys: services.keys,
    allowedOrigins: config.ALLOWED_ORIGINS,
    stopping: stopping.signal,
    repeats,
    failed: (error, requestId) => log.error("request failed", { requestId, error }),
  });
  // Whoever comes at once waits until the calls of before have been taken up.
  const { promise: recovered, resolve: open } = Promise.withResolvers<void>();
  const servers = await listenOrClose(services, async (request, info) => {
    await recovered;
    return await handler(request, info);
  });
  await recoverCalls(services);
  // Not waited for: what an app does while it loads must not keep the server from serving.
  services.apps.check();
  const { refusal } = new WavFolder(config.RECORDINGS);
  if (refusal !== undefined) log.warn("no call can be recorded", { why: refusal });
  services.webhooks.start();
  const upkeep = keepHouse(services, repeats);
  open();
  const { promise: broken, resolve: breakDown } = Promise.withResolvers<void>();
  Promise.race(servers.map(({ finished }) => finished)).then(() => {
    // When we stop, they end because we want them to.
    if (stopping.signal.aborted) return;
    log.error("a listener has ended by itself");
    breakDown();
  });
  let stopped: Promise<void> | undefined;
  return {
    addresses: servers.map(({ addr }) => addr as Deno.NetAddr),
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
    await services.sessions.hangUpAll(1001, "the server is stopping");
    await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
    await Promise.all(servers.map((server) => server.shutdown()));
    await within(RECORDINGS_MS, services.recordings.stopAll("the server stopped"));
    await services.calls.settled();
    await services.webhooks.stop();
    await services.tail.close();
    await services.store.close();
    outages[Symbol.dispose]();
  }
}

/** Waits for this, but no longer. */
async function within(ms: number, done: Promise<void>): Promise<void> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  await Promise.race([done, new Promise((resolve) => timer = setTimeout(resolve, ms))]);
  clearTimeout(timer);
}

/** The engines by the scheme of DATABASE_URL: each opens what stands behind the scheme. */
const ENGINES: Readonly<Record<string, (rest: string) => Promise<Store>>> = {
  sqlite: openSqlite,
};

async function openStore(url: string): Promise<Store> {
  const [scheme = ""] = url.split(":", 1);
  return await ENGINES[scheme]!(url.slice(scheme.length + 1));
}

async function listenOrClose(
  { config, store }: Services,
  handler: Deno.ServeHandler,
): Promise<Deno.HttpServer[]> {
  try {
    return listen(config, handler);
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The routes of a server that does not listen: for the documents. */
export async function describeRoutes(config: Config, log: Log): Promise<Route[]> {
  const store = await openStore("sqlite::memory:");
  const routes = allRoutes(await build({ config, log }, new AbortController().signal, store));
  await store.close();
  return routes;
}

async function build(
  { config, log, observe, webhooks }: ServerOptions,
  stopping: AbortSignal,
  store: Store,
): Promise<Services> {
  const failed = logFailures(log);
  const now = () => new Date();
  const unread = logOutage(log, "the events cannot be read", "the events are read again");
  const tail = await Tail.open(store.events, failed, new Outage(unread));
  store.onPersisted = () => tail.wake();
  const logged = logSessions(log);
  const country = config.DEFAULT_COUNTRY;
  const readsNumbers = country === undefined ? {} : { defaultCountry: country };
  const calls = new Calls({ store: store.calls, now, failed, ...readsNumbers });
  const contracts = new Contracts({
    store: store.contracts,
    now,
    paymentsToEveryone: config.PAYMENT_UPDATES_TO === "everyone",
    ...readsNumbers,
  });
  const recordings = new Recordings({
    folder: new WavFolder(config.RECORDINGS),
    calls,
    events(call) {
      const writer = new CallWriter(calls, failed, stopping);
      writer.resume(call);
      return writer;
    },
    all: config.RECORD === "all",
    nowMs: () => performance.now(),
    report: (message, fields) => log.warn(message, fields),
  });
  const taps = [recordings.observe, ...(observe === undefined ? [] : [observe])];
  const apps = new Apps(config, log);
  return {
    config,
    log,
    keys: new Keys(config.API_KEYS),
    now,
    store,
    tail,
    calls,
    contracts,
    webhooks: new Webhooks({
      store: store.webhooks,
      events: store.events,
      tail,
      now,
      allowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
      report: (message, fields) => log.warn(message, fields),
      failed,
      ...(webhooks === undefined ? {} : { tuning: webhooks }),
    }),
    recordings,
    sessions: new Sessions(),
    limits: limits(config),
    observe: observeAll(logged, ...taps),
    reconnects: new Reconnects({
      calls,
      waitMs: config.JAMBONZ_RECONNECT_WAIT_MS,
      now,
      stopping,
    }),
    apps,
    jambonzApps: new JambonzApps(apps, {
      calls,
      contracts,
      recordings,
      log,
      now,
      failed,
      stopping,
    }),
    stopping,
    failed,
  };
}

function listen({ HOST: hostname, PORTS }: Config, handler: Deno.ServeHandler): Deno.HttpServer[] {
  const servers: Deno.HttpServer[] = [];
  for (const port of PORTS) {
    try {
      servers.push(Deno.serve({ hostname, port, onListen() {} }, handler));
    } catch (error) {
      for (const server of servers) server.shutdown();
      throw new CannotListen(`Cannot listen on ${hostname}:${port}: ${whyNot(error)}`);
    }
  }
  return servers;
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) return "the port is taken; set PORTS";
  return error instanceof Error ? error.message : String(error);
}

function limits(config: Config): Partial<Limits> {
  return {
    textBytes: config.LIMIT_TEXT_BYTES,
    audioBytes: config.LIMIT_AUDIO_BYTES,
    audioBytesPerSecond: config.LIMIT_AUDIO_BYTES_PER_SECOND,
    inboxEvents: config.LIMIT_INBOX_EVENTS,
    messagesPerSecond: config.LIMIT_MESSAGES_PER_SECOND,
    bufferedBytes: config.LIMIT_BUFFERED_BYTES,
    lateAudioMs: config.LIMIT_LATE_AUDIO_MS,
    heartbeatMs: config.HEARTBEAT_MS,
  };
}
