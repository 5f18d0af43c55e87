/**
 * Finds the call that somebody at a keyboard means.
 * @module
 */
import { z } from "zod";

/** What is read of an entry of the call log. */
const Entry = z.looseObject({
  id: z.string(),
  liveConversationToken: z.string().optional(),
});

/** No call can be watched by that name; the message says why. */
export class CallNotFound extends Error {
  override readonly name = "CallNotFound";
}

/**
 * The conversation token of a call: of the newest that is on for `latest`, of a call's id, or the
 * token itself.
 * @throws {CallNotFound} when there is none
 */
export async function findToken(url: string, which: string, key = "dev"): Promise<string> {
  const read = async (path: string) => {
    const http = url.replace(/^ws/, "http");
    const response = await fetch(new URL(path, http), {
      headers: { authorization: `Bearer ${key}` },
    }).catch((error) => {
      throw new CallNotFound(`${http} does not answer: ${error.message}`);
    });
    // A server that knows no such path may answer anything.
    const body: unknown = await response.json().catch(() => undefined);
    return response.ok ? body : undefined;
  };
  if (which === "latest") {
    const page = z.object({ calls: z.array(Entry) }).safeParse(await read("/api/v1/calls"));
    const token = page.data?.calls.find((call) => call.liveConversationToken !== undefined)
      ?.liveConversationToken;
    if (token === undefined) throw new CallNotFound("No call is on");
    return token;
  }
  const call = Entry.safeParse(await read(`/api/v1/calls/${encodeURIComponent(which)}`));
  // What is no call's id is a token: the server says whether it knows it.
  if (!call.success) return which;
  const token = call.data.liveConversationToken;
  if (token === undefined) throw new CallNotFound(`Call ${which} is over`);
  return token;
}
