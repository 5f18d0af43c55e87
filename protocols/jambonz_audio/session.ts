/**
 * The audio of one jambonz call: the caller's audio in, playout out, and marks that report what has
 * been heard.
 * @module
 */
import { type Handlers, machine } from "../../session/machine.ts";
import {
  type AudioBytes,
  cancel,
  close,
  type Command,
  play,
  send,
  timer,
} from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import { type AudioMetadata, type JambonzAudioWire, jambonzAudioWire } from "./messages.ts";
import type { CallAudio, JambonzAudioNotice, JambonzAudioPorts } from "./ports.ts";
import {
  JAMBONZ_AUDIO,
  type JambonzAudioEvents as Events,
  type JambonzAudioState as State,
} from "./table.ts";

/** jambonz sends the first frame as soon as the socket is open. */
const METADATA_WITHIN_MS = 5000;
/** jambonz closes the socket after our `disconnect`. */
const CLOSE_WITHIN_MS = 2000;

/** The protocol of the jambonz audio socket. */
export const jambonzAudio = machine<
  JambonzAudioWire,
  JambonzAudioPorts,
  JambonzAudioNotice,
  State,
  Events
>({
  wire: jambonzAudioWire,
  table: JAMBONZ_AUDIO,
  start: (ports) => new JambonzAudio(ports),
  nameOf: (message) =>
    "callSid" in message ? "metadata" : "event" in message ? "dtmf" : String(message["type"]),
});

type Steps<Next = void> = Generator<Command<Said<JambonzAudioWire>>, Next, void>;

class JambonzAudio implements Handlers<State, Events, Said<JambonzAudioWire>> {
  readonly #ports: JambonzAudioPorts;
  #call: CallAudio | undefined;

  constructor(ports: JambonzAudioPorts) {
    this.#ports = ports;
  }

  opened() {
    return timer("metadata", METADATA_WITHIN_MS);
  }

  *metadata(metadata: AudioMetadata): Steps<State> {
    yield cancel("metadata");
    this.#call = this.#ports.begin(metadata);
    if (this.#call !== undefined) {
      yield* this.play_out();
      return "streaming";
    }
    yield close(1008, "no app wants the audio of this call");
    return "over";
  }

  "timeout:metadata"() {
    return close(1008, "no first frame came");
  }

  audio(bytes: AudioBytes): void {
    this.#call?.audio(bytes);
  }

  mark({ data: { name, event } }: Events["mark"]): Steps {
    this.#call?.playout.marked(name, event);
    return this.play_out();
  }

  dtmf({ dtmf }: Events["dtmf"]): void {
    this.#call?.key(dtmf);
  }

  pass_back({ bytes }: Events["pass_back"]) {
    return play(bytes);
  }

  *play_out(): Steps {
    if (this.#call === undefined) return;
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

  "timeout:playout"(): Steps {
    return this.play_out();
  }

  *disconnect(): Steps {
    yield cancel("playout");
    yield send({ type: "disconnect" });
    yield timer("close", CLOSE_WITHIN_MS);
  }

  "timeout:close"() {
    return close(1000, "the call needs no more audio");
  }

  closed({ code }: Events["closed"]): void {
    this.#call?.closed(code);
  }
}
