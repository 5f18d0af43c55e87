/**
 * The verbs that an app asks for, on their way to jambonz: in the ack that it waits for, else in a
 * command. Verbs of the same moment go together.
 *
 * Verbs may be lost with a socket. jambonz fails a hook whose socket closes and never sends it again,
 * and nothing tells of what we sent into a dead socket.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/utils/ws-requestor.js
 * @module
 */
import { setImmediate } from "node:timers";
import { type Command, replaceBy, STAY, type Verb } from "../../protocols/jambonz/commands.ts";
import type { Playback } from "../playback.ts";
import type { JambonzLine } from "./jambonz_line.ts";

/** What nobody hears: dropping what is said and played takes none of these back. */
const UNHEARD: readonly string[] = ["answer", "config"];

/** A message of jambonz that waits for verbs. */
interface Waiting {
  /** Whether no verbs are an answer, too. */
  readonly takesNone: boolean;
  /** Where it came. The call may have lost this line since. */
  readonly line: Pick<JambonzLine, "isOpen">;
  answer(verbs: readonly Verb[]): void;
}

/** What jambonz is to do beside its verbs: the properties of a `config`. */
export type Config = Readonly<Record<string, unknown>>;

/** What the queue needs of its call. */
export interface VerbQueuePorts {
  /** What we play ourselves, if anything: verbs come behind it. */
  playback(): Playback | undefined;
  /** Whether the line is there. Commands wait while it is away. */
  hasLine(): boolean;
  command(command: Command): void;
  /** The verbs without which the call would stay silent. */
  awaited(): readonly Verb[];
}

/** The verbs of one call. */
export class VerbQueue {
  readonly #ports: VerbQueuePorts;
  #waiting: Waiting | undefined;
  /** What goes out with the next ack or command. */
  #batch: Verb[] = [];
  /** Verbs that wait until what we play was heard. */
  #held: Verb[] = [];
  /** Whether the batch replaces what runs. */
  #replaces = false;
  /** Whether an app from before a restart asked for what runs: the first verbs replace it. */
  #takesOver: boolean;
  #flushing = false;
  /** What a `config` asks for that waits for the line. */
  #config: Config | undefined;
  #probes = 0;
  /** Verbs that may be lost, and the id of the verb that finds it out. */
  #probed: { readonly id: string; readonly verbs: readonly Verb[] } | undefined;

  /** `takesOver` where an app begins in the middle of the call. */
  constructor(ports: VerbQueuePorts, takesOver: boolean) {
    this.#ports = ports;
    this.#takesOver = takesOver;
  }

  /** Whether jambonz waits for verbs that it cannot do without. */
  get #isNeeded(): boolean {
    return this.#waiting?.takesNone === false;
  }

  /** Adds a verb, behind what we play ourselves. */
  add(verb: Verb): void {
    const playback = this.#ports.playback();
    if (this.#held.length === 0 && playback?.isSilent !== false) return this.addNow(verb);
    this.#held.push(verb);
    if (this.#held.length > 1) return;
    playback!.whenSilent(() => {
      for (const held of this.#held.splice(0)) this.addNow(held);
    });
  }

  /** Adds a verb, whatever we play. */
  addNow(verb: Verb): void {
    this.#batch.push(verb);
    this.#flushSoon();
  }

  /** Has jambonz do this beside its verbs. While the line is away, only the latest counts. */
  configure(config: Config): void {
    if (this.#isNeeded) return this.#configureFirst(config);
    if (!this.#ports.hasLine()) this.#config = config;
    else this.#ports.command({ type: "command", command: "config", data: config });
  }

  /** Drops what is to be heard and has not gone out. */
  drop(): void {
    this.#batch = this.#batch.filter(({ verb }) => UNHEARD.includes(verb));
    this.#held = [];
  }

  /** Stops what runs from before a restart: the app plays from now on. */
  takeOver(): void {
    if (this.#takesOver) this.replace();
  }

  /** Drops what has not gone out. What comes next, or nothing, replaces what runs. */
  replace(): void {
    this.drop();
    this.#replaces = true;
    this.#flushSoon();
  }

  /** jambonz waits for verbs on this line. Resolves when there are some, or none will come. */
  ask(takesNone: boolean, line: Pick<JambonzLine, "isOpen">): Promise<readonly Verb[]> {
    return new Promise((resolve) => {
      this.#waiting?.answer([]);
      this.#waiting = { takesNone, line, answer: resolve };
      this.#flushSoon();
    });
  }

  /** Takes verbs of an answer back that did not go out: its socket was lost meanwhile. */
  takeBack(verbs: readonly Verb[]): void {
    this.#batch.unshift(...verbs);
    if (this.#probed !== undefined) {
      const { id, verbs: probed } = this.#probed;
      this.#probed = { id, verbs: probed.filter((verb) => !verbs.includes(verb)) };
    }
    this.#flushSoon();
  }

  /** The app has nothing more to say for now. */
  rest(): void {
    if (!this.#waiting?.takesNone || this.#batch.length > 0) return;
    this.#answer(this.#replaces ? [STAY] : []);
  }

  /** The call has a new line: a message on the old one waits no more. */
  reattached(): void {
    if (this.#waiting?.line.isOpen !== true) this.#waiting = undefined;
    const config = this.#config;
    this.#config = undefined;
    if (config !== undefined) this.configure(config);
    this.#flushSoon();
    this.#probe();
  }

  /** jambonz has finished a verb of this id. What it reveals as lost goes out again. */
  finished(id: string): void {
    if (this.#probed?.id !== id) return;
    const { verbs } = this.#probed;
    this.#probed = undefined;
    const awaited = this.#ports.awaited();
    for (const verb of verbs) if (awaited.includes(verb)) this.addNow(verb);
  }

  /** The call is over. */
  end(): void {
    this.drop();
    this.#waiting?.answer([]);
  }

  /**
   * Finds out whether verbs that went out are lost, with a verb behind what runs that does nothing:
   * the hook of a gather that still runs comes before it is finished.
   */
  #probe(): void {
    const verbs = this.#ports.awaited().filter((verb) =>
      !this.#batch.includes(verb) && !this.#held.includes(verb)
    );
    if (verbs.length === 0) return;
    const id = `/app/idle/${++this.#probes}`;
    this.#probed = { id, verbs };
    const probe = replaceBy([{ verb: "config", id, notifyEvents: true }]);
    this.#ports.command({ ...probe, queueCommand: true });
  }

  /** When the app has asked for all that it asks for at once. A timer would take milliseconds. */
  #flushSoon(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    setImmediate(() => {
      this.#flushing = false;
      this.#flush();
    });
  }

  #flush(): void {
    const nothing = this.#batch.length === 0;
    if (nothing && !this.#replaces) return;
    // A new socket asks before it is the call's line, where the first ack of the call was lost.
    if (!(this.#waiting?.line.isOpen ?? this.#ports.hasLine())) return;
    if (this.#waiting !== undefined) {
      if (!nothing) return this.#answer(this.#batch);
      // Verbs may wait behind the one whose hook this is; a new call has none yet.
      return this.#waiting.takesNone ? this.#answer([STAY]) : undefined;
    }
    const queueCommand = !this.#replaces && !this.#takesOver;
    const command = { ...replaceBy(this.#batch), queueCommand };
    this.#batch = [];
    this.#replaces = false;
    this.#takesOver = false;
    this.#ports.command(command);
  }

  #answer(verbs: readonly Verb[]): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    this.#batch = [];
    this.#replaces = false;
    if (verbs.length > 0) this.#takesOver = false;
    waiting?.answer(verbs);
  }

  /**
   * Puts the configuration among the first verbs, before all that is heard: behind a `say` it would
   * count only when that was spoken.
   */
  #configureFirst(config: Config): void {
    const heard = this.#batch.findIndex(({ verb }) => !UNHEARD.includes(verb));
    const place = heard === -1 ? this.#batch.length : heard;
    this.#batch.splice(place, 0, { verb: "config", ...config });
    this.#flushSoon();
  }
}
