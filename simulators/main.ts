/**
 * `deno task sim`: plays the other side of every door from the command line.
 * @module
 */
import { Command, CommanderError, Option } from "@commander-js/extra-typings";
import { startersGone } from "../starters/watch.ts";
import { AUDIO_SUBPROTOCOLS } from "../protocols/jambonz_audio/messages.ts";
import {
  count,
  hertz,
  keyPresses,
  lacks,
  positive,
  rate,
  script,
  socketUrl,
  whole,
} from "./command/arguments.ts";
import { afterSilence, type AudioSource, pipe, tone, wavFile } from "./audio/audio_source.ts";
import { CallNotFound, findLatest, findToken } from "./command/find_call.ts";
import { INBOUND_HELP, INBOUND_SECONDS, JAMBONZ_HELP, TONE_HZ } from "./command/help.ts";
import { callInbound } from "./inbound/call_inbound.ts";
import { MANNERS } from "./inbound/manners.ts";
import { AT_MOST_SECONDS, callJambonz } from "./jambonz/call_jambonz.ts";
import { JAMBONZ_MANNERS } from "./jambonz/manners.ts";
import { DEFAULT_RATE, runMany } from "./time/run_many.ts";
import { connectParty } from "./people/party.ts";
import { Show, type Terminal } from "./output/show.ts";
import type { Report } from "./output/summary.ts";
import type { Sink } from "./output/timeline.ts";
import { SimulatedTime } from "./time/simulated_time.ts";
import { watchCall } from "./people/watcher.ts";

const OK = 0;
const RULE_BROKEN = 1;
const WRONG_ARGUMENTS = 2;
const SERVER = "ws://127.0.0.1:8000";

/**
 * Runs one command line and resolves with its exit code: 0, 1 for a broken rule, 2 for wrong use.
 */
export async function run(words: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = OK;
  const { signal } = terminal;
  const program = new Command("sim")
    .description("Plays the other side of each door, and names every rule that the server breaks.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
    });

  withCallers(program.command("inbound"))
    .description("the telephone platform: calls with audio")
    .option("--url <url>", "the door", socketUrl, "ws://127.0.0.1:4143/")
    .option("--from <number>", "the caller's number", "+254712345678")
    .option("--to <number>", "the called number", "5000")
    .addOption(
      new Option("--manner <name>", "how the platform words its messages, see below")
        .choices(MANNERS).default(MANNERS[0]),
    )
    .option("--digits <keys>", "keys and their times, such as 1@3s,#@8s", keyPresses)
    .option("--seconds <s>", "from the answer to the caller's hangup", positive, INBOUND_SECONDS)
    .addHelpText("after", INBOUND_HELP)
    .action(async ({ url, from, to, manner, key, digits = [], seconds, ...options }) => {
      const voice = await voiceOf(options, terminal);
      const hangUpAfterMs = seconds * 1000;
      exitCode = await showCalls(terminal, options, (sink) => {
        const audio = voice();
        const keys = digits;
        return callInbound({
          url,
          from,
          to,
          manner,
          key,
          audio,
          keys,
          hangUpAfterMs,
          sink,
          signal,
        });
      });
    });

  withCallers(program.command("jambonz"))
    .description("a jambonz feature server: verbs, hooks, statuses, reconnects")
    .option("--url <url>", "the application", socketUrl, `${SERVER}/jambonz`)
    .option("--from <number>", "the caller's number", "+15083084809")
    .option("--to <number>", "the called number", "1001")
    .option("--script <steps>", "what the caller does, see below", script)
    .addOption(
      new Option("--audio-subprotocol <name>", "the subprotocol offered for audio")
        .choices(AUDIO_SUBPROTOCOLS).default(AUDIO_SUBPROTOCOLS[0]),
    )
    .addOption(
      new Option("--manner <name>", "how the server words its messages, see below")
        .choices(JAMBONZ_MANNERS).default(JAMBONZ_MANNERS[0]),
    )
    .option("--lacks <names>", "services without credentials: recogniser,voice", lacks)
    .option("--time-scale <n>", "simulated seconds per real second", positive, 1)
    .option("--seconds <s>", "the longest call, in simulated seconds", positive, AT_MOST_SECONDS)
    .addHelpText("after", JAMBONZ_HELP)
    .action(async ({ seconds, ...options }) => {
      const voice = await voiceOf(options, terminal);
      const call = { ...options, atMostSeconds: seconds, signal };
      exitCode = await showCalls(
        terminal,
        options,
        (sink) => callJambonz({ ...call, audio: voice(), sink }),
      );
    });

  program.command("watch")
    .description("a watcher of a call, who may join or end it")
    .argument("<call>", "the call's id, its platform's id, its conversation token, or latest")
    .option("--url <url>", "the server", socketUrl, SERVER)
    .addOption(new Option("--join", "asks to join").conflicts("end"))
    .option("--end", "asks to end the call")
    .option("--user <id>", "the watcher's user id; to join, the server calls this user's number")
    .option("--key <key>", "an API key", "dev")
    .option("--after <seq>", "receives the events after this one", whole)
    .option(
      "--seconds <s>",
      "leaves after this time, with the wait for a call; without it stays to the end",
      positive,
    )
    .option("--json", "one JSON object a line")
    .action(
      async (call, { url, join, end, user, key, after, seconds = Infinity, json = false }) => {
        const time = new SimulatedTime();
        const token = call !== "latest"
          ? await findToken(url, call, key)
          : await findLatest(url, key, {
            atMostMs: seconds * 1000,
            signal,
            began: () =>
              terminal.error("No call is on: waiting for the next one (Ctrl-C to leave)"),
          });
        const show = new Show(terminal, { json, total: 1 });
        show.add(
          await watchCall({
            url,
            token,
            key,
            user,
            after,
            asks: [...(join ? ["join" as const] : []), ...(end ? ["end" as const] : [])],
            stayMs: Math.max(0, seconds * 1000 - time.nowMs),
            sink: show.sink,
            signal,
          }),
        );
        exitCode = show.finish();
      },
    );

  program.command("party")
    .description("a party of contracts, who receives updates")
    .argument("<client>", "the party's telephone number, such as +254712345678")
    .option("--url <url>", "the server", socketUrl, SERVER)
    .option("--after <id>", "receives the events after this one first", whole)
    .option("--contract <ids...>", "asks for the status of these")
    .option("--seconds <s>", "leaves after this time; without it stays until Ctrl-C", positive)
    .option("--key <key>", "an API key")
    .option("--json", "one JSON object a line")
    .action(async (client, { contract, seconds = Infinity, json = false, ...options }) => {
      const show = new Show(terminal, { json, total: 1 });
      const stayMs = seconds * 1000;
      const { sink } = show;
      show.add(
        await connectParty({ ...options, client, contracts: contract, stayMs, sink, signal }),
      );
      exitCode = show.finish();
    });

  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : WRONG_ARGUMENTS;
    if (!(error instanceof UnreadableVoice || error instanceof CallNotFound)) throw error;
    terminal.error(error.message);
    return error instanceof UnreadableVoice ? WRONG_ARGUMENTS : RULE_BROKEN;
  }
  return exitCode;
}

/** Adds the options of callers: their voices, how many they are, and how to show them. */
function withCallers(command: Command) {
  return command
    .addOption(new Option("--wav <file>", "the caller's voice").conflicts(["tone", "mic"]))
    .option("--wav-after <s>", "seconds of silence before the file", positive)
    .addOption(
      new Option("--tone [hz]", "a tone as the voice").argParser(hertz).preset(String(TONE_HZ))
        .conflicts("mic"),
    )
    .option("--mic", "the voice from standard input, see below")
    .option("--calls <n>", "how many calls", count, 1)
    .option("--rate <n/s>", "how many calls begin in a second", rate, DEFAULT_RATE)
    .option("--key <key>", "an API key")
    .option("--json", "one JSON object a line");
}

interface CallsOptions {
  readonly calls: number;
  readonly rate: number;
  readonly json?: boolean | undefined;
}

/** Makes calls and prints them. Resolves with the exit code. */
async function showCalls(
  terminal: Terminal,
  { calls, rate, json = false }: CallsOptions,
  call: (sink: Sink) => Promise<Report>,
): Promise<number> {
  const show = new Show(terminal, { json, total: calls });
  const { signal } = terminal;
  await runMany(calls, rate, signal, () => call(show.sink), (report) => show.add(report));
  return show.finish();
}

/** A voice cannot be used; the message says why. */
class UnreadableVoice extends Error {}

interface VoiceOptions {
  readonly wav?: string | undefined;
  readonly wavAfter?: number | undefined;
  readonly tone?: number | true | undefined;
  readonly mic?: true | undefined;
}

/** Makes the voice of each caller; all callers share standard input. */
async function voiceOf(
  { wav, wavAfter, tone: hz, mic }: VoiceOptions,
  { stdin }: Terminal,
): Promise<() => AudioSource> {
  if (wavAfter !== undefined && wav === undefined) {
    throw new UnreadableVoice("Cannot use --wav-after without --wav: no file follows the silence");
  }
  if (wav !== undefined) {
    try {
      const file = await Deno.readFile(wav);
      wavFile(file);
      return () => wavAfter === undefined ? wavFile(file) : afterSilence(wavAfter, wavFile(file));
    } catch (error) {
      throw new UnreadableVoice(`Cannot use ${wav}: ${(error as Error).message}`);
    }
  }
  if (mic) {
    const voice = pipe(stdin);
    return () => voice;
  }
  return () => tone(typeof hz === "number" ? hz : TONE_HZ);
}

if (import.meta.main) {
  const leaving = new AbortController();
  Deno.addSignalListener("SIGINT", () => leaving.abort());
  startersGone().then(() => leaving.abort());
  Deno.exit(
    await run(Deno.args, {
      out: (line) => console.log(line),
      error: (line) => console.error(line),
      isTerminal: Deno.stderr.isTerminal(),
      stdin: Deno.stdin.readable,
      signal: leaving.signal,
    }),
  );
}
