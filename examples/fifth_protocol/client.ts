/**
 * Simulates Twilio for one call: sends a second of audio and counts the echoes.
 * @module
 */
import type { Heard, Said } from "../../session/wire.ts";
import type { MediaStreamWire } from "./messages.ts";

const FRAMES = 50;
const FRAME_MS = 20;
const streamSid = "MZ18ad3ab5";
const accountSid = "AC2f6b7e01";
const callSid = "CA5d8f0c2a";

const socket = new WebSocket(Deno.args[0] ?? "ws://127.0.0.1:4143/twilio/media");
let sequence = 0;
let echoed = 0;

const say = (message: Heard<MediaStreamWire>) => socket.send(JSON.stringify(message));
const numbered = () => ({ sequenceNumber: String(++sequence), streamSid });

socket.onopen = () => {
  say({ event: "connected", protocol: "Call", version: "1.0.0" });
  const mediaFormat = { encoding: "audio/x-mulaw", sampleRate: 8000, channels: 1 } as const;
  const start = { streamSid, accountSid, callSid, tracks: ["inbound" as const], mediaFormat };
  say({ event: "start", ...numbered(), start });
  let frame = 0;
  const pace = setInterval(() => {
    const payload = new Uint8Array(160).fill(0xff - frame).toBase64();
    const timestamp = String(frame * FRAME_MS);
    const media = { track: "inbound" as const, chunk: String(++frame), timestamp, payload };
    say({ event: "media", ...numbered(), media });
    if (frame === FRAMES) clearInterval(pace);
  }, FRAME_MS);
};

socket.onmessage = ({ data }: MessageEvent<string>) => {
  const message: Said<MediaStreamWire> = JSON.parse(data);
  if (message.event === "media") echoed++;
  if (message.event !== "mark") return;
  // All audio before it has been played: here, at once.
  say({ event: "mark", ...numbered(), mark: message.mark });
  if (echoed === FRAMES) say({ event: "stop", ...numbered(), stop: { accountSid, callSid } });
};

socket.onclose = ({ code, reason }) => {
  console.log(`${echoed} of ${FRAMES} frames came back; closed with ${code} ${reason}`);
};
