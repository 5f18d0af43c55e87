/**
 * Liveness and readiness, for monitors and load balancers.
 * @module
 */
import { z } from "zod";
import type { Services } from "../services.ts";
import { problem } from "../../http/problem.ts";
import { type HttpRoute, publicGet } from "../../http/route.ts";

/** The answer of a healthy server. */
export const Health = z.object({
  status: z.literal("ok"),
  sessions: z.number().int().nonnegative().optional().describe("How many sockets are open"),
}).meta({ id: "Health", description: "The server is healthy" });

/** `/livez` answers while the event loop runs, `/readyz` while the server accepts new sessions. */
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
    publicGet("/readyz", "Whether the server accepts new sessions", Health, async () => {
      if (stopping.aborted) return problem(503, "The server is stopping");
      if (store.fault !== undefined) await store.probe();
      // Everyone may read this: the cause is only in the log.
      if (store.fault !== undefined) {
        return problem(503, "The store accepts no writes; the log has the cause");
      }
      return Response.json({ status: "ok", sessions: sessions.size });
    }),
  ];
}
