import { isRedirectStatus, STATUS_CODE } from "../status.ts";
import { listDirectory } from "./directory_listing.ts";
import { respond } from "./responses.ts";
import { serveFile } from "./serve_file.ts";

/** What {@linkcode serveDir} may be given. */
export interface ServeDirOptions {
  /** The directory whose files are served; the current one if there is none. */
  fsRoot?: string;
  /** What the paths of requests begin with and the paths of files do not. */
  urlRoot?: string;
  /**
   * Whether a directory without an `index.html` is answered with a list of its files; it is not.
   */
  showDirListing?: boolean;
  /** Whether files whose names begin with a dot are served; they are not. */
  showDotfiles?: boolean;
  /** Whether a directory is answered with its `index.html`; it is unless this is `false`. */
  showIndex?: boolean;
  /** Whether pages of other origins may read the responses; they may not. */
  enableCors?: boolean;
  /** Whether requests are left out of the log; they are logged unless this is `true`. */
  quiet?: boolean;
  /** The algorithm of the files' tags; SHA-256 if there is none. */
  etagAlgorithm?: AlgorithmIdentifier;
  /** Headers to be added to every response, each as `name: value`. */
  headers?: string[];
}

/**
 * The response with the file that the path of the request names. A path with repeated slashes, or
 * with a slash too many or too few at its end, is redirected; a method other than GET gives 405.
 */
export async function serveDir(req: Request, opts: ServeDirOptions = {}): Promise<Response> {
  if (req.method !== "GET") return respond(STATUS_CODE.MethodNotAllowed);
  const response = await answer(req, opts).catch((error) => {
    if (!opts.quiet) console.error(error instanceof Error ? error.message : error);
    return error instanceof Deno.errors.NotFound
      ? respond(STATUS_CODE.NotFound)
      : respond(STATUS_CODE.InternalServerError);
  });
  if (!opts.quiet) logRequest(req, response.status);
  // The headers of a redirection cannot be changed.
  if (!isRedirectStatus(response.status)) addHeaders(response.headers, opts);
  return response;
}

async function answer(req: Request, opts: ServeDirOptions): Promise<Response> {
  const url = new URL(req.url);
  const asked = decodeURIComponent(url.pathname);
  const normal = normalize(asked);
  const urlRoot = opts.urlRoot ? `/${opts.urlRoot}` : "";
  if (normal !== urlRoot && !normal.startsWith(`${urlRoot}/`)) return respond(STATUS_CODE.NotFound);
  if (normal !== asked) return redirect(url, normal.replaceAll("%", "%25"));

  // Without its last slash a path may be the path of a file; with it, it could not be looked up.
  const path = normal.slice(urlRoot.length).replace(/\/$/, "");
  if (!opts.showDotfiles && path.includes("/.")) return respond(STATUS_CODE.NotFound);
  const fsRoot = opts.fsRoot ?? ".";
  const fsPath = `${fsRoot}${path}`;
  const fileInfo = await Deno.stat(fsPath);
  const hasSlash = url.pathname.endsWith("/");
  if (fileInfo.isFile && hasSlash) return redirect(url, url.pathname.slice(0, -1));
  if (fileInfo.isDirectory && !hasSlash) return redirect(url, `${url.pathname}/`);

  const { etagAlgorithm } = opts;
  if (!fileInfo.isDirectory) return await serveFile(req, fsPath, { etagAlgorithm, fileInfo });
  if (opts.showIndex ?? true) {
    const index = `${fsPath}/index.html`;
    const indexInfo = await lstatOrNothing(index);
    if (indexInfo?.isFile) {
      return await serveFile(req, index, { etagAlgorithm, fileInfo: indexInfo });
    }
  }
  if (opts.showDirListing) return await listDirectory(fsPath, normal, opts.showDotfiles ?? false);
  return respond(STATUS_CODE.NotFound);
}

/** A path without empty parts and without `.` and `..`, which decoding may have brought in. */
function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  const endsAsDirectory = /\/(\.{0,2})$/.test(path);
  return `/${parts.join("/")}${endsAsDirectory && parts.length > 0 ? "/" : ""}`;
}

function redirect(url: URL, pathname: string): Response {
  const target = new URL(url);
  target.pathname = pathname;
  return Response.redirect(target, STATUS_CODE.MovedPermanently);
}

function addHeaders(headers: Headers, opts: ServeDirOptions): void {
  if (opts.enableCors) {
    headers.append("access-control-allow-origin", "*");
    headers.append(
      "access-control-allow-headers",
      "Origin, X-Requested-With, Content-Type, Accept, Range",
    );
  }
  for (const header of opts.headers ?? []) {
    const [name = "", ...value] = header.split(":");
    headers.append(name, value.join(":"));
  }
}

function logRequest(req: Request, status: number): void {
  const { pathname, search } = new URL(req.url);
  const time = new Date().toISOString().slice(0, 19).replace("T", " ");
  // A browser's console can hide debug output.
  console.debug(`[${time}] [${req.method}] ${pathname}${search} ${status}`);
}

async function lstatOrNothing(path: string): Promise<Deno.FileInfo | undefined> {
  try {
    return await Deno.lstat(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
