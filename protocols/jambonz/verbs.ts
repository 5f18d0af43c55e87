/**
 * Checks verbs before they are sent: one unknown property makes jambonz refuse the whole ack, and a
 * frame over 24 KiB makes it drop the socket.
 * @module
 */
import verbSpecifications from "@jambonz/verb-specifications";
import { z } from "zod";
import { encode, utf8Bytes } from "../../session/encode.ts";
import { Verb } from "./commands.ts";
import { faultBySchema, hasSchema } from "./schema_check.ts";

/** The longest frame that a jambonz server accepts, in bytes. */
export const FRAME_BYTES = 24 * 1024;

/** The result of a check. */
export interface CheckedVerbs {
  /** What is wrong with the verbs; undefined when jambonz will accept them. */
  readonly fault: string | undefined;
  /** The names of verbs that need a server newer than the verb specifications. */
  readonly newer: readonly string[];
}

/**
 * Checks verbs by the verb specifications. What they do not know is accepted if jambonz's own
 * schemas, which are newer, accept it.
 */
export function checkVerbs(verbs: unknown): CheckedVerbs {
  const text = textOf(verbs);
  const before = text === undefined ? undefined : accepted.get(text);
  if (before !== undefined) return before;
  const checked = checkAnew(verbs);
  if (text !== undefined && checked.fault === undefined) {
    if (accepted.size === ACCEPTED_MOST) accepted.clear();
    accepted.set(text, checked);
  }
  return checked;
}

/** Apps repeat themselves: jambonz accepts the same verbs again. */
const accepted = new Map<string, CheckedVerbs>();
const ACCEPTED_MOST = 200;
/** Longer lists of verbs are rare, and would take much memory. */
const ACCEPTED_CHARACTERS = 4096;

/** The JSON of verbs; undefined when it is too long to remember. */
function textOf(verbs: unknown): string | undefined {
  try {
    const text = JSON.stringify(verbs);
    return text === undefined || text.length > ACCEPTED_CHARACTERS ? undefined : text;
  } catch {
    // `faultOfVerbSizes` reports values that are not JSON.
    return undefined;
  }
}

function checkAnew(verbs: unknown): CheckedVerbs {
  const fault = faultBySpecifications(verbs);
  if (fault === undefined || !Array.isArray(verbs)) return { fault, newer: [] };
  const newer: string[] = [];
  for (const verb of verbs) {
    const fault = faultBySpecifications([verb]);
    if (fault === undefined) continue;
    if (!UNKNOWN.test(fault) || !hasSchema(verb.verb)) return { fault, newer: [] };
    const newerFault = faultBySchema(verb.verb, verb);
    if (newerFault !== undefined) return { fault: `${verb.verb}: ${newerFault}`, newer: [] };
    newer.push(verb.verb);
  }
  return { fault: undefined, newer };
}

/** What is wrong with these verbs; undefined when an old or new jambonz will accept them. */
export function faultOfVerbs(verbs: unknown): string | undefined {
  return checkVerbs(verbs).fault;
}

/** What is wrong with these verbs for a server of the verb specifications: 0.9.8. */
export function faultBySpecifications(verbs: unknown): string | undefined {
  const parsed = z.array(Verb).safeParse(verbs);
  if (!parsed.success) return "verbs must be an array of objects with a property verb";
  try {
    verbSpecifications.validate(SILENT, parsed.data);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * What is wrong with the size of these verbs; undefined when each of them fits in a frame. A list
 * that is too long is split over several frames.
 */
export function faultOfVerbSizes(verbs: readonly Verb[], envelope: object): string | undefined {
  for (const verb of verbs) {
    const fault = faultOfSize({ ...envelope, data: [verb] });
    if (fault !== undefined) return `${verb.verb}: ${fault}`;
  }
  return undefined;
}

/** Splits verbs into as few frames as possible, in order; none for no verbs. */
export function inFrames(verbs: readonly Verb[], envelope: object): Verb[][] {
  const emptyBytes = utf8Bytes(encode({ ...envelope, queueCommand: true, data: [] }));
  const frames: Verb[][] = [];
  let roomBytes = 0;
  for (const verb of verbs) {
    const bytes = utf8Bytes(encode(verb)) + COMMA_BYTES;
    if (bytes > roomBytes || frames.length === 0) {
      frames.push([]);
      roomBytes = FRAME_BYTES - emptyBytes + COMMA_BYTES;
    }
    frames.at(-1)!.push(verb);
    roomBytes -= bytes;
  }
  return frames;
}

const COMMA_BYTES = 1;

/** What is wrong with a message's size; undefined when jambonz will accept it. */
export function faultOfSize(message: object): string | undefined {
  try {
    const bytes = utf8Bytes(encode(message));
    return bytes > FRAME_BYTES ? `${bytes} bytes exceed the ${FRAME_BYTES} of a frame` : undefined;
  } catch (error) {
    // An app's verbs may contain a cycle, or not be JSON at all.
    return error instanceof Error ? error.message : String(error);
  }
}

/** The texts that these verbs will speak, in order. */
export function spokenTexts(verbs: readonly Verb[]): string[] {
  return verbs.flatMap((verb) => {
    if (verb.verb === "say") return texts(verb["text"]);
    if (verb.verb === "gather") return texts((verb["say"] as { text?: unknown } | undefined)?.text);
    return [];
  });
}

function texts(text: unknown): string[] {
  const spoken = Array.isArray(text) ? text : [text];
  return spoken.filter((item): item is string => typeof item === "string" && item !== "");
}

/** The package would log the data that it refuses; we report without it. */
const SILENT = { info() {}, error() {}, debug() {} };

/** The specifications' errors for unknown names; other errors are faults. */
const UNKNOWN = /^invalid instruction: |^[^:]+(:[^:]+)?: unknown property /;
