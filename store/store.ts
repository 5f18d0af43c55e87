/**
 * The store: everything that must not be lost. An engine is a folder below this one that implements
 * it, and one line of `ENGINES` in `server/build_services.ts`.
 * @module
 */
import type { KeyStore } from "../access/store.ts";
import type { CallStore } from "../calls/store.ts";
import type { ClientKeyStore } from "../encryption/client_key.ts";
import type { ContractStore } from "../contracts/store.ts";
import type { EventLog, Logged } from "../events/event_log.ts";
import type { Pages } from "./pages.ts";
import type { RequestStore } from "./request_store.ts";
import type { TicketStore } from "./ticket_store.ts";
import type { WebhookStore } from "../webhooks/store.ts";

/** Each part is the port that its user declares. Writes reject with `StoreUnavailable`. */
export interface Store {
  readonly calls: CallStore;
  readonly clientKeys: ClientKeyStore;
  readonly contracts: ContractStore;
  readonly events: EventLog;
  readonly keys: KeyStore;
  /** What clients read in pages. */
  readonly pages: Pages;
  readonly requests: RequestStore;
  readonly tickets: TicketStore;
  readonly webhooks: WebhookStore;
  /** Why the last write failed, such as a full disk; undefined when it was persisted. */
  readonly fault: string | undefined;
  /** Called after each persisted batch, with its events where all of them are events of calls. */
  onPersisted: ((logged?: Logged) => void) | undefined;
  /** Called with the outcome of every batch: why it failed, or undefined when it is persisted. */
  onOutcome: ((fault: string | undefined) => void) | undefined;
  /** Tries a write to see whether the disk accepts writes again. It never rejects. */
  probe(): Promise<void>;
  /** Commits what waits, and closes. */
  close(): Promise<void>;
}
