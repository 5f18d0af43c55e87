/**
 * One conversation of a simulated client over one socket, from opening it to closing it.
 * @module
 */
import type { AudioBytes } from "../../session/protocol.ts";
import type { Wire } from "../../session/wire.ts";
import type { Timeline } from "../output/timeline.ts";
import type { Refusals } from "../output/connection_ends.ts";
import type { EventQueue } from "./event_queue.ts";
import { type Approach, PeerSocket, type Received } from "./peer_socket.ts";

/** A simulated client. Its timer `leave` runs out when it shall leave. */
export interface Client<W extends Wire> {
  readonly timeline: Timeline;
  readonly events: EventQueue<Received<W>>;
  /** The socket is open. */
  opened(socket: PeerSocket<W>): void;
  /** False ends the conversation. */
  receive(message: Received<W>): boolean;
  /** Without it a binary frame breaks the rule `text-only`. */
  receiveAudio?(bytes: AudioBytes): void;
  /** False ends the conversation. */
  timeout(timer: string): boolean;
  /** The server closed the socket. */
  closed(code: number, reason: string): void;
}

/** Where a client connects, and until when it stays. */
export interface Visit extends Approach {
  /** The URL as the user gave it. */
  readonly serverUrl: string;
  /** Leaves after this time, in milliseconds. */
  readonly stayMs?: number | undefined;
  /** Leaves when aborted. */
  readonly signal?: AbortSignal | undefined;
  readonly refusals?: Refusals;
}

/** Connects a client and resolves when its socket is closed. Faults go to its timeline. */
export async function converse<W extends Wire>(
  client: Client<W>,
  wire: W,
  { serverUrl, stayMs, signal, refusals, ...approach }: Visit,
): Promise<void> {
  const { timeline } = client;
  using events = client.events;
  let socket: PeerSocket<W>;
  try {
    socket = await PeerSocket.open(wire, approach, events);
  } catch (error) {
    return timeline.cannotConnect(serverUrl, error as Error, refusals);
  }
  timeline.checksHabits = socket.isTipring;
  client.opened(socket);
  if (stayMs !== undefined) events.timer("leave", stayMs);
  events.timeoutOn(signal, "leave");
  for await (const event of events) {
    if (event.kind === "closed") {
      timeline.received("close", { code: event.code, reason: event.reason });
      client.closed(event.code, event.reason);
      break;
    }
    if (event.kind === "message") {
      if (!client.receive(event.message)) break;
    } else if (event.kind === "timeout") {
      if (!client.timeout(event.timer)) break;
    } else if (event.kind === "malformed") {
      timeline.broke("known-messages", `${event.why}: ${event.detail}`);
    } else if (client.receiveAudio) client.receiveAudio(event.bytes);
    else timeline.broke("text-only", `${event.bytes.length} bytes`);
  }
  await socket.close();
}
