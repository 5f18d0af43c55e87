/**
 * A jambonz server's side: calls that outlive their sockets.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { HookLog, JambonzLog, Json } from "./logs.ts";
import { ClientSocket } from "./socket.ts";

const SUBPROTOCOL = "ws.jambonz.org";

/** Makes one call after the other. */
export async function jambonzCalls(load: Load, random: SeededRandom): Promise<void> {
  while (!load.draining) {
    await new JambonzClient(load, random).run();
    await load.pause(random, 5, 60);
  }
}

class JambonzClient {
  readonly #load: Load;
  readonly #random: SeededRandom;
  readonly #log: JambonzLog;
  /**
   * Whether `session:new` has been sent on any socket: from then on it sends `session:reconnect`.
   */
  #announced = false;
  #turnsLeft: number;
  /** The hook of the running gather. */
  #hookOfGather = "/none";

  constructor(load: Load, random: SeededRandom) {
    this.#load = load;
    this.#random = random;
    this.#turnsLeft = random.whole(1, 25);
    this.#log = {
      callSid: load.name("jambonz"),
      from: `+1508308${random.whole(1000, 9999)}`,
      to: "1001",
      acks: 0,
      greetings: 0,
      reconnects: 0,
      hooks: [],
      ending: "on",
    };
  }

  async run(): Promise<void> {
    const log = this.#log;
    while (log.ending === "on") {
      if (this.#load.over.aborted) {
        if (this.#announced) log.ending = "vanished";
        return;
      }
      const socket = await ClientSocket.open(this.#load.url("ws", "/jambonz"), [SUBPROTOCOL]);
      if (socket === undefined) {
        if (!this.#announced && this.#load.draining) return;
        // Some never reconnect.
        if (this.#announced && this.#random.happens(0.005)) log.ending = "vanished";
        await this.#load.pause(this.#random, 10, 30);
      } else await this.#on(socket);
    }
  }

  async #on(socket: ClientSocket): Promise<void> {
    const log = this.#log;
    const isNew = !this.#announced;
    if (isNew) this.#load.logs.jambonz.push(log);
    this.#announced = true;
    const ack = await this.#ask(socket, isNew ? "session:new" : "session:reconnect", this.#info());
    if (ack === undefined) return;
    log.acks++;
    if (!isNew) log.reconnects++;
    if (ack["data"] !== undefined) log.greetings++;
    if (isNew) this.#say(socket, "call:status", { ...this.#info(), call_status: "in-progress" });
    while (socket.isOpen && log.ending === "on") await this.#turn(socket);
    if (log.ending !== "on") return;
    await socket.closed;
  }

  async #turn(socket: ClientSocket): Promise<void> {
    const log = this.#log;
    const random = this.#random;
    await this.#load.pause(random, 5, 60);
    if (!socket.isOpen) return;
    if (this.#turnsLeft-- > 0 && !this.#load.draining) {
      if (random.happens(0.02)) await socket.close(4000);
      else await this.#hook(socket);
      return;
    }
    const how = random.next();
    if (how < 0.1) {
      log.ending = "vanished";
      await socket.close(4000);
    } else if (how < 0.2) {
      log.ending = "closed";
      await socket.close(1000);
    } else {
      log.ending = "completed";
      const call_status = "completed";
      this.#say(socket, "call:status", {
        ...this.#info(),
        call_status,
        call_termination_by: "caller",
      });
      if (random.happens(0.5)) await this.#hook(socket);
      await this.#load.pause(random, 5, 30);
      await socket.close(1000);
    }
  }

  async #hook(socket: ClientSocket): Promise<void> {
    const random = this.#random;
    const speaks = random.happens(0.5);
    const speech = speaks ? this.#load.name("words") : null;
    // 9 would end the call.
    const digits = speaks ? "" : String(random.whole(1, 9) % 9) + (random.happens(0.3) ? "12" : "");
    const hook: HookLog = { digits, speech, acknowledged: false };
    this.#log.hooks.push(hook);
    const result = speech === null
      ? { digits, reason: "dtmfDetected" }
      : { speech: { is_final: true, alternatives: [{ transcript: speech, confidence: 1 }] } };
    const ack = await this.#ask(
      socket,
      "verb:hook",
      { ...this.#info(), ...result },
      this.#hookOfGather,
    );
    hook.acknowledged = ack !== undefined;
  }

  #info(): Json {
    const { callSid, from, to } = this.#log;
    return { call_sid: callSid, from, to, direction: "inbound" };
  }

  #say(socket: ClientSocket, type: string, data: Json, hook?: string): string {
    const msgid = this.#load.name("m");
    const { callSid: call_sid } = this.#log;
    socket.send({ type, msgid, call_sid, data, ...(hook === undefined ? {} : { hook }) });
    return msgid;
  }

  /** Sends a request; undefined when the socket closes before the ack. */
  async #ask(
    socket: ClientSocket,
    type: string,
    data: Json,
    hook?: string,
  ): Promise<Json | undefined> {
    const msgid = this.#say(socket, type, data, hook);
    for (let said = await socket.next(); said !== undefined; said = await socket.next()) {
      this.#hookOfGather = gatherHook(said) ?? this.#hookOfGather;
      if (said["type"] === "ack" && said["msgid"] === msgid) return said;
      // A watcher asked to end or to join: the call is soon over.
      if (verbsOf(said).some(({ verb }) => verb === "hangup" || verb === "dial")) {
        this.#turnsLeft = Math.min(this.#turnsLeft, 2);
      }
    }
    return undefined;
  }
}

/** The hook of the gather in these verbs, if there is one. */
function gatherHook(said: Json): string | undefined {
  const hook = verbsOf(said).find(({ verb }) => verb === "gather")?.["actionHook"];
  return hook === undefined ? undefined : String(hook);
}

function verbsOf({ data }: Json): readonly Json[] {
  return Array.isArray(data) ? data : [];
}
