/**
 * The other side of a jambonz audio socket, and the world of its protocol.
 * @module
 */
import type {
  DueAudio,
  JambonzAudioNotice,
  JambonzAudioWorld,
} from "../../protocols/jambonz_audio/world.ts";
import { Client, type Message } from "./client.ts";
import type { TestServer } from "./server.ts";
import type { Told } from "./worlds.ts";

interface Due {
  readonly items: readonly DueAudio[];
  readonly againInMs: number | undefined;
}

/** A world in which these calls want their audio; `owes` is what their playout has due next. */
export function audioWorld(
  callSids: readonly string[],
): JambonzAudioWorld & { told: Told; owes: Due[]; promised: JambonzAudioNotice[] } {
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
    oddity: (...said) => void told.push(["oddity", ...said]),
  };
}

/** Opens the audio socket of a call, as jambonz does when it is asked to. */
export async function audioSocket(
  server: TestServer,
  metadata: Message = {},
  subprotocol = "audio.jambonz.org",
): Promise<Client> {
  const socket = await Client.open(server.ws("/jambonz/audio"), { protocols: [subprotocol] });
  socket.send({ callSid: "sid-1", sampleRate: 8000, mixType: "mono", ...metadata });
  return socket;
}
