/**
 * Starts a server as the torture test does, and prints its port when it is ready.
 * @module
 */
import { freePort, ServerProcess } from "../torture/server.ts";

const port = freePort();
await new ServerProcess({ port, database: ":memory:" }).ready();
console.log(`REST http://127.0.0.1:${port}/api/v1`);
