/**
 * Refusals as problem documents.
 * @see RFC 9457
 * @module
 */
import { STATUS_TEXT, type StatusCode } from "@std/http/status";

/** One wrong field of a request, and why. */
export interface FieldFault {
  /** Where: `parties.0.phone`, or empty for the whole. */
  readonly field: string;
  readonly message: string;
}

/** Optional parts of a problem document. */
export interface ProblemExtras {
  /** Every wrong field. */
  readonly errors?: readonly FieldFault[];
  readonly headers?: Readonly<Record<string, string>>;
  /** Further members of the document, such as `allowed`. */
  readonly members?: Readonly<Record<string, unknown>>;
}

/** A refusal as a response. `detail` says the action, the value and the state. */
export function problem(
  status: StatusCode,
  detail: string,
  { errors, headers, members }: ProblemExtras = {},
): Response {
  const document = {
    type: "about:blank",
    title: STATUS_TEXT[status],
    status,
    detail,
    ...(errors === undefined ? {} : { errors }),
    ...members,
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

/** A refusal, thrown anywhere while a request is handled. The router answers with it. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(readonly status: StatusCode, detail: string, readonly extras: ProblemExtras = {}) {
    super(detail);
  }

  /** The problem document. */
  response(): Response {
    return problem(this.status, this.message, this.extras);
  }
}
