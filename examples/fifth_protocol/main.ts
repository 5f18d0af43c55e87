/**
 * Starts Tipring with one door more.
 * @module
 */
import { readConfig } from "../../config/config.ts";
import { readEnvironment } from "../../config/environment.ts";
import { createLog } from "../../log.ts";
import { startServer } from "../../server/start.ts";
import { mediaStreamDoor } from "./door.ts";

const config = readConfig(readEnvironment());
const log = createLog({ level: config.LOG_LEVEL, format: "text" });
const server = await startServer({ config, log, routes: mediaStreamDoor(log) });
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  Deno.addSignalListener(signal, () => server.stop().then(() => Deno.exit(0)));
}
for (const { hostname, port } of server.addresses) {
  console.log(`media stream ws://${hostname}:${port}/twilio/media`);
}
