/**
 * The audio of one jambonz call: what the caller says in, what is played out, with marks that tell
 * what has been heard.
 * @module
 */
import { Machine } from "../../session/machine.ts";
import {
  type AudioBytes,
  cancel,
  close,
  type Command,
  type Event,
  play,
  send,
  timer,
} from "../../session/protocol.ts";
import type { Heard, Said } from "../../session/wire.ts";
import type { AudioMetadata, JambonzAudioWire } from "./messages.ts";
import type {
  CallAudio,
  JambonzAudioNotice,
  JambonzAudioPorts,
  JambonzAudioState,
} from "./ports.ts";

/** The moves of an audio socket. */
export const JAMBONZ_AUDIO_MOVES = {
  connected: ["streaming"],
  streaming: ["over"],
  over: [],
} as const satisfies { [From in JambonzAudioState]: readonly JambonzAudioState[] };

/** So long the first frame may take: jambonz sends it as soon as the socket is open. */
const METADATA_WITHIN_MS = 5000;
/** So long jambonz may take to close what we have ended. */
const CLOSE_WITHIN_MS = 2000;

type In = Event<Heard<JambonzAudioWire>, JambonzAudioNotice>;
type Out = Command<Said<JambonzAudioWire>>;
type Steps = Generator<Out, void, void>;

/** The protocol of the jambonz audio socket. */
export async function* jambonzAudio(
  events: AsyncIterable<In>,
  ports: JambonzAudioPorts,
): AsyncGenerator<Out, void, void> {
  const session = new JambonzAudio(ports);
  yield timer("metadata", METADATA_WITHIN_MS);
  for await (const event of events) {
    // Audio comes fifty times a second on every call, so it takes the shortest way.
    if (event.kind === "audio") session.hearAudio(event.bytes);
    else if (event.kind === "notice" && event.notice.kind === "pass back") {
      if (session.passesBack) yield play(event.notice.bytes);
    } else {
      for (const step of session.hear(event)) {
        yield step;
        if (step.kind === "close") return;
      }
    }
  }
}

class JambonzAudio {
  readonly #machine = new Machine<JambonzAudioState>(JAMBONZ_AUDIO_MOVES, "connected");
  readonly #ports: JambonzAudioPorts;
  #call: CallAudio | undefined;

  constructor(ports: JambonzAudioPorts) {
    this.#ports = ports;
  }

  get passesBack(): boolean {
    return this.#machine.state === "streaming";
  }

  hearAudio(bytes: AudioBytes): void {
    if (this.#machine.state === "streaming") this.#call?.audio(bytes);
    // What was on its way when we ended it is nothing odd.
    else if (this.#machine.state === "connected") this.#odd("audio");
  }

  *hear(event: Exclude<In, { kind: "audio" }>): Steps {
    switch (event.kind) {
      case "message":
        return yield* this.#hearMessage(event.message);
      case "notice":
        return yield* this.#hearNotice(event.notice);
      case "timeout":
        return yield* this.#hearTimeout(event.timer);
      case "malformed":
        return this.#odd(event.why, event.fields);
      case "closed":
        return this.#call?.closed(event.code);
    }
  }

  *#hearMessage(message: Heard<JambonzAudioWire>): Steps {
    if ("callSid" in message) return yield* this.#begin(message);
    if (this.#machine.state === "over") return;
    const call = this.#call;
    if (call === undefined) return this.#odd("event" in message ? "dtmf" : message.type);
    if ("event" in message) return call.key(message.dtmf);
    if (message.type === "playDone") return this.#odd("playDone");
    const { name, event } = message.data;
    call.playout.marked(name, event);
    yield* this.#playOut();
  }

  *#begin(metadata: AudioMetadata): Steps {
    if (this.#machine.state !== "connected") return this.#odd("metadata");
    yield cancel("metadata");
    this.#call = this.#ports.begin(metadata);
    if (this.#call === undefined) return yield close(1008, "no such call wants its audio");
    yield this.#machine.move("streaming");
    yield* this.#playOut();
  }

  *#hearNotice(notice: JambonzAudioNotice): Steps {
    if (this.#machine.state !== "streaming") return;
    switch (notice.kind) {
      case "play out":
        return yield* this.#playOut();
      case "disconnect":
        yield this.#machine.move("over");
        yield cancel("playout");
        yield send({ type: "disconnect" });
        yield timer("close", CLOSE_WITHIN_MS);
    }
  }

  *#hearTimeout(name: string): Steps {
    if (name === "playout") yield* this.#playOut();
    if (name === "close") yield close(1000, "no more audio is needed");
    if (name === "metadata") yield close(1008, "no first frame came");
  }

  *#playOut(): Steps {
    if (this.#call === undefined || this.#machine.state !== "streaming") return;
    const { items, againInMs } = this.#call.playout.due();
    for (const item of items) {
      if (item.kind === "frame") yield play(item.bytes);
      else if (item.kind === "mark") yield send({ type: "mark", data: { name: item.name } });
      else {
        yield send({ type: "killAudio" });
        yield send({ type: "clearMarks" });
      }
    }
    if (againInMs !== undefined) yield timer("playout", againInMs);
  }

  #odd(what: string, fields?: readonly string[]): void {
    this.#ports.oddity(what, this.#machine.state, fields);
  }
}
