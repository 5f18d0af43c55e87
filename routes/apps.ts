/**
 * Which app a call gets, and where apps come from: any local file.
 * @module
 */
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { CallApp } from "../calls/app.ts";
import type { LineName, NewCall } from "../calls/call.ts";
import type { Config } from "../config.ts";
import type { Log } from "../log.ts";

/** A file that is no app: its calls are refused politely. */
export class NotAnApp extends Error {
  override readonly name = "NotAnApp";

  constructor(file: string, why: unknown) {
    const reason = why instanceof Error ? why.message : String(why);
    super(`Cannot load the app ${file}: ${reason}`, { cause: why });
  }
}

/** A number that is called, as the platform says it or in E.164. */
type Called = Pick<NewCall, "to"> & { readonly toE164?: string | null };

/** The apps of a server. */
export class Apps {
  readonly #config: Pick<Config, "APP" | "APPS" | "APP_RELOAD">;
  readonly #log: Log;

  constructor(config: Pick<Config, "APP" | "APPS" | "APP_RELOAD">, log: Log) {
    this.#config = config;
    this.#log = log;
  }

  /** The paths at which jambonz finds apps of their own. */
  get jambonzPaths(): string[] {
    const paths = this.#config.APPS.flatMap(({ line, called }) =>
      line === "jambonz" && called?.startsWith("/") ? [called] : []
    );
    return [...new Set(paths)];
  }

  /** The file of the app of a call; undefined where nothing is set. The closest rule counts. */
  choose(line: LineName, { to, toE164 }: Called, path?: string): string | undefined {
    const rules = this.#config.APPS.filter((rule) => rule.line === line);
    const isCalled = (called: string | undefined) =>
      called !== undefined && (called === path || called === to || called === toE164);
    const rule = rules.find(({ called }) => isCalled(called)) ??
      rules.find(({ called }) => called === undefined);
    return rule?.file ?? this.#config.APP;
  }

  /**
   * The app in a file; with `APP_RELOAD` the file as it now is.
   * @throws {NotAnApp} when it does not load, or has no function as its default export
   */
  async load(file: string): Promise<CallApp> {
    try {
      const app = await import(await this.#specifier(file));
      if (typeof app.default === "function") return app.default;
    } catch (error) {
      throw new NotAnApp(file, error);
    }
    throw new NotAnApp(file, "its default export is no function");
  }

  /** Loads every app once, so that the log tells at the start which do not load. */
  async check(): Promise<void> {
    const { APP, APPS } = this.#config;
    const files = new Set([...(APP === undefined ? [] : [APP]), ...APPS.map(({ file }) => file)]);
    await Promise.all([...files].map((file) =>
      this.load(file).then(
        () => this.#log.info("app loaded", { file }),
        (error) => this.#log.error("app does not load; its calls are refused", { file, error }),
      )
    ));
  }

  async #specifier(file: string): Promise<string> {
    const { path, mtime } = await found(file);
    // A module is loaded once for each name that it has.
    const version = this.#config.APP_RELOAD ? `?v=${mtime?.getTime() ?? 0}` : "";
    return `${pathToFileURL(path)}${version}`;
  }
}

/** A file in the working directory, else beside the server: a compiled one carries its apps along. */
async function found(file: string): Promise<{ path: string; mtime: Date | null }> {
  const path = resolve(file);
  try {
    return { path, mtime: (await Deno.stat(path)).mtime };
  } catch (error) {
    const beside = resolve(import.meta.dirname ?? ".", "..", file);
    if (!(error instanceof Deno.errors.NotFound) || beside === path) throw error;
    return { path: beside, mtime: null };
  }
}
