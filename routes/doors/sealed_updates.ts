/**
 * The way of updates to clients that have registered a public key: encrypted once for all sockets of a
 * client, and in the order of the log.
 * @module
 */
import type { ClientKey } from "../../encryption/client_key.ts";
import type { ClientKeys } from "../../encryption/client_keys.ts";
import { SealQueue } from "../../encryption/seal_queue.ts";
import type { Encrypted, StatusAnswer, Update } from "../../protocols/notifications/messages.ts";
import type { NotificationsNotice } from "../../protocols/notifications/ports.ts";
import { prepare } from "../../session/encode.ts";
import type { Session } from "../../session/session.ts";

type ClientSession = Session<NotificationsNotice>;

/** Sends sessions a notice, after their earlier ones. */
type Tell = (sessions: readonly ClientSession[], notice: NotificationsNotice) => void;

/** Encrypts the updates of clients with a key. */
export class SealedUpdates {
  readonly #keys: ClientKeys;
  readonly #failed: (error: unknown) => void;
  readonly #tell: Tell;
  readonly #queue: SealQueue;

  constructor(keys: ClientKeys, failed: (error: unknown) => void, tell: Tell) {
    this.#keys = keys;
    this.#queue = new SealQueue((key, message) => keys.seal(key, message));
    this.#failed = failed;
    this.#tell = tell;
  }

  /** Whether a client's updates take this path: it has a key, or had one for updates that are still queued. */
  takes(clientId: string): boolean {
    return this.#keys.of(clientId) !== undefined || this.#queue.holds(clientId);
  }

  /** Tells an update to the sockets of one client. */
  tell(clientId: string, sessions: readonly ClientSession[], update: Update): void {
    const taken = this.#queue.push({
      clientId,
      key: this.#keys.of(clientId),
      message: update,
      tell: (jwe) => {
        const told = prepare(jwe === undefined ? update : encrypted(jwe));
        this.#tell(sessions, { kind: "update", update: told });
      },
      fail: (error) => {
        this.#failed(error);
        hangUp(sessions, 1011, "the update cannot be encrypted");
      },
    });
    if (!taken) hangUp(sessions, 1013, "too many updates are waiting for encryption");
  }
}

/** A message that only the client can read. */
export async function sealed(
  keys: ClientKeys,
  key: ClientKey,
  message: Update | StatusAnswer,
): Promise<Encrypted> {
  return encrypted(await keys.seal(key, message));
}

function encrypted(jwe: string): Encrypted {
  return { type: "encrypted", jwe };
}

function hangUp(sessions: readonly ClientSession[], code: number, reason: string): void {
  for (const session of sessions) session.hangUp(code, reason);
}
