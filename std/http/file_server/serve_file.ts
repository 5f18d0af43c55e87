import { STATUS_CODE } from "../status.ts";
import { contentTypeOf } from "./content_type.ts";
import { etagOf, isUnmodified } from "./etag.ts";
import { parseRange, readRange } from "./range.ts";
import { baseHeaders, respond } from "./responses.ts";

/** What {@linkcode serveFile} may be given. */
export interface ServeFileOptions {
  /** The algorithm of the file's tag; SHA-256 if there is none. */
  etagAlgorithm?: AlgorithmIdentifier;
  /** The file's metadata; read from the disk by default. */
  fileInfo?: Deno.FileInfo;
}

/**
 * The response with the file, or with the part of it that the request asks for. A file that is not
 * there, or is a directory, gives 404; one that the client has already, 304; a part that it does
 * not have, 416; a method other than GET and HEAD, 405.
 */
export async function serveFile(
  req: Request,
  filePath: string,
  options: ServeFileOptions = {},
): Promise<Response> {
  if (req.method !== "GET" && req.method !== "HEAD") {
    return respond(STATUS_CODE.MethodNotAllowed);
  }
  const fileInfo = options.fileInfo ?? await statOrNothing(filePath);
  if (!fileInfo || fileInfo.isDirectory) {
    await req.body?.cancel();
    return respond(STATUS_CODE.NotFound);
  }

  const etag = await etagOf(fileInfo, options.etagAlgorithm ?? "SHA-256");
  const headers = baseHeaders();
  if (etag) headers.set("etag", etag);
  if (fileInfo.mtime) headers.set("last-modified", fileInfo.mtime.toUTCString());
  const contentType = contentTypeOf(filePath);
  if (contentType) headers.set("content-type", contentType);

  if (req.method === "GET" && isUnmodified(req, fileInfo, etag)) {
    return respond(STATUS_CODE.NotModified, headers, null);
  }
  return await respondWithBytes(req, filePath, fileInfo.size, headers);
}

async function respondWithBytes(
  req: Request,
  path: string,
  size: number,
  headers: Headers,
): Promise<Response> {
  // An empty file has no parts, though clients may ask for one with every request.
  const asked = size > 0 && req.method === "GET" ? req.headers.get("range") : null;
  const range = asked === null ? undefined : parseRange(asked, size);
  if (range === "unsatisfiable") {
    headers.set("content-range", `bytes */${size}`);
    return respond(STATUS_CODE.RangeNotSatisfiable, headers);
  }
  if (range) {
    headers.set("content-range", `bytes ${range.start}-${range.end}/${size}`);
    headers.set("content-length", String(range.end - range.start + 1));
    return respond(STATUS_CODE.PartialContent, headers, await readRange(path, range));
  }
  headers.set("content-length", String(size));
  const body = req.method === "GET" ? (await Deno.open(path)).readable : null;
  return respond(STATUS_CODE.OK, headers, body);
}

async function statOrNothing(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.stat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
