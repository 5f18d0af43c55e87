/**
 * One server: its parts, its listeners, and how it stops.
 * @module
 */
import { LocalBus } from "../bus/local.ts";
import { CallBook } from "../calls/book.ts";
import { MemoryCallStore } from "../calls/memory_store.ts";
import type { Config } from "../config.ts";
import { ContractBook } from "../contracts/book.ts";
import { MemoryContractStore } from "../contracts/memory_store.ts";
import type { ContractNews } from "../contracts/news.ts";
import type { Log } from "../log.ts";
import type { Application } from "../protocols/jambonz/application.ts";
import { greeting } from "../protocols/jambonz/greeting.ts";
import type { Limits } from "../session/limits.ts";
import { type Observe, observeAll } from "../session/observe.ts";
import { Sessions } from "../session/sessions.ts";
import { Keys } from "./keys.ts";
import { allRoutes } from "./mod.ts";
import { logSessions } from "./observer.ts";
import type { Parts } from "./parts.ts";
import type { Route } from "./route.ts";
import { dispatcher } from "./table.ts";

/** What a server is started with. */
export interface ServerOptions {
  readonly config: Config;
  readonly log: Log;
  /** What jambonz calls do; the greeting by default. */
  readonly application?: Application;
  /** A tap beside the log's. */
  readonly observe?: Observe;
}

/** A server that listens. */
export interface Server {
  /** Where it listens, in the order of the settings; a port of 0 has become a real one. */
  readonly addresses: readonly Deno.NetAddr[];
  readonly routes: readonly Route[];
  readonly parts: Parts;
  /** Resolves when a listener ends by itself, which is fatal. */
  readonly broken: Promise<void>;
  /** Takes no new sessions, ends the open ones with 1001 and resolves when all is quiet. */
  stop(): Promise<void>;
}

/** So long our close frames have to go out before Deno sends its own, and who comes gets 503. */
const FAREWELL_MS = 20;

/** An address that cannot be listened on. */
export class CannotListen extends Error {
  override readonly name = "CannotListen";
}

/**
 * Starts to listen.
 * @throws {CannotListen} which names the address
 */
export function startServer(options: ServerOptions): Server {
  const { config, log } = options;
  const stopping = new AbortController();
  const parts = build(options, stopping.signal);
  const routes = allRoutes(parts);
  const handler = dispatcher({
    routes,
    keys: parts.keys,
    allowedOrigins: config.ALLOWED_ORIGINS,
    stopping: stopping.signal,
    failed: (error, requestId) => log.error("request failed", { requestId, error }),
  });
  const servers = listen(config, handler);
  const { promise: broken, resolve: breakDown } = Promise.withResolvers<void>();
  Promise.race(servers.map(({ finished }) => finished)).then(() => {
    // When we stop, they end because we want them to.
    if (stopping.signal.aborted) return;
    log.error("a listener has ended by itself");
    breakDown();
  });
  return {
    addresses: servers.map(({ addr }) => addr as Deno.NetAddr),
    routes,
    parts,
    broken,
    async stop() {
      stopping.abort();
      await parts.sessions.hangUpAll(1001, "the server is stopping");
      await new Promise((resolve) => setTimeout(resolve, FAREWELL_MS));
      await Promise.all(servers.map((server) => server.shutdown()));
    },
  };
}

/** The routes of a server that does not listen: for the documents. */
export function describeRoutes(config: Config, log: Log): Route[] {
  return allRoutes(build({ config, log }, new AbortController().signal));
}

function build(
  { config, log, application, observe }: ServerOptions,
  stopping: AbortSignal,
): Parts {
  const failed = (error: unknown) => log.error("something failed", { error });
  const now = () => new Date();
  const news = new LocalBus<ContractNews>(failed);
  const logged = logSessions(log);
  return {
    config,
    log,
    keys: new Keys(config.API_KEYS),
    now,
    news,
    calls: new CallBook({
      store: new MemoryCallStore(),
      now,
      failed,
      ...(config.DEFAULT_COUNTRY === undefined ? {} : { defaultCountry: config.DEFAULT_COUNTRY }),
    }),
    contracts: new ContractBook({ store: new MemoryContractStore(), bus: news, now }),
    sessions: new Sessions(),
    limits: limits(config),
    observe: observe === undefined ? logged : observeAll(logged, observe),
    application: application ?? greeting,
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
  if (error instanceof Deno.errors.AddrInUse) return "the port is taken";
  return error instanceof Error ? error.message : String(error);
}

function limits(config: Config): Partial<Limits> {
  return {
    textBytes: config.LIMIT_TEXT_BYTES,
    audioBytes: config.LIMIT_AUDIO_BYTES,
    inboxEvents: config.LIMIT_INBOX_EVENTS,
    messagesPerSecond: config.LIMIT_MESSAGES_PER_SECOND,
    bufferedBytes: config.LIMIT_BUFFERED_BYTES,
    lateAudioMs: config.LIMIT_LATE_AUDIO_MS,
    heartbeatMs: config.HEARTBEAT_MS,
  };
}
