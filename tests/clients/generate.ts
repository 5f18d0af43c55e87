/**
 * Runs third-party tools on our documents, each in a separate process: `lint`,
 * `rest` and `messages`, with the paths of the document and of the file to be written. The tools have
 * a configuration and a lock of their own here, so that starting the server does not download them.
 * The project's own type check therefore does not see their imports.
 * @module
 */

const LINTER = "@redocly/openapi-core";
const REST_TYPES = "openapi-typescript";
const MESSAGE_TYPES = "@asyncapi/modelina";

/** A complaint of the linter. */
export interface Complaint {
  readonly severity: "error" | "warn";
  readonly ruleId: string;
  readonly message: string;
  readonly location: readonly { readonly pointer?: string }[];
}

/** Everything that Redocly's recommended rules find in each of several OpenAPI documents. */
async function lint(sources: string): Promise<string> {
  const { createConfig, lintFromString } = await import(LINTER);
  const config = await createConfig({ extends: ["recommended"] });
  const found = (JSON.parse(sources) as unknown[]).map(async (document) => {
    const complaints: Complaint[] = await lintFromString({
      source: JSON.stringify(document),
      config,
      absoluteRef: "/openapi.json",
    });
    return complaints.map(({ severity, ruleId, message, location }) => ({
      severity,
      ruleId,
      message,
      location: location.map(({ pointer }) => ({ pointer })),
    }));
  });
  return JSON.stringify(await Promise.all(found));
}

/** The types of an OpenAPI document, for openapi-fetch. */
async function rest(source: string): Promise<string> {
  const { default: openapiTS, astToString } = await import(REST_TYPES);
  // A member with a default may be left out of a request; its answers list it as required.
  return astToString(await openapiTS(source, { defaultNonNullable: false }));
}

/** The types of an AsyncAPI document's messages, with the members' names as they are on the wire. */
async function messages(source: string): Promise<string> {
  const { TypeScriptGenerator } = await import(MESSAGE_TYPES);
  const generator = new TypeScriptGenerator({
    modelType: "interface",
    enumType: "union",
    mapType: "record",
    rawPropertyNames: true,
  });
  const models: { result: string }[] = await generator.generate(JSON.parse(source));
  return models.map(({ result }) => `export ${result}\n`).join("\n");
}

const [tool = "", document = "", target = ""] = Deno.args;
const run = { lint, rest, messages }[tool];
if (run === undefined) throw new Error(`Cannot run "${tool}": there are lint, rest and messages`);
await Deno.writeTextFile(target, await run(await Deno.readTextFile(document)));
