/**
 * The kinds of settings that several groups have: texts of the environment, read by zod.
 * @module
 */
import { z } from "zod";
import { isAddressOrCidr } from "../http/guards/address.ts";

/** Items, comma separated. */
export const list = z.string().transform((text) =>
  text.split(",").map((item) => item.trim()).filter((item) => item !== "")
);

/** A whole number in a range. */
export function whole(least: number, most: number, preset: number) {
  return z.string().regex(/^\d+$/, `a whole number from ${least} to ${most}`)
    .transform(Number).pipe(z.number().min(least).max(most)).default(preset);
}

/** Addresses and CIDRs; all without any. */
export function addresses(description: string) {
  return list.pipe(
    z.array(z.string().refine(isAddressOrCidr, "addresses and CIDRs, comma separated")),
  ).default([]).describe(`${description}: addresses, CIDRs; empty for all`);
}

/** Milliseconds, or `never`. */
export function ms(description: string, preset: number) {
  return z.string().regex(/^(\d+|never)$/, "milliseconds, or never")
    .transform((text) => text === "never" ? Infinity : Number(text))
    .default(preset).describe(`${description} (ms, or \`never\`)`);
}

/** `yes` or `no`, which is the default. */
export function yesOrNo(description: string) {
  return z.enum(["yes", "no"]).default("no").transform((word) => word === "yes")
    .meta({ description: `${description}: yes, no`, preset: "no" });
}
