/**
 * Readers who read what they missed: sockets of the notifications door, event streams, or one answer.
 * @module
 */
import type { ReplayedReport, ReplayJob } from "./jobs.ts";
import { openSome } from "./call.ts";

const READ_BYTES = 64 * 1024;
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
    const tcp = await Deno.connect({ hostname: "127.0.0.1", port });
    const upgrade = isSocket
      ? "Upgrade: websocket\r\nConnection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      : "";
    await tcp.write(
      encoder.encode(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${upgrade}\r\n`),
    );
    reading.push(read(tcp, last, (count) => bytes += count));
  });
  await Promise.all(reading);
  return { tookMs: performance.now() - beganMs, bytes };
}

/** Reads until the text comes. */
async function read(
  tcp: Deno.TcpConn,
  last: string,
  count: (bytes: number) => void,
): Promise<void> {
  const buffer = new Uint8Array(READ_BYTES);
  let end = "";
  while (true) {
    const read = await tcp.read(buffer);
    if (read === null) throw new Error(`A reader was closed before ${last}, after: ${end}`);
    count(read);
    const text = end + latin1.decode(buffer.subarray(0, read));
    if (text.includes(last)) return;
    end = text.slice(-last.length);
  }
}
