/**
 * Sends a web `Response` over a response of `node:http`, as fast as the client reads.
 * @module
 */
import type { ServerResponse } from "node:http";
import { setImmediate } from "node:timers";

/** A client that reads nothing of its answer for so long is gone. */
const STALLED_MS = 30_000;

/**
 * Sends the answer, and resolves when all of it was handed to the kernel, or the client is gone. A
 * body that nobody reads any more is cancelled.
 */
export async function sendAnswer(answer: Response, outgoing: ServerResponse): Promise<void> {
  outgoing.statusCode = answer.status;
  const cookies = answer.headers.getSetCookie();
  for (const [name, value] of answer.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  const reader = answer.body?.getReader();
  if (reader === undefined) return end(outgoing);
  const left = () => void reader.cancel("the client has left").catch(() => {});
  if (outgoing.destroyed || outgoing.socket?.destroyed) return left();
  outgoing.once("close", left);
  // A body that fails ends at once, whatever its client has still to read.
  reader.closed.catch(() => outgoing.destroy());
  try {
    await sendBody(reader, outgoing);
  } finally {
    outgoing.removeListener("close", left);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

async function sendBody(reader: Reader, outgoing: ServerResponse): Promise<void> {
  let read = await reader.read();
  if (!read.done) {
    const next = reader.read();
    const { value } = read;
    // A body that is all there has a length; a stream has none.
    const isAll = await Promise.race([next.then(({ done }) => done), turn()]);
    if (isAll && !outgoing.hasHeader("content-length")) {
      outgoing.setHeader("content-length", value.byteLength);
    }
    if (outgoing.req.method === "HEAD") {
      end(outgoing);
      return await reader.cancel();
    }
    if (isAll) return end(outgoing, value);
    await write(outgoing, value);
    read = await next;
  }
  while (!read.done && !outgoing.destroyed) {
    await write(outgoing, read.value);
    read = await reader.read();
  }
  end(outgoing);
}

function end(outgoing: ServerResponse, bytes?: Uint8Array): void {
  // Node sets it anew, or to that of a connection that waits, when all of it has gone out.
  outgoing.socket?.setTimeout(STALLED_MS);
  if (bytes === undefined) outgoing.end();
  else outgoing.end(bytes);
}

/** Resolves with false when the event loop has turned. */
function turn(): Promise<false> {
  return new Promise((resolve) => setImmediate(() => resolve(false)));
}

/** Writes, and waits while the client has not read enough of it. */
async function write(outgoing: ServerResponse, bytes: Uint8Array): Promise<void> {
  if (outgoing.write(bytes) || outgoing.destroyed) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const stalled = setTimeout(() => outgoing.destroy(), STALLED_MS);
  outgoing.once("drain", resolve).once("close", resolve);
  await promise;
  clearTimeout(stalled);
  outgoing.removeListener("drain", resolve).removeListener("close", resolve);
}
