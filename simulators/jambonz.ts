/**
 * Plays a jambonz feature server at the jambonz door: one call, from session:new to its end.
 * @module
 */
import type { Command } from "../protocols/jambonz/commands.ts";
import { Caller } from "./jambonz_caller.ts";
import { JambonzLine } from "./jambonz_line.ts";
import type { Step } from "./jambonz_script.ts";
import { type SpeechRoom, SpeechStream } from "./jambonz_speech.ts";
import { type Ending, VerbPlayer } from "./jambonz_verbs.ts";
import { SimulatedTime } from "./simulated_time.ts";
import type { Report } from "./summary.ts";
import { type Sink, Timeline } from "./timeline.ts";

/** One call of the feature server. */
export interface JambonzOptions {
  /** The application, such as `ws://127.0.0.1:8000/jambonz`. */
  readonly url: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callSid?: string;
  readonly script?: readonly Step[];
  /** So many simulated seconds to a real one. The 5 s for an ack are always real. */
  readonly timeScale?: number;
  /** A call that lasts longer is hung up, in simulated seconds; ten minutes. */
  readonly atMostSeconds?: number;
  /** 5 s, as a real server has it. */
  readonly ackWithinMs?: number;
  readonly speechRoom?: SpeechRoom;
  readonly sink?: Sink;
  /** Hangs up as soon as it is given. */
  readonly signal?: AbortSignal;
}

/** What a call came to. */
export interface JambonzReport extends Report {
  readonly callSid: string;
  readonly ending: Ending;
  readonly reconnects: number;
  /** Every text that was spoken to the caller, in order. */
  readonly heard: readonly string[];
  /** What was spoken of streamed speech. */
  readonly streamed: string;
}

const AT_MOST_SECONDS = 600;

/** Makes one call and resolves when it is over. Never rejects for what an application does. */
export async function callJambonz(options: JambonzOptions): Promise<JambonzReport> {
  const { callSid = crypto.randomUUID(), from = "+15083084809", to = "1001", signal } = options;
  const info = callInfo(callSid, from, to);
  const timeline = new Timeline(callSid, options.sink);
  const time = new SimulatedTime(options.timeScale);
  const over = new AbortController();
  const line: JambonzLine = new JambonzLine({
    url: options.url,
    ...(options.key === undefined ? {} : { key: options.key }),
    info,
    time,
    timeline,
    ackWithinMs: options.ackWithinMs ?? 5000,
    onCommand: (command) => obey(command, player, speech),
    onLost(why) {
      timeline.note("the call cannot go on", why);
      player.end({ status: "failed", by: "jambonz" });
    },
  });
  const speech: SpeechStream = new SpeechStream(line, time, timeline, options.speechRoom);
  const caller = new Caller(options.script ?? []);
  const player: VerbPlayer = new VerbPlayer({ line, caller, speech, time, timeline, info });
  const hangUp = () => player.end({ status: "completed", by: "caller" });
  if (signal?.aborted) hangUp();
  signal?.addEventListener("abort", hangUp, { once: true });
  time.sleep(options.atMostSeconds ?? AT_MOST_SECONDS, over.signal).then((passed) => {
    if (passed) hangUp();
  });
  const verbs = await line.begin();
  let ending: Ending = { status: "failed", by: "jambonz" };
  if (verbs !== undefined && verbs.length > 0) {
    await status("trying", 100);
    // Only a call that is not declined outright is answered.
    if (verbs[0]!.verb !== "sip:decline") await status("in-progress", 200);
    ending = await player.play(verbs);
  } else timeline.note("the call is rejected", { sip_status: 480 });
  over.abort();
  signal?.removeEventListener("abort", hangUp);
  speech.close();
  await status(ending.status, ending.status === "completed" ? 200 : 480, {
    call_termination_by: ending.by,
  });
  await line.end();
  return {
    who: callSid,
    callSid,
    faults: timeline.faults,
    roundTripsMs: line.roundTripsMs,
    ending,
    reconnects: line.reconnects,
    heard: player.heard,
    streamed: speech.spoken,
    facts: { ending: ending.status, by: ending.by, reconnects: line.reconnects },
  };

  function status(call_status: string, sip_status: number, more: object = {}): Promise<void> {
    return line.tell("call:status", { ...info, call_status, sip_status, ...more });
  }
}

function obey(command: Command, player: VerbPlayer, speech: SpeechStream): void {
  switch (command.command) {
    case "redirect":
      return player.redirect(command.data, command.queueCommand === true);
    case "tts:tokens":
      return speech.tokens(command);
    case "tts:flush":
      return speech.flush();
    case "tts:clear":
      return speech.clear();
    case "call:status": {
      const { call_status } = (command.data ?? {}) as { call_status?: string };
      if (call_status === "completed") player.end({ status: "completed", by: "application" });
      return;
    }
    default:
      // Mute, record, whisper and the like change nothing that could be seen from here.
      return;
  }
}

function callInfo(call_sid: string, from: string, to: string) {
  return {
    call_sid,
    from,
    to,
    direction: "inbound",
    call_id: crypto.randomUUID(),
    account_sid: "9351f46a-678c-43f5-b8a6-d4eb58d131af",
    application_sid: "7087fe50-8acb-4f3b-b820-97b573723aab",
    call_status: "trying",
    sip_status: 100,
    sip_reason: "Trying",
    defaults: {
      synthesizer: { vendor: "google", language: "en-US", voice: "en-US-Standard-C" },
      recognizer: { vendor: "google", language: "en-US" },
    },
  };
}
