/**
 * The statuses that `@std/http/status` knows: code, name and text.
 * @see https://jsr.io/@std/http@1.0.25/doc/status
 * @module
 */

/** Every status with its code, its name in `STATUS_CODE` and its text in `STATUS_TEXT`. */
export const statuses = [
  [100, "Continue", "Continue"],
  [101, "SwitchingProtocols", "Switching Protocols"],
  [102, "Processing", "Processing"],
  [103, "EarlyHints", "Early Hints"],
  [200, "OK", "OK"],
  [201, "Created", "Created"],
  [202, "Accepted", "Accepted"],
  [203, "NonAuthoritativeInfo", "Non Authoritative Info"],
  [204, "NoContent", "No Content"],
  [205, "ResetContent", "Reset Content"],
  [206, "PartialContent", "Partial Content"],
  [207, "MultiStatus", "Multi Status"],
  [208, "AlreadyReported", "Already Reported"],
  [226, "IMUsed", "IM Used"],
  [300, "MultipleChoices", "Multiple Choices"],
  [301, "MovedPermanently", "Moved Permanently"],
  [302, "Found", "Found"],
  [303, "SeeOther", "See Other"],
  [304, "NotModified", "Not Modified"],
  [305, "UseProxy", "Use Proxy"],
  [307, "TemporaryRedirect", "Temporary Redirect"],
  [308, "PermanentRedirect", "Permanent Redirect"],
  [400, "BadRequest", "Bad Request"],
  [401, "Unauthorized", "Unauthorized"],
  [402, "PaymentRequired", "Payment Required"],
  [403, "Forbidden", "Forbidden"],
  [404, "NotFound", "Not Found"],
  [405, "MethodNotAllowed", "Method Not Allowed"],
  [406, "NotAcceptable", "Not Acceptable"],
  [407, "ProxyAuthRequired", "Proxy Auth Required"],
  [408, "RequestTimeout", "Request Timeout"],
  [409, "Conflict", "Conflict"],
  [410, "Gone", "Gone"],
  [411, "LengthRequired", "Length Required"],
  [412, "PreconditionFailed", "Precondition Failed"],
  [413, "ContentTooLarge", "Content Too Large"],
  [414, "URITooLong", "URI Too Long"],
  [415, "UnsupportedMediaType", "Unsupported Media Type"],
  [416, "RangeNotSatisfiable", "Range Not Satisfiable"],
  [417, "ExpectationFailed", "Expectation Failed"],
  [418, "Teapot", "I'm a teapot"],
  [421, "MisdirectedRequest", "Misdirected Request"],
  [422, "UnprocessableEntity", "Unprocessable Entity"],
  [423, "Locked", "Locked"],
  [424, "FailedDependency", "Failed Dependency"],
  [425, "TooEarly", "Too Early"],
  [426, "UpgradeRequired", "Upgrade Required"],
  [428, "PreconditionRequired", "Precondition Required"],
  [429, "TooManyRequests", "Too Many Requests"],
  [431, "RequestHeaderFieldsTooLarge", "Request Header Fields Too Large"],
  [451, "UnavailableForLegalReasons", "Unavailable For Legal Reasons"],
  [500, "InternalServerError", "Internal Server Error"],
  [501, "NotImplemented", "Not Implemented"],
  [502, "BadGateway", "Bad Gateway"],
  [503, "ServiceUnavailable", "Service Unavailable"],
  [504, "GatewayTimeout", "Gateway Timeout"],
  [505, "HTTPVersionNotSupported", "HTTP Version Not Supported"],
  [506, "VariantAlsoNegotiates", "Variant Also Negotiates"],
  [507, "InsufficientStorage", "Insufficient Storage"],
  [508, "LoopDetected", "Loop Detected"],
  [510, "NotExtended", "Not Extended"],
  [511, "NetworkAuthenticationRequired", "Network Authentication Required"],
] as const;

type Row = typeof statuses[number];

/** The documented type of `STATUS_CODE`. */
export type StatusCodes = { readonly [Status in Row as Status[1]]: Status[0] };

/** The documented type of `STATUS_TEXT`. */
export type StatusTexts = { readonly [Status in Row as Status[0]]: Status[2] };

type CodeOf<Hundred extends string> = Row[0] extends infer Code extends number
  ? Code extends Code ? `${Code}` extends `${Hundred}${string}` ? Code : never : never
  : never;

/** The documented codes of a client's error: 425 is not among them. */
export type ClientErrorCode = Exclude<CodeOf<"4">, 425>;

/** The documented codes of a server's error. */
export type ServerErrorCode = CodeOf<"5">;
