/**
 * The stand-ins in `std/` offer nothing that the originals do not: no entry point, no name, no
 * value where the original has a type, no other signature. The first half is checked by the
 * compiler.
 */
import * as assertions from "@std/assert";
import type { ArrayLikeArg, Falsy } from "@std/assert";
import * as http from "@std/http";
import * as fileServer from "@std/http/file-server";
import * as negotiation from "@std/http/negotiation";
import * as eventStream from "@std/http/server-sent-event-stream";
import * as status from "@std/http/status";
import * as log from "@std/log";
import * as formatters from "@std/log/formatters";
import * as logger from "@std/log/logger";
import {
  type AssertAbsent,
  assertPackage,
  type AssertTypes,
  type AssertValues,
} from "../../std/documented/assert.ts";
import {
  type HttpAbsent,
  httpPackage,
  type HttpTypes,
  type HttpValues,
} from "../../std/documented/http.ts";
import {
  type FormatterValues,
  type LogAbsent,
  type LoggerValues,
  logPackage,
  type LogTypes,
  type LogValues,
} from "../../std/documented/log.ts";
import type {
  Differing,
  DocumentedPackage,
  Kind,
  Members,
  None,
} from "../../std/documented/package.ts";
import { statuses } from "../../std/documented/statuses.ts";

const { assertEquals } = assertions;

interface OfferedTypes {
  assert: { ArrayLikeArg: ArrayLikeArg<string>; Falsy: Falsy };
  http: {
    ClientErrorStatus: http.ClientErrorStatus;
    ErrorStatus: http.ErrorStatus;
    InformationalStatus: http.InformationalStatus;
    RedirectStatus: http.RedirectStatus;
    ServeDirOptions: Members<http.ServeDirOptions>;
    ServeFileOptions: Members<http.ServeFileOptions>;
    ServerErrorStatus: http.ServerErrorStatus;
    ServerSentEventMessage: Members<http.ServerSentEventMessage>;
    StatusCode: http.StatusCode;
    StatusText: http.StatusText;
    SuccessfulStatus: http.SuccessfulStatus;
  };
  log: {
    BaseHandlerOptions: Members<log.BaseHandlerOptions>;
    ConsoleHandlerOptions: Members<log.ConsoleHandlerOptions>;
    FormatterFunction: log.FormatterFunction;
    GenericFunction: log.GenericFunction;
    LevelName: log.LevelName;
    LogConfig: Members<log.LogConfig>;
    LogLevel: log.LogLevel;
    LogRecord: Members<log.LogRecord>;
    LogRecordOptions: Members<log.LogRecordOptions>;
    LoggerConfig: Members<log.LoggerConfig>;
    LoggerOptions: Members<log.LoggerOptions>;
  };
}

/** An error here names the exports that the original does not have, or has otherwise. */
type _Checked = [
  None<Differing<typeof assertions, AssertValues, AssertAbsent>>,
  None<Differing<typeof http, HttpValues, HttpAbsent>>,
  None<Differing<typeof fileServer, HttpValues>>,
  None<Differing<typeof negotiation, HttpValues>>,
  None<Differing<typeof eventStream, HttpValues>>,
  None<Differing<typeof status, HttpValues>>,
  None<Differing<typeof log, LogValues, LogAbsent>>,
  None<Differing<typeof formatters, FormatterValues>>,
  None<Differing<typeof logger, LoggerValues>>,
  None<Differing<OfferedTypes["assert"], AssertTypes>>,
  None<Differing<OfferedTypes["http"], HttpTypes>>,
  None<Differing<OfferedTypes["log"], LogTypes>>,
];

/** Programs that only work with the originals; each line is an error on its own. */
export function misuses(request: Request, handler: log.ConsoleHandler): void {
  // @ts-expect-error -- the main module of `@std/log` exports the class as a type only
  new log.LogRecord({ msg: "", args: [], level: log.LogLevels.INFO, loggerName: "" });
  // @ts-expect-error -- how lines are coloured is the handler's own affair
  handler.applyColors("line", log.LogLevels.INFO);
  // @ts-expect-error -- the answer is one of the offers, and JSON is none
  const best: "application/json" | undefined = http.accepts(request, "text/html");
  // @ts-expect-error -- the package has no such name
  assertions.assertIncludes("text", best);
}

interface StandIn {
  readonly version: string;
  readonly exports: Readonly<Record<string, string>>;
}

interface DocumentedSymbol {
  readonly name: string;
  /** `private` is a type that an exported declaration uses without exporting it. */
  readonly declarations: readonly { declarationKind: "export" | "private" | "declare" }[];
}

/** The used members of the output of `deno doc --json`. */
interface Documentation {
  nodes: Record<string, { symbols: DocumentedSymbol[] }>;
}

const STD = new URL("../../std/", import.meta.url);

/** What `deno doc` lists, and what is there at run time, as the documented kinds. */
async function offeredBy(folder: string, { exports }: StandIn) {
  const files = Object.values(exports).map((path) => new URL(`${folder}/${path}`, STD).href);
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["doc", "--json", "--no-remote", ...files],
    env: { NO_COLOR: "1" },
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (text === "") throw new Error(new TextDecoder().decode(stderr));
  const { nodes } = JSON.parse(text) as Documentation;
  const entryPoints: Record<string, Record<string, Kind>> = {};
  for (const [index, path] of Object.keys(exports).entries()) {
    const file = files[index]!;
    const values: Record<string, unknown> = await import(file);
    const symbols = nodes[file]?.symbols.filter(({ declarations }) => {
      return declarations.some(({ declarationKind }) => declarationKind === "export");
    });
    entryPoints[path] = Object.fromEntries(
      (symbols ?? []).map(({ name }) => [name, name in values ? kindOf(values[name]) : "type"]),
    );
  }
  return entryPoints;
}

function kindOf(value: unknown): Kind {
  if (typeof value !== "function") return "const";
  return /^class\b/.test(Function.prototype.toString.call(value)) ? "class" : "function";
}

async function standIn(folder: string): Promise<StandIn> {
  return JSON.parse(await Deno.readTextFile(new URL(`${folder}/deno.json`, STD)));
}

const packages: [string, DocumentedPackage, ComparedTypes][] = [
  ["assert", assertPackage, named<"assert">({ ArrayLikeArg: true, Falsy: true })],
  [
    "http",
    httpPackage,
    named<"http">({
      ClientErrorStatus: true,
      ErrorStatus: true,
      InformationalStatus: true,
      RedirectStatus: true,
      ServeDirOptions: true,
      ServeFileOptions: true,
      ServerErrorStatus: true,
      ServerSentEventMessage: true,
      StatusCode: true,
      StatusText: true,
      SuccessfulStatus: true,
    }),
  ],
  [
    "log",
    logPackage,
    named<"log">({
      BaseHandlerOptions: true,
      ConsoleHandlerOptions: true,
      FormatterFunction: true,
      GenericFunction: true,
      LevelName: true,
      LogConfig: true,
      LogLevel: true,
      LogRecord: true,
      LogRecordOptions: true,
      LoggerConfig: true,
      LoggerOptions: true,
    }),
  ],
];

type ComparedTypes = Readonly<Record<string, true>>;

/** The names of the types that are compared above, as values. */
function named<Package extends keyof OfferedTypes>(
  types: Record<keyof OfferedTypes[Package], true>,
): ComparedTypes {
  return types;
}

for (const [folder, documented, comparedTypes] of packages) {
  Deno.test(`the stand-in for @std/${folder} exports nothing that the original does not`, async () => {
    const { version, exports } = await standIn(folder);
    assertEquals(version, documented.version);
    const surplus: string[] = [];
    for (const [path, names] of Object.entries(await offeredBy(folder, { version, exports }))) {
      const known = documented.entryPoints[path];
      if (!known) surplus.push(path);
      for (const [name, kind] of Object.entries(names)) {
        if (known?.[name] !== kind) surplus.push(`${path}: ${kind} ${name}`);
        if (documented.absent.includes(name)) surplus.push(`${path}: ${name}, uncompared`);
        if (kind === "type" && !comparedTypes[name]) surplus.push(`${path}: ${name}, uncompared`);
      }
      if (Object.keys(names).length === 0) surplus.push(`${path}: no names were read`);
    }
    assertEquals(surplus, []);
  });
}

Deno.test("STATUS_CODE and STATUS_TEXT have the documented codes, names and texts", () => {
  assertEquals(
    Object.entries(status.STATUS_CODE).map(([name, code]) => [
      code,
      name,
      status.STATUS_TEXT[code],
    ]),
    statuses.map((row) => [...row]),
  );
});
