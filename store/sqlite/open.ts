/**
 * The store in SQLite: one writer with group commit, one connection for reading, and connections for
 * what clients read in pages. The writer of a file runs in its own thread, and so do these.
 * @module
 */
import { dirname } from "node:path";
import { CannotOpen } from "../errors.ts";
import { CachedReader } from "./cached_reader.ts";
import { CallTable } from "./tables/call_table.ts";
import { ClientKeyTable } from "./tables/client_key_table.ts";
import { ContractTable } from "./tables/contract_table.ts";
import { Database } from "./database.ts";
import { EventTable } from "./tables/event_table.ts";
import { KeyTable } from "./tables/key_table.ts";
import { lockDatabase } from "./lock.ts";
import { migrate } from "./schema/migrate.ts";
import { pageTable } from "./tables/page_table.ts";
import { LocalReader, type Reader } from "./reader.ts";
import { ReaderThreads } from "./reader_threads.ts";
import { RequestTable } from "./tables/request_table.ts";
import type { Pages } from "../pages.ts";
import type { Store } from "../store.ts";
import { TicketTable } from "./tables/ticket_table.ts";
import { ThreadCommitter } from "./thread_committer.ts";
import { WebhookTable } from "./tables/webhook_table.ts";
import { LocalCommitter, Writer } from "./writer.ts";

/** The path of a database in memory. */
export const MEMORY = ":memory:";

/** How a database is opened. */
export interface OpenOptions {
  /** How many threads read pages for clients. */
  readonly readerThreads?: number;
}

/**
 * Opens a database and brings it up to date. Creates it, and its folder, if there is none.
 * @param path a file, or `:memory:`
 * @throws {WrongDatabase} when its version is newer, or it is damaged
 * @throws {CannotOpen} when the file cannot be opened, or another server uses it
 */
export async function openSqlite(
  path: string,
  { readerThreads = 1 }: OpenOptions = {},
): Promise<Store> {
  if (path === MEMORY) {
    const database = new Database(path);
    migrate(database);
    const writer = new Writer(new LocalCommitter(database));
    return new SqliteStore(database, writer, new LocalReader(database));
  }
  await makeFolder(dirname(path), path);
  await using opening = new AsyncDisposableStack();
  const lock = opening.use(await lockDatabase(path));
  const committer = await ThreadCommitter.open(path);
  opening.defer(() => committer.close());
  const threads = await ReaderThreads.open(path, readerThreads);
  opening.defer(() => threads.close());
  const reader = new Database(path, { readOnly: true });
  opening.move();
  return new SqliteStore(reader, new Writer(committer), threads, lock);
}

async function makeFolder(folder: string, path: string): Promise<void> {
  try {
    await Deno.mkdir(folder, { recursive: true });
  } catch (error) {
    const why = error instanceof Deno.errors.NotCapable
      ? `this process may not write in ${folder}: name it in --allow-read and --allow-write of the ` +
        "task in deno.json"
      : error instanceof Error
      ? error.message
      : String(error);
    throw new CannotOpen(`Cannot open the database ${path}: ${why}`);
  }
}

class SqliteStore implements Store {
  readonly calls: CallTable;
  readonly clientKeys: ClientKeyTable;
  readonly contracts: ContractTable;
  readonly events: EventTable;
  readonly keys: KeyTable;
  readonly pages: Pages;
  readonly requests: RequestTable;
  readonly tickets: TicketTable;
  readonly webhooks: WebhookTable;
  readonly #reader: Database;
  readonly #writer: Writer;
  readonly #pageReader: Reader;
  readonly #lock: Disposable | undefined;
  #closed: Promise<void> | undefined;

  constructor(reader: Database, writer: Writer, pageReader: Reader, lock?: Disposable) {
    this.#reader = reader;
    this.#writer = writer;
    this.#pageReader = new CachedReader(pageReader);
    this.#lock = lock;
    this.calls = new CallTable(reader, writer);
    this.clientKeys = new ClientKeyTable(reader, writer);
    this.contracts = new ContractTable(reader, writer);
    this.events = new EventTable(reader);
    this.keys = new KeyTable(reader, writer);
    this.pages = pageTable(this.#pageReader);
    this.requests = new RequestTable(writer);
    this.tickets = new TicketTable(writer);
    this.webhooks = new WebhookTable(reader, writer);
  }

  get onPersisted(): Store["onPersisted"] {
    return this.#writer.onPersisted;
  }

  set onPersisted(listener: Store["onPersisted"]) {
    this.#writer.onPersisted = listener;
  }

  get onOutcome(): Store["onOutcome"] {
    return this.#writer.onOutcome;
  }

  set onOutcome(listener: Store["onOutcome"]) {
    this.#writer.onOutcome = listener;
  }

  get fault(): string | undefined {
    return this.#writer.fault;
  }

  async probe(): Promise<void> {
    // The writer remembers the outcome.
    await this.#writer.write("probe", { at: Date.now() }).catch(() => {});
  }

  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  /** SQLite removes its log only when the last connection closes, and only if that one may write. */
  async #close(): Promise<void> {
    await this.#writer.finish();
    await this.#pageReader.close();
    this.#reader.close();
    await this.#writer.close();
    this.#lock?.[Symbol.dispose]();
  }
}
