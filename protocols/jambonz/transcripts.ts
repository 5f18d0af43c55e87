/**
 * Finds the words spoken on a jambonz call.
 * @module
 */
import type { Role } from "../../calls/call_record.ts";
import { Speech } from "./messages.ts";
import type { JambonzPorts } from "./ports.ts";

/** The first alternative of a final recognition, or undefined. */
export function bestTranscript(speech: unknown): string | undefined {
  const parsed = Speech.safeParse(speech);
  if (!parsed.success || parsed.data.is_final === false) return undefined;
  const transcript = parsed.data.alternatives?.[0]?.transcript.trim();
  return transcript === "" ? undefined : transcript;
}

/** The final words in an event of a language model, in the forms of jambonz's vendors. */
export function llmTranscript(
  data: Readonly<Record<string, unknown>>,
): { role: Role; msg: string } | undefined {
  const { type, transcript, text } = data;
  const said = [transcript, text].find((words) => typeof words === "string" && words !== "");
  if (typeof type !== "string" || typeof said !== "string") return undefined;
  if (/input_audio_transcription\.completed$/.test(type)) return { role: "other", msg: said };
  if (/audio_transcript\.done$/.test(type)) return { role: "assistant", msg: said };
  if (type === "transcript" && data["final"] !== false) {
    return { role: data["role"] === "user" ? "other" : "assistant", msg: said };
  }
  return undefined;
}

/** Records a verb's input: digits and final words. */
export function recordResult(
  { digits, speech }: Readonly<Record<string, unknown>>,
  ports: Pick<JambonzPorts, "dtmf" | "transcript">,
): void {
  if (typeof digits === "string") {
    for (const digit of digits) ports.dtmf(digit, "caller");
  }
  const transcript = bestTranscript(speech);
  if (transcript !== undefined) ports.transcript("other", transcript);
}
