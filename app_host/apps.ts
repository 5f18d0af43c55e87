/**
 * Which app a call gets, and loading it from a local file.
 * @module
 */
import { basename, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { stripVTControlCharacters } from "node:util";
import type { CallApp } from "../calls/app.ts";
import type { LineName, NewCall } from "../calls/call_record.ts";
import type { Config } from "../config/config.ts";
import type { Log } from "../log.ts";
import { e164OrText } from "../phone/number.ts";

/** A file that does not load as an app. Its calls are refused with an apology. */
export class NotAnApp extends Error {
  override readonly name = "NotAnApp";

  constructor(file: string, why: unknown) {
    const reason = why instanceof Error ? why.message : String(why);
    super(`Cannot load the app ${file}: ${plain(reason)}`, { cause: why });
  }
}

/** The called number, as received and in E.164. */
type Called = Pick<NewCall, "to"> & { readonly toE164?: string | null };

/** The settings that choose apps. */
type AppConfig =
  & Pick<Config, "APP" | "APPS" | "APP_RELOAD">
  & Partial<Pick<Config, "DEFAULT_COUNTRY">>;

/** The apps of a server. */
export class Apps {
  readonly #config: AppConfig;
  readonly #log: Log;
  /** The specifier under which each file was last loaded. */
  readonly #loaded = new Map<string, string>();

  constructor(config: AppConfig, log: Log) {
    this.#config = config;
    this.#log = log;
  }

  /** The paths that have an app of their own on the jambonz line. */
  get jambonzPaths(): string[] {
    const paths = this.#config.APPS.flatMap(({ line, called }) =>
      line === "jambonz" && called?.startsWith("/") ? [called] : []
    );
    return [...new Set(paths)];
  }

  /** The file of a call's app; undefined without one. A rule by number or path goes first. */
  choose(line: LineName, { to, toE164 }: Called, path?: string): string | undefined {
    const { APPS, DEFAULT_COUNTRY } = this.#config;
    const rules = APPS.filter((rule) => rule.line === line);
    const isCalled = (called: string | undefined) =>
      called !== undefined &&
      (called === path || called === to || e164OrText(called, DEFAULT_COUNTRY) === toE164);
    const rule = rules.find(({ called }) => isCalled(called)) ??
      rules.find(({ called }) => called === undefined);
    return rule?.file ?? this.#config.APP;
  }

  /**
   * Loads the app in a file; with `APP_RELOAD`, its present version.
   * @throws {NotAnApp} when it does not load, or has no function as its default export
   */
  async load(file: string): Promise<CallApp> {
    const { default: app } = await this.#module(file);
    if (typeof app !== "function") throw new NotAnApp(file, "its default export is no function");
    return app;
  }

  /** Loads every app once, so that the log names broken ones at the start. */
  async check(): Promise<void> {
    const { APP, APPS } = this.#config;
    const files = new Set([...(APP === undefined ? [] : [APP]), ...APPS.map(({ file }) => file)]);
    await Promise.all([...files].map((file) =>
      this.load(file).then(
        () => {},
        ({ message: error }: NotAnApp) =>
          this.#log.error("app does not load; its calls are refused", { file, error }),
      )
    ));
  }

  async #module(file: string): Promise<{ default?: CallApp }> {
    const { path, mtime } = await found(file);
    // A new specifier makes Deno load the file again.
    const version = this.#config.APP_RELOAD ? `?v=${mtime?.getTime() ?? 0}` : "";
    const specifier = `${pathToFileURL(path)}${version}`;
    let module: { default?: CallApp };
    try {
      module = await import(specifier);
    } catch (error) {
      const isMissing = error instanceof Error &&
        plain(error.message).startsWith(`Module not found "${plain(specifier)}"`);
      throw new NotAnApp(file, isMissing ? await noSuchFile(file) : error);
    }
    if (this.#loaded.get(file) !== specifier) this.#log.info("app loaded", { file });
    this.#loaded.set(file, specifier);
    return module;
  }
}

/** Deno's message about a module, without colours, repeated lines and our version. */
function plain(text: string): string {
  const lines = stripVTControlCharacters(text).replaceAll(/\?v=\d+/g, "").split("\n");
  return [...new Set(lines.map((line) => line.trim()))].join(" ");
}

/**
 * Finds a file in the working directory, or else beside the server: a compiled server contains its
 * apps.
 * @throws {NotAnApp} when it is in neither, or the server may not read there
 */
async function found(file: string): Promise<{ path: string; mtime: Date | null }> {
  const path = resolve(file);
  try {
    return { path, mtime: (await Deno.stat(path)).mtime };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      const why = "there is none in the folders that the server may read (--allow-read)";
      throw new NotAnApp(file, `${why}${await hint(file)}`);
    }
    if (!(error instanceof Deno.errors.NotFound)) throw new NotAnApp(file, error);
    const beside = resolve(import.meta.dirname ?? ".", "..", file);
    if (beside === path) throw new NotAnApp(file, await noSuchFile(file));
    return { path: beside, mtime: null };
  }
}

async function noSuchFile(file: string): Promise<string> {
  return `there is no such file${await hint(file)}`;
}

/** Most apps are in `apps/`, and are often named without it. */
async function hint(file: string): Promise<string> {
  const usual = `apps/${basename(file)}`;
  if (usual === file) return "";
  return await Deno.stat(usual).then(
    () => `; is it ${usual}?`,
    () => "; apps are read from apps/",
  );
}
