/**
 * New calls of a jambonz server: a socket for each, and a `session:new` on it.
 * @module
 */
import { cpuMicros } from "../cpu.ts";
import { openSome } from "./call.ts";
import { Client, type Door, textFrame } from "./client.ts";
import type { SessionsJob, SessionsReport } from "./jobs.ts";

/** Opens the sockets, then begins a session on each, and measures both. */
export async function runSessions(
  { port, pid, echo, calls }: SessionsJob,
  begin: () => Promise<void>,
): Promise<SessionsReport> {
  const door: Door = echo === "bare"
    ? { port, path: "/" }
    : { port, path: "/jambonz", subprotocol: "ws.jambonz.org" };
  await begin();
  const opening = new Stopwatch(pid);
  const clients = await openSome(calls, () => Client.open(door));
  const opened = opening.stop();
  const asking = new Stopwatch(pid);
  await openSome(calls, (index) => ask(clients[index]!));
  const acked = asking.stop();
  for (const client of clients) client.abandon();
  return {
    socketsPerSecond: calls * 1000 / opened.elapsedMs,
    cpuMicrosPerSocket: opened.cpuMicros / calls,
    acksPerSecond: calls * 1000 / acked.elapsedMs,
    cpuMicrosPerAck: acked.cpuMicros / calls,
  };
}

/** Sends a `session:new` and resolves at its ack. */
function ask(client: Client): Promise<void> {
  const msgid = crypto.randomUUID();
  client.send(textFrame(JSON.stringify(sessionNew(msgid, crypto.randomUUID()))));
  return new Promise((resolve, reject) => {
    client.onText = (text) => {
      if (text.includes(msgid)) resolve();
      else reject(new Error("The server answered another message"));
    };
    client.closed.then(() => reject(new Error("The server closed the socket before the ack")));
  });
}

/** A message as long as that of a jambonz server. */
function sessionNew(msgid: string, call_sid: string) {
  return {
    type: "session:new",
    msgid,
    call_sid,
    data: {
      sip: {
        headers: {
          "via": "SIP/2.0/UDP 192.0.2.5;rport=5060;branch=z9hG4bK3tv053jp1mcHQ",
          "max-forwards": "70",
          "from": "<sip:+254712345678@192.0.2.5:5060>;tag=9mgyBeaUy4H2S",
          "to": "<sip:5000@192.0.2.5>",
          "call-id": call_sid,
          "cseq": "48063641 INVITE",
          "contact": "<sip:198.51.100.72:5060>",
          "user-agent": "bench",
          "allow": "INVITE, ACK, CANCEL, BYE, REFER, NOTIFY, OPTIONS",
          "content-type": "application/sdp",
        },
        raw: "INVITE sip:5000@192.0.2.5 SIP/2.0\r\n\r\n",
        body: "v=0\r\no=root 1 1 IN IP4 198.51.100.72\r\ns=x\r\nm=audio 40150 RTP/AVP 0 8 101\r\n",
        method: "INVITE",
        version: "2.0",
        uri: "sip:5000@198.51.100.72:5070",
      },
      direction: "inbound",
      trace_id: "18228daa536f82e0ec29074e7bf47b89",
      caller_name: "A caller",
      call_sid,
      account_sid: "9351f46a-678c-43f5-b8a6-d4eb58d131af",
      application_sid: "7087fe50-8acb-4f3b-b820-97b573723aab",
      // Each call has a caller of its own, as in life.
      from: `+2547${String(Math.floor(Math.random() * 1e8)).padStart(8, "0")}`,
      to: "5000",
      call_id: call_sid,
      sip_status: 100,
      sip_reason: "Trying",
      call_status: "trying",
      originating_sip_ip: "192.0.2.5",
      originating_sip_trunk_name: "bench",
      local_sip_address: "198.51.100.72:5060",
      service_url: "ws://127.0.0.1/jambonz",
      defaults: {
        synthesizer: { vendor: "google", language: "en-US", voice: "en-US-Standard-C" },
        recognizer: { vendor: "google", language: "en-US" },
      },
      env_vars: {},
    },
  };
}

class Stopwatch {
  readonly #pid: number;
  readonly #cpuMicros: number;
  readonly #atMs = performance.now();

  constructor(pid: number) {
    this.#pid = pid;
    this.#cpuMicros = cpuMicros(pid);
  }

  stop(): { cpuMicros: number; elapsedMs: number } {
    return {
      cpuMicros: cpuMicros(this.#pid) - this.#cpuMicros,
      elapsedMs: performance.now() - this.#atMs,
    };
  }
}
