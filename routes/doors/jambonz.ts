/**
 * The jambonz door: a jambonz server asks here what to do with a call.
 * @module
 */
import { z } from "zod";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { DEFAULT_JAMBONZ_TIMES } from "../../protocols/jambonz/ports.ts";
import { jambonz } from "../../protocols/jambonz/session.ts";
import { jambonzSecret } from "./line_secrets.ts";
import { JambonzCallPorts } from "./jambonz_ports.ts";
import type { Services } from "../services.ts";
import { http, type Route, socket } from "../../http/route.ts";

/** A jambonz server offers it, and fails the call when we do not echo it. */
const SUBPROTOCOL = "ws.jambonz.org";

/** Long SIP headers made a session:new of 80 KiB. LIMIT_TEXT_BYTES may allow more than this. */
const TEXT_BYTES = 256 * 1024;

/** One setting of an application, as jambonz's portal asks for it. */
const SettingsSchema = z.record(
  z.string(),
  z.object({
    type: z.enum(["string", "number", "boolean"]),
    description: z.string(),
    required: z.boolean().optional(),
    default: z.union([z.string(), z.number(), z.boolean()]).optional(),
    enum: z.array(z.string()).optional(),
    obscure: z.boolean().optional(),
  }),
).meta({
  id: "JambonzSettings",
  description: "The settings that the application takes as env_vars, by their names",
});

/** The default application has no settings for the jambonz portal. */
const APPLICATION_SETTINGS: z.infer<typeof SettingsSchema> = {};

/** The jambonz door: at its own path and at those of the apps that APPS names. */
export function jambonzDoor(services: Services): Route[] {
  return pathsOf(services).flatMap((path) => doorAt(path, path, services));
}

/**
 * The same with `JAMBONZ_SECRET` at the end of each path. These routes come after those whose last segment is
 * a word.
 */
export function jambonzSecretDoor(services: Services): Route[] {
  if (services.config.JAMBONZ_SECRET === undefined) return [];
  return pathsOf(services).flatMap((path) => doorAt(`${path}/:secret`, path, services));
}

function pathsOf({ config, apps }: Services): string[] {
  return [...new Set([config.JAMBONZ_PATH, ...apps.jambonzPaths])];
}

/** The door at one path. Apps and records know it as `path`: without the secret. */
function doorAt(at: string, path: string, services: Services): Route[] {
  const { config } = services;
  const secrets = jambonzSecret(config);
  const firstMs = config.LIMIT_FIRST_MESSAGE_MS;
  const times = {
    ...DEFAULT_JAMBONZ_TIMES,
    sessionDeadlineMs: config.JAMBONZ_SESSION_DEADLINE_MS,
    hookDeadlineMs: config.JAMBONZ_HOOK_DEADLINE_MS,
  };
  return [
    ...socket({
      door: "jambonz",
      // jambonz appends the word again for a child of a child.
      paths: [at, `${at}/adulting`, `${at}/adulting/adulting`],
      summary: "A jambonz server asks what to do with a call",
      scope: "line:jambonz",
      always: !secrets.isEmpty,
      identify: ({ params }) => secrets.holderOf(params["secret"]),
      subprotocols: [SUBPROTOCOL],
      wire: jambonzWire,
      protocol: jambonz,
      limits: {
        textBytes: Math.max(config.LIMIT_TEXT_BYTES, TEXT_BYTES),
        firstMessageMs: Number.isFinite(firstMs) ? firstMs : 0,
      },
      admit: ({ holder }) => ({ path, holder }),
      ports: (session, approach) => new JambonzCallPorts(session, services, approach, times),
    }),
    http({
      method: "OPTIONS",
      path: at,
      summary: "The settings that the jambonz application takes",
      scope: "line:jambonz",
      ...(at === path ? {} : {
        admit: ({ params }, _bytes, byKey) =>
          byKey || secrets.holderOf(params["secret"]) !== undefined,
      }),
      anyQuery: true,
      answers: { 200: SettingsSchema },
      answer: () => Response.json(APPLICATION_SETTINGS, { headers: { allow: "OPTIONS, GET" } }),
    }),
  ];
}
