/**
 * `deno task sim`: the other side of every door, from the command line.
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
  const program = new Command("sim")
    .description("Plays the other side of each door, and names every rule that the server breaks.")
    .exitOverride()
    .configureOutput({
      writeOut: (text) => terminal.out(text.trimEnd()),
      writeErr: (text) => terminal.error(text.trimEnd()),
    });

  program.command("inbound")
    .description("the telephone platform: calls come in with audio")
    .option("--url <url>", "the door", socketUrl, "ws://127.0.0.1:4143/")
    .option("--from <number>", "who calls", "+254712345678")
    .option("--to <number>", "who is called", "5000")
    .addOption(wavOption())
    .option("--wav-after <s>", "so much silence before the file", positive)
    .addOption(toneOption())
    .option("--mic", MIC_OPTION)
    .addOption(
      new Option("--manner <name>", "how the platform words what it says, see below")
        .choices(MANNERS).default(MANNERS[0]),
    )
    .option("--digits <keys>", "keys and when, such as 1@3s,#@8s", keyPresses)
    .option(
      "--seconds <s>",
      "the caller hangs up so long after the answer",
      positive,
      INBOUND_SECONDS,
    )
    .option("--calls <n>", "how many calls", count, 1)
    .option("--rate <n/s>", "how many begin in a second", rate, DEFAULT_RATE)
    .option("--key <key>", "an API key")
    .option("--json", "one JSON object a line")
    .addHelpText("after", INBOUND_HELP)
    .action(async ({ seconds, digits, calls, rate, key, json = false, ...options }) => {
      const voice = await voiceOf(options, terminal);
      const show = new Show(terminal, { json, total: calls });
      await runMany(calls, rate, terminal.signal, () =>
        callInbound({
          url: options.url,
          from: options.from,
          to: options.to,
          manner: options.manner,
          audio: voice(),
          keys: digits ?? [],
          hangUpAfterMs: seconds * 1000,
          sink: show.sink,
          signal: terminal.signal,
          ...(key === undefined ? {} : { key }),
        }), (report) => show.add(report));
      exitCode = show.finish();
    });

  program.command("jambonz")
    .description("a jambonz feature server: verbs, hooks, statuses, reconnects")
    .option("--url <url>", "the application", socketUrl, `${SERVER}/jambonz`)
    .option("--from <number>", "who calls", "+15083084809")
    .option("--to <number>", "who is called", "1001")
    .option("--script <steps>", "what the caller does, see below", script)
    .addOption(wavOption())
    .option("--wav-after <s>", "so much silence before the file", positive)
    .addOption(toneOption())
    .option("--mic", MIC_OPTION)
    .addOption(
      new Option("--audio-subprotocol <name>", "what is offered for audio")
        .choices(AUDIO_SUBPROTOCOLS).default(AUDIO_SUBPROTOCOLS[0]),
    )
    .addOption(
      new Option("--manner <name>", "how the server words what it says, see below")
        .choices(JAMBONZ_MANNERS).default(JAMBONZ_MANNERS[0]),
    )
    .option("--lacks <names>", "what it has no credentials for: recogniser,voice", lacks)
    .option("--time-scale <n>", "so many simulated seconds to a real one", positive, 1)
    .option(
      "--seconds <s>",
      "a longer call is hung up, in simulated seconds",
      positive,
      AT_MOST_SECONDS,
    )
    .option("--calls <n>", "how many calls", count, 1)
    .option("--rate <n/s>", "how many begin in a second", rate, DEFAULT_RATE)
    .option("--key <key>", "an API key")
    .option("--json", "one JSON object a line")
    .addHelpText("after", JAMBONZ_HELP)
    .action(async ({ url, from, to, timeScale, seconds, calls, rate, key, ...options }) => {
      const voice = await voiceOf(options, terminal);
      const show = new Show(terminal, { json: options.json ?? false, total: calls });
      await runMany(calls, rate, terminal.signal, () =>
        callJambonz({
          url,
          from,
          to,
          timeScale,
          script: options.script ?? [],
          manner: options.manner,
          lacks: options.lacks ?? [],
          audio: voice(),
          audioSubprotocol: options.audioSubprotocol,
          atMostSeconds: seconds,
          sink: show.sink,
          signal: terminal.signal,
          ...(key === undefined ? {} : { key }),
        }), (report) => show.add(report));
      exitCode = show.finish();
    });

  program.command("watch")
    .description("somebody who watches a call, and may join or end it")
    .argument("<call>", "a call's id, the platform's id of it, its conversation token, or latest")
    .option("--url <url>", "the server", socketUrl, SERVER)
    .addOption(new Option("--join", "asks to join").conflicts("end"))
    .option("--end", "asks to end the call")
    .option("--user <id>", "who watches: who joins is called at this user's number")
    .option("--key <key>", "an API key", "dev")
    .option("--after <seq>", "goes on after this event", whole)
    .option(
      "--seconds <s>",
      "leaves after so long, waiting for a call included; else stays to the end",
      positive,
    )
    .option("--json", "one JSON object a line")
    .action(async (call, { url, join, end, user, key, after, seconds, json = false }) => {
      const fromMs = performance.now();
      const token = call !== "latest"
        ? await findToken(url, call, key)
        : await findLatest(url, key, {
          atMostMs: seconds === undefined ? Infinity : seconds * 1000,
          signal: terminal.signal,
          began: () => terminal.error("No call is on: waiting for the next one (Ctrl-C to leave)"),
        });
      const waitedMs = performance.now() - fromMs;
      const show = new Show(terminal, { json, total: 1 });
      const report = await watchCall({
        url,
        token,
        key,
        asks: [...(join ? ["join" as const] : []), ...(end ? ["end" as const] : [])],
        sink: show.sink,
        signal: terminal.signal,
        ...(user === undefined ? {} : { user }),
        ...(after === undefined ? {} : { after }),
        ...(seconds === undefined ? {} : { stayMs: Math.max(0, seconds * 1000 - waitedMs) }),
      });
      show.add(report);
      exitCode = show.finish();
    });

  program.command("party")
    .description("a party of contracts, who hears how they change")
    .argument("<client>", "the party's telephone number, such as +254712345678")
    .option("--url <url>", "the server", socketUrl, SERVER)
    .option("--after <id>", "what came after this event first", whole)
    .option("--contract <ids...>", "asks for the status of these")
    .option("--seconds <s>", "leaves after so long; else stays until Ctrl-C", positive)
    .option("--key <key>", "an API key")
    .option("--json", "one JSON object a line")
    .action(async (client, { url, after, contract, seconds, key, json = false }) => {
      const show = new Show(terminal, { json, total: 1 });
      const report = await connectParty({
        url,
        client,
        contracts: contract ?? [],
        sink: show.sink,
        signal: terminal.signal,
        ...(after === undefined ? {} : { after }),
        ...(seconds === undefined ? {} : { stayMs: seconds * 1000 }),
        ...(key === undefined ? {} : { key }),
      });
      show.add(report);
      exitCode = show.finish();
    });

  try {
    await program.parseAsync([...words], { from: "user" });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? OK : WRONG_ARGUMENTS;
    if (error instanceof UnreadableVoice) {
      terminal.error(error.message);
      return WRONG_ARGUMENTS;
    }
    if (!(error instanceof CallNotFound)) throw error;
    terminal.error(error.message);
    return RULE_BROKEN;
  }
  return exitCode;
}

const MIC_OPTION = "the caller's voice from standard input, see below";

function wavOption() {
  return new Option("--wav <file>", "the caller's voice").conflicts(["tone", "mic"]);
}

function toneOption() {
  return new Option("--tone [hz]", "a tone instead of a voice").argParser(hertz).preset(
    String(TONE_HZ),
  )
    .conflicts("mic");
}

/** A voice that cannot be had. */
class UnreadableVoice extends Error {}

interface VoiceOptions {
  readonly wav?: string;
  readonly wavAfter?: number;
  readonly tone?: number | true;
  readonly mic?: true;
}

/** Makes the voice of each caller; standard input is one voice, whoever speaks with it. */
async function voiceOf(
  { wav, wavAfter, tone: hz, mic }: VoiceOptions,
  { stdin }: Terminal,
): Promise<() => AudioSource> {
  if (wavAfter !== undefined && wav === undefined) {
    throw new UnreadableVoice(
      "Cannot use --wav-after without --wav: there is no file to wait with",
    );
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
