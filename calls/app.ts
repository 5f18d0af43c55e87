/**
 * What a call app sees of its call. An app is a file whose default export is a `CallApp`. It imports
 * from this folder only, and is the same on every line.
 * @module
 */
import type { Contracts } from "../contracts/contracts.ts";
import type { Contract } from "../contracts/contract.ts";
import type { Payment } from "../contracts/payment.ts";
import type { EndedBy, LineName, Role } from "./call_record.ts";

/**
 * Decides what a call does. Its call ends when it returns or throws, unless it was transferred or
 * handed over to a watcher.
 */
export type CallApp = (call: Call) => void | Promise<void>;

/** Signed 16-bit little-endian PCM, 8 kHz, mono; or a whole WAV file. */
export type AudioData = Uint8Array<ArrayBuffer>;

/** The samples of such PCM: 16-bit, 8 kHz, mono. */
export type Samples = Int16Array<ArrayBuffer>;

/** What `play` takes: bytes, samples, or the path or URL of a WAV file. */
export type Playable = string | URL | AudioData | Samples;

/**
 * What the caller hears, on any line. jambonz speaks the text, and plays the audio where there is no
 * text. An inbound line cannot speak: it plays the audio, if there is any, and writes the text in the
 * transcript, where watchers read it. What jambonz speaks is in the transcript as well.
 */
export type Prompt =
  | { readonly text: string; readonly audio?: Playable }
  | { readonly text?: string; readonly audio: Playable };

/** What happens on a call, in order. `ended` comes last. */
export type CallEvent =
  /** What the caller says, as the line sends it. What the app does not read in a second is lost. */
  | { readonly kind: "audio"; readonly bytes: AudioData }
  /** A key that no `gather` took. */
  | { readonly kind: "dtmf"; readonly digit: string }
  /** The caller begins to speak, and ends after so long; where `detect` asked for it. */
  | { readonly kind: "speech_start" }
  | { readonly kind: "speech_end"; readonly durationMs: number }
  /** Words that the line recognised, or that a client wrote over REST. */
  | { readonly kind: "transcript"; readonly role: Role; readonly msg: string }
  /** Something that was given to `play` was heard to its end. */
  | { readonly kind: "played"; readonly name: string }
  /** Somebody watches the call. */
  | { readonly kind: "watched"; readonly userId: string | null }
  /** A watcher joins: the line puts the caller through, and the app is done. */
  | { readonly kind: "joined" }
  /** The line's socket is lost, and jambonz comes back. What the app asks for meanwhile waits. */
  | { readonly kind: "line_lost" }
  | { readonly kind: "line_back" }
  /**
   * The line cannot do what the app asked for, such as speak without a voice that works. `verb`
   * names what failed, such as `say` or `gather`, where the line says it. The call goes on.
   */
  | { readonly kind: "error"; readonly message: string; readonly verb: string | null }
  | { readonly kind: "ended"; readonly by: EndedBy };

/** What to listen for in the caller's audio. */
export interface Detection {
  /** Speech, by the level of the audio, after 60 ms of it. */
  readonly speech?: boolean;
  /** Keys that come as tones (ITU-T Q.23), for platforms that send no message for a key. */
  readonly keys?: boolean;
}

/**
 * How something that was played ended: `dropped` by an interruption or with the call, `failed` when
 * the line cannot play it.
 */
export type PlayEnd = "heard" | "dropped" | "failed";

/** What an app remembers of its call: a small JSON object. */
export type Memory = Readonly<Record<string, unknown>>;

/** How to play something. */
export interface PlayOptions {
  /** Names it in the event `played`; by default its file or URL, or `audio`. */
  readonly name?: string;
}

/** What to wait for, and for how long. */
export interface GatherOptions {
  /** What the caller hears first. */
  readonly prompt?: Prompt;
  /** What is spoken first, where a prompt is for jambonz only. */
  readonly say?: string;
  /** What is played first, with nothing in the transcript. */
  readonly play?: Playable;
  /** Keys: at most so many. By default any number, until `finishOn` or a pause. 0 is none. */
  readonly digits?: number;
  /** The key that ends the keys, and is not one of them; `#`. Empty for none. */
  readonly finishOn?: string;
  /** Speech: the first finished words; false. On an inbound line they come over REST. */
  readonly speech?: boolean;
  /** From the end of what is played to the first key or word; 10 s. */
  readonly timeoutMs?: number;
  /** From one key to the next; 3 s. */
  readonly betweenDigitsMs?: number;
  /** Whether a key or a word stops what is played; true. */
  readonly bargeIn?: boolean;
  /**
   * Names the question. What the caller answers to it while the server restarts answers the `gather`
   * of this name. By default a question is the same when it has the same prompt, keys and words.
   */
  readonly name?: string;
}

/** The result of a `gather`. */
export interface Gathered {
  /**
   * `joined` when a watcher was put through, `interrupted` by the app, a watcher or REST, `ended` with
   * the call, `error` when the line cannot listen: the event `error` says why.
   */
  readonly by: "digits" | "speech" | "timeout" | "joined" | "interrupted" | "ended" | "error";
  readonly digits: string;
  readonly speech: string;
}

/**
 * Contracts and payments, as over REST. Each is named after its place in the call, so that an app
 * that begins again after a restart does nothing twice.
 */
export interface CallContracts {
  /** Opens a contract. */
  create(request: Parameters<Contracts["create"]>[0]): Promise<Contract>;
  /** Changes its status, its terms, or both. */
  change(id: string, request: Parameters<Contracts["change"]>[1]): Promise<Contract>;
  /** Signs for a party. */
  confirm(id: string, phoneNumber: string): Promise<Contract>;
  /** Records a payment to be made. */
  pay(request: Parameters<Contracts["checkout"]>[0]): Promise<Payment>;
}

/**
 * One call in progress, for its app. Nothing is done after its end: an app that asks on for ever is
 * left waiting.
 */
export interface Call extends AsyncIterable<CallEvent> {
  /** The call's id, in REST and in the record. */
  readonly id: string;
  /** The line that the call came in on. */
  readonly line: LineName;
  /**
   * The caller and the number called: in E.164 where that is known, else as received; null where the
   * platform does not say, as when the caller withholds the number.
   */
  readonly from: string | null;
  readonly to: string | null;
  /** Whether the app begins in the middle of the call: the server was restarted. */
  readonly resumed: boolean;
  /** What `remember` recorded: with it a resumed app finds out where it was. */
  readonly memory: Memory;
  /** Whether the call is over. */
  readonly ended: boolean;
  readonly contracts: CallContracts;

  /** Takes the call. Whatever speaks, plays, gathers or sends takes it as well. */
  answer(): void;
  /**
   * Plays audio in real time, behind what is being played. Resolves with `heard`, and the event
   * `played` comes, when it was heard; with `dropped` when it was interrupted or the call ended; with
   * `failed` when jambonz cannot play a URL. Rejects when a file cannot be read, and when more than
   * ten minutes would wait.
   * @param audio PCM as bytes or samples, a WAV file as bytes, or the path or URL of one
   * @throws {TypeError} for anything else
   */
  play(audio: Playable, options?: PlayOptions): Promise<PlayEnd>;
  /** Speaks a text, behind what is being said. */
  say(text: string): void;
  /**
   * Speaks or plays this, as the line can, behind what is being said or played. A file that cannot
   * be read is in the record, as a note.
   * @throws {TypeError} where there is neither text nor audio
   */
  prompt(prompt: Prompt): void;
  /** Waits for keys, words or both, from now on. A second `gather` interrupts the first. */
  gather(options?: GatherOptions): Promise<Gathered>;
  /** Listens in the caller's audio for this from now on, and for nothing else. */
  detect(what: Detection): void;
  /** Sends keys to the far end, one after the other: 0-9 * #; 200 ms each by default, 1 to 1000. */
  sendDigits(digits: string, durationMs?: number): void;
  /** Stops what is being played or said, drops what waits behind it, and ends a `gather`. */
  interrupt(): void;
  /**
   * Puts the caller through to this number when what was played and said was heard. The call ends
   * when they have talked.
   */
  transfer(number: string): void;
  /** Ends the call when what was played and said was heard; `interrupt` first to end it at once. */
  hangup(): void;
  /** Writes a note in the call's record. */
  note(text: string, data?: Readonly<Record<string, unknown>>): void;
  /**
   * Adds values to those in the call's record; an undefined one is forgotten. They are in `memory` at
   * once, and on disk when this resolves. Rejects when they cannot be written.
   * @throws {TypeError} for what is no JSON
   * @throws {RangeError} when the memory would take more than 8 KiB of JSON
   */
  remember(values: Memory): Promise<void>;
  /** Writes in the transcript. Watchers read it at once. */
  transcript(role: Role, msg: string): void;
  /**
   * Records the call from now on, in stereo: the caller on the left, us on the right. `GET
   * /api/v1/calls/{id}/recording` gives the file when the recording is over. Does nothing while the
   * call is being recorded. A call is recorded once: after `stopRecording` this throws. A note says
   * when something else ended the recording, such as a full disk. Audio that does not pass through
   * this server is not in it: what jambonz itself speaks and plays, and what was said before its audio
   * socket was open.
   */
  record(): void;
  /** Ends the recording before the call ends. */
  stopRecording(): void;
  /** Begins to screen the caller: watchers may join. */
  startScreening(): void;
  /** Ends the screening, and tells watchers so with this message. */
  endScreening(msg: string): void;
}

/** What an app can do that depends on the line. */
export type LineMethod =
  | "answer"
  | "audio events"
  | "play PCM"
  | "play file"
  | "play URL"
  | "say"
  | "prompt"
  | "gather digits"
  | "gather speech"
  | "sendDigits"
  | "interrupt"
  | "transfer"
  | "hangup";

/** For each method and line: true, or what to use instead. `deno task docs` makes a table of it. */
export const LINE_METHODS: Readonly<Record<LineMethod, Readonly<Record<LineName, true | string>>>> =
  {
    "answer": { inbound: true, jambonz: true },
    "audio events": { inbound: true, jambonz: true },
    "play PCM": { inbound: true, jambonz: true },
    "play file": { inbound: true, jambonz: true },
    "play URL": { inbound: "play with a file, or with what fetch gives you", jambonz: true },
    "say": { inbound: "prompt with text and a recording", jambonz: true },
    "prompt": { inbound: true, jambonz: true },
    "gather digits": { inbound: true, jambonz: true },
    "gather speech": { inbound: true, jambonz: true },
    "sendDigits": { inbound: true, jambonz: true },
    "interrupt": { inbound: true, jambonz: true },
    "transfer": { inbound: "play with the number to call, then hangup", jambonz: true },
    "hangup": { inbound: true, jambonz: true },
  };

/** The line cannot carry out a method; the message says what to use instead. */
export class UnsupportedOnLine extends Error {
  /** `UnsupportedOnLine`. */
  override readonly name = "UnsupportedOnLine";

  constructor(readonly method: LineMethod, readonly line: LineName) {
    super(`Cannot ${method} on the ${line} line: use ${LINE_METHODS[method][line]}`);
  }
}

/** @throws {UnsupportedOnLine} unless the line can carry out the method */
export function checkLine(method: LineMethod, line: LineName): void {
  if (LINE_METHODS[method][line] !== true) throw new UnsupportedOnLine(method, line);
}
