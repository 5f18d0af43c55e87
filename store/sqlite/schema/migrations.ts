/**
 * The tables, as numbered migrations. A migration that has been released is never changed.
 * @module
 */

import type { Database } from "../database.ts";
import { PAGING } from "./paging_migration.ts";
import { renameParties } from "./rename_parties.ts";

/** SQL statements, or a function for what SQL alone cannot do. */
export type Migration = string | ((database: Database) => void);

/** The migration at index n brings a database from version n to n + 1. */
export const MIGRATIONS: readonly Migration[] = [
  `
  CREATE TABLE calls (
    id TEXT PRIMARY KEY,
    line TEXT NOT NULL,
    platform_id TEXT NOT NULL,
    state TEXT NOT NULL,
    from_number TEXT NOT NULL,
    to_number TEXT NOT NULL,
    from_e164 TEXT,
    to_e164 TEXT,
    started_at INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE,
    open INTEGER NOT NULL DEFAULT 1,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX calls_by_time ON calls (started_at, id);
  CREATE INDEX calls_by_platform ON calls (line, platform_id);
  CREATE INDEX calls_open ON calls (id) WHERE open = 1;

  CREATE TABLE events (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    actor TEXT NOT NULL,
    call_id TEXT,
    call_seq INTEGER,
    contract_id TEXT,
    to_everyone INTEGER NOT NULL DEFAULT 0,
    operation TEXT,
    data TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_by_call ON events (call_id, call_seq) WHERE call_id IS NOT NULL;
  CREATE INDEX events_by_contract ON events (contract_id, id) WHERE contract_id IS NOT NULL;
  CREATE INDEX events_to_everyone ON events (id) WHERE to_everyone = 1;
  CREATE UNIQUE INDEX events_by_operation ON events (operation) WHERE operation IS NOT NULL;

  CREATE TABLE contracts (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    operation TEXT UNIQUE,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX contracts_by_time ON contracts (created_at, id);
  CREATE INDEX contracts_pending ON contracts (expires_at) WHERE status = 'pending';
  CREATE TABLE parties (
    phone_number TEXT NOT NULL,
    contract_id TEXT NOT NULL,
    PRIMARY KEY (phone_number, contract_id)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE payments (
    id TEXT PRIMARY KEY,
    contract_id TEXT NOT NULL,
    transaction_id TEXT UNIQUE,
    created_at INTEGER NOT NULL,
    operation TEXT UNIQUE,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE INDEX payments_by_contract ON payments (contract_id, created_at);

  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    actor TEXT NOT NULL,
    action TEXT NOT NULL,
    subject TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    previous_hash TEXT NOT NULL,
    hash TEXT NOT NULL
  ) STRICT;
  CREATE INDEX audit_by_subject ON audit (subject, id);

  CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    first_seen_at INTEGER NOT NULL,
    last_seen_at INTEGER NOT NULL,
    sent_event_id INTEGER NOT NULL DEFAULT 0
  ) STRICT;

  CREATE TABLE requests (
    key TEXT PRIMARY KEY,
    fingerprint TEXT NOT NULL,
    operation TEXT NOT NULL,
    at INTEGER NOT NULL,
    answer TEXT
  ) STRICT;
  CREATE INDEX requests_by_time ON requests (at);

  CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    enabled INTEGER NOT NULL,
    after_event_id INTEGER NOT NULL,
    secret TEXT NOT NULL,
    doc TEXT NOT NULL
  ) STRICT;
  CREATE TABLE deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL,
    event_id INTEGER NOT NULL,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    due_at INTEGER,
    created_at INTEGER NOT NULL,
    round INTEGER NOT NULL DEFAULT 0,
    failures INTEGER NOT NULL DEFAULT 0,
    attempts TEXT NOT NULL DEFAULT '[]'
  ) STRICT;
  CREATE INDEX deliveries_due ON deliveries (webhook_id, due_at, event_id)
    WHERE due_at IS NOT NULL;
  CREATE INDEX deliveries_by_webhook ON deliveries (webhook_id, event_id);
  CREATE INDEX deliveries_by_state ON deliveries (webhook_id, state, event_id);
  CREATE TABLE cursors (name TEXT PRIMARY KEY, event_id INTEGER NOT NULL) STRICT;

  CREATE TABLE probe (id INTEGER PRIMARY KEY CHECK (id = 1), at INTEGER NOT NULL) STRICT;
  INSERT INTO probe VALUES (1, 0);
  `,
  // It recorded who had connected, and nothing read it.
  "DROP TABLE clients;",
  renameParties,
  `
  CREATE TABLE client_keys (
    client_id TEXT PRIMARY KEY,
    registered_at INTEGER NOT NULL,
    doc TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE keys (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    hash BLOB NOT NULL,
    revoked_at INTEGER,
    last_used_at INTEGER,
    doc TEXT NOT NULL
  ) STRICT;
  `,
  `
  CREATE TABLE tickets (
    digest TEXT PRIMARY KEY,
    door TEXT NOT NULL,
    subject TEXT NOT NULL,
    scopes TEXT NOT NULL,
    holder TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tickets_by_time ON tickets (expires_at);
  `,
  PAGING,
];
