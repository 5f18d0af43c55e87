/**
 * Access to a server of a test, with keys in memory.
 * @module
 */
import { Access } from "../../access/access.ts";
import { type Holder, LOCAL } from "../../access/holder.ts";
import { ManagedKeys } from "../../access/managed_keys.ts";
import type { KeyRecord, KeyStore } from "../../access/store.ts";
import type { Tokens } from "../../access/tokens.ts";

/** Keys in memory, as a store of them. */
export class KeysInMemory implements KeyStore {
  readonly keys = new Map<string, KeyRecord>();
  /** How many writes of uses there were. */
  noted = 0;

  all(): Promise<readonly KeyRecord[]> {
    return Promise.resolve([...this.keys.values()].reverse());
  }

  create(key: KeyRecord): Promise<boolean> {
    if (this.keys.has(key.id)) return Promise.resolve(false);
    this.keys.set(key.id, key);
    return Promise.resolve(true);
  }

  revoke(id: string, { at }: { at: Date }): Promise<void> {
    this.keys.set(id, { ...this.keys.get(id)!, revokedAt: at });
    return Promise.resolve();
  }

  used(uses: readonly { id: string; at: Date }[]): Promise<void> {
    this.noted++;
    for (const { id, at } of uses) this.keys.set(id, { ...this.keys.get(id)!, lastUsedAt: at });
    return Promise.resolve();
  }
}

/** Access by these keys of the settings, and by those in the store. */
export async function accessWith(
  apiKeys: readonly string[],
  { store = new KeysInMemory() as KeyStore, now = () => new Date(), tokens }: {
    store?: KeyStore;
    now?: () => Date;
    tokens?: Tokens;
  } = {},
): Promise<Access> {
  return new Access({ apiKeys, keys: await ManagedKeys.open(store, now), tokens, now });
}

/** A holder with every right, except for these overrides. */
export function holder(differs: Partial<Holder> = {}): Holder {
  return { ...LOCAL, id: "k1", name: "crm", ...differs };
}
