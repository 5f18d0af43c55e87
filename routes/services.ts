/**
 * What the routes are built from.
 * @module
 */
import type { Calls } from "../calls/calls.ts";
import type { Config } from "../config.ts";
import type { Contracts } from "../contracts/contracts.ts";
import type { Log } from "../log.ts";
import type { Recordings } from "../recordings/recordings.ts";
import type { Limits } from "../session/limits.ts";
import type { Observe } from "../session/observe.ts";
import type { Sessions } from "../session/sessions.ts";
import type { Store } from "../store/store.ts";
import type { Tail } from "../events/tail.ts";
import type { Webhooks } from "../webhooks/webhooks.ts";
import type { JambonzApps } from "../app_host/jambonz/jambonz_apps.ts";
import type { Apps } from "../app_host/apps.ts";
import type { Keys } from "../http/keys.ts";
import type { Reconnects } from "../calls/reconnects.ts";

/** The parts of one server. */
export interface Services {
  readonly config: Config;
  readonly log: Log;
  readonly keys: Keys;
  readonly now: () => Date;
  readonly calls: Calls;
  readonly contracts: Contracts;
  readonly webhooks: Webhooks;
  readonly recordings: Recordings;
  readonly store: Store;
  /** The end of the log of all events. */
  readonly tail: Tail;
  readonly sessions: Sessions;
  readonly limits: Partial<Limits>;
  readonly observe: Observe;
  readonly reconnects: Reconnects;
  readonly apps: Apps;
  /** The apps that run on jambonz calls. */
  readonly jambonzApps: JambonzApps;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  /** Is told of what should not happen: logged and counted. */
  readonly failed: (error: unknown) => void;
}
