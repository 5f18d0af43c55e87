/**
 * Queues an app's verbs and sends them to jambonz: in the pending ack if there is one, or in a command.
 * Verbs of one turn of the event loop go together.
 *
 * Verbs may be lost with a socket. jambonz fails a hook whose socket closes and never repeats it, and
 * nothing reports what we sent into a dead socket.
 * @see https://github.com/jambonz/jambonz-feature-server/blob/main/lib/utils/ws-requestor.js
 * @module
 */
import { setImmediate } from "node:timers";
import { type Command, replaceBy, STAY, type Verb } from "../../protocols/jambonz/commands.ts";
import type { Playback } from "../playback.ts";
import type { JambonzLine } from "./jambonz_line.ts";

/** Silent verbs: dropping the playback does not drop these. */
const UNHEARD: readonly string[] = ["answer", "config"];

/** A message from jambonz that waits for verbs. */
interface Waiting {
  /** Whether an empty answer is acceptable. */
  readonly takesNone: boolean;
  /** Its socket, which may be lost by now. */
  readonly line: Pick<JambonzLine, "isOpen">;
  answer(verbs: readonly Verb[]): void;
}

/** The properties of a `config` verb. */
export type Config = Readonly<Record<string, unknown>>;

/** What the queue needs from its call. */
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
  /** The verbs of the next ack or command. */
  #batch: Verb[] = [];
  /** Verbs that wait for our own playback. */
  #held: Verb[] = [];
  /** Whether the batch replaces the running verbs. */
  #replaces = false;
  /** Whether the running verbs are from before a restart: the first batch replaces them. */
  #takesOver: boolean;
  #flushing = false;
  /** The latest `config` that waits for the line. */
  #config: Config | undefined;
  #probes = 0;
  /** Verbs that may be lost, and the id of the verb that probes for them. */
  #probed: { readonly id: string; readonly verbs: readonly Verb[] } | undefined;

  /** `takesOver`: the app starts in the middle of the call. */
  constructor(ports: VerbQueuePorts, takesOver: boolean) {
    this.#ports = ports;
    this.#takesOver = takesOver;
  }

  /** Whether jambonz waits for an answer that must not be empty. */
  get #isNeeded(): boolean {
    return this.#waiting?.takesNone === false;
  }

  /** Adds a verb after our own playback. */
  add(verb: Verb): void {
    const playback = this.#ports.playback();
    if (this.#held.length === 0 && playback?.isSilent !== false) return this.addNow(verb);
    this.#held.push(verb);
    if (this.#held.length > 1) return;
    playback!.whenSilent(() => {
      for (const held of this.#held.splice(0)) this.addNow(held);
    });
  }

  /** Adds a verb without waiting for our own playback. */
  addNow(verb: Verb): void {
    this.#batch.push(verb);
    this.#flushSoon();
  }

  /** Configures jambonz. While the line is away, only the latest configuration counts. */
  configure(config: Config): void {
    if (this.#isNeeded) return this.#configureFirst(config);
    if (!this.#ports.hasLine()) this.#config = config;
    else this.#ports.command({ type: "command", command: "config", data: config });
  }

  /** Drops audible verbs that have not gone out. */
  drop(): void {
    this.#batch = this.#batch.filter(({ verb }) => UNHEARD.includes(verb));
    this.#held = [];
  }

  /** Stops verbs from before a restart: the app is about to play. */
  takeOver(): void {
    if (this.#takesOver) this.replace();
  }

  /** Drops unsent verbs; the next batch, even an empty one, replaces the running verbs. */
  replace(): void {
    this.drop();
    this.#replaces = true;
    this.#flushSoon();
  }

  /** Waits for the app's verbs, to answer a message on this line; empty when none will come. */
  ask(takesNone: boolean, line: Pick<JambonzLine, "isOpen">): Promise<readonly Verb[]> {
    return new Promise((resolve) => {
      this.#waiting?.answer([]);
      this.#waiting = { takesNone, line, answer: resolve };
      this.#flushSoon();
    });
  }

  /** Takes back the verbs of an answer that did not go out: its socket was lost meanwhile. */
  takeBack(verbs: readonly Verb[]): void {
    this.#batch.unshift(...verbs);
    if (this.#probed !== undefined) {
      const { id, verbs: probed } = this.#probed;
      this.#probed = { id, verbs: probed.filter((verb) => !verbs.includes(verb)) };
    }
    this.#flushSoon();
  }

  /** The app has no more verbs for now. */
  rest(): void {
    if (!this.#waiting?.takesNone || this.#batch.length > 0) return;
    this.#answer(this.#replaces ? [STAY] : []);
  }

  /** The call has a new line: messages on the old one are void. */
  reattached(): void {
    if (this.#waiting?.line.isOpen !== true) this.#waiting = undefined;
    const config = this.#config;
    this.#config = undefined;
    if (config !== undefined) this.configure(config);
    this.#flushSoon();
    this.#probe();
  }

  /** jambonz has finished the verb with this id. If it was the probe, lost verbs go out again. */
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
   * Finds out whether sent verbs are lost: appends a verb that does nothing. If a gather still runs,
   * its hook comes before the probe is finished.
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

  /** Flushes at the end of this turn. A timer would take milliseconds. */
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
    // If the first ack was lost, a new socket asks before it becomes the call's line.
    if (!(this.#waiting?.line.isOpen ?? this.#ports.hasLine())) return;
    if (this.#waiting !== undefined) {
      if (!nothing) return this.#answer(this.#batch);
      // Older verbs may run after this hook's verb: STAY replaces them. A new call has none.
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
