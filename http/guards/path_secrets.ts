/**
 * Secrets in a path, for platforms that can be given a URL and nothing else.
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Holder } from "../../access/holder.ts";

/** A secret, and what its holder may do. */
export interface PathSecret {
  readonly secret: string;
  readonly holder: Holder;
}

/** The secrets of one door. */
export class PathSecrets {
  readonly #known: readonly { readonly digest: Uint8Array; readonly holder: Holder }[];

  constructor(secrets: readonly PathSecret[]) {
    this.#known = secrets.map(({ secret, holder }) => ({ digest: digestOf(secret), holder }));
  }

  /** Whether there is none. */
  get isEmpty(): boolean {
    return this.#known.length === 0;
  }

  /** Who shows this secret; undefined when it is none. */
  holderOf(shown: string | undefined): Holder | undefined {
    const digest = digestOf(shown ?? "");
    return this.#known.find((known) => timingSafeEqual(known.digest, digest))?.holder;
  }
}

/** An id for the holder of a secret in records: it says which one it was, and not what it is. */
export function idOfSecret(prefix: string, secret: string): string {
  return `${prefix}-${digestOf(secret).toHex().slice(0, 8)}`;
}

/** Digests have one length, so comparing them reveals nothing about a secret. */
function digestOf(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}
