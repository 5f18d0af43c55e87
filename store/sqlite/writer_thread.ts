/**
 * Runs in the thread of `thread_committer.ts`: one connection, one batch after the other.
 * @module
 */
/// <reference lib="deno.worker" />
import { commitBatch } from "./commit.ts";
import { Database } from "./database.ts";
import { migrate } from "./schema/migrate.ts";
import type { FromThread, ToThread } from "./thread_committer.ts";

let database: Database | undefined;

self.onmessage = ({ data }: MessageEvent<ToThread>) => {
  self.postMessage(answer(data));
};

function answer(message: ToThread): FromThread {
  if (message === "close") {
    close();
    return "closed";
  }
  if ("open" in message) {
    try {
      database = new Database(message.open);
      migrate(database);
      return { opened: true };
    } catch (error) {
      const { message, name } = error as Error;
      return { failed: message, name };
    }
  }
  return { result: commitBatch(database!, message.batch) };
}

function close(): void {
  try {
    database?.checkpoint();
  } catch {
    // The disk is full. The write-ahead log holds everything, and the next start reads it.
  }
  database?.close();
}
