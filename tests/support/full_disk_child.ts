/**
 * A server whose disk is full from SIGUSR1 on, and has space again from SIGUSR2 on.
 * @module
 */
import { readConfig } from "../../config/config.ts";
import { createLog } from "../../log.ts";
import { startServer } from "../../server/start.ts";

const SIGXFSZ = 25;
const IGNORE = Deno.UnsafePointer.create(1n);
const RLIMIT_FSIZE = 1;

const { symbols } = Deno.dlopen(Deno.build.os === "darwin" ? "libSystem.dylib" : "libc.so.6", {
  signal: { parameters: ["i32", "pointer"], result: "pointer" },
  getrlimit: { parameters: ["i32", "buffer"], result: "i32" },
  setrlimit: { parameters: ["i32", "buffer"], result: "i32" },
});

// A write over the limit must fail, and not end the process.
symbols.signal(SIGXFSZ, IGNORE);
const [space, most] = readLimit();
Deno.addSignalListener("SIGUSR1", () => setLimit(0n, "full"));
Deno.addSignalListener("SIGUSR2", () => setLimit(space, "space"));

const config = readConfig(Deno.env.toObject());
const log = createLog({ level: config.LOG_LEVEL, format: "json" });
const { addresses: [address] } = await startServer({ config, log });
console.log(`REST http://127.0.0.1:${address!.port}/api/v1`);

function readLimit(): [now: bigint, most: bigint] {
  const limit = new BigUint64Array(2);
  if (symbols.getrlimit(RLIMIT_FSIZE, limit) !== 0) throw new Error("Cannot read the limit");
  return [limit[0]!, limit[1]!];
}

function setLimit(bytes: bigint, say: string): void {
  const limit = new BigUint64Array([bytes, most]);
  if (symbols.setrlimit(RLIMIT_FSIZE, limit) !== 0) throw new Error("Cannot set the limit");
  console.log(say);
}
