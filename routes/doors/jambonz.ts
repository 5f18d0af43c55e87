/**
 * The jambonz door: where a jambonz server finds the application of its calls.
 * @module
 */
import { z } from "zod";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import { jambonz } from "../../protocols/jambonz/session.ts";
import type { JambonzNotice } from "../../protocols/jambonz/ports.ts";
import { offeredSubprotocols } from "../../session/handshake.ts";
import { upgrade } from "../../session/serve.ts";
import type { Session } from "../../session/session.ts";
import { jambonzPorts } from "./jambonz_ports.ts";
import type { Services } from "../services.ts";
import { problem } from "../../http/problem.ts";
import { http, type Route, socket, type Visit } from "../../http/route.ts";

/** The subprotocol that a jambonz server offers, and without whose echo it fails the call. */
const SUBPROTOCOL = "ws.jambonz.org";

/** A session:new of 80 KiB was seen, with long SIP headers; LIMIT_TEXT_BYTES may allow more. */
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

/** What the default application can be told in the jambonz portal: nothing. */
const APPLICATION_SETTINGS: z.infer<typeof SettingsSchema> = {};

/** The routes of the jambonz door. */
export function jambonzRoutes(services: Services): Route[] {
  const { config, observe, sessions } = services;
  const textBytes = Math.max(services.limits.textBytes ?? 0, TEXT_BYTES);
  const limits = { ...services.limits, textBytes };
  const bases = [...new Set([config.JAMBONZ_PATH, ...services.apps.jambonzPaths])];
  function open({ request, key }: Visit, path: string): Response {
    if (!offeredSubprotocols(request.headers).includes(SUBPROTOCOL)) {
      return problem(400, `Offer the subprotocol ${SUBPROTOCOL} in Sec-WebSocket-Protocol`);
    }
    const conversation = {
      door: "jambonz",
      wire: jambonzWire,
      protocol: jambonz,
      context: (session: Session<JambonzNotice>) => jambonzPorts(session, services, { path, key }),
      limits,
      observe,
      sessions,
    };
    return upgrade(request, conversation, SUBPROTOCOL);
  }
  return bases.flatMap((base) => [
    // A child's own child comes with the word twice.
    ...[base, `${base}/adulting`, `${base}/adulting/adulting`].map((path) =>
      socket({
        path,
        door: "jambonz",
        summary: "A jambonz server asks what to do with a call",
        guard: "key",
        wire: jambonzWire,
        subprotocol: SUBPROTOCOL,
        open: (visit) => open(visit, base),
      })
    ),
    http({
      method: "OPTIONS",
      path: base,
      summary: "The settings that the jambonz application takes",
      guard: "key",
      anyQuery: true,
      answers: { 200: SettingsSchema },
      answer: () => Response.json(APPLICATION_SETTINGS, { headers: { allow: "OPTIONS, GET" } }),
    }),
  ]);
}
