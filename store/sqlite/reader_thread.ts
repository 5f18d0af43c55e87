/**
 * Runs in a thread of `reader_threads.ts`: one reading connection, one read after the other.
 * @module
 */
/// <reference lib="deno.worker" />
import { Database } from "./database.ts";
import { type Read, reads } from "./reads/reads.ts";
import type { FromReader, ToReader } from "./reader_threads.ts";

let database: Database | undefined;

self.onmessage = ({ data }: MessageEvent<ToReader>) => {
  const answer = answerTo(data);
  self.postMessage(answer, textOf(answer));
};

function answerTo(message: ToReader): FromReader {
  try {
    if (message === "close") {
      database?.close();
      return { output: undefined };
    }
    if ("open" in message) {
      database = new Database(message.open, { readOnly: true });
      return { output: undefined };
    }
    return { output: (reads[message.name] as Read)(database!, message.input) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { failed: message, name };
  }
}

/** The text of a part is handed over, not copied. */
function textOf(answer: FromReader): Transferable[] {
  if ("failed" in answer) return [];
  const { items } = (answer.output ?? {}) as { items?: unknown };
  return items instanceof Uint8Array ? [items.buffer as ArrayBuffer] : [];
}
