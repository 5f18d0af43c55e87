/**
 * Plays a jambonz feature server at the jambonz door: one call, from session:new to its end.
 * @module
 */
import type { Command } from "../../protocols/jambonz/commands.ts";
import { AUDIO_SUBPROTOCOLS } from "../../protocols/jambonz_audio/messages.ts";
import type { AudioBytes } from "../../session/protocol.ts";
import { type AudioSource, tone } from "../audio/audio_source.ts";
import { AudioTally, type HeardAudio } from "../audio/audio_tally.ts";
import type { Report } from "../output/summary.ts";
import { type Sink, Timeline } from "../output/timeline.ts";
import { SimulatedTime } from "../time/simulated_time.ts";
import { CallAudio } from "./call_audio.ts";
import type { Ending, Lack } from "./call_context.ts";
import { Connection } from "./connection.ts";
import type { JambonzManner } from "./manners.ts";
import { isApology } from "./prompts.ts";
import type { Step } from "./script.ts";
import { SpeechStream } from "./speech_stream.ts";
import { VerbPlayer } from "./verb_player.ts";

/** How to play one call. */
export interface JambonzOptions {
  /** The application, such as `ws://127.0.0.1:8000/jambonz`. */
  readonly url: string;
  readonly key?: string;
  readonly from?: string;
  readonly to?: string;
  readonly callSid?: string;
  readonly script?: readonly Step[];
  /** Simulated seconds per real second. The time for an ack is always real. */
  readonly timeScale?: number;
  /** The longest call, in simulated seconds; 600. */
  readonly atMostSeconds?: number;
  /** The time for an ack; 5 s, as with a real server. */
  readonly ackWithinMs?: number;
  /** How the server words its messages; `document`. */
  readonly manner?: JambonzManner;
  /** Speech services without credentials: jambonz:error comes instead of a hook. */
  readonly lacks?: readonly Lack[];
  /** The caller's voice, for listen verbs; a tone of 440 Hz. */
  readonly audio?: AudioSource;
  /** The subprotocol that the server offers for audio; `audio.jambonz.org`. */
  readonly audioSubprotocol?: (typeof AUDIO_SUBPROTOCOLS)[number];
  /**
   * Called with each 20 ms that the caller hears, at 8 kHz, and the simulated time in milliseconds.
   */
  readonly onHeard?: (frame: AudioBytes, atMs: number) => void;
  readonly sink?: Sink;
  /** Hangs up when aborted. */
  readonly signal?: AbortSignal;
}

/** The result of a call. */
export interface JambonzReport extends Report {
  readonly callSid: string;
  readonly ending: Ending;
  readonly reconnects: number;
  /** Every text spoken to the caller, in order. */
  readonly heard: readonly string[];
  /** The spoken part of streamed speech. */
  readonly streamed: string;
  /** The result of its audio; undefined without an audio socket. */
  readonly heardAudio?: HeardAudio;
}

/** The default of `atMostSeconds`. */
export const AT_MOST_SECONDS = 600;

/** Plays one call and resolves when it is over. Never rejects because of the application. */
export async function callJambonz(options: JambonzOptions): Promise<JambonzReport> {
  const { callSid = crypto.randomUUID(), from = "+15083084809", to = "1001", signal } = options;
  const info = callInfo(callSid, from, to);
  const timeline = new Timeline(callSid, options.sink);
  const time = new SimulatedTime(options.timeScale);
  const over = new AbortController();
  const connection: Connection = new Connection({
    url: options.url,
    key: options.key,
    manner: options.manner ?? "document",
    info,
    time,
    timeline,
    ackWithinMs: options.ackWithinMs ?? 5000,
    onCommand: (command) => execute(command, player, speech, audio),
    onLost(why) {
      timeline.note("the call cannot continue", why);
      player.end({ status: "failed", by: "jambonz" });
    },
  });
  const speech: SpeechStream = new SpeechStream(connection, time, timeline);
  const tally = new AudioTally();
  const audio: CallAudio = new CallAudio({
    applicationUrl: options.url,
    subprotocol: options.audioSubprotocol ?? AUDIO_SUBPROTOCOLS[0],
    info,
    time,
    timeline,
    tally,
    voice: options.audio ?? tone(440),
    onHeard: options.onHeard,
    async mayClose() {
      await connection.caughtUp();
      return player.hasMovedOn;
    },
  });
  const { script = [], lacks = [] } = options;
  const call = { connection, speech, audio, time, timeline, info, script, lacks };
  const player: VerbPlayer = new VerbPlayer(call);
  const hangUp = () => player.end({ status: "completed", by: "caller" });
  if (signal?.aborted) hangUp();
  signal?.addEventListener("abort", hangUp, { once: true });
  time.sleep(options.atMostSeconds ?? AT_MOST_SECONDS, over.signal).then((passed) => {
    if (passed) hangUp();
  });
  const verbs = await connection.open();
  let ending: Ending = { status: "failed", by: "jambonz" };
  if (verbs !== undefined && verbs.length > 0) {
    await status("trying", 100);
    ending = await player.play(verbs);
  } else if (timeline.unreachable === undefined) {
    timeline.note("the call is rejected", { sip_status: 480 });
  }
  over.abort();
  connection.stopReconnecting();
  signal?.removeEventListener("abort", hangUp);
  speech.close();
  const closing = audio.end();
  // jambonz declines a call that its verbs left unanswered with 603, and sends no status.
  if (!(player.hasPlayed && !player.isAnswered && ending.by === "jambonz")) {
    await status(ending.status, SIP_STATUS[ending.status], { call_termination_by: ending.by });
  }
  await closing;
  await connection.close();
  const { heardAudio } = tally.report;
  return {
    who: callSid,
    callSid,
    faults: timeline.faults,
    unreachable: timeline.unreachable,
    roundTripsMs: connection.roundTripsMs,
    ending,
    reconnects: connection.reconnects,
    heard: player.heard,
    refused: ending.by === "application" && heardAudio === undefined &&
      (verbs?.[0]?.verb === "sip:decline" || isApology(player.heard)),
    streamed: speech.spoken,
    ...tally.report,
    facts: {
      ending: ending.status,
      by: ending.by,
      reconnects: connection.reconnects,
      ...(heardAudio === undefined ? {} : {
        heardSeconds: heardAudio.heardMs / 1000,
        marksAsked: heardAudio.marks.asked,
        marksPlayed: heardAudio.marks.played,
        marksCleared: heardAudio.marks.cleared,
      }),
    },
  };

  function status(call_status: string, sip_status: number, more: object = {}): Promise<void> {
    return connection.notify("call:status", { ...info, call_status, sip_status, ...more });
  }
}

function execute(
  command: Command,
  player: VerbPlayer,
  speech: SpeechStream,
  audio: CallAudio,
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
      return audio.setStatus(typeof data === "string" ? data : data?.listen_status);
    }
    default:
      // Other commands, such as mute and whisper, have no visible effect.
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
