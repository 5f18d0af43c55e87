/**
 * What a call app sees of its call. An app is a file whose default export is a `CallApp`; it imports
 * from this folder only, and is the same for every line.
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

/** What can be played: bytes, samples, or the path or URL of a WAV file. */
export type Playable = string | URL | AudioData | Samples;

/**
 * What the caller is to hear, on any line. jambonz speaks the text, and plays the audio where there
 * is no text. An inbound line cannot speak: it plays the audio, if there is any, and writes the text
 * in the transcript, where watchers read it. What jambonz speaks is in the transcript as well.
 */
export type Prompt =
  | { readonly text: string; readonly audio?: Playable }
  | { readonly text?: string; readonly audio: Playable };

/** What happens on a call, in order. `ended` comes last. */
export type CallEvent =
  /** What the caller says, as the line sends it: best effort, what is not read in a second is lost. */
  | { readonly kind: "audio"; readonly bytes: AudioData }
  /** A key that no `gather` has taken. */
  | { readonly kind: "dtmf"; readonly digit: string }
  /** The caller begins to speak, and has spoken for so long; where `detect` has asked for it. */
  | { readonly kind: "speech_start" }
  | { readonly kind: "speech_end"; readonly durationMs: number }
  /** Something was said and recognised, by the line or by whoever writes over REST. */
  | { readonly kind: "transcript"; readonly role: Role; readonly msg: string }
  /** What was given to `play` has been heard to its end. */
  | { readonly kind: "played"; readonly name: string }
  /** Somebody watches the call. */
  | { readonly kind: "watched"; readonly userId: string | null }
  /** A watcher joins: the line puts the caller through, and the app has done its work. */
  | { readonly kind: "joined" }
  /** The line's socket is lost, and a jambonz server will be back; what is asked meanwhile waits. */
  | { readonly kind: "line_lost" }
  | { readonly kind: "line_back" }
  /**
   * The line cannot do something that was asked of it, such as speak without a voice that works.
   * `verb` names what failed, where the line says it: `say`, `gather`. The call goes on.
   */
  | { readonly kind: "error"; readonly message: string; readonly verb: string | null }
  | { readonly kind: "ended"; readonly by: EndedBy };

/** What is to be listened for in the caller's audio. */
export interface Detection {
  /** Whether somebody speaks: by the level of the audio, told after 60 ms of it. */
  readonly speech?: boolean;
  /** Keys that come as tones (ITU-T Q.23), for platforms that do not tell of them by message. */
  readonly keys?: boolean;
}

/**
 * How something that was played came to its end: `dropped` by an interruption or with the call,
 * `failed` where the line cannot play it.
 */
export type PlayEnd = "heard" | "dropped" | "failed";

/** What an app keeps of its call: a small JSON object. */
export type Memory = Readonly<Record<string, unknown>>;

/** What to play, and how it is to be called. */
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
  /** Keys: so many at most. By default any number, until `finishOn` or a pause. 0 is none. */
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

/** What has come of a `gather`. */
export interface Gathered {
  /**
   * `joined` when a watcher was put through meanwhile, `interrupted` by you, `ended` with the call,
   * `error` when the line cannot listen: the event `error` says why.
   */
  readonly by: "digits" | "speech" | "timeout" | "joined" | "interrupted" | "ended" | "error";
  readonly digits: string;
  readonly speech: string;
}

/**
 * Contracts and payments, as over REST. Each is named after its place in this call, so that an app
 * that begins again after a restart does not do it twice.
 */
export interface CallContracts {
  /** Opens a contract out of what was said. */
  create(request: Parameters<Contracts["create"]>[0]): Promise<Contract>;
  /** Changes its status, its terms, or both. */
  change(id: string, request: Parameters<Contracts["change"]>[1]): Promise<Contract>;
  /** Signs for a party. */
  confirm(id: string, phoneNumber: string): Promise<Contract>;
  /** Records a payment to be made. */
  pay(request: Parameters<Contracts["checkout"]>[0]): Promise<Payment>;
}

/**
 * One call in progress, in the hands of its app. Nothing is done any more once it has ended, and an
 * app that goes on asking for ever is then left waiting.
 */
export interface Call extends AsyncIterable<CallEvent> {
  /** The call's id, in REST and in the record. */
  readonly id: string;
  /** The line that it came in on. */
  readonly line: LineName;
  /**
   * The caller and the number called: in E.164 where that is known, or as received; null where the
   * platform does not say, as when the caller withholds the number.
   */
  readonly from: string | null;
  readonly to: string | null;
  /** Whether the app begins in the middle of the call, because the server was started anew. */
  readonly resumed: boolean;
  /** What `remember` has kept: with it a resumed app finds out where it was. */
  readonly memory: Memory;
  /** Whether the call is over. */
  readonly ended: boolean;
  readonly contracts: CallContracts;

  /** Takes the call. What speaks, plays, gathers or sends takes it as well. */
  answer(): void;
  /**
   * Plays audio in real time, behind what is being played. Resolves, and `played` comes, when it has
   * been heard; `dropped` when it was interrupted or the call has ended; `failed` when jambonz
   * cannot play a URL. Rejects where there is no such file, and when more than ten minutes would wait.
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
  /**
   * Waits for keys, words or both. It takes what comes after it has begun, and only one waits at a
   * time: a second one interrupts the first.
   */
  gather(options?: GatherOptions): Promise<Gathered>;
  /** From now on listens in the caller's audio for this, and for nothing else. */
  detect(what: Detection): void;
  /** Sends keys to the far end, one after the other: 0-9 * #; 200 ms each by default, 1 to 1000. */
  sendDigits(digits: string, durationMs?: number): void;
  /** Stops what is being played or said, drops what waits behind it, and ends a `gather`. */
  interrupt(): void;
  /**
   * Puts the caller through to this number when what was given to `play` or `say` has been heard;
   * the call ends when they have talked.
   */
  transfer(number: string): void;
  /** Ends the call when what was given to `play` or `say` has been heard; `interrupt` first for at once. */
  hangup(): void;
  /** Writes a note in the call's record. */
  note(text: string, data?: Readonly<Record<string, unknown>>): void;
  /**
   * Keeps values in the call's record beside those of before; an undefined one is forgotten. They are
   * in `memory` at once, and on disk when this resolves. It rejects when they cannot be written.
   * @throws {TypeError} for what is no JSON
   * @throws {RangeError} when the memory would take more than 8 KiB of JSON
   */
  remember(values: Memory): Promise<void>;
  /** Writes in the transcript what was said; watchers read it at once. */
  transcript(role: Role, msg: string): void;
  /**
   * Records the call from now on, in stereo: the caller on the left, we on the right; `GET
   * /api/v1/calls/{id}/recording` gives the file when it is over. Does nothing while it is being
   * recorded; a call is recorded once, so that after `stopRecording` it throws. Where something else
   * has ended the recording, such as a full disk, a note says so. What does not pass through this
   * server is not in it: of a jambonz call neither what jambonz itself speaks and plays, nor what
   * was said before its audio socket was open.
   */
  record(): void;
  /** Ends the recording, which else ends with the call. */
  stopRecording(): void;
  /** From now on the caller is screened: watchers may join. */
  startScreening(): void;
  /** The screening is over; watchers are told so, with this message. */
  endScreening(msg: string): void;
}

/** The methods that not every line can carry out. */
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

/** For each method and line: true, or what to use instead. The documents' table is made from it. */
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

/** Thrown where a line cannot carry out a method; its message says what to use instead. */
export class UnsupportedOnLine extends Error {
  /** `UnsupportedOnLine`. */
  override readonly name = "UnsupportedOnLine";

  constructor(readonly method: LineMethod, readonly line: LineName) {
    super(`Cannot ${method} on the ${line} line: use ${LINE_METHODS[method][line]}`);
  }
}

/** Throws unless the line can carry the method out. */
export function checkLine(method: LineMethod, line: LineName): void {
  if (LINE_METHODS[method][line] !== true) throw new UnsupportedOnLine(method, line);
}
