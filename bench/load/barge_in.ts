/**
 * Callers press a key in the middle of a prompt: how long until the prompt is silent. The platform
 * drops unplayed audio at `interrupt`, so silence begins then, or after the last frame.
 * @module
 */
import { setTimeout as sleep } from "node:timers/promises";
import { roundTrips } from "../quantiles.ts";
import { openSome } from "./call.ts";
import { binaryFrame, Client, textFrame } from "./client.ts";
import type { BargeInJob, BargeInReport } from "./jobs.ts";
import { Pace } from "./pace.ts";

/** From a key to the look at the prompt's end. The app stays silent for longer than this. */
const LOOK_AFTER_MS = 250;
/** A caller listens for between this and twice this before each key. */
const LISTENS_MS = 400;

/** Opens the calls, sends their audio, and interrupts their prompts again and again. */
export async function runBargeIn(
  job: BargeInJob,
  begin: () => Promise<void>,
): Promise<BargeInReport> {
  const callers = await openSome(job.calls, (index) => Caller.open(job.port, index));
  await begin();
  const startMs = performance.now();
  const pace = new Pace(callers, startMs, 1);
  const measured = Promise.all(
    callers.map((caller) => caller.interruptUntil(startMs + job.measureMs)),
  );
  await pace.until(startMs + job.measureMs + LOOK_AFTER_MS);
  const silentAfterMs = (await measured).flat();
  for (const caller of callers) caller.leave();
  return { ...roundTrips(silentAfterMs), interruptions: silentAfterMs.length };
}

class Caller {
  readonly #client: Client;
  readonly #frame = binaryFrame(new Uint8Array(320));
  readonly #index: number;
  #audioAtMs = 0;
  #interruptedAtMs = 0;

  private constructor(client: Client, index: number) {
    this.#client = client;
    this.#index = index;
    client.onBinary = () => this.#audioAtMs = performance.now();
    client.onText = (text) => {
      if (text.includes("interrupt")) this.#interruptedAtMs = performance.now();
    };
  }

  static async open(port: number, index: number): Promise<Caller> {
    const caller = new Caller(await Client.open({ port, path: "/inbound" }), index);
    caller.#say({
      event: "incoming_call",
      callerId: "+254712345678",
      didNumber: "5000",
      sessionId: crypto.randomUUID(),
    });
    while (caller.#audioAtMs === 0) await sleep(5);
    return caller;
  }

  /** Sends frames of silence. */
  send(frames: number): void {
    for (let frame = 0; frame < frames; frame++) this.#client.send(this.#frame);
  }

  /** Interrupts prompts until `endMs`. Resolves with how long each went on, in milliseconds. */
  async interruptUntil(endMs: number): Promise<number[]> {
    const silentAfterMs: number[] = [];
    // Spreads the callers, so that their keys do not come together.
    await sleep(LISTENS_MS * (this.#index % 16) / 16);
    while (performance.now() < endMs - LISTENS_MS) {
      await sleep(LISTENS_MS * (1 + Math.random()));
      if (performance.now() - this.#audioAtMs > LOOK_AFTER_MS) continue;
      const pressedAtMs = performance.now();
      this.#say({ event: "dtmf", digit: "1" });
      await sleep(LOOK_AFTER_MS);
      const silentAtMs = Math.max(this.#interruptedAtMs, this.#audioAtMs);
      // A prompt that was not interrupted never became silent.
      const isSilent = this.#interruptedAtMs > pressedAtMs;
      silentAfterMs.push(isSilent ? silentAtMs - pressedAtMs : Infinity);
    }
    return silentAfterMs;
  }

  /** Closes the connection without a close frame. */
  leave(): void {
    this.#client.abandon();
  }

  #say(message: object): void {
    this.#client.send(textFrame(JSON.stringify(message)));
  }
}
