/**
 * Manages keys from the command line: in the database, or through the server that has it open.
 * @module
 */
import { z } from "zod";
import { keyAnswer, termsOf } from "../access/key_answer.ts";
import { ManagedKeys } from "../access/managed_keys.ts";
import { type KeyAnswer, type KeyCreate, KeyCreated, KeyListAnswer } from "../access/schemas.ts";
import type { Config } from "../config/config.ts";
import { openStore } from "../server/build_services.ts";
import { DatabaseInUse } from "../store/errors.ts";

/** Creates, lists and revokes keys. */
export interface KeyDesk extends AsyncDisposable {
  create(request: KeyCreate): Promise<z.output<typeof KeyCreated>>;
  /** All keys, newest first. */
  list(): Promise<readonly KeyAnswer[]>;
  revoke(id: string): Promise<void>;
}

/** The reason of a server's refusal. */
export class ServerRefused extends Error {
  override readonly name = "ServerRefused";
}

/** The server to use, and the key for it. */
export interface DeskOptions {
  /** Uses this server, such as `https://calls.example.com`; otherwise the one of the settings. */
  readonly url?: string | undefined;
  /** A key with the scope `keys`; by default the first of API_KEYS. */
  readonly key?: string | undefined;
}

/** The actor in the audit trail, when no server was used. */
const ACTOR = "command line";

/**
 * Opens the database. If a server has it open, the request goes to that server: it answers once the
 * key works, or its sockets are closed.
 * @throws {CannotOpen} when the database cannot be opened
 */
export async function openDesk(config: Config, { url, key }: DeskOptions): Promise<KeyDesk> {
  const shown = key ?? config.API_KEYS[0];
  if (url !== undefined) return new ServerDesk(url, shown);
  try {
    return await StoreDesk.open(config);
  } catch (error) {
    if (!(error instanceof DatabaseInUse)) throw error;
    return new ServerDesk(urlOf(config), shown);
  }
}

/** The database, while no server runs. */
class StoreDesk implements KeyDesk {
  readonly #keys: ManagedKeys;
  readonly #config: Config;
  readonly #close: () => Promise<void>;

  private constructor(keys: ManagedKeys, config: Config, close: () => Promise<void>) {
    this.#keys = keys;
    this.#config = config;
    this.#close = close;
  }

  static async open(config: Config): Promise<StoreDesk> {
    const store = await openStore({ ...config, READER_THREADS: 0 });
    const keys = await ManagedKeys.open(store.keys, () => new Date());
    return new StoreDesk(keys, config, () => store.close());
  }

  async create(request: KeyCreate): Promise<z.output<typeof KeyCreated>> {
    const terms = termsOf(request, this.#config.DEFAULT_COUNTRY);
    const { key, text } = await this.#keys.create(terms, ACTOR);
    return { ...keyAnswer(key), key: text };
  }

  list(): Promise<readonly KeyAnswer[]> {
    return Promise.resolve(this.#keys.list(undefined).map(keyAnswer));
  }

  revoke(id: string): Promise<void> {
    return this.#keys.revoke(id, ACTOR, undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

/** The running server. */
class ServerDesk implements KeyDesk {
  readonly #url: string;
  readonly #headers: Record<string, string>;

  constructor(url: string, key: string | undefined) {
    this.#url = `${url.replace(/\/+$/, "")}/api/v1/keys`;
    this.#headers = {
      "content-type": "application/json",
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    };
  }

  async create(request: KeyCreate): Promise<z.output<typeof KeyCreated>> {
    return KeyCreated.parse(await this.#ask("POST", "", request));
  }

  async list(): Promise<readonly KeyAnswer[]> {
    const keys: KeyAnswer[] = [];
    let cursor: string | undefined;
    do {
      const query = new URLSearchParams({ limit: "500", ...(cursor && { cursor }) });
      const page = KeyListAnswer.parse(await this.#ask("GET", `?${query}`));
      keys.push(...page.keys);
      cursor = page.next_cursor;
    } while (cursor !== undefined);
    return keys;
  }

  async revoke(id: string): Promise<void> {
    await this.#ask("DELETE", `/${encodeURIComponent(id)}`);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }

  async #ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(this.#url + path, {
      method,
      headers: this.#headers,
      signal: AbortSignal.timeout(ANSWERS_WITHIN_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    if (response.ok) return text === "" ? undefined : JSON.parse(text);
    const { data } = Problem.safeParse(parsed(text));
    const why = data?.detail ?? `it answered ${response.status}`;
    const hint = response.status === 401 ? "; give a key with the scope keys in TIPRING_KEY" : "";
    throw new ServerRefused(`The server at ${this.#url} refused: ${why}${hint}`);
  }
}

const ANSWERS_WITHIN_MS = 15_000;

const Problem = z.object({ detail: z.string() });

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The address of these settings' server, as seen from this machine. */
function urlOf({ HOST, PORTS }: Config): string {
  const host = HOST === "0.0.0.0" ? "127.0.0.1" : HOST === "::" ? "::1" : HOST;
  return `http://${host.includes(":") && !host.startsWith("[") ? `[${host}]` : host}:${PORTS[0]}`;
}
