/**
 * Whole inbound calls against a separate server: the cost of a call and its record.
 * @module
 */
import { cpuMicros } from "./cpu.ts";

/** The cost of the calls. */
export interface CallsReport {
  readonly callsPerSecond: number;
  readonly cpuMicrosPerCall: number;
}

const CALLERS = 32;
const DIGITS = "1234";
/** The record of one call: started, answered, the digits, ended, cdr. */
export const EVENTS_PER_CALL = DIGITS.length + 4;
const WARM_MS = 1000;

/** Makes calls on the server at `port` for `measureMs` milliseconds. */
export async function measureCalls(
  { port, pid }: { readonly port: number; readonly pid: number },
  measureMs: number,
): Promise<CallsReport> {
  await call(port, WARM_MS);
  const cpuBefore = cpuMicros(pid);
  const beganMs = performance.now();
  const calls = await call(port, measureMs);
  const seconds = (performance.now() - beganMs) / 1000;
  return {
    callsPerSecond: calls / seconds,
    cpuMicrosPerCall: (cpuMicros(pid) - cpuBefore) / calls,
  };
}

async function call(port: number, forMs: number): Promise<number> {
  const endMs = performance.now() + forMs;
  let calls = 0;
  await Promise.all(Array.from({ length: CALLERS }, async () => {
    while (performance.now() < endMs) {
      await oneCall(port);
      calls++;
    }
  }));
  return calls;
}

/** Resolves when the server acknowledges the CDR with its close. */
function oneCall(port: number): Promise<void> {
  const sessionId = crypto.randomUUID();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/inbound`);
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.onopen = () =>
    say({ event: "incoming_call", callerId: "+254712345678", didNumber: "5000", sessionId });
  // The only message of the server is its answer.
  socket.onmessage = () => {
    for (const digit of DIGITS) say({ event: "dtmf", digit });
    say({ event: "hangup" });
    say({ event: "cdr", sessionId, disposition: "ANSWERED", duration: 12 });
  };
  return new Promise((resolve, reject) => {
    socket.onclose = ({ code }) =>
      code === 1000 ? resolve() : reject(new Error(`the server closed the call with ${code}`));
  });
}
