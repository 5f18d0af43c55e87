/**
 * Writes at the end of a turn of the event loop everything that its sockets sent during the turn: one
 * write for each, however many frames it was sent.
 * @module
 */
import { setImmediate } from "node:timers";

/** Something that buffers until the turn ends. */
export interface Flushable {
  flush(): void;
}

let waiting: Flushable[] = [];

/** Flushes this at the end of the turn. Call it once a turn. */
export function atEndOfTurn(socket: Flushable): void {
  if (waiting.push(socket) === 1) setImmediate(flushAll);
}

function flushAll(): void {
  const sockets = waiting;
  waiting = [];
  for (const socket of sockets) socket.flush();
}
