/**
 * The store: one interface for everything that must not be lost.
 * @module
 */
import type { CallStore } from "../calls/store.ts";
import type { ContractStore } from "../contracts/store.ts";
import type { EventLog } from "../events/event_log.ts";
import type { RequestStore } from "./request_store.ts";
import type { WebhookStore } from "../webhooks/store.ts";

/** Keeps everything; each part is a table or two. */
export interface Store {
  readonly calls: CallStore;
  readonly contracts: ContractStore;
  readonly events: EventLog;
  readonly requests: RequestStore;
  readonly webhooks: WebhookStore;
  /** Why the last write was not kept, such as a full disk; undefined when it was. */
  readonly fault: string | undefined;
  /** Is called after each batch that has been kept. */
  onPersisted: (() => void) | undefined;
  /**
   * Is called with what every batch of writes came to: why nothing of it was kept, or undefined when
   * it was.
   */
  onOutcome: ((fault: string | undefined) => void) | undefined;
  /** Tries a write, to see whether the disk takes it again. It never rejects. */
  probe(): Promise<void>;
  /** Commits what waits and closes; the file of the database alone then holds everything. */
  close(): Promise<void>;
}
