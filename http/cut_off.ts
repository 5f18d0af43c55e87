/**
 * Answers a request whose body nobody reads to its end, and cuts the connection off. Deno would read
 * the rest, however long it is, before it closes.
 * @module
 */
import type { BodyLimits } from "./body.ts";

/** What the stream of an answer fails with, so that its connection is dropped. Nothing is wrong. */
export class CutOff extends Error {
  override readonly name = "CutOff";
}

/** Time for the client to read the answer: a reset may overtake it. */
const LINGER_MS = 500;

/** The statuses of bodies that were read in part. */
const READ_IN_PART: readonly number[] = [408, 413];

/** What has no body, or one that never ends. A GET has none that could be held. */
function isLeftAlone(request: Request, { status, headers }: Response): boolean {
  return request.body === null || status === 204 || status === 304 ||
    headers.get("content-type") === "text/event-stream";
}

/**
 * The answer as it is, or one that ends its connection when it has gone out: for a body that was too
 * long or too slow, and for one that was not read and may be longer than any body. An upgrade passes.
 */
export async function cutOff(
  request: Request,
  answer: Response,
  { bytes }: Pick<BodyLimits, "bytes">,
): Promise<Response> {
  // After an upgrade the request cannot be read.
  if (answer.status === 101 || isLeftAlone(request, answer)) return answer;
  if (READ_IN_PART.includes(answer.status)) return await cutting(request, answer);
  if (request.bodyUsed || !mayBeLonger(request.headers, bytes)) return answer;
  return await cutting(request, answer);
}

function mayBeLonger(headers: Headers, bytes: number): boolean {
  const length = headers.get("content-length");
  if (length === null) return headers.has("transfer-encoding");
  return !(Number(length) <= bytes);
}

/** The same answer, whose stream fails once all of it has gone out: Deno then drops the connection. */
async function cutting(request: Request, answer: Response): Promise<Response> {
  const bytes = await answer.bytes();
  const { promise: gone, resolve: leave } = Promise.withResolvers<void>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let sent = false;
  const stream = new ReadableStream<Uint8Array>({
    async pull(controller) {
      if (!sent) {
        sent = true;
        return controller.enqueue(bytes);
      }
      timer = setTimeout(leave, LINGER_MS);
      await gone;
      request.body?.cancel().catch(() => {});
      controller.error(new CutOff("the rest of the request is not read"));
    },
    cancel() {
      request.body?.cancel().catch(() => {});
      clearTimeout(timer);
      leave();
    },
  }, { highWaterMark: 0 });
  const { status, headers } = answer;
  headers.set("content-length", String(bytes.byteLength));
  return new Response(stream, { status, headers });
}
