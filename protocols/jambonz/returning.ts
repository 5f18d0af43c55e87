/**
 * How a call comes back after its socket was lost: what its record says of it counts on the new
 * socket, and what was asked meanwhile comes behind the ack of the reconnect.
 * @module
 */
import type { Command as Out } from "../../session/protocol.ts";
import type { Said } from "../../session/wire.ts";
import type { Answers } from "./answers.ts";
import type { JambonzWire } from "./messages.ts";
import type { Outlet } from "./outlet.ts";
import type { Speech } from "./speech.ts";
import type { JambonzPorts, Resumed } from "./ports.ts";

type Steps = Generator<Out<Said<JambonzWire>>, void, void>;

/** The return of one call on one socket. */
export class Returning {
  readonly #ports: Pick<JambonzPorts, "goOn" | "takeAsks">;
  readonly #answers: Answers;
  readonly #outlet: Outlet;
  readonly #speech: Speech;
  /** The session:reconnect that has not been acked yet. */
  #unacked: { readonly msgid: string; readonly greeted: boolean } | undefined;
  /** The session:reconnect that this socket began with. */
  #reconnect: string | undefined;

  constructor(
    ports: Pick<JambonzPorts, "goOn" | "takeAsks">,
    answers: Answers,
    outlet: Outlet,
    speech: Speech,
  ) {
    this.#ports = ports;
    this.#answers = answers;
    this.#outlet = outlet;
    this.#speech = speech;
  }

  /** The socket begins with this session:reconnect. */
  begins(msgid: string): void {
    this.#reconnect = msgid;
  }

  /** The record of the call is known: what leaves is for a call as it stands. */
  resume({ answered, greeted }: Resumed): void {
    if (greeted) this.#outlet.listens();
    if (answered) this.#outlet.answered();
    // Its first verbs have gone out, and whether they have answered it was told to nobody.
    else if (greeted) this.#outlet.mayBeAnswered();
  }

  /** As `resume`, where jambonz waits for the ack of its reconnect. */
  comesBack(msgid: string, resumed: Resumed): void {
    this.resume(resumed);
    if (resumed.streaming) this.#speech.isOpen();
    this.#unacked = { msgid, greeted: resumed.greeted };
  }

  /** The call had been given up, and its record goes on: who was greeted is not greeted again. */
  *goesOn(resumed: Resumed): Steps {
    const msgid = this.#reconnect;
    if (msgid === undefined) return;
    this.comesBack(msgid, resumed);
    if (resumed.greeted) yield* this.#answers.verbs(msgid, []);
  }

  /** The ack of a reconnect comes before what was asked meanwhile. */
  settle(): void {
    const unacked = this.#unacked;
    if (unacked === undefined || this.#answers.waitsFor(unacked.msgid)) return;
    this.#unacked = undefined;
    this.#ports.takeAsks();
    if (unacked.greeted) this.#ports.goOn();
  }
}
