/**
 * What `@std/http` exports, written from its documentation.
 * @see https://jsr.io/@std/http@1.0.25/doc
 * @module
 */
import type { Class, DocumentedPackage } from "./package.ts";
import type { ClientErrorCode, ServerErrorCode, StatusCodes, StatusTexts } from "./statuses.ts";

const cookie = {
  Cookie: "type",
  deleteCookie: "function",
  getCookies: "function",
  getSetCookies: "function",
  setCookie: "function",
} as const;

const etag = {
  ETagOptions: "type",
  FileInfo: "type",
  eTag: "function",
  ifMatch: "function",
  ifNoneMatch: "function",
} as const;

const fileServer = {
  ServeDirOptions: "type",
  ServeFileOptions: "type",
  serveDir: "function",
  serveFile: "function",
} as const;

const negotiation = {
  accepts: "function",
  acceptsEncodings: "function",
  acceptsLanguages: "function",
} as const;

const eventStream = { ServerSentEventMessage: "type", ServerSentEventStream: "class" } as const;

const status = {
  ClientErrorStatus: "type",
  ErrorStatus: "type",
  InformationalStatus: "type",
  RedirectStatus: "type",
  STATUS_CODE: "const",
  STATUS_TEXT: "const",
  ServerErrorStatus: "type",
  StatusCode: "type",
  StatusText: "type",
  SuccessfulStatus: "type",
  isClientErrorStatus: "function",
  isErrorStatus: "function",
  isInformationalStatus: "function",
  isRedirectStatus: "function",
  isServerErrorStatus: "function",
  isStatus: "function",
  isSuccessfulStatus: "function",
} as const;

const userAgent = {
  Browser: "type",
  Cpu: "type",
  Device: "type",
  Engine: "type",
  Os: "type",
  UserAgent: "class",
} as const;

const absent = [
  "UserAgent",
  "deleteCookie",
  "eTag",
  "getCookies",
  "getSetCookies",
  "ifMatch",
  "ifNoneMatch",
  "setCookie",
] as const;

/** Every stable entry point with the names that it exports; no stand-in has an unstable one. */
export const httpPackage: DocumentedPackage = {
  version: "1.0.25",
  entryPoints: {
    ".": {
      ...cookie,
      ...etag,
      ...fileServer,
      ...negotiation,
      ...eventStream,
      ...status,
      ...userAgent,
    },
    "./cookie": cookie,
    "./etag": etag,
    "./file-server": fileServer,
    "./negotiation": negotiation,
    "./server-sent-event-stream": eventStream,
    "./status": status,
    "./user-agent": userAgent,
  },
  absent,
};

interface Accepts {
  (request: Pick<Request, "headers">): string[];
  <T extends string = string>(request: Pick<Request, "headers">, ...offers: T[]): T | undefined;
}

/** The signatures of the stand-in's values. */
export interface HttpValues {
  STATUS_CODE: StatusCodes;
  STATUS_TEXT: StatusTexts;
  ServerSentEventStream: Class<
    [],
    {
      readonly readable: ReadableStream<Uint8Array>;
      readonly writable: WritableStream<HttpTypes["ServerSentEventMessage"]>;
    }
  >;
  accepts: Accepts;
  acceptsEncodings: Accepts;
  acceptsLanguages: Accepts;
  isClientErrorStatus: (status: number) => status is HttpTypes["ClientErrorStatus"];
  isErrorStatus: (status: number) => status is HttpTypes["ErrorStatus"];
  isInformationalStatus: (status: number) => status is HttpTypes["InformationalStatus"];
  isRedirectStatus: (status: number) => status is HttpTypes["RedirectStatus"];
  isServerErrorStatus: (status: number) => status is HttpTypes["ServerErrorStatus"];
  isStatus: (status: number) => status is HttpTypes["StatusCode"];
  isSuccessfulStatus: (status: number) => status is HttpTypes["SuccessfulStatus"];
  serveDir: (req: Request, opts?: HttpTypes["ServeDirOptions"]) => Promise<Response>;
  serveFile: (
    req: Request,
    filePath: string,
    options?: HttpTypes["ServeFileOptions"],
  ) => Promise<Response>;
}

/** The types of the stand-in. */
export interface HttpTypes {
  ClientErrorStatus: ClientErrorCode;
  ErrorStatus: ClientErrorCode | ServerErrorCode;
  InformationalStatus: 100 | 101 | 102 | 103;
  RedirectStatus: 300 | 301 | 302 | 303 | 305 | 307 | 308;
  ServeDirOptions: {
    fsRoot?: string;
    urlRoot?: string;
    showDirListing?: boolean;
    showDotfiles?: boolean;
    showIndex?: boolean;
    enableCors?: boolean;
    quiet?: boolean;
    etagAlgorithm?: AlgorithmIdentifier;
    headers?: string[];
  };
  ServeFileOptions: { etagAlgorithm?: AlgorithmIdentifier; fileInfo?: Deno.FileInfo };
  ServerErrorStatus: ServerErrorCode;
  ServerSentEventMessage: {
    comment?: string;
    event?: string;
    data?: string;
    id?: string | number;
    retry?: number;
  };
  StatusCode: StatusCodes[keyof StatusCodes];
  StatusText: StatusTexts[keyof StatusTexts];
  SuccessfulStatus: 200 | 201 | 202 | 203 | 204 | 205 | 206 | 207 | 208 | 226;
}

/** Values of the original that the stand-in does not have. */
export type HttpAbsent = typeof absent[number];
