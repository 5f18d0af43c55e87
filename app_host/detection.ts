/**
 * What `detect` listens for in the caller's audio: speech, and keys that come as tones.
 * @module
 */
import { DtmfDetector } from "../audio/dtmf_detector.ts";
import { PcmStream } from "../audio/pcm.ts";
import { VoiceDetector } from "../audio/vad.ts";
import type { AudioData, CallEvent, Detection } from "../calls/app.ts";

/** Hears what was detected. */
export interface DetectionListener {
  speech(event: CallEvent & { kind: "speech_start" | "speech_end" }): void;
  key(digit: string): void;
}

/** Listens to 8 kHz PCM, cut anywhere. */
export class AppDetection {
  readonly #listener: DetectionListener;
  readonly #stream = new PcmStream();
  readonly #speech: VoiceDetector | undefined;
  readonly #keys: DtmfDetector | undefined;

  constructor({ speech = false, keys = false }: Detection, listener: DetectionListener) {
    this.#listener = listener;
    this.#speech = speech ? new VoiceDetector() : undefined;
    this.#keys = keys ? new DtmfDetector() : undefined;
  }

  /** Listens to the next frame. */
  hear(bytes: AudioData): void {
    const samples = this.#stream.read(bytes);
    for (const event of this.#keys?.hear(samples) ?? []) {
      if (event.kind === "start") this.#listener.key(event.digit);
    }
    for (const event of this.#speech?.hear(samples) ?? []) {
      this.#listener.speech(
        event.kind === "speech-start"
          ? { kind: "speech_start" }
          : { kind: "speech_end", durationMs: event.durationMs },
      );
    }
  }
}
