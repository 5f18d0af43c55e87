/**
 * Our messages to a jambonz server: acks and commands. Its document lists some commands,
 * such as `tts:tokens`, as separate messages.
 * @module
 */
import { z } from "zod";

/** One instruction. `checkVerbs` checks its properties before it is sent. */
export const Verb = z.looseObject({
  verb: z.string().meta({ description: "say, play, gather, dial, hangup …", examples: ["say"] }),
}).meta({
  id: "JambonzVerb",
  description: "One instruction to jambonz",
  examples: [{ verb: "say", text: "Hello" }],
});
/** One instruction. */
export type Verb = z.infer<typeof Verb>;

/** Answers a message of jambonz. */
export const Ack = z.object({
  type: z.literal("ack"),
  msgid: z.string().describe("The answered message"),
  data: z.array(Verb).optional().describe("What to do now"),
}).meta({
  id: "JambonzAck",
  description: "Answers a message of jambonz",
  examples: [{ type: "ack", msgid: "m1", data: [{ verb: "say", text: "Hello" }] }],
});

const callSid = z.string().optional().describe("Another leg of the call");
const queueCommand = z.boolean().optional().describe(
  "true appends, false replaces the running verbs",
);

function command<
  Name extends string,
  Data extends z.ZodType,
  Further extends z.ZodRawShape = Record<never, never>,
>(
  name: Name,
  id: string,
  description: string,
  data: Data,
  example: Record<string, unknown>,
  further: Further = {} as Further,
) {
  return z.object({
    type: z.literal("command"),
    command: z.literal(name),
    queueCommand,
    data,
    callSid,
    ...further,
  }).meta({ id, description, examples: [{ type: "command", command: name, ...example }] });
}

const anything = z.looseObject({}).optional();

const Redirect = command(
  "redirect",
  "CommandRedirect",
  "New verbs, replacing the running ones or after them",
  z.array(Verb),
  { queueCommand: false, data: [{ verb: "hangup" }] },
);

const LlmToolOutput = command(
  "llm:tool-output",
  "CommandLlmToolOutput",
  "The result of a tool that a language model has called",
  z.unknown(),
  { tool_call_id: "call_77", data: { temperature: 21 } },
  { tool_call_id: z.string() },
);

const LlmUpdate = command(
  "llm:update",
  "CommandLlmUpdate",
  "New instructions or state for a language model",
  z.looseObject({}),
  { data: { type: "session.update" } },
);

const TtsTokens = command(
  "tts:tokens",
  "CommandTtsTokens",
  "Text to speak as it is written; without an id there is no result",
  z.object({ id: z.union([z.number(), z.string()]).optional(), tokens: z.string() }),
  { data: { id: 1, tokens: "Hello" } },
);

const TtsFlush = command(
  "tts:flush",
  "CommandTtsFlush",
  "Speaks the text sent so far now",
  anything,
  {},
);

const TtsClear = command(
  "tts:clear",
  "CommandTtsClear",
  "Drops queued audio and tokens",
  anything,
  {},
);

const Dtmf = command(
  "dtmf",
  "CommandDtmf",
  "Sends a tone to the far end",
  z.object({
    dtmf: z.object({ digit: z.string(), duration: z.number().optional().describe("Milliseconds") }),
  }),
  { data: { dtmf: { digit: "1", duration: 200 } } },
);

/** Commands whose `data` is that of jambonz's REST API. */
const PASS_THROUGH_COMMANDS = [
  "call:status",
  "mute:status",
  "listen:status",
  "transcribe:status",
  "record",
  "whisper",
  "dub",
  "config",
  "dial",
  "conf:mute-status",
  "conf:hold-status",
  "conf:participant-action",
  "sip:request",
  "media:path",
] as const;

/** Commands of `@jambonz/sdk` 0.10.1. Feature server 0.9.8 ignores them. */
export const NEWER_COMMANDS = [
  "agent:update",
  "stt:reconfigure",
  "room:say",
  "room:play",
  "tag",
  "noiseIsolation:status",
  "boostAudioSignal",
  "stream:status",
] as const;

const PassThrough = z.object({
  type: z.literal("command"),
  command: z.enum([...PASS_THROUGH_COMMANDS, ...NEWER_COMMANDS]),
  queueCommand,
  data: z.union([z.looseObject({}), z.array(Verb), z.string()]).optional(),
  callSid,
}).meta({
  id: "CommandPassThrough",
  description: "Other call control: mute, record, whisper, conference and the like",
  examples: [{ type: "command", command: "mute:status", data: { mute_status: "mute" } }],
});

/** All commands. */
export const commands = z.discriminatedUnion("command", [
  Redirect,
  LlmToolOutput,
  LlmUpdate,
  TtsTokens,
  TtsFlush,
  TtsClear,
  Dtmf,
  PassThrough,
]);
/** A command. */
export type Command = z.input<typeof commands>;

/** Whether feature server 0.9.8 knows this command, only a newer one, or none. */
export function ageOfCommand(name: string): "known" | "newer" | "unknown" {
  if ((NEWER_COMMANDS as readonly string[]).includes(name)) return "newer";
  return COMMAND_NAMES.has(name) ? "known" : "unknown";
}

const COMMAND_NAMES: ReadonlySet<string> = new Set(
  commands.options.flatMap(({ shape: { command } }) =>
    command.def.type === "enum" ? Object.values(command.def.entries) : command.def.values
  ),
);

/** A `redirect` that replaces what runs on a call; without verbs it only stops what runs. */
export function replaceBy(verbs: readonly Verb[]): z.input<typeof Redirect> {
  const data = verbs.length === 0 ? [STAY] : [...verbs];
  return { type: "command", command: "redirect", queueCommand: false, data };
}

/**
 * A verb without effect. A `redirect` without verbs would end a call on which nothing runs:
 * jambonz wakes, finds no task, and hangs up. A `config` that sets nothing needs no media, so it
 * does not answer a call.
 */
export const STAY: Verb = { verb: "config" };
