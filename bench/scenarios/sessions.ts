/**
 * New jambonz calls: opening the socket, and from `session:new` to its ack. The bare server echoes
 * the message.
 * @module
 */
import { measure } from "../loads.ts";
import { compare, row, type Scenario } from "./scenario.ts";

const CALLS = 1500;

/** How many calls can start per second. */
export const sessions: Scenario = {
  title: `New jambonz calls: a socket for each and a session:new on it, ${CALLS} a round`,
  async run({ rounds }) {
    const reports = await compare(
      rounds,
      ({ port, pid, echo }) => measure({ kind: "sessions", port, pid, echo, calls: CALLS }),
    );
    return [
      row("sockets opened/s", reports, ({ socketsPerSecond }) => socketsPerSecond),
      row("server CPU, µs/socket", reports, ({ cpuMicrosPerSocket }) => cpuMicrosPerSocket),
      row("session:new → ack/s", reports, ({ acksPerSecond }) => acksPerSecond),
      row("server CPU, µs/ack", reports, ({ cpuMicrosPerAck }) => cpuMicrosPerAck),
    ];
  },
};
