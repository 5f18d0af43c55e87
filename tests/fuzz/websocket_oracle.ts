/**
 * Compares our reader of RFC 6455 with the receiver of the package `ws`: the same bytes, the same
 * messages and the same fate.
 * @module
 */
import * as ws from "ws";
import type { Bytes } from "../../session/websocket/frame.ts";
import { MessageReader } from "../../session/websocket/message_reader.ts";
import { SeededRandom } from "../torture/seeded_random.ts";
import { MOST_BYTES, pieces, stream } from "./websocket_streams.ts";

/** The part of ws's receiver that a test needs: the types do not have it. */
interface WsReceiver {
  on(event: string, listener: (...said: never[]) => void): void;
  _write(chunk: Uint8Array, encoding: string, done: (error?: Error | null) => void): void;
}
const { Receiver } = ws as unknown as {
  Receiver: new (options: { isServer: boolean; maxPayload: number }) => WsReceiver;
};

/** What a reader read from a stream. */
export interface ReadResult {
  /** Every message as text, in order. */
  readonly heard: readonly string[];
  /** Why it failed, `closed` after a close frame, else `open`. */
  readonly end: number | "open" | "closed";
  readonly why?: string;
}

/** Where we differ from `ws`, on purpose. */
export const DEVIATIONS = {
  "a length in more bytes than it needs":
    "RFC 6455 section 5.2: the minimal number of bytes must be used; ws takes any",
  "text is refused at its first bad byte":
    "ws looks at a text when all of it is there, and may find another fault before",
} as const;

/** The name of a difference that is allowed. */
export type Deviation = keyof typeof DEVIATIONS;

/** What our reader reads from a stream. */
export function resultOfOurs(chunks: readonly Uint8Array[]): ReadResult {
  const heard: string[] = [];
  let end: ReadResult["end"] = "open";
  let why: string | undefined;
  const reader = new MessageReader({ textBytes: MOST_BYTES, audioBytes: MOST_BYTES });
  const hearer = {
    hearText: (text: string) => void heard.push(`text ${text}`),
    hearBinary: (bytes: Bytes) => void heard.push(`binary ${bytes.toHex()}`),
    hearPing: (payload: Bytes) => void heard.push(`ping ${payload.toHex()}`),
    hearPong: () => void heard.push("pong"),
    hearClose(code: number | undefined, reason: string) {
      heard.push(`close ${code ?? 1005} ${reason}`);
      end = "closed";
    },
  };
  for (const chunk of chunks) {
    // The reader unmasks where the bytes are.
    const fault = reader.read(chunk.slice() as Bytes, hearer);
    if (fault !== undefined) [end, why] = [fault.code, fault.reason];
  }
  return { heard, end, ...(why === undefined ? {} : { why }) };
}

/** What the receiver of `ws` reads from it. */
export function resultOfWs(chunks: readonly Uint8Array[]): ReadResult {
  const heard: string[] = [];
  let end: ReadResult["end"] = "open";
  const receiver = new Receiver({ isServer: true, maxPayload: MOST_BYTES });
  receiver.on("message", (data: Uint8Array, isBinary: boolean) => {
    heard.push(isBinary ? `binary ${hex(data)}` : `text ${decoder.decode(data)}`);
  });
  receiver.on("ping", (payload: Uint8Array) => heard.push(`ping ${hex(payload)}`));
  receiver.on("pong", () => heard.push("pong"));
  receiver.on("conclude", (code: number, reason: Uint8Array) => {
    heard.push(`close ${code} ${decoder.decode(reason)}`);
    end = "closed";
  });
  for (const chunk of chunks) {
    if (end !== "open") break;
    receiver._write(Buffer.from(chunk), "buffer", (error?: Error | null) => {
      if (error) end = codeOf(error);
    });
  }
  return { heard, end };
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

function hex(bytes: Uint8Array): string {
  return new Uint8Array(bytes).toHex();
}

/** ws keeps the close code of an error under a symbol. */
function codeOf(error: Error): number {
  for (const symbol of Object.getOwnPropertySymbols(error)) {
    if (symbol.description === "status-code") return Reflect.get(error, symbol);
  }
  throw error;
}

/**
 * The deviation by which two fates differ; undefined when they do not.
 * @throws {Error} for a difference that no deviation allows
 */
export function deviation(ours: ReadResult, theirs: ReadResult): Deviation | undefined {
  if (ours.end === theirs.end && same(ours.heard, theirs.heard)) return undefined;
  const rest = theirs.heard.slice(ours.heard.length);
  const startsAlike = same(ours.heard, theirs.heard.slice(0, ours.heard.length));
  if (startsAlike && ours.why === "a length in more bytes than it needs") return ours.why;
  // Had ws come to the end of this text, it would have refused it too.
  const onlyControls = rest.every((message) => /^(ping|pong|close)/.test(message));
  if (startsAlike && ours.end === 1007 && onlyControls) {
    return "text is refused at its first bad byte";
  }
  throw new Error(`Ours is ${Deno.inspect(ours)}, that of ws is ${Deno.inspect(theirs)}`);
}

function same(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((message, at) => message === other[at]);
}

/** How a run of the oracle went. */
export interface OracleReport {
  readonly streams: number;
  /** How many streams ended how. */
  readonly ends: Readonly<Record<string, number>>;
  readonly deviations: Readonly<Record<string, number>>;
}

/** Every so many streams, one is cut at every place. */
const CUT_EVERYWHERE_EVERY = 100;
const CUT_EVERYWHERE_BYTES = 500;

/**
 * Compares so many streams, each in pieces.
 * @throws {Error} with the seed of the stream, at the first that differs
 */
export function compareStreams(streams: number, seed: number): OracleReport {
  const ends: Record<string, number> = {};
  const deviations: Record<string, number> = {};
  for (let index = 0; index < streams; index++) {
    const ofStream = seed + index;
    const random = new SeededRandom(ofStream);
    const bytes = stream(random);
    try {
      const theirs = resultOfWs([bytes]);
      const ours = resultOfOurs(pieces(bytes, random));
      const differs = deviation(ours, theirs);
      ends[ours.end] = (ends[ours.end] ?? 0) + 1;
      if (differs !== undefined) deviations[differs] = (deviations[differs] ?? 0) + 1;
      const isShort = bytes.length <= CUT_EVERYWHERE_BYTES;
      if (index % CUT_EVERYWHERE_EVERY === 0 && isShort) cutEverywhere(bytes, ours);
    } catch (error) {
      throw new Error(`The stream of seed ${ofStream} differs`, { cause: error });
    }
  }
  return { streams, ends, deviations };
}

/** However the network cuts a stream, it means the same. */
function cutEverywhere(bytes: Uint8Array, expected: ReadResult): void {
  for (let at = 0; at <= bytes.length; at++) {
    const ours = resultOfOurs([bytes.slice(0, at), bytes.slice(at)]);
    if (ours.end !== expected.end || !same(ours.heard, expected.heard)) {
      throw new Error(`Cut at ${at} it is ${Deno.inspect(ours)}, not ${Deno.inspect(expected)}`);
    }
  }
}
