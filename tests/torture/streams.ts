/**
 * Readers of the stream of all events, which resume after their last id.
 * @module
 */
import type { SeededRandom } from "./seeded_random.ts";
import type { Load } from "./load.ts";
import type { Json, StreamLog } from "./logs.ts";

/** Reads until the run is over. Without types it reads everything. */
export async function readStream(
  load: Load,
  random: SeededRandom,
  types: readonly string[] | null,
): Promise<void> {
  const log: StreamLog = { types, told: [], sockets: [] };
  load.logs.streams.push(log);
  while (!load.over.aborted) {
    await readOn(load, log);
    await load.pause(random, 10, 30);
  }
}

/** The id after which a reader resumes. */
export function lastRead({ told }: StreamLog): number {
  return Number(told.at(-1)?.["id"] ?? 0);
}

async function readOn(load: Load, log: StreamLog): Promise<void> {
  const after = lastRead(log);
  const query = log.types === null ? "" : `?type=${log.types.join()}`;
  try {
    const response = await fetch(load.url("http", `/api/v1/events/stream${query}`), {
      headers: { "last-event-id": String(after) },
      signal: load.over,
    });
    const numbers: number[] = [];
    log.sockets.push({ after, numbers });
    for await (const message of messages(response)) {
      log.told.push(message);
      numbers.push(Number(message["id"]));
    }
  } catch {
    // The server has ended, or the run is over.
  }
}

/** The data of each complete message. */
async function* messages({ body }: Response): AsyncGenerator<Json, void, void> {
  let rest = "";
  for await (const text of body!.pipeThrough(new TextDecoderStream())) {
    rest += text.replaceAll("\r\n", "\n");
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = /^data: ?(.*)$/m.exec(block)?.[1];
      if (data !== undefined) yield JSON.parse(data);
    }
  }
}
