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
 * What the caller hears, on any line. jambonz speaks the text, or plays the audio if there is no text.
 * An inbound line cannot speak: it plays the audio, if any. The text goes into the transcript, where
 * watchers read it, on both lines.
 */
export type Prompt =
  | { readonly text: string; readonly audio?: Playable }
  | { readonly text?: string; readonly audio: Playable };

/** What happens on a call, in order. `ended` comes last. */
export type CallEvent =
  /** A frame of the caller's audio. Frames that the app does not read within a second are lost. */
  | { readonly kind: "audio"; readonly bytes: AudioData }
  /** A key that no `gather` took. */
  | { readonly kind: "dtmf"; readonly digit: string }
  /** The caller began to speak, or stopped after this long; only with `detect`. */
  | { readonly kind: "speech_start" }
  | { readonly kind: "speech_end"; readonly durationMs: number }
  /** Words that the line recognised, or that a client wrote over REST. */
  | { readonly kind: "transcript"; readonly role: Role; readonly msg: string }
  /** A `play` was heard to its end. */
  | { readonly kind: "played"; readonly name: string }
  /** A watcher connected. */
  | { readonly kind: "watched"; readonly userId: string | null }
  /** A watcher joined: the line connects the caller, and the app is done. */
  | { readonly kind: "joined" }
  /** The line's socket was lost, or jambonz has reconnected. Requests wait in between. */
  | { readonly kind: "line_lost" }
  | { readonly kind: "line_back" }
  /**
   * The line could not carry out a request, such as speech without a working voice. `verb` names what
   * failed, such as `say` or `gather`, if the line says so. The call goes on.
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
 * How a `play` ended: `dropped` by an interruption or by the end of the call, `failed` when the line
 * cannot play it.
 */
export type PlayEnd = "heard" | "dropped" | "failed";

/** An app's state of its call: a small JSON object. */
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
  /** Text that is spoken first; on jambonz only. */
  readonly say?: string;
  /** Audio that is played first; nothing goes into the transcript. */
  readonly play?: Playable;
  /** The most keys. By default any number, until `finishOn` or a pause. 0 takes none. */
  readonly digits?: number;
  /** The key that ends the input and is not part of it; `#` by default, empty for none. */
  readonly finishOn?: string;
  /** Whether to take speech; false by default. On an inbound line it comes over REST. */
  readonly speech?: boolean;
  /** From the end of the prompt to the first key or word; 10 s by default. */
  readonly timeoutMs?: number;
  /** From one key to the next; 3 s by default. */
  readonly betweenDigitsMs?: number;
  /** Whether a key or a word stops the prompt; true by default. */
  readonly bargeIn?: boolean;
  /**
   * Names the question. An answer that arrives during a restart of the server goes to the `gather` of
   * the same name. By default questions are equal if their prompt, keys and words are.
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
 * One call in progress, for its app. After its end, methods do nothing, and an app that keeps asking is
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
  /** Whether the app started in the middle of the call: the server was restarted. */
  readonly resumed: boolean;
  /** What `remember` recorded, for an app that resumes. */
  readonly memory: Memory;
  /** Whether the call is over. */
  readonly ended: boolean;
  readonly contracts: CallContracts;

  /** Answers the call. Speaking, playing, gathering and sending answer it too. */
  answer(): void;
  /**
   * Plays audio in real time, after what is playing. Resolves with `heard`, and the event `played`
   * follows; with `dropped` when it was interrupted or the call ended; with `failed` when jambonz
   * cannot play a URL. Rejects when a file cannot be read, or more than ten minutes would wait.
   * @param audio PCM as bytes or samples, a WAV file as bytes, or the path or URL of one
   * @throws {TypeError} for anything else
   */
  play(audio: Playable, options?: PlayOptions): Promise<PlayEnd>;
  /** Speaks a text, after what is being spoken. */
  say(text: string): void;
  /**
   * Speaks or plays a prompt, as the line can, after what is playing. A note in the record reports a
   * file that cannot be read.
   * @throws {TypeError} for a prompt without text and audio
   */
  prompt(prompt: Prompt): void;
  /** Waits for keys, words or both. A second `gather` interrupts the first. */
  gather(options?: GatherOptions): Promise<Gathered>;
  /** Sets what to detect in the caller's audio. */
  detect(what: Detection): void;
  /** Sends keys to the far end, one after the other: 0-9 * #; 200 ms each by default, 1 to 1000. */
  sendDigits(digits: string, durationMs?: number): void;
  /** Stops all speech and playback, queued ones too, and ends a `gather`. */
  interrupt(): void;
  /**
   * Connects the caller to this number when everything played and spoken was heard. The call ends with
   * their conversation.
   */
  transfer(number: string): void;
  /** Ends the call when everything played and spoken was heard; `interrupt` first to end it now. */
  hangup(): void;
  /** Writes a note in the call's record. */
  note(text: string, data?: Readonly<Record<string, unknown>>): void;
  /**
   * Adds values to `memory`; an undefined value is removed. They are on disk when this resolves.
   * Rejects when they cannot be written.
   * @throws {TypeError} for a value that is not JSON
   * @throws {RangeError} when the memory would take more than 8 KiB of JSON
   */
  remember(values: Memory): Promise<void>;
  /** Adds to the transcript. Watchers see it at once. */
  transcript(role: Role, msg: string): void;
  /**
   * Starts to record the call in stereo: the caller on the left, us on the right. `GET
   * /api/v1/calls/{id}/recording` serves the file when the recording is over. Does nothing while the
   * call is being recorded. A call is recorded once: after `stopRecording` this throws. A note reports
   * another end, such as a full disk. Audio that bypasses this server is missing: what jambonz itself
   * speaks and plays, and what was said before its audio socket was open.
   */
  record(): void;
  /** Ends the recording before the call ends. */
  stopRecording(): void;
  /** Begins to screen the caller: watchers may join. */
  startScreening(): void;
  /** Ends the screening; watchers get this message. */
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
