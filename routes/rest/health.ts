/**
 * Liveness and readiness, for monitors and load balancers.
 * @module
 */
import { z } from "zod";
import type { Services } from "../services.ts";
import { problem } from "../../http/problem.ts";
import { type HttpRoute, publicGet } from "../../http/route.ts";

/** What a healthy server answers. */
export const Health = z.object({
  status: z.literal("ok"),
  sessions: z.number().int().nonnegative().optional().describe("How many sockets are open"),
}).meta({ id: "Health", description: "The server is healthy" });

/** `/livez` answers while the event loop runs, `/readyz` while the server takes new sessions. */
export function healthRoutes(
  { sessions, stopping, store }: Pick<Services, "sessions" | "stopping" | "store">,
): HttpRoute[] {
  return [
    publicGet(
      "/livez",
      "Whether the process lives",
      Health,
      () => Response.json({ status: "ok" }),
    ),
    publicGet("/readyz", "Whether the server takes new sessions", Health, async () => {
      if (stopping.aborted) return problem(503, "The server is stopping");
      if (store.fault !== undefined) await store.probe();
      // Everyone may ask: the cause is for the log.
      if (store.fault !== undefined) {
        return problem(503, "The store takes no writes; the log has the cause");
      }
      return Response.json({ status: "ok", sessions: sessions.size });
    }),
  ];
}
