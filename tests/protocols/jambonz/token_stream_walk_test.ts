import { assertEquals } from "@std/assert";
import fc from "fast-check";
import { TokenStream } from "../../../protocols/jambonz/token_stream.ts";
import type { Command } from "../../../protocols/jambonz/commands.ts";

/** A jambonz server that has room for so many pieces, and refuses the rest until it is read. */
class Server {
  readonly taken: string[] = [];
  #room: number;
  #full = false;
  #results: { id: number; status: string; reason?: string }[] = [];

  constructor(room: number) {
    this.#room = room;
  }

  take(commands: readonly Command[]): void {
    for (const command of commands) {
      if (command.command === "tts:flush") this.taken.push("|");
      if (command.command !== "tts:tokens") continue;
      const { id, tokens } = command.data;
      this.#full ||= this.#room === 0;
      if (this.#full) this.#results.push({ id: Number(id), status: "failed", reason: "full" });
      else {
        this.#room--;
        this.taken.push(tokens);
        this.#results.push({ id: Number(id), status: "ok" });
      }
    }
  }

  /** Results come out of order, and all before the stream resumes. */
  resume(stream: TokenStream, room: number, shuffle: (index: number) => number): void {
    while (this.#results.length > 0) {
      const at = shuffle(this.#results.length);
      stream.result(this.#results.splice(at, 1)[0]!);
    }
    this.#room = room;
    this.#full = false;
    this.take(stream.event("stream_resumed"));
  }
}

Deno.test("TokenStream loses nothing, duplicates nothing and keeps its order, however full it gets", () => {
  const act = fc.oneof(
    fc.constantFrom("say", "say", "flush").map((kind) => ({ kind, room: 0, seed: 0 })),
    fc.record({ kind: fc.constant("resume"), room: fc.nat(3), seed: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(act, { maxLength: 40 }), fc.nat(3), (acts, room) => {
      const stream = new TokenStream();
      const server = new Server(room);
      const given: string[] = [];
      server.take(stream.event("stream_open"));
      for (const { kind, room, seed } of acts) {
        if (kind === "resume") server.resume(stream, room, (length) => seed % length);
        else if (kind === "flush") server.take(stream.flush());
        else {
          const text = `${given.length} `;
          given.push(text);
          server.take(stream.push(text).commands);
        }
      }
      server.take(stream.flush());
      server.resume(stream, 1000, () => 0);
      assertEquals(server.taken.filter((taken) => taken !== "|"), given);
      if (given.length > 0) assertEquals(server.taken.at(-1), "|", "the last words are spoken too");
    }),
    { numRuns: 2000 },
  );
});
