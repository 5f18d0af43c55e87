/**
 * A stand-in for `@std/http`: the stable modules this project uses, with the signatures and the
 * documented behaviour of the original.
 *
 * @module
 */

export * from "./file_server.ts";
export * from "./negotiation.ts";
export * from "./server_sent_event_stream.ts";
export * from "./status.ts";
