/** The weak tag of a file, made from its size and the time of its last change. */
export async function etagOf(
  { mtime, size }: Deno.FileInfo,
  algorithm: AlgorithmIdentifier,
): Promise<string | undefined> {
  if (!mtime) return undefined;
  const state = new TextEncoder().encode(mtime.toJSON());
  const digest = new Uint8Array(await crypto.subtle.digest(algorithm, state));
  return `W/"${size.toString(16)}-${digest.toHex().slice(0, 32)}"`;
}

/** Whether the client has the current file, by the headers of its request. */
export function isUnmodified(
  request: Request,
  { mtime }: Deno.FileInfo,
  etag: string | undefined,
): boolean {
  const knownTags = request.headers.get("if-none-match");
  // A date counts only without tags.
  if (knownTags !== null) return etag !== undefined && includesTag(knownTags, etag);
  const known = Date.parse(request.headers.get("if-modified-since") ?? "");
  // Dates in headers have no milliseconds.
  return mtime !== null && mtime.getTime() < known + 1000;
}

function includesTag(knownTags: string, etag: string): boolean {
  if (knownTags.trim() === "*") return true;
  return knownTags.split(",").some((tag) => opaque(tag) === opaque(etag));
}

function opaque(tag: string): string {
  return tag.trim().replace(/^W\//, "");
}
