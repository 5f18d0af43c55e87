/**
 * Builds the services of one server from its settings.
 * @module
 */
import { Apps } from "../app_host/apps.ts";
import { JambonzApps } from "../app_host/jambonz/jambonz_apps.ts";
import { Calls } from "../calls/calls.ts";
import { Reconnects } from "../calls/reconnects.ts";
import { CallWriter } from "../calls/writer.ts";
import type { Config } from "../config/config.ts";
import { Contracts } from "../contracts/contracts.ts";
import { ClientKeys } from "../encryption/client_keys.ts";
import { Tail } from "../events/tail.ts";
import { Admission } from "../http/admission/admission.ts";
import { Tickets } from "../http/guards/tickets.ts";
import type { Log } from "../log.ts";
import { WavFolder } from "../recordings/folder.ts";
import { Recordings } from "../recordings/recordings.ts";
import type { Services } from "../routes/services.ts";
import { Replays } from "../session/replays.ts";
import { Sessions } from "../session/sessions.ts";
import { openSqlite } from "../store/sqlite/open.ts";
import type { Store } from "../store/store.ts";
import { Webhooks, type WebhookTuning } from "../webhooks/webhooks.ts";
import { admissionLimits } from "./limits.ts";
import { openAccess } from "./open_access.ts";
import { Outage } from "./outage.ts";
import { logFailures, logOutage } from "./outage_log.ts";

/** Options of the services. */
export interface ServiceOptions {
  readonly config: Config;
  readonly log: Log;
  /** Settings for webhooks that a test overrides. */
  readonly webhooks?: Partial<WebhookTuning>;
  /** The clock, if a test has its own. */
  readonly now?: () => Date;
}

/**
 * Opens the store and builds everything on it. `stopping` is aborted when the server stops.
 * @throws {CannotOpen} when the database cannot be opened, or another server has it open
 * @throws {WrongDatabase} for a database of a newer version
 * @throws {NoKeys} when there are no keys, and HOST is not loopback
 */
export async function buildServices(
  { config, log, webhooks, now = () => new Date() }: ServiceOptions,
  stopping: AbortSignal,
): Promise<Services> {
  const failed = logFailures(log);
  const report: Log["warn"] = (message, fields) => log.warn(message, fields);
  const store = await openStore(config);
  const access = await openAccess(config, store, now, report).catch(async (error) => {
    await store.close();
    throw error;
  });
  const unread = logOutage(log, "the events cannot be read", "the events are read again");
  const tail = await Tail.open(store.events, failed, new Outage(unread));
  store.onPersisted = (logged) => tail.wake(logged);
  const defaultCountry = config.DEFAULT_COUNTRY;
  const calls = new Calls({ store: store.calls, now, failed, defaultCountry });
  const contracts = new Contracts({
    store: store.contracts,
    now,
    paymentsToEveryone: config.PAYMENT_UPDATES_TO === "everyone",
    defaultCountry,
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
    report,
  });
  const apps = new Apps(config, log);
  const admission = new Admission({ limits: admissionLimits(config), report });
  return {
    config,
    log,
    access,
    admission,
    tickets: new Tickets(store.tickets, now),
    now,
    store,
    tail,
    calls,
    contracts,
    clientKeys: await ClientKeys.open({
      store: store.clientKeys,
      now,
      limit: config.LIMIT_CLIENT_KEYS,
    }),
    webhooks: new Webhooks({
      store: store.webhooks,
      events: store.events,
      tail,
      now,
      allowPrivate: config.WEBHOOK_ALLOW_PRIVATE,
      report,
      failed,
      limits: { all: config.LIMIT_WEBHOOKS, ofKey: config.LIMIT_WEBHOOKS_PER_KEY },
      ownerHasEnded: (owner) => access.hasEnded(owner),
      refused: (reason) => admission.refusals.add(reason),
      tuning: webhooks,
    }),
    recordings,
    sessions: new Sessions(),
    replays: new Replays(config.REPLAYS_AT_ONCE),
    reconnects: new Reconnects({ calls, waitMs: config.JAMBONZ_RECONNECT_WAIT_MS, now, stopping }),
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

/** The engines by the scheme of DATABASE_URL. Each opens the rest of the URL. */
const ENGINES: Readonly<Record<string, typeof openSqlite>> = { sqlite: openSqlite };

/**
 * Opens the database of these settings.
 * @throws {CannotOpen} when it cannot be opened, or another server has it open
 * @throws {WrongDatabase} for a database of a newer version
 */
export async function openStore(
  { DATABASE_URL: url, READER_THREADS: readerThreads }: Pick<
    Config,
    "DATABASE_URL" | "READER_THREADS"
  >,
): Promise<Store> {
  const [scheme = ""] = url.split(":", 1);
  return await ENGINES[scheme]!(url.slice(scheme.length + 1), { readerThreads });
}
