/** The import rules of the design, checked from the module graph of every file. */
import { assertEquals } from "@std/assert";
import { circles, type ModuleGraph, productGraph } from "./support/module_graph.ts";
import { filesBelow } from "./support/sources.ts";

interface Layer {
  /** The layers and packages that its files may import. */
  readonly code: readonly string[];
  /** Those that they may import for their types only. */
  readonly types?: readonly string[];
}

/**
 * Every folder of the product and every file beside them, from the top down. Nothing imports from a
 * layer above its own, not even a type.
 */
const LAYERS: Readonly<Record<string, Layer>> = {
  examples: { code: ["server", "http", "config", "session", "log.ts", "npm:zod"] },
  docs: {
    code: [
      "server",
      "http",
      "config",
      "protocols",
      "calls",
      "contracts",
      "access",
      "session",
      "log.ts",
      "npm:zod",
    ],
  },
  sbom: { code: ["npm:zod"] },
  bench: {
    code: ["store/sqlite", "starters", "node:sqlite", "node:timers", "node:timers/promises"],
    types: ["calls"],
  },
  demo: {
    code: ["simulators", "starters", "npm:zod", "node:util", "node:url"],
    types: ["protocols"],
  },
  simulators: {
    code: [
      "protocols",
      "session",
      "audio",
      "phone",
      "starters",
      "npm:zod",
      "npm:@commander-js/extra-typings",
      "npm:cli-progress",
      "npm:ws",
    ],
    types: ["npm:@types/cli-progress", "npm:@types/ws"],
  },
  commands: {
    code: [
      "server",
      "config",
      "store",
      "access",
      "npm:@commander-js/extra-typings",
      "npm:zod",
    ],
  },
  "main.ts": {
    code: ["server", "access", "config", "log.ts", "starters"],
  },
  server: {
    code: [
      "routes",
      "app_host",
      "store/sqlite",
      "http",
      "store",
      "encryption",
      "webhooks",
      "events",
      "recordings",
      "protocols",
      "calls",
      "contracts",
      "access",
      "session",
      "node:crypto",
      "node:http",
      "node:net",
      "node:process",
      "node:timers",
    ],
    types: ["config", "log.ts", "node:stream"],
  },
  routes: {
    code: [
      "app_host",
      "http",
      "encryption",
      "webhooks",
      "events",
      "recordings",
      "protocols",
      "calls",
      "contracts",
      "access",
      "session",
      "phone",
      "@std/http",
      "npm:zod",
      "node:crypto",
    ],
    types: ["config", "store", "log.ts"],
  },
  app_host: {
    code: [
      "apps",
      "recordings",
      "protocols",
      "calls",
      "contracts",
      "session",
      "audio",
      "phone",
      "npm:zod",
      "node:crypto",
      "node:path",
      "node:timers",
      "node:url",
      "node:util",
    ],
    types: ["config", "log.ts"],
  },
  "store/sqlite": {
    // The writer folds a call's events with the domain's pure function, readers convert rows for
    // clients with those of each domain; `verify.ts` is a program.
    code: [
      "config",
      "store",
      "webhooks",
      "events",
      "calls",
      "contracts",
      "phone",
      "node:crypto",
      "node:path",
      "node:sqlite",
    ],
    types: ["encryption", "access"],
  },
  config: {
    code: ["http", "webhooks", "protocols", "access", "session", "phone", "npm:zod", "node:util"],
  },
  http: {
    code: [
      "store",
      "events",
      "access",
      "session",
      "@std/http",
      "npm:@scalar/fastify-api-reference",
      "npm:ipaddr.js",
      "npm:zod",
      "npm:zod-openapi",
      "node:crypto",
    ],
  },
  store: {
    code: [],
    types: ["encryption", "webhooks", "events", "calls", "contracts", "access"],
  },
  encryption: { code: ["npm:jose", "npm:zod"] },
  webhooks: {
    code: [
      "events",
      "npm:ipaddr.js",
      "npm:standardwebhooks",
      "npm:zod",
      "node:buffer",
      "node:crypto",
      "node:dns/promises",
      "node:http",
      "node:net",
      "node:timers/promises",
      "node:tls",
    ],
    types: ["access"],
  },
  events: { code: ["calls", "contracts", "npm:zod"], types: ["access"] },
  recordings: { code: ["audio"], types: ["calls", "session"] },
  protocols: {
    code: [
      "session",
      "npm:@jambonz/schema",
      "npm:@jambonz/verb-specifications",
      "npm:ajv",
      "npm:zod",
    ],
    types: ["calls", "contracts"],
  },
  apps: { code: ["calls"] },
  calls: { code: ["phone", "npm:zod", "node:crypto"], types: ["contracts", "access"] },
  contracts: { code: ["phone", "npm:canonicalize", "npm:zod", "node:crypto"] },
  access: { code: ["phone", "npm:jose", "npm:zod", "node:crypto", "node:zlib"] },
  session: { code: ["npm:zod", "node:timers"] },
  audio: { code: [] },
  phone: { code: ["npm:libphonenumber-js"] },
  "log.ts": { code: ["@std/log", "node:util"] },
  starters: { code: ["node:os"] },
};

/** The rooms of the store's engine, and what each may import from there. Threads and batches are above. */
const ENGINE_ROOMS: Readonly<Record<string, readonly string[]>> = {
  schema: ["database.ts"],
  rows: ["database.ts"],
  writes: ["rows", "database.ts"],
  reads: ["rows", "database.ts"],
  tables: ["writes", "rows", "database.ts", "reader.ts", "writer.ts"],
};

/** What comes in from outside of the product, and is in no layer. */
const PACKAGE = /^(npm:|node:|@std\/)/;

const graph = await productGraph();

Deno.test("layers: every file imports only what its layer allows", () => {
  assertEquals(faultsOf(graph), []);
});

Deno.test("layers: no layer may import upwards", () => {
  const order = Object.keys(LAYERS);
  const upwards = Object.entries(LAYERS).flatMap(([from, { code, types = [] }]) =>
    [...code, ...types]
      .filter((to) => !PACKAGE.test(to) && order.indexOf(to) <= order.indexOf(from))
      .map((to) => `${from} may import ${to}`)
  );
  assertEquals(upwards, []);
});

Deno.test("layers: ARCHITECTURE.md lists them on its map, in order", async () => {
  const text = await Deno.readTextFile(new URL("../ARCHITECTURE.md", import.meta.url));
  const places = [...text.matchAll(/^\| \[([^\]]+?)\/?\]\(/gm)].map(([, place]) => place);
  assertEquals(places, [...Object.keys(LAYERS), "std", "tests"]);
});

Deno.test("layers: no files import each other in a circle, not even for types", () => {
  assertEquals(circles(graph), []);
});

Deno.test("layers: only server/ and the bench name a store engine", () => {
  const users = [...graph].filter(([, imports]) =>
    imports.some(({ to }) => layerOf(to).startsWith("store/"))
  ).map(([file]) => layerOf(file)).filter((layer) => !layer.startsWith("store/"));
  assertEquals(new Set(users), new Set(["server", "bench"]));
});

Deno.test("layers: the rooms of the store's engine know neither threads nor batches", () => {
  assertEquals(roomFaultsOf(graph), []);
  const edge = [{ to: "store/sqlite/writer.ts", isTypeOnly: true }];
  assertEquals(roomFaultsOf(new Map([["store/sqlite/writes/a.ts", edge]])), [
    "store/sqlite/writes/a.ts: store/sqlite/writer.ts",
  ]);
  assertEquals(roomFaultsOf(new Map([["store/sqlite/attic/a.ts", []]])), [
    "store/sqlite/attic/a.ts: no such room",
  ]);
});

Deno.test("layers: a violation of each kind is detected", () => {
  const made = (edges: Readonly<Record<string, string>>, isTypeOnly = false): ModuleGraph =>
    new Map(Object.entries(edges).map(([file, to]) => [file, [{ to, isTypeOnly }]]));
  assertEquals(faultsOf(made({ "http/a.ts": "routes/b.ts" }, true)), ["http/a.ts: routes/b.ts"]);
  assertEquals(faultsOf(made({ "calls/a.ts": "npm:left-pad@1.0.0" })), [
    "calls/a.ts: npm:left-pad@1.0.0",
  ]);
  assertEquals(faultsOf(made({ "store/a.ts": "calls/b.ts" })), ["store/a.ts: calls/b.ts"]);
  assertEquals(faultsOf(made({ "store/a.ts": "calls/b.ts" }, true)), []);
  assertEquals(faultsOf(made({ "attic/a.ts": "attic/b.ts" })), ["attic/a.ts: no such layer"]);
  const ring = { "a.ts": "b.ts", "b.ts": "c.ts", "c.ts": "b.ts", "d.ts": "e.ts", "e.ts": "f.ts" };
  assertEquals(circles(made(ring, true)), ["b.ts", "c.ts"]);
});

function faultsOf(graph: ModuleGraph): string[] {
  return [...graph].flatMap(([file, imports]) => {
    const from = layerOf(file);
    if (from.startsWith("@std/")) return [];
    const layer = LAYERS[from];
    if (layer === undefined) return [`${file}: no such layer`];
    return imports.filter(({ to, isTypeOnly }) => {
      const allowed = isTypeOnly ? [...layer.code, ...layer.types ?? []] : layer.code;
      return layerOf(to) !== from && !allowed.includes(layerOf(to));
    }).map(({ to }) => `${file}: ${to}`);
  });
}

function roomFaultsOf(graph: ModuleGraph): string[] {
  const roomOf = (path: string) => path.split("/")[2] ?? "";
  const inEngine = [...graph].filter(([file]) => /^store\/sqlite\/[^/]+\//.test(file));
  return inEngine.flatMap(([file, imports]) => {
    const room = roomOf(file);
    const allowed = ENGINE_ROOMS[room];
    if (allowed === undefined) return [`${file}: no such room`];
    return imports.filter(({ to }) =>
      to.startsWith("store/sqlite/") && roomOf(to) !== room && !allowed.includes(roomOf(to))
    ).map(({ to }) => `${file}: ${to}`);
  });
}

Deno.test("layers: protocols and session use no clock, timer, socket or Deno API", async () => {
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

Deno.test("layers: our own apps import only from calls/", async () => {
  const faults: string[] = [];
  for (const [path, text] of await filesBelow("apps")) {
    for (const [, specifier] of text.matchAll(/\bfrom "([^"]+)"|\bimport\("([^"]+)"\)/g)) {
      if (!specifier?.startsWith("../calls/")) faults.push(`${path} imports ${specifier}`);
    }
  }
  assertEquals(faults, []);
});

Deno.test("layers: session/ contains no telephony terms", async () => {
  const faults: string[] = [];
  for (const [path, text] of await filesBelow("session")) {
    if (/jambonz|dtmf|caller|telephon|\bcdr\b/i.test(text)) faults.push(path);
  }
  assertEquals(faults, []);
});

/** `routes` for a file in it, `npm:zod` for a package, `@std/http` for our copy of it. */
function layerOf(path: string): string {
  const bare = /^(npm|jsr):\/?((@[^/]+\/)?[^@/]+)/.exec(path);
  if (bare !== null) return bare[1] === "jsr" ? bare[2]! : `npm:${bare[2]}`;
  if (path.startsWith("node:")) return path;
  const [first = "", second = ""] = path.split("/");
  if (first === "std") return `@std/${second}`;
  return first === "store" && path.split("/").length > 2 ? `store/${second}` : first;
}
