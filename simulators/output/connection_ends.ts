/**
 * Explains in words why a server cannot be reached, refuses, or closes.
 * @module
 */

/** The errors of the operating system, in plain words. */
const WHY: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED|connection refused/i, "connection refused"],
  [/ENOTFOUND|EAI_AGAIN|dns error/i, "there is no such host"],
  [/EHOSTUNREACH|ENETUNREACH|unreachable/i, "no route to this host"],
  [/ETIMEDOUT|timed out/i, "no answer in time"],
];

/** One line for a person when no server is at this URL; otherwise undefined. */
export function unreachable(url: string, { message, cause }: Error): string | undefined {
  // The error of `fetch` has it in its cause.
  const text = `${message} ${cause instanceof Error ? cause.message : ""}`;
  const why = WHY.find(([pattern]) => pattern.test(text))?.[1];
  if (why === undefined) return undefined;
  return `Cannot reach ${url}: ${why}. ` +
    "Is the server running (deno task start), and is this its port (--url)?";
}

/** Explanations of correct refusals of the upgrade, by status. */
export type Refusals = Readonly<Record<number, string>>;

/** One line for a person when the refusal of the upgrade is correct; otherwise undefined. */
export function refused({ message }: Error, refusals: Refusals): string | undefined {
  const status = /server response: (\d{3})/.exec(message)?.[1];
  return status === undefined ? undefined : refusals[Number(status)];
}

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
