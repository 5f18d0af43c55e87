/**
 * A jambonz application for tests: our protocol without a call app and without a record.
 * @module
 */
import type { Verb } from "../../protocols/jambonz/commands.ts";
import { jambonzWire } from "../../protocols/jambonz/messages.ts";
import type { JambonzNotice, News, Question } from "../../protocols/jambonz/ports.ts";
import { jambonz } from "../../protocols/jambonz/session.ts";
import { upgrade } from "../../session/serve.ts";
import type { Session } from "../../session/session.ts";
import { Sessions } from "../../session/sessions.ts";
import { within } from "./arrivals.ts";
import { jambonzWorldOf } from "./worlds.ts";

/** How it handles its calls. */
export interface Behaviour {
  answer(question: Question): readonly Verb[];
  tell?(news: News, notify: (notice: JambonzNotice) => void): void;
}

/** The application on its own port. */
export class JambonzApplication implements AsyncDisposable {
  readonly #server: Deno.HttpServer<Deno.NetAddr>;
  readonly #sessions = new Sessions();

  constructor({ answer, tell }: Behaviour) {
    const context = (session: Session<JambonzNotice>) => ({
      ...jambonzWorldOf(),
      begin: () => void session.notify({ kind: "recorded" }),
      keep: (msgid: string) => void session.notify({ kind: "verbs", msgid, verbs: [] }),
      question: (question: Question, msgid: string) =>
        void session.notify({ kind: "verbs", msgid, verbs: answer(question) }),
      tell: (news: News) => tell?.(news, (notice) => void session.notify(notice)),
    });
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen() {} },
      (request) =>
        upgrade(request, {
          door: "jambonz",
          wire: jambonzWire,
          protocol: jambonz,
          context,
          observe: () => {},
          sessions: this.#sessions,
        }, "ws.jambonz.org"),
    );
  }

  /** The URL for jambonz. */
  get url(): string {
    return `ws://127.0.0.1:${this.#server.addr.port}/`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#sessions.hangUpAll(1001, "the test is over");
    await within(this.#server.shutdown(), () => "the application does not stop");
  }
}
