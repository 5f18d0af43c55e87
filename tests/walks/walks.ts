/**
 * The paths through the code that ARCHITECTURE.md describes, run against a real server.
 * @module
 */
import { databaseFile } from "../support/database_file.ts";
import { AppFile } from "../support/apps.ts";
import { Client, type Message } from "../support/client.ts";
import { openContract, pay, SELLER } from "../support/deal.ts";
import { gathered, inboundCall, JAMBONZ, QUIET_INBOUND, sessionNew } from "../support/lines.ts";
import { TestServer } from "../support/server.ts";

/** A walk, and how often it is walked: the functions that run more often in `more` are on it. */
export interface Walk {
  /** The heading of its section in ARCHITECTURE.md. */
  readonly section: string;
  readonly few: number;
  readonly more: number;
  walk(server: TestServer, times: number): Promise<void>;
  /** The app of every call, as the body of a function with a `call`. */
  app?(times: number): string;
  /** The app's file. */
  readonly file?: string;
}

const FRAME = new Uint8Array(320);

async function echo(server: TestServer, times: number): Promise<void> {
  await using line = await inboundCall(server);
  for (let n = 0; n < times; n++) {
    line.send(FRAME);
    await line.nextAudio();
  }
}

/** The walks by their names. */
export const WALKS: Readonly<Record<string, Walk>> = {
  frame: { section: "A frame", few: 50, more: 100, walk: echo },
  frame_app: { section: "A frame", few: 50, more: 100, walk: echo, file: "apps/echo.ts" },
  play: {
    section: "`call.play`",
    few: 5,
    more: 15,
    app: (times) =>
      `for (let n = 0; n < ${times}; n++) await call.play(new Uint8Array(640));
       call.sendDigits("1");
       for await (const event of call);`,
    async walk(server) {
      await using line = await inboundCall(server);
      // The tone shows that all of them were heard.
      await line.next({ event: "dtmf" });
    },
  },
  hook: {
    section: "A `verb:hook`",
    few: 5,
    more: 15,
    app: () => `for (;;) await call.gather({ say: "Which key?", digits: 1 });`,
    async walk(server, times) {
      await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
      line.send(sessionNew());
      await line.next({ type: "ack", msgid: "new" });
      for (let n = 0; n < times; n++) {
        line.send(gathered(line, `hook-${n}`, { reason: "dtmfDetected", digits: "1" }));
        await line.next({ type: "ack", msgid: `hook-${n}` });
      }
    },
  },
  payment: {
    section: "A payment's webhook",
    few: 3,
    more: 10,
    async walk(server, times) {
      const payments: Message[] = [];
      for (let n = 0; n < this.more; n++) {
        const contract = await openContract(server);
        await pay(server, contract, 150.5);
        payments.push((await server.rest("GET", `/payments/contract/${contract}`)).payments[0]);
      }
      await using party = await Client.open(server.ws(`/api/v1/ws/${encodeURIComponent(SELLER)}`));
      for (const { payment_id } of payments.slice(0, times)) {
        const callback = { payment_id, transactionId: `T-${payment_id}`, status: "Success" };
        await server.rest("POST", "/payments/webhook", callback);
        await party.next({ type: "payment_update", status: "locked" });
      }
    },
  },
};

/** Walks so many times, on a server with a database in a file. */
async function walk(name: string, times: number): Promise<void> {
  const walk = WALKS[name]!;
  await using database = await databaseFile();
  using written = walk.app && new AppFile(walk.app(times));
  const app = written?.path ?? walk.file;
  const settings = {
    ...QUIET_INBOUND,
    DATABASE_URL: database.url,
    ...(app === undefined ? {} : { APP: app }),
  };
  await using server = await TestServer.start({ settings });
  await walk.walk(server, times);
}

if (import.meta.main) await walk(Deno.args[0]!, Number(Deno.args[1]));
