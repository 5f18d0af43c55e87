/**
 * Describes why a server closed a socket.
 * @module
 */

/** The meanings of close codes, for a close without a reason (RFC 6455, 7.4.1). */
const MEANINGS: Readonly<Record<number, string>> = {
  1001: "the server is going away",
  1005: "without a code",
  1006: "the connection is lost, without a close frame",
  1011: "something is wrong in the server",
  1012: "the server restarts",
  1013: "the server has too much to do",
};

/**
 * `closed with 1001 (the server is stopping)`: the code, and the server's reason or its meaning.
 */
export function closedWith(code: number, reason: string): string {
  const words = reason || MEANINGS[code];
  return `closed with ${code}${words === undefined ? "" : ` (${words})`}`;
}
