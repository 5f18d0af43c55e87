import { acceptedEncodings } from "./negotiation/encodings.ts";
import { acceptedLanguages } from "./negotiation/languages.ts";
import { acceptedMediaTypes } from "./negotiation/media_types.ts";

/**
 * The media types that the request accepts, the preferred ones first; any type if it says nothing.
 */
export function accepts(request: Pick<Request, "headers">): string[];
/** Which of the media types the request accepts best; `undefined` if it accepts none. */
export function accepts<T extends string = string>(
  request: Pick<Request, "headers">,
  ...types: T[]
): T | undefined;
export function accepts(
  request: Pick<Request, "headers">,
  ...types: string[]
): string[] | string | undefined {
  const header = request.headers.get("accept");
  if (types.length === 0) return header ? acceptedMediaTypes(header) : ["*/*"];
  return header ? acceptedMediaTypes(header, types)[0] : types[0];
}

/** The encodings that the request accepts, the preferred ones first; any if it says nothing. */
export function acceptsEncodings(request: Pick<Request, "headers">): string[];
/**
 * Which of the encodings the request accepts best; `undefined` if it accepts none. `identity`
 * should be among them.
 */
export function acceptsEncodings<T extends string = string>(
  request: Pick<Request, "headers">,
  ...encodings: T[]
): T | undefined;
export function acceptsEncodings(
  request: Pick<Request, "headers">,
  ...encodings: string[]
): string[] | string | undefined {
  const header = request.headers.get("accept-encoding");
  if (encodings.length === 0) return header ? acceptedEncodings(header) : ["*"];
  return header ? acceptedEncodings(header, encodings)[0] : encodings[0];
}

/** The languages that the request accepts, the preferred ones first; any if it says nothing. */
export function acceptsLanguages(request: Pick<Request, "headers">): string[];
/** Which of the languages the request accepts best; `undefined` if it accepts none. */
export function acceptsLanguages<T extends string = string>(
  request: Pick<Request, "headers">,
  ...langs: T[]
): T | undefined;
export function acceptsLanguages(
  request: Pick<Request, "headers">,
  ...langs: string[]
): string[] | string | undefined {
  const header = request.headers.get("accept-language");
  if (langs.length === 0) return header ? acceptedLanguages(header) : ["*"];
  return header ? acceptedLanguages(header, langs)[0] : langs[0];
}
