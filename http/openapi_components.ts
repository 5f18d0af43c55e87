/**
 * Schemas as the components of an OpenAPI document: each that has an id is there once.
 * @module
 */
import { z } from "zod";

type Json = Record<string, unknown>;
type Io = "input" | "output";

/** What can be told of an answer that is not JSON, in a schema's `meta`. */
const MEDIA_TYPES = "mediaTypes";

/** The media types of an answer; a schema names them in its `meta` where they are not JSON alone. */
export function mediaTypesOf(schema: z.ZodType): readonly string[] {
  const named = z.globalRegistry.get(schema)?.[MEDIA_TYPES] as readonly string[] | undefined;
  return named ?? ["application/json"];
}

/** Collects schemas. All must be taken before the first is referred to, so that names are known. */
export class Components {
  /** As they are written and as they are read: defaults make a difference. */
  readonly #taken: Record<Io, Map<string, Json>> = { input: new Map(), output: new Map() };

  /** Takes a schema and all that it is made of. */
  take(schema: z.ZodType, io: Io): Json {
    const { $schema: _, $defs = {}, ...json } = jsonSchema(schema, io);
    for (const [id, definition] of Object.entries($defs as Record<string, Json>)) {
      this.#taken[io].set(id, definition);
    }
    return json;
  }

  /** The schema, or a reference to it where it has an id. */
  reference(schema: z.ZodType, io: Io): Json {
    return this.#renamed(this.take(schema, io), io) as Json;
  }

  /** The schema itself, whether it has an id or not. */
  inline(schema: z.ZodType, io: Io): Json {
    const json = this.take(schema, io);
    const id = idOf(json["$ref"]);
    if (id === undefined) return this.#renamed(json, io) as Json;
    const definition = this.#taken[io].get(id);
    this.#taken[io].delete(id);
    return this.#renamed(definition, io) as Json;
  }

  /** All that have ids, by their names, in the order of these. */
  schemas(): Json {
    const { input, output } = this.#taken;
    const named = new Map<string, unknown>();
    for (const [id, json] of input) {
      named.set(this.#name(id, "input"), this.#renamed(json, "input"));
    }
    for (const [id, json] of output) named.set(id, this.#renamed(json, "output"));
    return Object.fromEntries([...named].sort(([a], [b]) => a < b ? -1 : 1));
  }

  #name(id: string, io: Io): string {
    return io === "input" && this.#differs(id, new Set()) ? `${id}Input` : id;
  }

  /** Whether what is read under this id is not what is written, itself or inside. */
  #differs(id: string, seen: Set<string>): boolean {
    if (seen.has(id)) return false;
    seen.add(id);
    const read = this.#taken.input.get(id);
    const written = this.#taken.output.get(id);
    if (read === undefined || written === undefined) return false;
    const text = JSON.stringify(read);
    if (text !== JSON.stringify(written)) return true;
    return [...text.matchAll(/"#\/\$defs\/([^"]+)"/g)].some(([, inner]) =>
      this.#differs(inner!, seen)
    );
  }

  /** Definitions of one schema become components of the whole document. */
  #renamed(value: unknown, io: Io): unknown {
    if (Array.isArray(value)) return value.map((item) => this.#renamed(item, io));
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => {
        const id = key === "$ref" ? idOf(item) : undefined;
        if (id !== undefined) return [key, `#/components/schemas/${this.#name(id, io)}`];
        return [key, this.#renamed(item, io)];
      }),
    );
  }
}

function idOf(reference: unknown): string | undefined {
  return typeof reference === "string" ? /^#\/\$defs\/(.+)$/.exec(reference)?.[1] : undefined;
}

function jsonSchema(schema: z.ZodType, io: Io): Json {
  return z.toJSONSchema(schema, {
    target: "draft-2020-12",
    io,
    unrepresentable: "any",
    override({ jsonSchema }) {
      delete jsonSchema[MEDIA_TYPES];
      // The pattern of a time is longer than all the rest and says the same as its format.
      if (jsonSchema.format === "date-time") delete jsonSchema.pattern;
      // Clients must take answers with more in them than they know of.
      if (io === "output" && jsonSchema.additionalProperties === false) {
        delete jsonSchema.additionalProperties;
      }
    },
  });
}
