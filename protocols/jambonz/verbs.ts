/**
 * Verbs are checked before they leave: a verb with an unknown property makes jambonz refuse a whole
 * ack, and it drops a socket that sends it a frame over 24 KiB.
 * @module
 */
import verbSpecifications from "@jambonz/verb-specifications";
import { z } from "zod";
import { encode, utf8Bytes } from "../../session/encode.ts";
import { JsonSchemas } from "../json_schema.ts";
import { Verb } from "./commands.ts";
import { VERB_SCHEMAS } from "./verb_schemas.ts";

/** The longest frame that a jambonz server takes, in bytes. */
export const FRAME_BYTES = 24 * 1024;

/** What is to be said of verbs before they leave. */
export interface CheckedVerbs {
  /** What is wrong with them, or undefined when jambonz will take them. */
  readonly fault: string | undefined;
  /** The names of those that only a newer server takes than the verb specifications describe. */
  readonly newer: readonly string[];
}

/**
 * Checks verbs by the verb specifications. Verbs and properties that these do not know are taken
 * where jambonz's own schemas, which are newer, know them and accept what they say.
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

/** Applications say the same again and again: what jambonz takes once it takes again. */
const accepted = new Map<string, CheckedVerbs>();
const ACCEPTED_MOST = 200;
/** Longer verbs are rare, and would take room. */
const ACCEPTED_CHARACTERS = 4096;

/** Verbs as they are sent, where they are short enough to be remembered. */
function textOf(verbs: unknown): string | undefined {
  try {
    const text = JSON.stringify(verbs);
    return text === undefined || text.length > ACCEPTED_CHARACTERS ? undefined : text;
  } catch {
    // What cannot be sent is found by its size.
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
    if (!UNKNOWN.test(fault) || !SCHEMAS.has(SCHEMA_ID + verb.verb)) return { fault, newer: [] };
    const faultBySchema = SCHEMAS.faultOf(SCHEMA_ID + verb.verb, verb);
    if (faultBySchema !== undefined) return { fault: `${verb.verb}: ${faultBySchema}`, newer: [] };
    newer.push(verb.verb);
  }
  return { fault: undefined, newer };
}

/** What is wrong with these verbs, or undefined when jambonz, old or new, will take them. */
export function faultOfVerbs(verbs: unknown): string | undefined {
  return checkVerbs(verbs).fault;
}

/** What is wrong with these verbs for a server as the verb specifications describe it: 0.9.8. */
export function faultBySpecifications(verbs: unknown): string | undefined {
  const parsed = z.array(Verb).safeParse(verbs);
  if (!parsed.success) return "verbs are an array of objects with a property verb";
  try {
    verbSpecifications.validate(SILENT, parsed.data);
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/**
 * What is wrong with the size of these verbs, or undefined when each of them fits in a frame; what
 * does not fit in one goes out in several.
 */
export function faultOfVerbSizes(verbs: readonly Verb[], envelope: object): string | undefined {
  for (const verb of verbs) {
    const fault = faultOfSize({ ...envelope, data: [verb] });
    if (fault !== undefined) return `${verb.verb}: ${fault}`;
  }
  return undefined;
}

/** These verbs in order, in as few parts as the frames of such messages take; none for none. */
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

/** What is wrong with a message's size, or undefined when jambonz will take it. */
export function faultOfSize(message: object): string | undefined {
  try {
    const bytes = utf8Bytes(encode(message));
    return bytes > FRAME_BYTES
      ? `${bytes} bytes are more than the ${FRAME_BYTES} of a frame`
      : undefined;
  } catch (error) {
    // Applications are programs: what they say may hold itself, or be no JSON at all.
    return error instanceof Error ? error.message : String(error);
  }
}

/** Every text that these verbs will speak, in order. */
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

/** The package logs what it refuses, with the data; we report it ourselves. */
const SILENT = { info() {}, error() {}, debug() {} };

/** How the specifications refuse what they do not know; whatever else they refuse is wrong. */
const UNKNOWN = /^invalid instruction: |^[^:]+(:[^:]+)?: unknown property /;
const SCHEMA_ID = "https://jambonz.org/schema/verbs/";
const SCHEMAS = new JsonSchemas(VERB_SCHEMAS);
