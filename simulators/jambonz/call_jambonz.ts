/**
 * Plays a jambonz feature server at the jambonz door: one call, from session:new to its end.
 * @module
 */
import type { Command } from "../../protocols/jambonz/commands.ts";
import { AUDIO_SUBPROTOCOLS } from "../../protocols/jambonz_audio/messages.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import { type AudioSource, tone } from "../audio/audio_source.ts";
import { AudioTally, type HeardAudio } from "../audio/audio_tally.ts";
import type { Ending, Lack } from "./caller_steps.ts";
import { Caller } from "./caller.ts";
import type { JambonzManner } from "./manners.ts";
import { Connection } from "./connection.ts";
import { CallAudio } from "./call_audio.ts";
import { isApology } from "./prompts.ts";
import type { Step } from "./script.ts";
import { type SpeechRoom, SpeechStream } from "./speech_stream.ts";
import { VerbPlayer } from "./verb_player.ts";
import { SimulatedTime } from "../time/simulated_time.ts";
import type { Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";

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
  /** How the server words what it says; as the document has it. */
  readonly manner?: JambonzManner;
  /** What the account has no credentials for: then only jambonz:error comes, and no hook. */
  readonly lacks?: readonly Lack[];
  /** The caller's voice, for listen verbs; a tone of 440 Hz. */
  readonly audio?: AudioSource;
  /** What a server is set to offer for audio; `audio.jambonz.org`. */
  readonly audioSubprotocol?: (typeof AUDIO_SUBPROTOCOLS)[number];
  /** An echo that takes longer than this is late; 20 ms, one frame, of real time. */
  readonly lateAfterMs?: number;
  /**
   * Takes each 20 ms that the caller hears of the application: 8 kHz, and when, in simulated ms.
   */
  readonly onHeard?: (frame: AudioBytes, atMs: number) => void;
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
  /** What came of its audio; undefined where no socket was opened for it. */
  readonly heardAudio?: HeardAudio;
}

/** A call is hung up after so many simulated seconds, where nothing else is said. */
export const AT_MOST_SECONDS = 600;

/** Makes one call and resolves when it is over. Never rejects for what an application does. */
export async function callJambonz(options: JambonzOptions): Promise<JambonzReport> {
  const { callSid = crypto.randomUUID(), from = "+15083084809", to = "1001", signal } = options;
  const info = callInfo(callSid, from, to);
  const timeline = new Timeline(callSid, options.sink);
  const time = new SimulatedTime(options.timeScale);
  const over = new AbortController();
  const line: Connection = new Connection({
    url: options.url,
    ...(options.key === undefined ? {} : { key: options.key }),
    manner: options.manner ?? "document",
    info,
    time,
    timeline,
    ackWithinMs: options.ackWithinMs ?? 5000,
    onCommand: (command) => obey(command, player, speech, media),
    onLost(why) {
      timeline.note("the call cannot go on", why);
      player.end({ status: "failed", by: "jambonz" });
    },
  });
  const speech: SpeechStream = new SpeechStream(line, time, timeline, options.speechRoom);
  const caller = new Caller(options.script ?? []);
  const tally = new AudioTally(options.lateAfterMs);
  const media: CallAudio = new CallAudio({
    applicationUrl: options.url,
    subprotocol: options.audioSubprotocol ?? AUDIO_SUBPROTOCOLS[0],
    info,
    time,
    timeline,
    tally,
    voice: options.audio ?? tone(440),
    ...(options.onHeard === undefined ? {} : { onHeard: options.onHeard }),
    async mayClose() {
      await line.caughtUp();
      return player.hasMovedOn;
    },
  });
  const { lacks = [] } = options;
  const player: VerbPlayer = new VerbPlayer({
    line,
    caller,
    speech,
    media,
    time,
    timeline,
    info,
    lacks,
  });
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
    ending = await player.play(verbs);
  } else if (timeline.unreachable === undefined) {
    timeline.note("the call is rejected", { sip_status: 480 });
  }
  over.abort();
  line.stopTrying();
  signal?.removeEventListener("abort", hangUp);
  speech.close();
  const closing = media.end();
  // Where verbs have left a call unanswered it is declined with 603, and no status is told of it.
  if (!(player.hasPlayed && !player.isAnswered && ending.by === "jambonz")) {
    await status(ending.status, SIP_STATUS[ending.status], { call_termination_by: ending.by });
  }
  await closing;
  await line.end();
  const { heardAudio } = tally.report;
  return {
    who: callSid,
    callSid,
    faults: timeline.faults,
    unreachable: timeline.unreachable,
    roundTripsMs: line.roundTripsMs,
    ending,
    reconnects: line.reconnects,
    heard: player.heard,
    refused: ending.by === "application" && heardAudio === undefined &&
      (verbs?.[0]?.verb === "sip:decline" || isApology(player.heard)),
    streamed: speech.spoken,
    ...tally.report,
    facts: {
      ending: ending.status,
      by: ending.by,
      reconnects: line.reconnects,
      ...(heardAudio === undefined ? {} : {
        heardSeconds: heardAudio.heardMs / 1000,
        marksAsked: heardAudio.marks.asked,
        marksPlayed: heardAudio.marks.played,
        marksCleared: heardAudio.marks.cleared,
      }),
    },
  };

  function status(call_status: string, sip_status: number, more: object = {}): Promise<void> {
    return line.tell("call:status", { ...info, call_status, sip_status, ...more });
  }
}

function obey(
  command: Command,
  player: VerbPlayer,
  speech: SpeechStream,
  media: CallAudio,
): void {
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
      return call_status === "completed" ? player.complete() : undefined;
    }
    case "config":
      player.configure((command.data ?? {}) as Readonly<Record<string, unknown>>);
      return;
    case "listen:status": {
      const data = command.data as { listen_status?: unknown } | string | undefined;
      return media.setStatus(typeof data === "string" ? data : data?.listen_status);
    }
    default:
      // Mute, record, whisper and the like change nothing that could be seen from here.
      return;
  }
}

const SIP_STATUS = { "completed": 200, "failed": 480, "busy": 486, "no-answer": 487 };

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
