/**
 * The dependencies of the routes.
 * @module
 */
import type { Calls } from "../calls/calls.ts";
import type { ClientKeys } from "../encryption/client_keys.ts";
import type { Config } from "../config/config.ts";
import type { Contracts } from "../contracts/contracts.ts";
import type { Log } from "../log.ts";
import type { Recordings } from "../recordings/recordings.ts";
import type { Replays } from "../session/replays.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Tail } from "../events/tail.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { JambonzApps } from "../app_host/jambonz/jambonz_apps.ts";
import type { Apps } from "../app_host/apps.ts";
import type { Admission } from "../http/admission/admission.ts";
import type { Tickets } from "../http/guards/tickets.ts";
import type { Access } from "../access/access.ts";
import type { Reconnects } from "../calls/reconnects.ts";

/** The services of one server. A route takes those that it needs. */
export interface Services {
  readonly config: Config;
  readonly log: Log;
  readonly access: Access;
  readonly admission: Admission;
  readonly tickets: Tickets;
  readonly now: () => Date;
  readonly calls: Calls;
  readonly contracts: Contracts;
  readonly clientKeys: ClientKeys;
  readonly webhooks: Webhooks;
  readonly recordings: Recordings;
  readonly store: Store;
  /** The end of the event log. */
  readonly tail: Tail;
  readonly sessions: Sessions;
  /** Queues replays of missed events. */
  readonly replays: Replays;
  readonly reconnects: Reconnects;
  readonly apps: Apps;
  /** The apps that run on jambonz calls. */
  readonly jambonzApps: JambonzApps;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  /** Logs unexpected errors. */
  readonly failed: (error: unknown) => void;
}
