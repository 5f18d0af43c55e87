/**
 * Who may come in: knows the holder of what a visitor shows, and ends the stay of one whose key ends.
 * @module
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { audioPassword, type AudioSecret, readAudioPassword } from "./audio_password.ts";
import { grantOf, type Holder, isTokenId, LOCAL } from "./holder.ts";
import type { ManagedKeys } from "./managed_keys.ts";
import { looksLikeToken, type Tokens } from "./tokens.ts";

/** The accepted key on a server without keys, on loopback: live calls ask for one there too. */
export const DEV_KEY = "dev";

/** Begins the ids of the keys of API_KEYS. */
const API_KEY = "env-";

/** The holder of `dev`: like everybody there, but it has shown a key. */
const DEV: Holder = { ...LOCAL };

/** What `Access` needs. */
export interface AccessPorts {
  /** The keys of the setting API_KEYS, which are for everything. */
  readonly apiKeys: readonly string[];
  readonly keys: ManagedKeys;
  /** Undefined when no tokens are accepted. */
  readonly tokens: Tokens | undefined;
  readonly now: () => Date;
}

interface ApiKey {
  readonly secret: string;
  readonly digest: Uint8Array;
  readonly holder: Holder;
}

/** What the passwords for the audio of a holder's calls are made with. */
interface HeldSecret {
  readonly secret: AudioSecret;
  readonly holder: Holder;
}

/** A holder who is inside: on a socket, or listening to a stream. */
interface Stay {
  readonly holder: Holder;
  readonly end: () => void;
}

/** Who may come in. */
export class Access {
  readonly keys: ManagedKeys;
  readonly #apiKeys: readonly ApiKey[];
  readonly #tokens: Tokens | undefined;
  readonly #now: () => Date;
  readonly #stays = new Set<Stay>();
  /** Told once that the first key has been made. */
  #firstKey = () => {};
  /** Nothing of a token is stored, so what is made for its holder does not outlive the server. */
  readonly #tokenSecret = randomBytes(32);
  /** By what they may do: tokens of one subject may differ. */
  readonly #tokenHolders = new Map<string, Holder>();
  #wasOpen: boolean;

  constructor({ apiKeys, keys, tokens, now }: AccessPorts) {
    this.keys = keys;
    this.#apiKeys = apiKeys.map(readApiKey);
    this.#tokens = tokens;
    this.#now = now;
    this.#wasOpen = this.isOpen;
  }

  /**
   * Whether nobody needs a key: there are none. A revoked one counts: a server must not open because
   * its last key has ended.
   */
  get isOpen(): boolean {
    return this.#apiKeys.length === 0 && this.#tokens === undefined && this.keys.size === 0;
  }

  /**
   * The holder of the first of these texts that is accepted; where nobody needs a key, `LOCAL`.
   * @throws {JwksUnavailable} for a token whose keys have never been fetched, and cannot be now
   */
  async identify(shown: readonly string[]): Promise<Holder | undefined> {
    for (const text of shown) {
      const holder = this.#ofApiKey(text) ?? this.keys.find(text) ?? await this.#ofToken(text);
      if (holder !== undefined) return holder;
    }
    if (!this.isOpen) return undefined;
    return shown.includes(DEV_KEY) ? DEV : LOCAL;
  }

  /** Whether a holder may still be inside. */
  isInForce({ id, expiresAt }: Holder): boolean {
    if (this.keys.has(id)) return this.keys.isInForce(id);
    // A stored ticket outlives the settings that its holder came by.
    if (id === LOCAL.id) return this.isOpen;
    if (id.startsWith(API_KEY)) return this.#apiKeys.some(({ holder }) => holder.id === id);
    return expiresAt === null || expiresAt > this.#now();
  }

  /**
   * Whether a key has been revoked, has expired, or has left the settings, and whether a token has
   * expired, or is of an issuer whose tokens are not accepted any more. `expiresAt` is the token's: one
   * whose end nobody has written down has ended.
   */
  hasEnded(
    { id, issuer, expiresAt = null }: {
      readonly id: string;
      readonly issuer?: string | undefined;
      readonly expiresAt?: Date | null | undefined;
    },
  ): boolean {
    if (id.startsWith(API_KEY)) return !this.#apiKeys.some(({ holder }) => holder.id === id);
    if (isTokenId(id)) {
      const isAccepted = issuer !== undefined && issuer === this.#tokens?.issuer;
      return !isAccepted || expiresAt === null || expiresAt <= this.#now();
    }
    return this.keys.has(id) && !this.keys.isInForce(id);
  }

  /**
   * Whether a holder's right to be inside can end: a key of the settings ends with the process. Where
   * nobody needs a key, the first one ends everybody's.
   */
  canEnd({ id, expiresAt }: Holder): boolean {
    return this.keys.has(id) || expiresAt !== null || id === LOCAL.id;
  }

  /** Calls `end` when the first key has been made: whoever is inside by then has come without one. */
  onFirstKey(end: () => void): void {
    this.#firstKey = end;
  }

  /** Calls `end`, once, when the holder may no longer be inside, until it is disposed of. */
  stay(holder: Holder, end: () => void): Disposable {
    const stay = { holder, end };
    if (this.canEnd(holder)) this.#stays.add(stay);
    // It may have ended since it was shown.
    if (!this.isInForce(holder)) this.#end(stay);
    return { [Symbol.dispose]: () => void this.#stays.delete(stay) };
  }

  /** Ends the stays whose keys have ended. One timer calls this for all of them. */
  sweep(): void {
    if (this.#wasOpen && !this.isOpen) {
      this.#wasOpen = false;
      this.#firstKey();
    }
    for (const stay of this.#stays) if (!this.isInForce(stay.holder)) this.#end(stay);
    for (const [grant, holder] of this.#tokenHolders) {
      if (!this.isInForce(holder)) this.#tokenHolders.delete(grant);
    }
  }

  /** The password for the audio of a call that this holder has brought; undefined where none is needed. */
  audioPassword(callId: string, holder: Holder): string | undefined {
    if (holder.id === LOCAL.id) return undefined;
    const secret = this.#audioSecretOf(holder);
    return secret && audioPassword(callId, secret);
  }

  /** The call that an audio password opens, and the holder who brought it. */
  readAudioPassword(
    password: string,
  ): { readonly callId: string; readonly holder: Holder } | undefined {
    const read = readAudioPassword(password, this.#audioSecrets());
    return read && { callId: read.callId, holder: read.madeWith.holder };
  }

  #end(stay: Stay): void {
    this.#stays.delete(stay);
    stay.end();
  }

  #ofApiKey(text: string): Holder | undefined {
    const shown = digestOf(text);
    return this.#apiKeys.find(({ digest }) => timingSafeEqual(digest, shown))?.holder;
  }

  async #ofToken(text: string): Promise<Holder | undefined> {
    return looksLikeToken(text) ? await this.#tokens?.find(text) : undefined;
  }

  #audioSecretOf(holder: Holder): AudioSecret | undefined {
    for (const { secret, holder: made } of this.#keySecrets()) {
      if (made.id === holder.id) return secret;
    }
    const grant = grantOf(holder);
    const before = this.#tokenHolders.get(grant);
    // Of two tokens that allow the same, the later end counts.
    if (before === undefined || isLater(holder.expiresAt, before.expiresAt)) {
      this.#tokenHolders.set(grant, holder);
    }
    return this.#tokenSecretOf(grant);
  }

  *#audioSecrets(): Generator<HeldSecret> {
    yield* this.#keySecrets();
    for (const [grant, holder] of this.#tokenHolders) {
      yield { secret: this.#tokenSecretOf(grant), holder };
    }
  }

  *#keySecrets(): Generator<HeldSecret> {
    yield* this.#apiKeys;
    for (const { key, holder } of this.keys.inForceFor(["line:jambonz", "all"])) {
      yield { secret: key.hash, holder };
    }
  }

  #tokenSecretOf(grant: string): Uint8Array {
    return createHash("sha256").update(this.#tokenSecret).update(grant).digest();
  }
}

/** Null is never. */
function isLater(end: Date | null, other: Date | null): boolean {
  return other !== null && (end === null || end > other);
}

/** The id is made of the digest: it says in records which key it was, and not what it is. */
function readApiKey(secret: string): ApiKey {
  const digest = digestOf(secret);
  const holder: Holder = {
    id: `${API_KEY}${digest.toHex().slice(0, 8)}`,
    name: "API_KEYS",
    scopes: new Set(["all"]),
    bounds: undefined,
    expiresAt: null,
  };
  return { secret, digest, holder };
}

/** Digests have one length, so comparing them reveals nothing about a key. */
function digestOf(key: string): Uint8Array {
  return createHash("sha256").update(key).digest();
}
