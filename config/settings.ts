/**
 * Every setting, in one schema.
 * @module
 */
import { z } from "zod";
import { callSettings } from "./call_settings.ts";
import { callbackSettings } from "./callback_settings.ts";
import { limitSettings } from "./limit_settings.ts";
import { serverSettings } from "./server_settings.ts";

/** The settings by their names in the environment. */
export const Settings = z.object({
  ...serverSettings,
  ...callSettings,
  ...callbackSettings,
  ...limitSettings,
});

/** The name of every setting. */
export const SETTING_NAMES: readonly string[] = [
  ...Object.keys(Settings.shape),
  "DENO_DEPLOYMENT_ID",
];
