/** The codes of HTTP statuses by their names. */
export const STATUS_CODE = {
  /** 100 Continue. */
  Continue: 100,
  /** 101 Switching Protocols. */
  SwitchingProtocols: 101,
  /** 102 Processing. */
  Processing: 102,
  /** 103 Early Hints. */
  EarlyHints: 103,

  /** 200 OK. */
  OK: 200,
  /** 201 Created. */
  Created: 201,
  /** 202 Accepted. */
  Accepted: 202,
  /** 203 Non Authoritative Info. */
  NonAuthoritativeInfo: 203,
  /** 204 No Content. */
  NoContent: 204,
  /** 205 Reset Content. */
  ResetContent: 205,
  /** 206 Partial Content. */
  PartialContent: 206,
  /** 207 Multi Status. */
  MultiStatus: 207,
  /** 208 Already Reported. */
  AlreadyReported: 208,
  /** 226 IM Used. */
  IMUsed: 226,

  /** 300 Multiple Choices. */
  MultipleChoices: 300,
  /** 301 Moved Permanently. */
  MovedPermanently: 301,
  /** 302 Found. */
  Found: 302,
  /** 303 See Other. */
  SeeOther: 303,
  /** 304 Not Modified. */
  NotModified: 304,
  /** 305 Use Proxy. */
  UseProxy: 305,
  /** 307 Temporary Redirect. */
  TemporaryRedirect: 307,
  /** 308 Permanent Redirect. */
  PermanentRedirect: 308,

  /** 400 Bad Request. */
  BadRequest: 400,
  /** 401 Unauthorized. */
  Unauthorized: 401,
  /** 402 Payment Required. */
  PaymentRequired: 402,
  /** 403 Forbidden. */
  Forbidden: 403,
  /** 404 Not Found. */
  NotFound: 404,
  /** 405 Method Not Allowed. */
  MethodNotAllowed: 405,
  /** 406 Not Acceptable. */
  NotAcceptable: 406,
  /** 407 Proxy Auth Required. */
  ProxyAuthRequired: 407,
  /** 408 Request Timeout. */
  RequestTimeout: 408,
  /** 409 Conflict. */
  Conflict: 409,
  /** 410 Gone. */
  Gone: 410,
  /** 411 Length Required. */
  LengthRequired: 411,
  /** 412 Precondition Failed. */
  PreconditionFailed: 412,
  /** 413 Content Too Large. */
  ContentTooLarge: 413,
  /** 414 URI Too Long. */
  URITooLong: 414,
  /** 415 Unsupported Media Type. */
  UnsupportedMediaType: 415,
  /** 416 Range Not Satisfiable. */
  RangeNotSatisfiable: 416,
  /** 417 Expectation Failed. */
  ExpectationFailed: 417,
  /** 418 I'm a teapot. */
  Teapot: 418,
  /** 421 Misdirected Request. */
  MisdirectedRequest: 421,
  /** 422 Unprocessable Entity. */
  UnprocessableEntity: 422,
  /** 423 Locked. */
  Locked: 423,
  /** 424 Failed Dependency. */
  FailedDependency: 424,
  /** 425 Too Early. */
  TooEarly: 425,
  /** 426 Upgrade Required. */
  UpgradeRequired: 426,
  /** 428 Precondition Required. */
  PreconditionRequired: 428,
  /** 429 Too Many Requests. */
  TooManyRequests: 429,
  /** 431 Request Header Fields Too Large. */
  RequestHeaderFieldsTooLarge: 431,
  /** 451 Unavailable For Legal Reasons. */
  UnavailableForLegalReasons: 451,

  /** 500 Internal Server Error. */
  InternalServerError: 500,
  /** 501 Not Implemented. */
  NotImplemented: 501,
  /** 502 Bad Gateway. */
  BadGateway: 502,
  /** 503 Service Unavailable. */
  ServiceUnavailable: 503,
  /** 504 Gateway Timeout. */
  GatewayTimeout: 504,
  /** 505 HTTP Version Not Supported. */
  HTTPVersionNotSupported: 505,
  /** 506 Variant Also Negotiates. */
  VariantAlsoNegotiates: 506,
  /** 507 Insufficient Storage. */
  InsufficientStorage: 507,
  /** 508 Loop Detected. */
  LoopDetected: 508,
  /** 510 Not Extended. */
  NotExtended: 510,
  /** 511 Network Authentication Required. */
  NetworkAuthenticationRequired: 511,
} as const;

/** The code of an HTTP status. */
export type StatusCode = typeof STATUS_CODE[keyof typeof STATUS_CODE];

/** The texts of HTTP statuses by their codes. */
export const STATUS_TEXT = {
  100: "Continue",
  101: "Switching Protocols",
  102: "Processing",
  103: "Early Hints",

  200: "OK",
  201: "Created",
  202: "Accepted",
  203: "Non Authoritative Info",
  204: "No Content",
  205: "Reset Content",
  206: "Partial Content",
  207: "Multi Status",
  208: "Already Reported",
  226: "IM Used",

  300: "Multiple Choices",
  301: "Moved Permanently",
  302: "Found",
  303: "See Other",
  304: "Not Modified",
  305: "Use Proxy",
  307: "Temporary Redirect",
  308: "Permanent Redirect",

  400: "Bad Request",
  401: "Unauthorized",
  402: "Payment Required",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  406: "Not Acceptable",
  407: "Proxy Auth Required",
  408: "Request Timeout",
  409: "Conflict",
  410: "Gone",
  411: "Length Required",
  412: "Precondition Failed",
  413: "Content Too Large",
  414: "URI Too Long",
  415: "Unsupported Media Type",
  416: "Range Not Satisfiable",
  417: "Expectation Failed",
  418: "I'm a teapot",
  421: "Misdirected Request",
  422: "Unprocessable Entity",
  423: "Locked",
  424: "Failed Dependency",
  425: "Too Early",
  426: "Upgrade Required",
  428: "Precondition Required",
  429: "Too Many Requests",
  431: "Request Header Fields Too Large",
  451: "Unavailable For Legal Reasons",

  500: "Internal Server Error",
  501: "Not Implemented",
  502: "Bad Gateway",
  503: "Service Unavailable",
  504: "Gateway Timeout",
  505: "HTTP Version Not Supported",
  506: "Variant Also Negotiates",
  507: "Insufficient Storage",
  508: "Loop Detected",
  510: "Not Extended",
  511: "Network Authentication Required",
} as const;

/** The text of an HTTP status. */
export type StatusText = typeof STATUS_TEXT[keyof typeof STATUS_TEXT];

/** The codes that begin with the digit. */
type StatusOfHundred<Digit extends number> = {
  [Code in StatusCode]: `${Code}` extends `${Digit}${string}` ? Code : never;
}[StatusCode];

/** A status that tells of something under way (1xx). */
export type InformationalStatus = StatusOfHundred<1>;

/** A status that tells of success (2xx). */
export type SuccessfulStatus = StatusOfHundred<2>;

/** A status that sends elsewhere (3xx); 304 sends nowhere. */
export type RedirectStatus = Exclude<StatusOfHundred<3>, typeof STATUS_CODE.NotModified>;

// The original leaves 425 out, so that nothing may rely on it here.
/** A status that tells of an error of the client (4xx). */
export type ClientErrorStatus = Exclude<StatusOfHundred<4>, typeof STATUS_CODE.TooEarly>;

/** A status that tells of an error of the server (5xx). */
export type ServerErrorStatus = StatusOfHundred<5>;

/** A status that tells of an error (4xx or 5xx). */
export type ErrorStatus = ClientErrorStatus | ServerErrorStatus;

/** Whether the number is the code of a known status. */
export function isStatus(status: number): status is StatusCode {
  return Object.hasOwn(STATUS_TEXT, status);
}

/** Whether the number is the code of a known 1xx status. */
export function isInformationalStatus(
  status: number,
): status is InformationalStatus {
  return isOfHundred(1, status);
}

/** Whether the number is the code of a known 2xx status. */
export function isSuccessfulStatus(status: number): status is SuccessfulStatus {
  return isOfHundred(2, status);
}

/** Whether the number is the code of a known 3xx status. */
export function isRedirectStatus(status: number): status is RedirectStatus {
  return isOfHundred(3, status);
}

/** Whether the number is the code of a known 4xx status. */
export function isClientErrorStatus(
  status: number,
): status is ClientErrorStatus {
  return isOfHundred(4, status);
}

/** Whether the number is the code of a known 5xx status. */
export function isServerErrorStatus(
  status: number,
): status is ServerErrorStatus {
  return isOfHundred(5, status);
}

/** Whether the number is the code of a known 4xx or 5xx status. */
export function isErrorStatus(status: number): status is ErrorStatus {
  return isClientErrorStatus(status) || isServerErrorStatus(status);
}

function isOfHundred(hundred: number, status: number): boolean {
  return isStatus(status) && Math.floor(status / 100) === hundred;
}
