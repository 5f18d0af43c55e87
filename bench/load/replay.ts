/**
 * Readers who read what they missed: sockets of the notifications door, event streams, or one answer.
 * @module
 */
import type { ReplayedReport, ReplayJob } from "./jobs.ts";
import { openSome } from "./call.ts";
import { Connection, turn } from "./connection.ts";

const encoder = new TextEncoder();
const latin1 = new TextDecoder("latin1");

/** Opens all readers at once when it begins, and reports when each has read up to `last`. */
export async function runReplay(
  { port, path, readers, isSocket, last }: ReplayJob,
  begin: () => Promise<void>,
): Promise<ReplayedReport> {
  await begin();
  const beganMs = performance.now();
  let bytes = 0;
  const reading: Promise<void>[] = [];
  await openSome(readers, async () => {
    const connection = new Connection(port);
    const upgrade = isSocket
      ? "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      : "";
    connection.send(
      encoder.encode(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${upgrade}\r\n`),
    );
    reading.push(read(connection, last, (count) => bytes += count));
    await turn();
  });
  await Promise.all(reading);
  return { tookMs: performance.now() - beganMs, bytes };
}

/** Reads until the text comes. */
async function read(
  connection: Connection,
  last: string,
  count: (bytes: number) => void,
): Promise<void> {
  const { promise: whole, resolve: complete, reject: fail } = Promise.withResolvers<true>();
  let end = "";
  connection.received = (bytes, have) => {
    count(have);
    const text = end + latin1.decode(new Uint8Array(bytes.buffer, 0, have));
    if (/^HTTP\/1.1 [45]/.test(text)) fail(new Error(`A reader was refused: ${text}`));
    if (text.includes(last)) complete(true);
    end = text.slice(-last.length);
    return have;
  };
  const done = await Promise.race([whole, connection.closed]);
  if (done === undefined) throw new Error(`A reader was closed before ${last}, after: ${end}`);
}
