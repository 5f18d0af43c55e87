/** Audio plays in the order of the app, even when a file is slow to read. */
import { assertEquals, assertRejects } from "@std/assert";
import { writeWav } from "../support/write_wav.ts";
import { Playback } from "../../app_host/playback.ts";
import type { AudioData } from "../../calls/app.ts";
import { outputOf } from "../support/process.ts";

/** Recordings in a separate folder; the pipe returns its recording when the test writes it. */
class SlowFile implements AsyncDisposable {
  readonly folder = Deno.makeTempDirSync({ prefix: "tipring-" });
  readonly path = `${this.folder}/slow.wav`;

  static async make(): Promise<SlowFile> {
    const file = new SlowFile();
    const { code } = await outputOf("mkfifo", { args: [file.path] });
    assertEquals(code, 0);
    return file;
  }

  async arrive(): Promise<void> {
    const samples = new Int16Array(80).fill(7);
    await Deno.writeFile(this.path, writeWav({ sampleRate: 8000, channels: 1, samples }), {
      create: false,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/** A playback that paces nothing, and records its queue. */
class Told extends Playback {
  readonly told: string[] = [];

  constructor() {
    super({
      wake() {},
      played() {},
      cannotPlay: (name) => this.told.push(`cannot play ${name}`),
    });
  }

  protected queue(pcm: AudioData): void {
    this.told.push(`queue ${pcm.length}`);
  }

  protected unqueue(): void {
    this.told.push("unqueue");
  }
}

Deno.test("Playback keeps its order behind a file that is slow to read, errors included", async () => {
  await using slow = await SlowFile.make();
  const playback = new Told();
  playback.play(slow.path);
  const missing = assertRejects(() => playback.play(`${slow.folder}/none.wav`, "none"));
  playback.play(new Uint8Array(320));
  const read = playback.read;
  // By now the missing file is known.
  for (let look = 0; look < 50; look++) await Deno.stat(slow.folder);
  await slow.arrive();
  await missing;
  await read;
  assertEquals(playback.told, ["queue 160", "cannot play none", "queue 320"]);
  assertEquals(playback.isSilent, false, "nothing has been heard yet");
});

Deno.test("Playback.drop() drops the queue, and a file that is being read", async () => {
  await using slow = await SlowFile.make();
  const playback = new Told();
  const ends = [playback.play(new Uint8Array(320)), playback.play(slow.path)];
  playback.drop();
  await slow.arrive();
  assertEquals(await Promise.all(ends), ["dropped", "dropped"]);
  assertEquals(playback.told, ["queue 320", "unqueue"]);
  assertEquals([playback.isSilent, playback.waitingMs], [true, 0]);
});
