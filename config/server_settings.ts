/**
 * Settings of the server itself: where it listens, who may come in, its database and log.
 * @module
 */
import { z } from "zod";
import { SIGNATURES } from "../access/auth.ts";
import { isHostRule } from "../http/guards/hosts.ts";
import { isOriginRule } from "../http/guards/origins.ts";
import { isCountry } from "../phone/number.ts";
import { list, yesOrNo } from "./setting_types.ts";

const port = z.string().regex(/^\d+$/, "a port from 0 to 65535").transform(Number)
  .pipe(z.number().max(65535, "a port from 0 to 65535"));

/** Where it listens, who may come in, its database and log. */
export const serverSettings = {
  HOST: z.string().min(1).optional().meta({
    description: "The address to listen on; anything but loopback needs keys",
    preset: "127.0.0.1",
  }),
  PORTS: list.pipe(z.array(port).min(1, "one port or more, comma separated")).default([8000, 4143])
    .describe("Ports, comma separated: every door is on each"),
  PORT: port.optional()
    .describe("The only port, where the platform gives just one; overrides PORTS"),
  TRANSPORT: z.enum(["auto", "native", "hardened"]).default("auto").describe(
    "The transport. native: Deno's own server. hardened: limits unfinished requests too. " +
      "auto: native on loopback and behind a proxy, otherwise hardened",
  ),
  DATABASE_URL: z.string().regex(/^sqlite:.+$/, "sqlite:PATH, or sqlite::memory:")
    .default("sqlite:data/tipring.db").describe(
      "The database: `sqlite:PATH`, or `sqlite::memory:`, which stores nothing; " +
        "outside `data`, name the folder in the task's `--allow-read` and `--allow-write`",
    ),
  API_KEYS: list.default([])
    .describe(
      "Keys for everything, comma separated; with these, with keys of `deno task keys create` or " +
        "with AUTH_ settings, every door and REST require one",
    ),
  AUTH_JWKS_URL: z.url({ protocol: /^https?$/ }).optional().describe(
    "Where an identity provider publishes its keys: its tokens (JWT) are then accepted as keys; " +
      "needs AUTH_ISSUER and AUTH_AUDIENCE",
  ),
  AUTH_SECRET: z.string().min(32, "32 characters or more").optional().describe(
    "The secret of tokens (JWT) that are signed with one, in place of AUTH_JWKS_URL; " +
      "needs AUTH_ISSUER and AUTH_AUDIENCE",
  ),
  AUTH_ISSUER: z.string().min(1).optional().describe("The `iss` of every accepted token"),
  AUTH_AUDIENCE: z.string().min(1).optional()
    .describe("What every accepted token names in its `aud`"),
  AUTH_ALGORITHMS: list.pipe(z.array(z.enum(SIGNATURES))).optional().meta({
    description: "The accepted algorithms of tokens, comma separated: of public keys with " +
      "AUTH_JWKS_URL (by default RS256, PS256, ES256, EdDSA), HS256, HS384 or HS512 with AUTH_SECRET",
    preset: "",
  }),
  ALLOWED_ORIGINS: list.pipe(
    z.array(
      z.string().refine(isOriginRule, "https://host, http://host:port or *, comma separated"),
    ),
  ).default([]).describe(
    "Origins of browser pages that may use doors and REST, besides our own; a page on another port " +
      "of this machine needs it too; `*` allows all",
  ),
  ALLOWED_HOSTS: list.pipe(
    z.array(z.string().refine(isHostRule, "names, *.names, addresses or *, comma separated")),
  ).default([]).describe(
    "The names that requests may call this server by, besides loopback and HOST; `*` allows all. " +
      "Empty: no others on loopback, every name elsewhere and behind a proxy, where keys are needed",
  ),
  BEHIND_PROXY: yesOrNo(
    "Whether a proxy that bounds its clients and writes X-Forwarded-For stands before the server",
  ),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info")
    .describe("The lowest level that is logged: debug, info, warn, error"),
  LOG_FORMAT: z.enum(["auto", "json", "text"]).default("auto")
    .describe("json, text, or auto: text on a terminal"),
  DEFAULT_COUNTRY: z.string().regex(/^[A-Z]{2}$/, "two capital letters, such as KE")
    .refine(isCountry, "a country by ISO 3166-1, such as KE").optional()
    .describe(
      "The country (ISO 3166-1, such as KE) of every number that comes in national form, " +
        "such as 0712…",
    ),
};
