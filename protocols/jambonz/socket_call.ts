/**
 * The call of one socket: begun here, known from before, or back after its last socket was lost.
 * @module
 */
import type { CallInfo } from "./messages.ts";
import { newCall } from "./new_call.ts";
import type { Outlet } from "./outlet.ts";
import type { JambonzPorts, Resumed } from "./ports.ts";
import type { SpeechStream } from "./speech_stream.ts";

/** The session:reconnect that opened a socket, and whether its call had been greeted by then. */
interface Reconnect {
  readonly msgid: string;
  readonly greeted: boolean;
}

/** Opens the call's record, or goes on in it. */
export class SocketCall {
  readonly #ports: JambonzPorts;
  readonly #outlet: Outlet;
  readonly #speech: SpeechStream;
  #callSid: string | undefined;
  #reconnect: Reconnect | undefined;

  constructor(ports: JambonzPorts, outlet: Outlet, speech: SpeechStream) {
    this.#ports = ports;
    this.#outlet = outlet;
    this.#speech = speech;
  }

  /** The platform's id of the call; undefined before a message names it. */
  get callSid(): string | undefined {
    return this.#callSid;
  }

  /** What opened this socket, on a call that came back; throws on others, which is our own bug. */
  get reconnect(): Reconnect {
    if (this.#reconnect === undefined) throw new Error("Cannot settle a call that is not back");
    return this.#reconnect;
  }

  /** Opens the call's record; true where we know the call, so it is open already. */
  open(callSid: string, type: string, data: CallInfo): boolean {
    this.#callSid = callSid;
    const resumed = type === "session:new" ? undefined : this.#ports.resume(callSid);
    if (resumed === undefined) {
      this.#ports.begin(this.#begun(callSid, data));
      return false;
    }
    this.#resume(resumed);
    this.#ports.takeAsks();
    return true;
  }

  /** Goes on with a call that lost its socket. Opens its record again where we do not know it any more. */
  comeBack(callSid: string, msgid: string, data: CallInfo): Resumed | undefined {
    this.#callSid = callSid;
    const resumed = this.#ports.resume(callSid);
    if (resumed === undefined) {
      this.#ports.beginAgain(this.#begun(callSid, data));
      this.#reconnect = { msgid, greeted: false };
    } else this.#goOn(msgid, resumed);
    return resumed;
  }

  /** Goes on in the record of a call that had been given up as lost. */
  reopened(resumed: Resumed): void {
    this.#goOn(this.reconnect.msgid, resumed);
  }

  #begun(callSid: string, data: CallInfo): ReturnType<typeof newCall> {
    // jambonz asks what to do with an outbound call once it is answered.
    if (data.direction === "outbound") this.#outlet.answered();
    return newCall(callSid, data, (parent) => this.#ports.callIdOf(parent));
  }

  #goOn(msgid: string, resumed: Resumed): void {
    this.#reconnect = { msgid, greeted: resumed.greeted };
    this.#resume(resumed);
    if (resumed.streaming) this.#speech.isOpen();
  }

  /** Sets the outlet to what the call's record says. */
  #resume({ answered, greeted }: Resumed): void {
    if (greeted) this.#outlet.listens();
    if (answered) this.#outlet.answered();
    // The first verbs went out, and may have answered the call.
    else if (greeted) this.#outlet.mayBeAnswered();
  }
}
