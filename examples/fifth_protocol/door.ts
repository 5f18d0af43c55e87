/**
 * The media stream door: `WS /twilio/media`.
 * @module
 */
import { socket, type SocketRoute } from "../../http/route.ts";
import type { Log } from "../../log.ts";
import { mediaStreamWire } from "./messages.ts";
import { mediaStream } from "./session.ts";

/** The media stream door. */
export function mediaStreamDoor(log: Log): SocketRoute[] {
  return socket({
    door: "media stream",
    paths: ["/twilio/media"],
    summary: "Twilio sends the audio of a call, and plays our audio",
    scope: "line:inbound",
    wire: mediaStreamWire,
    protocol: mediaStream,
    // Twilio sends audio all the time, silence too.
    limits: { idleMs: 30_000 },
    ports: ({ id: session }) => ({
      ended: (stream) => log.info("media stream ended", { session, ...stream }),
    }),
  });
}
