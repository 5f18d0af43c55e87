/**
 * One Twilio media stream, whose caller hears their own voice until they press a key or hang up.
 * @module
 */
import {
  type EventsOf,
  type Handlers,
  IGNORED,
  machine,
  type Table,
} from "../../session/machine.ts";
import { cancel, close, type Command, send, timer } from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { type MediaStreamWire, mediaStreamWire } from "./messages.ts";

/** Twilio sends `connected` and `start` as soon as the socket is open. */
const START_WITHIN_MS = 5000;

/** The end of a stream. */
export interface StreamSummary {
  readonly callSid: string;
  /** Media messages that went back to the caller. */
  readonly echoed: number;
  /** Those of them that Twilio has played or cleared. */
  readonly settled: number;
  /** Whether Twilio said that the stream stopped; false for a lost connection. */
  readonly stopped: boolean;
}

/** The ports of a stream. They never wait. */
export interface MediaStreamPorts {
  /** The stream is over: called once, if it began. */
  ended(stream: StreamSummary): void;
}

/** The states of a stream: `greeted` between Twilio's `connected` and its `start`. */
type State = "opening" | "greeted" | "streaming" | "over";

type Events = EventsOf<MediaStreamWire, never, "start">;

/** The table of a media stream. */
export const MEDIA_STREAM = {
  opening: { opened: "opening", connected: "greeted", "timeout:start": "over", closed: "over" },
  greeted: { start: "streaming", "timeout:start": "over", closed: "over" },
  streaming: {
    media: "streaming",
    mark: "streaming",
    dtmf: "streaming",
    stop: "over",
    // It was due as the start arrived.
    "timeout:start": IGNORED,
    closed: "over",
  },
  over: {},
} as const satisfies Table<State, keyof Events>;

/** The protocol of the media stream door. It gets no notices from inside the server. */
export const mediaStream = machine<MediaStreamWire, MediaStreamPorts, never, State, Events>({
  wire: mediaStreamWire,
  table: MEDIA_STREAM,
  start: (ports) => new MediaStream(ports),
});

type Steps = Generator<Command<Said<MediaStreamWire>>, void, void>;

class MediaStream implements Handlers<State, Events, Said<MediaStreamWire>> {
  readonly #ports: MediaStreamPorts;
  #streamSid = "";
  #callSid = "";
  #echoed = 0;
  #settled = 0;

  constructor(ports: MediaStreamPorts) {
    this.#ports = ports;
  }

  opened() {
    return timer("start", START_WITHIN_MS);
  }

  start({ start: { streamSid, callSid } }: Events["start"]) {
    this.#streamSid = streamSid;
    this.#callSid = callSid;
    return cancel("start");
  }

  /** The payload is returned unchanged; the mark after it reports when it has been played. */
  *media({ media: { chunk, payload } }: Events["media"]): Steps {
    const streamSid = this.#streamSid;
    yield send({ event: "media", streamSid, media: { payload } });
    yield send({ event: "mark", streamSid, mark: { name: chunk } });
    this.#echoed++;
  }

  mark(): void {
    this.#settled++;
  }

  /** Barge-in: a caller who presses a key wants to skip the queued audio. */
  dtmf() {
    return send({ event: "clear" as const, streamSid: this.#streamSid });
  }

  stop() {
    this.#end(true);
    return close(1000, "the stream has stopped");
  }

  "timeout:start"() {
    return close(1008, "no start came");
  }

  closed(_: unknown, from: State): void {
    if (from === "streaming") this.#end(false);
  }

  #end(stopped: boolean): void {
    const [callSid, echoed, settled] = [this.#callSid, this.#echoed, this.#settled];
    this.#ports.ended({ callSid, echoed, settled, stopped });
  }
}
