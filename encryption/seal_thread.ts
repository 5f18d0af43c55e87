/**
 * Runs in the thread of `sealer.ts`: encrypts one message after the other.
 * @module
 */
/// <reference lib="deno.worker" />
import { seal, type SealingKey } from "./seal.ts";
import type { FromSealThread, ToSealThread } from "./sealer.ts";

/** How many keys are remembered: importing one costs about as much as using it. */
const REMEMBERED_KEYS = 1000;

const keys = new Map<string, SealingKey>();

self.onmessage = async ({ data: { id, key, message } }: MessageEvent<ToSealThread>) => {
  self.postMessage(
    await seal(remembered(key), message).then(
      (jwe): FromSealThread => ({ id, jwe }),
      (error): FromSealThread => ({ id, failed: String(error) }),
    ),
  );
};

/** The same object for the same key, since its import belongs to the object. */
function remembered(key: SealingKey): SealingKey {
  const name = JSON.stringify(key.jwk);
  const found = keys.get(name);
  if (found !== undefined) return found;
  if (keys.size >= REMEMBERED_KEYS) keys.clear();
  keys.set(name, key);
  return key;
}
