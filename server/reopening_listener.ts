/**
 * A listener that is reopened when it ends on its own. Deno's ends when accepting fails, for example
 * at the limit of open files: then nobody can connect any more, while the calls in progress continue.
 * @module
 */
import type { Listener } from "./listen/listener.ts";

/** How a listener is opened, and its callbacks. */
export interface ReopeningOptions {
  /**
   * Listens.
   * @param port the one to listen on; undefined the first time
   * @throws {Error} when it cannot
   */
  readonly open: (port: number | undefined) => Listener | Promise<Listener>;
  /** Aborted when the server stops. */
  readonly stopping: AbortSignal;
  readonly report: (message: string, fields: Readonly<Record<string, unknown>>) => void;
  /** Pauses before the first try; for tests. */
  readonly firstPauseMs?: number;
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 1000;
/** A listener that lasted this long is considered healthy. */
const LASTED_MS = 5000;
/** How often the address may be refused. At the limit of open files we retry without limit. */
const TRIES = 10;
const TOO_MANY_FILES = /os error (23|24)\b|too many open files/i;

/** One listener, as long as the server runs. */
export class ReopeningListener {
  readonly #options: ReopeningOptions;
  /** Listeners that ended on their own may still serve the connections that they had accepted. */
  readonly #ended: Listener[] = [];
  readonly #broken = Promise.withResolvers<void>();
  #listening: Listener;
  #openedAtMs = performance.now();
  #pauseMs: number;
  #refusals = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(options: ReopeningOptions, listening: Listener) {
    this.#options = options;
    this.#pauseMs = options.firstPauseMs ?? FIRST_PAUSE_MS;
    this.#listening = listening;
    this.#watch(listening);
    options.stopping.addEventListener("abort", () => clearTimeout(this.#timer));
  }

  /**
   * Listens.
   * @throws {Error} when it cannot
   */
  static async open(options: ReopeningOptions): Promise<ReopeningListener> {
    return new ReopeningListener(options, await options.open(undefined));
  }

  /** Where it listens: always the same address. */
  get addr(): Deno.NetAddr {
    return this.#listening.addr as Deno.NetAddr;
  }

  /** Resolves when it cannot be opened again, which is fatal. */
  get broken(): Promise<void> {
    return this.#broken.promise;
  }

  /** Ends it; resolves when its requests are done. */
  async shutdown(): Promise<void> {
    clearTimeout(this.#timer);
    await Promise.all([this.#listening, ...this.#ended].map((each) => each.shutdown()));
  }

  #watch(listening: Listener): void {
    const again = (error?: unknown) => this.#ends(listening, error);
    listening.finished.then(() => again(), again);
  }

  #ends(listening: Listener, error: unknown): void {
    const { firstPauseMs = FIRST_PAUSE_MS, report, stopping } = this.#options;
    if (stopping.aborted) return;
    report("a listener has ended by itself", { port: this.addr.port, error });
    // Kept until its connections are done, which may be never.
    this.#ended.push(listening);
    if (this.#ended.length > 2) this.#ended.shift();
    const lasted = performance.now() - this.#openedAtMs >= LASTED_MS;
    this.#pauseMs = lasted ? firstPauseMs : Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
    this.#reopenLater();
  }

  #reopenLater(): void {
    this.#timer = setTimeout(() => this.#reopen(), this.#pauseMs);
  }

  async #reopen(): Promise<void> {
    const { open, report, stopping } = this.#options;
    try {
      this.#listening = await open(this.addr.port);
      // The server may have stopped meanwhile.
      if (stopping.aborted) return void await this.#listening.shutdown();
    } catch (error) {
      const isTemporary = TOO_MANY_FILES.test(String(error));
      if (!isTemporary && ++this.#refusals >= TRIES) {
        report("a listener cannot be opened again", { port: this.addr.port, error });
        return this.#broken.resolve();
      }
      this.#pauseMs = Math.min(LONGEST_PAUSE_MS, this.#pauseMs * 2);
      return this.#reopenLater();
    }
    this.#refusals = 0;
    this.#openedAtMs = performance.now();
    report("a listener is open again", { port: this.addr.port });
    this.#watch(this.#listening);
  }
}
