/**
 * The other side of a jambonz audio socket, and the world of its protocol.
 * @module
 */
import type {
  DueAudio,
  JambonzAudioNotice,
  JambonzAudioPorts,
} from "../../protocols/jambonz_audio/ports.ts";
import { Client, type Message } from "./client.ts";
import { JAMBONZ, said, sessionNew } from "./lines.ts";
import type { TestServer } from "./server.ts";
import type { Told } from "./worlds.ts";

interface Due {
  readonly items: readonly DueAudio[];
  readonly againInMs: number | undefined;
}

/** A world in which these calls want their audio; `owes` is what their playout has due next. */
export function audioWorld(
  callSids: readonly string[],
): JambonzAudioPorts & { told: Told; owes: Due[]; promised: JambonzAudioNotice[] } {
  const told: Told = [];
  const owes: Due[] = [];
  return {
    told,
    owes,
    promised: [],
    begin(metadata) {
      told.push(["begin", metadata]);
      if (!callSids.includes(metadata.callSid)) return undefined;
      return {
        playout: {
          due: () => owes.shift() ?? { items: [], againInMs: undefined },
          marked: (...said) => void told.push(["marked", ...said]),
        },
        audio: (...said) => void told.push(["audio", ...said]),
        key: (...said) => void told.push(["key", ...said]),
        closed: (...said) => void told.push(["closed", ...said]),
      };
    },
  };
}

/** Opens the audio socket of a call, as jambonz does. */
export async function audioSocket(
  server: TestServer,
  metadata: Message = {},
  subprotocol = "audio.jambonz.org",
): Promise<Client> {
  const socket = await Client.open(server.ws("/jambonz/audio"), { protocols: [subprotocol] });
  socket.send({ callSid: "sid-1", sampleRate: 8000, mixType: "mono", ...metadata });
  return socket;
}

/** The verb that makes jambonz open the socket. */
export const LISTEN = {
  enable: true,
  url: "/jambonz/audio",
  sampleRate: 8000,
  mixType: "mono",
  passDtmf: true,
  bidirectionalAudio: { enabled: true, streaming: true, sampleRate: 8000 },
};

/** A call on its two sockets, and the verbs of its first ack. */
export interface AudioCall {
  readonly line: Client;
  readonly audio: Client;
  readonly verbs: Message[];
}

/** An app that has answered and receives audio. */
export async function audioCall(
  server: TestServer,
  metadata: Message = {},
): Promise<AudioCall> {
  const line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack", msgid: "new" });
  return { line, audio: await audioSocket(server, metadata), verbs: data as Message[] };
}

/** Ends the call. */
export async function audioCallOver(
  server: TestServer,
  line: Client,
  audio: Client,
): Promise<Message[]> {
  line.send(said("call:status", "over", { call_status: "completed" }));
  const call = await server.call("jambonz", "sid-1", ({ state }) => state === "ended");
  await line.close();
  await audio.close();
  const events = await server.record(call);
  return events.map(({ type, data }) => ({ type, ...data }));
}

/** Reports the next mark as heard. */
export async function playOut(audio: Client, event = "playout"): Promise<string> {
  const { data } = await audio.next({ type: "mark" }) as { data: { name: string } };
  audio.send({ type: "mark", data: { name: data.name, event } });
  return data.name;
}
