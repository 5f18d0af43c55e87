/**
 * Says of a server that is not there why, and what to look at.
 * @module
 */

/** What a system calls it when nobody takes a connection, in plain words. */
const WHY: readonly (readonly [RegExp, string])[] = [
  [/ECONNREFUSED|connection refused/i, "connection refused"],
  [/ENOTFOUND|EAI_AGAIN|dns error/i, "there is no such host"],
  [/EHOSTUNREACH|ENETUNREACH|unreachable/i, "no way leads there"],
  [/ETIMEDOUT|timed out/i, "no answer in time"],
];

/**
 * One line for a person where the error means that there is no server at this URL; else undefined.
 */
export function unreachable(url: string, { message, cause }: Error): string | undefined {
  // What `fetch` throws has it in its cause.
  const told = `${message} ${cause instanceof Error ? cause.message : ""}`;
  const why = WHY.find(([pattern]) => pattern.test(told))?.[1];
  if (why === undefined) return undefined;
  return `Cannot reach ${url}: ${why}. ` +
    "Is the server running (deno task start), and is this its port (--url)?";
}

/** What a person is told of an answer to the upgrade that is as it should be, by its status. */
export type Refusals = Readonly<Record<number, string>>;

/** One line for a person where the server has refused the upgrade for a reason of theirs. */
export function refused({ message }: Error, refusals: Refusals): string | undefined {
  const status = /server response: (\d{3})/.exec(message)?.[1];
  return status === undefined ? undefined : refusals[Number(status)];
}
