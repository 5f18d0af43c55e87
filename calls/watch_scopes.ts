/**
 * What a watcher may do with a call.
 * @module
 */
import { z } from "zod";

/** What a watcher may do with a call. */
export const Scope = z.enum(["watch", "join", "end"]).meta({
  id: "WatchScope",
  description: "watch: hear what happens; join: be put through; end: hang up",
});
/** What a watcher may do with a call. */
export type Scope = z.infer<typeof Scope>;

/** All scopes: what a key grants. */
export const ALL_SCOPES: readonly Scope[] = Scope.options;
