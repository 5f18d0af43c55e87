/**
 * `deno task demo`: the whole demo in one command, with its own server and database.
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
  // An error of the demo itself leaves no server running either.
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
  if (leaving.signal.aborted) {
    console.error("Stopped; the server has ended, and its database is deleted");
  }
  Deno.exit(exitCode);
}
