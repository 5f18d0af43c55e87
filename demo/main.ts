/**
 * `deno task demo`: the whole story in one command, with a server and a database of its own.
 * @module
 */
import { startersGone } from "../starters/watch.ts";
import { demo } from "./demo.ts";

if (import.meta.main) {
  const leaving = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => leaving.abort());
  }
  startersGone().then(() => leaving.abort());
  // Also a mistake of our own leaves no server behind.
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    console.error(event.reason);
    leaving.abort();
  });
  const exitCode = await demo({
    out: (line) => console.log(line),
    isColoured: Deno.stdout.isTerminal() && !Deno.noColor,
    signal: leaving.signal,
  });
  if (leaving.signal.aborted) console.error("Stopped; the server is gone, and its database too");
  Deno.exit(exitCode);
}
