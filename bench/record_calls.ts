/**
 * Whole inbound calls against a server of their own: what a call and its record cost.
 * @module
 */

/** What came of it. */
export interface CallsReport {
  readonly callsPerSecond: number;
  /** Events that the record of one call has. */
  readonly eventsPerCall: number;
  readonly cpuMicrosPerCall: number;
}

const CALLERS = 32;
const DIGITS = "1234";
/** started, answered, the digits, ended, cdr. */
const EVENTS_PER_CALL = DIGITS.length + 4;
const WARM_MS = 1000;
const CLOCK_TICKS_PER_SECOND = 100;
const TIMES_FIELD = 11;

/** Makes calls for a while on a server that listens on this port. */
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
    eventsPerCall: EVENTS_PER_CALL,
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

/** Resolves when the CDR has been acknowledged by our close. */
function oneCall(port: number): Promise<void> {
  const sessionId = crypto.randomUUID();
  const socket = new WebSocket(`ws://127.0.0.1:${port}/inbound`);
  const say = (message: object) => socket.send(JSON.stringify(message));
  socket.onopen = () =>
    say({ event: "incoming_call", callerId: "+254712345678", didNumber: "5000", sessionId });
  // It says nothing but its answer.
  socket.onmessage = () => {
    for (const digit of DIGITS) say({ event: "dtmf", digit });
    say({ event: "hangup" });
    say({ event: "cdr", sessionId, disposition: "ANSWERED", duration: 12 });
  };
  return new Promise((resolve, reject) => {
    socket.onclose = ({ code }) =>
      code === 1000 ? resolve() : reject(new Error(`the call was closed with ${code}`));
  });
}

/** All threads of a process, in hundredths of a second. */
function cpuMicros(pid: number): number {
  const stat = Deno.readTextFileSync(`/proc/${pid}/stat`);
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = Number(fields[TIMES_FIELD]) + Number(fields[TIMES_FIELD + 1]);
  return ticks * 1e6 / CLOCK_TICKS_PER_SECOND;
}
