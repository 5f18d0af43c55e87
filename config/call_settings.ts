/**
 * Settings of calls: their apps, their recordings, and the two lines that bring them.
 * @module
 */
import { z } from "zod";
import { DOCUMENT_TIMELINE } from "../protocols/inbound_call/ports.ts";
import { DEFAULT_JAMBONZ_TIMES } from "../protocols/jambonz/ports.ts";
import { addresses, list, ms, whole, yesOrNo } from "./setting_types.ts";

/** What a setting of numbers to join looks like. */
export const JOIN_NUMBERS_FORM = "user=+E164 pairs, comma separated";

/** A secret that is a segment of a path: no character of it needs escaping. */
const PATH_SECRET = /^[\w.~-]{16,128}$/;
const PATH_SECRET_FORM = "16 to 128 letters, digits and . _ ~ -";

/** `5000=secret`: a number, or `*`, and the secret of calls to it. */
const numberSecret = z.string().transform((text, context) => {
  const at = text.indexOf("=");
  const [number, secret] = [text.slice(0, Math.max(at, 0)).trim(), text.slice(at + 1).trim()];
  if (number !== "" && PATH_SECRET.test(secret)) return { number, secret };
  context.addIssue(`number=secret pairs, comma separated; a secret has ${PATH_SECRET_FORM}`);
  return z.NEVER;
});

/** `inbound:5000=apps/ivr.ts`: a line, a number called or a path, and the file of an app. */
const appRule = z.string().transform((text, context) => {
  const rule = /^(inbound|jambonz)(?::([^=]+))?=(.+)$/.exec(text);
  if (rule !== null) {
    return { line: rule[1] as "inbound" | "jambonz", called: rule[2], file: rule[3]! };
  }
  context.addIssue("line=file or line:number=file, comma separated; lines are inbound and jambonz");
  return z.NEVER;
});

/** Apps, recordings, and the lines that bring calls. */
export const callSettings = {
  APP: z.string().min(1).optional().describe(
    "The call app of every call, such as apps/ivr.ts; by default each line has its own behaviour",
  ),
  APPS: list.pipe(z.array(appRule)).default([]).describe(
    "Call apps by line, or by number called or jambonz path; they override APP: " +
      "`inbound:5000=apps/ivr.ts,jambonz=apps/screening.ts,jambonz:/sales=apps/echo.ts`",
  ),
  APP_RELOAD: yesOrNo("Whether the next call loads an app that has changed"),
  APP_ANSWERS_WITHIN_MS: ms(
    "How long an app may let an inbound call ring",
    DOCUMENT_TIMELINE.appAnswersWithinMs,
  ),
  RECORD: z.enum(["asked", "all"]).default("asked").describe(
    "Which calls are recorded: asked, those whose app or REST asks; all, from the answer on",
  ),
  RECORDINGS: z.string().min(1).default("data/recordings").describe(
    "The folder of recordings, one WAV file per recorded call; " +
      "outside `data`, name it in the task's `--allow-read` and `--allow-write`",
  ),
  INBOUND_ANSWER_AFTER_MS: ms("From incoming_call to our answer", DOCUMENT_TIMELINE.answerAfterMs),
  INBOUND_DTMF_AFTER_MS: ms("From the answer to our tone", DOCUMENT_TIMELINE.dtmfAfterMs),
  INBOUND_DTMF_DIGIT: z.enum([..."0123456789*#"]).default(DOCUMENT_TIMELINE.dtmfDigit)
    .describe("The tone: 0-9, *, #"),
  INBOUND_DTMF_DURATION_MS: whole(1, 1000, DOCUMENT_TIMELINE.dtmfDurationMs)
    .describe("How long the tone is (ms)"),
  INBOUND_HANGUP_AFTER_MS: ms("From the answer to our hangup", DOCUMENT_TIMELINE.hangupAfterMs),
  INBOUND_CDR_WAIT_MS: ms(
    "How long we wait for the CDR of a call that is over before we write our own",
    DOCUMENT_TIMELINE.cdrWaitMs,
  ),
  INBOUND_IDLE_MS: ms("How long an inbound call may say nothing before it is closed", 120_000),
  INBOUND_SECRETS: list.pipe(z.array(numberSecret)).default([]).describe(
    "Secrets for platforms that take only a URL: `5000=secret,+254712000000=secret,*=secret`; " +
      "`/inbound/secret` brings calls to its numbers, and the door is then closed without a key",
  ),
  INBOUND_FROM: addresses("The addresses that may bring inbound calls"),
  JAMBONZ_PATH: z.string().regex(/^(\/[\w\-.]+)+$/, "a path such as /jambonz").default("/jambonz")
    .describe("Where a jambonz server finds its application"),
  JAMBONZ_SECRET: z.string().regex(PATH_SECRET, PATH_SECRET_FORM).optional().describe(
    "A secret behind `JAMBONZ_PATH`, such as `/jambonz/secret`, in place of a key; " +
      "the door is then closed without either",
  ),
  JAMBONZ_AUDIO_URL: z.url({ protocol: /^(wss?|https?)$/ }).optional().describe(
    "Where jambonz opens the socket for a call's audio; by default `JAMBONZ_PATH` plus " +
      "`/audio`, on the host that jambonz connected to",
  ),
  JAMBONZ_SESSION_DEADLINE_MS: whole(1, 5000, DEFAULT_JAMBONZ_TIMES.sessionDeadlineMs)
    .describe("How long the application has for session:new (ms); jambonz gives up after 5000"),
  JAMBONZ_HOOK_DEADLINE_MS: whole(1, 5000, DEFAULT_JAMBONZ_TIMES.hookDeadlineMs)
    .describe("How long the application has for a hook before an empty ack (ms)"),
  JAMBONZ_RECONNECT_WAIT_MS: ms(
    "How long a lost jambonz call may take to come back before it counts as over; later it continues all the same",
    15_000,
  ),
  JOIN_NUMBERS: list.pipe(
    z.array(z.string().regex(/^[^=]+=[^=]+$/, JOIN_NUMBERS_FORM)),
  ).transform((pairs) => new Map(pairs.map((pair) => pair.split("=") as [string, string])))
    .default(new Map()).describe(
      "The numbers of users who join a call: `alice=+15551230000,…`; " +
        "`DEFAULT_COUNTRY` applies here too",
    ),
};
