/**
 * The messages of a protocol in both directions, as zod message sets. Types, validation, documents and
 * simulators all use these.
 * @module
 */
import { z } from "zod";
import { parseExact } from "./exact_json.ts";
import { cut, excessOfJson, JSON_BOUNDS, type JsonBounds } from "./json_bounds.ts";
import { fieldName, mend } from "./mend.ts";

/** A message: an object, whose tag field, if it has one, is a literal. */
export type MessageSchema = z.ZodObject;

/** Messages distinguished by their tag field; those with one tag, or none, by other fields. */
export type MessageSet = z.ZodUnion<
  readonly (MessageSchema | z.ZodUnion<readonly MessageSchema[]>)[]
>;

/** The content of a wire's binary frames. */
export interface AudioFormat {
  /** For people: encoding, sample rate and channels. */
  readonly description: string;
  /** The bytes of one millisecond: 16 for signed 16-bit samples at 8 kHz, mono. */
  readonly bytesPerMs: number;
}

/** A protocol's messages in both directions. */
export interface Wire<H extends MessageSet = MessageSet, S extends MessageSet = MessageSet> {
  /** The field that distinguishes messages; if it is missing, their shape does. */
  readonly tag: string;
  /** Messages from the peer. */
  readonly heard: H;
  /** Messages to the peer. */
  readonly said: S;
  /** The content of binary frames; without it they are malformed. */
  readonly audio?: AudioFormat;
  /** The tags of messages that are accepted unchecked. */
  readonly asReceived?: readonly string[];
  /**
   * Whether the peer is known to be loose: a message of a known type is mended, and one of an
   * unknown type comes as `received`.
   */
  readonly isLoose?: boolean;
  /** Whether numbers keep every digit, for values that are returned unchanged. */
  readonly exactNumbers?: boolean;
  /** The tags of `heard`: distinguishes an unknown type from a bad shape. */
  readonly heardTags: ReadonlySet<string>;
}

/** Messages from a wire's peer. */
export type Heard<W extends Wire> = z.output<W["heard"]>;

/** Messages to a wire's peer. */
export type Said<W extends Wire> = z.input<W["said"]>;

/** Builds a wire from the message sets of its two directions. */
export function wire<H extends MessageSet, S extends MessageSet>(
  set: Omit<Wire<H, S>, "heardTags">,
): Wire<H, S> {
  return {
    ...set,
    heardTags: new Set(messagesOf(set.heard).flatMap((message) => tagsOf(message, set.tag))),
  };
}

/** Every message of a set. */
export function messagesOf(set: MessageSet): MessageSchema[] {
  return set.options.flatMap((option) =>
    option instanceof z.ZodUnion ? [...option.options] : [option]
  );
}

/** The literal values of a message's tag field, such as `["session:new"]`; none without one. */
export function tagsOf(schema: MessageSchema, tag: string): string[] {
  const field = schema.shape[tag];
  if (field === undefined) return [];
  if (!(field instanceof z.ZodLiteral)) {
    throw new Error(`Cannot read the tag "${tag}" of a message: its schema is not a literal`);
  }
  return [...field.values].map(String);
}

/** Why a frame could not become a message. The socket stays open; the protocol decides. */
export type Malformation = "not json" | "unknown type" | "bad shape" | "binary refused";

/** A frame that could not become a message. */
export interface Malformed {
  readonly kind: "malformed";
  readonly why: Malformation;
  /** For the peer, in words: may repeat the peer's input. Never for logs. */
  readonly detail: string;
  /** The names of the invalid fields, for logs; missing if no field is at fault. */
  readonly fields?: readonly string[];
  /** Whether it exceeds a limit of JSON. */
  readonly isExcessive?: true;
  /** A message of an unknown type as received, on a loose wire. */
  readonly received?: Readonly<Record<string, unknown>>;
}

/** The event of a text frame. */
export type Decoded<Message> =
  | {
    readonly kind: "message";
    readonly message: Message;
    /** The names of fields that were wrong, and were mended or left out. */
    readonly mended?: readonly string[];
  }
  | Malformed;

/** Turns a text frame into an event. It never throws: a bad frame is an event too. */
export function decode<W extends Wire>(
  wire: W,
  text: string,
  bounds: JsonBounds = JSON_BOUNDS,
): Decoded<Heard<W>> {
  const excess = excessOfJson(text, bounds);
  if (excess !== undefined && wire.asReceived === undefined) {
    return { ...malformed("bad shape", excess), isExcessive: true };
  }
  let value: unknown;
  try {
    value = wire.exactNumbers ? parseExact(text) : JSON.parse(text);
  } catch {
    return malformed("not json", `${text.length} characters`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return malformed("bad shape", "not an object");
  }
  const tag: unknown = (value as Record<string, unknown>)[wire.tag];
  if (typeof tag === "string" && wire.asReceived?.includes(tag)) {
    return {
      kind: "message",
      message: (excess === undefined ? value : cut(value, bounds.levels)) as Heard<W>,
    };
  }
  if (excess !== undefined) return { ...malformed("bad shape", excess), isExcessive: true };
  const parsed = wire.heard.safeParse(value);
  if (parsed.success) return { kind: "message", message: parsed.data as Heard<W> };
  if (typeof tag === "string" && !wire.heardTags.has(tag)) {
    const unknown = malformed("unknown type", tag.slice(0, 64), [wire.tag]);
    return wire.isLoose ? { ...unknown, received: value as Record<string, unknown> } : unknown;
  }
  const mended = wire.isLoose ? mend(wire.heard, value) : undefined;
  if (mended !== undefined) {
    const { message, fields } = mended;
    const names = fields.length === 0 ? {} : { mended: fields };
    return { kind: "message", message: message as Heard<W>, ...names };
  }
  return malformed("bad shape", shapeFaults(parsed.error), faultyFields(parsed.error.issues));
}

/** What is wrong with a value, field by field, but never the value: it may be secret. */
function shapeFaults(error: z.ZodError): string {
  const faults = error.issues.slice(0, 8).map((issue) => {
    const path = issue.path.join(".");
    return path === "" ? issue.message : `${path}: ${issue.message}`;
  });
  return faults.join("; ").slice(0, 512);
}

/** The names of the fields that are wrong, such as `id` and `data.name`. */
function faultyFields(issues: readonly z.core.$ZodIssue[]): string[] {
  const names = issues.flatMap((issue) => {
    // If no message of a union fits, we assume the one with the fewest faults.
    if (issue.code === "invalid_union" && issue.path.length === 0) {
      const [nearest = []] = issue.errors.toSorted((a, b) => a.length - b.length);
      return faultyFields(nearest);
    }
    return fieldName(issue.path);
  });
  return [...new Set(names)].filter((name) => name !== "").slice(0, 8);
}

function malformed(
  why: "not json" | "unknown type" | "bad shape",
  detail: string,
  fields: readonly string[] = [],
): Malformed {
  return { kind: "malformed", why, detail, ...(fields.length === 0 ? {} : { fields }) };
}
