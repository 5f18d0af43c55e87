/** Who may import whom: the house of the design, checked from the module graph itself. */
import { assertEquals } from "@std/assert";
import { outputOf } from "./support/process.ts";
import { filesBelow } from "./support/sources.ts";

interface Module {
  readonly specifier: string;
  readonly dependencies?: readonly {
    readonly specifier: string;
    readonly code?: { readonly specifier: string };
    readonly type?: { readonly specifier: string };
  }[];
}

/** For each folder, the folders and packages that it may import, and those only for their types. */
const RULES: Readonly<Record<string, { code: readonly string[]; types?: readonly string[] }>> = {
  "main.ts": { code: ["config.ts", "http", "log.ts", "unknown_settings.ts", "server", "starters"] },
  "unknown_settings.ts": { code: [] },
  starters: { code: ["node:os"] },
  "config.ts": { code: ["phone", "protocols", "session", "webhooks", "npm:zod", "node:util"] },
  "log.ts": { code: ["@std/log", "node:util"] },
  server: {
    code: [
      "app_host",
      "calls",
      "contracts",
      "http",
      "protocols",
      "recordings",
      "routes",
      "session",
      "store",
      "webhooks",
      "node:path",
    ],
    types: ["config.ts", "log.ts"],
  },
  routes: {
    code: [
      "app_host",
      "calls",
      "contracts",
      "events",
      "http",
      "phone",
      "protocols",
      "recordings",
      "session",
      "webhooks",
      "@std/http",
      "npm:zod",
      "node:crypto",
    ],
    types: ["config.ts", "log.ts", "store"],
  },
  http: {
    code: [
      "events",
      "protocols",
      "session",
      "store",
      "@std/http",
      "npm:zod",
      "npm:@scalar/fastify-api-reference",
      "node:crypto",
    ],
  },
  app_host: {
    code: [
      "apps",
      "audio",
      "calls",
      "contracts",
      "phone",
      "protocols",
      "recordings",
      "session",
      "npm:zod",
      "node:crypto",
      "node:path",
      "node:timers",
      "node:url",
      "node:util",
    ],
    types: ["config.ts", "log.ts"],
  },
  protocols: {
    code: [
      "session",
      "npm:zod",
      "npm:@jambonz/schema",
      "npm:@jambonz/verb-specifications",
    ],
    types: ["calls", "contracts"],
  },
  apps: { code: ["calls"] },
  calls: { code: ["phone", "store", "npm:zod"], types: ["contracts"] },
  contracts: { code: ["phone", "store", "npm:zod", "node:crypto"] },
  phone: { code: ["npm:libphonenumber-js"] },
  events: { code: ["calls", "contracts", "npm:zod"], types: ["store"] },
  webhooks: {
    code: [
      "store",
      "events",
      "npm:zod",
      "npm:ipaddr.js",
      "npm:standardwebhooks",
      "node:crypto",
      "node:dns/promises",
      "node:http",
      "node:net",
      "node:tls",
    ],
    types: ["contracts"],
  },
  audio: { code: [] },
  recordings: { code: ["audio"], types: ["calls", "session"] },
  simulators: {
    code: [
      "session",
      "protocols",
      "phone",
      "audio",
      "starters",
      "npm:zod",
      "npm:@commander-js/extra-typings",
      "npm:cli-progress",
      "npm:ws",
    ],
    types: ["npm:@types/cli-progress", "npm:@types/ws"],
  },
  demo: {
    code: ["simulators", "starters", "npm:zod", "node:util", "node:url"],
    types: ["protocols"],
  },
  session: { code: ["npm:zod"] },
  // The writer folds a call's events by the domain's own pure function.
  store: {
    code: ["calls", "phone", "npm:zod", "node:sqlite", "node:crypto"],
    types: ["contracts", "webhooks"],
  },
};

const root = new URL("../", import.meta.url).href;

Deno.test("layers: nobody imports what the design does not let them", async () => {
  const graphs = await Promise.all(
    ["main.ts", "simulators/main.ts", "demo/main.ts"].map(moduleGraph),
  );
  const modules = graphs.flatMap((graph) => graph.modules);
  const faults = modules.flatMap(({ specifier, dependencies = [] }) => {
    const from = layerOf(specifier);
    const rule = from === undefined ? undefined : RULES[from];
    if (rule === undefined) return [];
    return dependencies.flatMap(({ specifier: written, code, type }) => {
      const target = (code ?? type)?.specifier;
      const to = target === undefined ? undefined : layerOf(target);
      if (to === undefined || to === from) return [];
      const allowed = code === undefined ? [...rule.code, ...rule.types ?? []] : rule.code;
      return allowed.includes(to) ? [] : [`${specifier.slice(root.length)} imports ${written}`];
    });
  });
  assertEquals(faults, []);
});

Deno.test("layers: protocols and session have no clock, timer, socket or Deno of their own", async () => {
  const faults: string[] = [];
  const forbidden =
    /\bsetTimeout\b|\bsetInterval\b|\bDate\.now\b|\bnew Date\(\)|\bDeno\.|\bnew WebSocket\b/;
  for (const [path, text] of [...await filesBelow("protocols"), ...await filesBelow("audio")]) {
    const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
    if (forbidden.test(code)) faults.push(path);
    const awaits = code.match(/\bawait\b/g)?.length ?? 0;
    const loops = code.match(/\bfor await\b/g)?.length ?? 0;
    if (awaits !== loops) faults.push(`${path}: awaits more than its events`);
  }
  assertEquals(faults, []);
});

Deno.test("layers: the apps that we ship import from calls/ only", async () => {
  const faults: string[] = [];
  for (const [path, text] of await filesBelow("apps")) {
    for (const [, specifier] of text.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g)) {
      if (!specifier?.startsWith("../calls/")) faults.push(`${path} imports ${specifier}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("layers: session/ knows no word of telephony", async () => {
  const faults: string[] = [];
  for (const [path, text] of await filesBelow("session")) {
    if (/jambonz|dtmf|caller|telephon|\bcdr\b/i.test(text)) faults.push(path);
  }
  assertEquals(faults, []);
});

async function moduleGraph(entry: string): Promise<{ modules: Module[] }> {
  const { stdout, success } = await outputOf(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: new URL(root),
    stderr: "null",
  });
  if (!success) throw new Error(`Cannot read the module graph of ${entry}`);
  return JSON.parse(new TextDecoder().decode(stdout));
}

/** `routes` for a file below it, `npm:zod` for a package, undefined for what has no layer. */
function layerOf(specifier: string): string | undefined {
  const bare = /^(npm|jsr):\/?((@[^/]+\/)?[^@/]+)/.exec(specifier);
  if (bare !== null) return bare[1] === "jsr" ? bare[2] : `npm:${bare[2]}`;
  if (specifier.startsWith("node:")) return specifier;
  const path = specifier.startsWith(root) ? specifier.slice(root.length) : undefined;
  if (path?.startsWith("std/")) return `@${path.split("/").slice(0, 2).join("/")}`;
  return path?.split("/")[0];
}
