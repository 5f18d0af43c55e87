/** The checker of the torture test can fail: it names every fault. */
import { assertEquals, assertMatch } from "@std/assert";
import { faultsOf } from "./checker.ts";
import { type Sample, sample } from "./sample.ts";

Deno.test("checker: a faultless run has no faults", () => {
  const { logs, record } = sample();
  assertEquals(faultsOf(logs, record), []);
});

interface Doctoring {
  readonly what: string;
  readonly doctor: (sample: Sample) => void;
  readonly fault: RegExp;
}

const doctorings: readonly Doctoring[] = [
  {
    what: "an acknowledged call that is not recorded",
    doctor: ({ record }) => record.calls.shift(),
    fault: /^inbound-1: acknowledged, not in the record$/,
  },
  {
    what: "a call that is recorded twice",
    doctor: ({ record }) => record.calls.push({ ...record.calls[0]!, id: "call-3" }),
    fault: /^inbound-1: is in the record 2 times$/,
  },
  {
    what: "a call that was never placed",
    doctor: ({ logs }) => logs.inbound.pop(),
    fault: /^inbound-1: is in the record, nobody called$/,
  },
  {
    what: "a missing event",
    doctor: ({ record }) => {
      const [call] = record.calls;
      call!.events.splice(3, 1);
      call!.events.slice(3).forEach((event) => event.seq--);
    },
    fault: /^inbound-1: pressed 1\*, recorded are 1$/,
  },
  {
    what: "a gap",
    doctor: ({ record }) => record.calls[1]!.events.splice(2, 1),
    fault: /^jambonz-1: number 4 comes where 3 is due$/,
  },
  {
    what: "a duplicate number",
    doctor: ({ record }) => record.calls[0]!.events[3]!.seq--,
    fault: /^inbound-1: number 3 comes where 4 is due$/,
  },
  {
    what: "events out of order",
    doctor: ({ record }) => record.calls[0]!.events[3]!.id = 1,
    fault: /^inbound-1: number 4 is out of order$/,
  },
  {
    what: "a call that stays open",
    doctor: ({ record }) => Object.assign(record.calls[1]!, { state: "answered", open: true }),
    fault: /^jambonz-1: stays open, in the state answered$/,
  },
  {
    what: "a second CDR",
    doctor: ({ record: { calls } }) =>
      calls[1]!.events.push({ ...calls[1]!.events.at(-1)!, id: 9, seq: 9 }),
    fault: /^jambonz-1: has 2 events of the type cdr$/,
  },
  {
    what: "a made-up CDR in place of an acknowledged one",
    doctor: ({ record }) => record.calls[0]!.events[5]!.data = { cdr: { madeByUs: true } },
    fault: /^inbound-1: its acknowledged CDR is not in the record$/,
  },
  {
    what: "a CDR that differs from the one sent",
    doctor: ({ record }) => {
      record.calls[0]!.events[5]!.data = { cdr: { madeByUs: false }, received: { event: "cdr" } };
    },
    fault: /^inbound-1: the recorded CDR is not the one that was sent$/,
  },
  {
    what: "a hook that was acknowledged and not recorded",
    doctor: ({ logs }) =>
      logs.jambonz[0]!.hooks.push({ digits: "12", speech: null, acknowledged: true }),
    fault: /^jambonz-1: pressed 12, recorded are $/,
  },
  {
    what: "speech that was acknowledged and not recorded",
    doctor: ({ logs }) =>
      logs.jambonz[0]!.hooks.push({ digits: "", speech: "words-2", acknowledged: true }),
    fault: /^jambonz-1: "words-2" was acknowledged, not recorded$/,
  },
  {
    what: "a segment that was answered and not recorded",
    doctor: ({ record }) => record.calls[1]!.events[5]!.data["msg"] = "segment-2",
    fault: /^segment-1: was answered to be number 6, recorded is undefined$/,
  },
  {
    what: "a segment that is recorded twice",
    doctor: ({ record }) => record.calls[1]!.events[3]!.data["msg"] = "segment-1",
    fault: /^segment-1: is in the record 2 times$/,
  },
  {
    what: "a second greeting",
    doctor: ({ logs }) => logs.jambonz[0]!.greetings = 2,
    fault: /^jambonz-1: was greeted 2 times$/,
  },
  {
    what: "a message to a watcher that is not recorded",
    doctor: ({ logs }) =>
      logs.watches[0]!.told.push({ type: "transcript", msg: "never", role: "other", seq: 5 }),
    fault: /^\S+ watching jambonz-1: was told .*"never".*, which is not recorded$/,
  },
  {
    what: "a message that differs from the record",
    doctor: ({ logs }) => logs.watches[0]!.told[1]!["msg"] = "words-9",
    fault: /^\S+ watching jambonz-1: was told .*"words-9".*, recorded is .*"words-1"/,
  },
  {
    what: "a message that a watcher missed",
    doctor: ({ logs }) => logs.watches[0]!.told.splice(1, 1),
    fault: /^\S+ watching jambonz-1: missed .*"words-1"/,
  },
  {
    what: "a message sent to a watcher twice",
    doctor: ({ logs }) => logs.watches[0]!.sockets[1]!.numbers.unshift(1),
    fault: /^\S+ watching jambonz-1: was told seq 1 after 1$/,
  },
  {
    what: "a watcher who never receives the end",
    doctor: ({ logs }) => logs.watches[0]!.endHeard = false,
    fault: /^\S+ watching jambonz-1: never heard the end of the call$/,
  },
  {
    what: "a request that was acknowledged and not recorded",
    doctor: ({ record }) => record.calls[1]!.events[4]!.actor = "user nobody",
    fault: /^\S+ watching jambonz-1: ask-1 was acknowledged, not recorded$/,
  },
  {
    what: "a request that acted twice",
    doctor: ({ record: { calls } }) =>
      Object.assign(calls[1]!.events[2]!, { ...calls[1]!.events[4]!, id: 3, seq: 3 }),
    fault: /^\S+ watching jambonz-1: ask-1 acted 2 times$/,
  },
  {
    what: "an update that a party missed",
    doctor: ({ logs }) => logs.parties[0]!.told.pop(),
    fault: /^party \+254712000001: missed .*"event_id":21/,
  },
  {
    what: "an update that is not recorded",
    doctor: ({ record }) => record.news.pop(),
    fault: /^party \+254712000001: was told .*"event_id":21.*, which is not recorded$/,
  },
  {
    what: "an event that a stream missed",
    doctor: ({ logs }) => logs.streams[0]!.told.pop(),
    fault: /^stream of contract_changed: missed .*"id":20/,
  },
  {
    what: "an event that a stream sent twice",
    doctor: ({ logs }) => logs.streams[0]!.sockets.push({ after: 20, numbers: [20] }),
    fault: /^stream of contract_changed: was told id 20 after 20$/,
  },
  {
    what: "an event that was never delivered",
    doctor: ({ logs }) => logs.receivers[0]!.deliveries = [],
    fault: /^webhook: event 21 was never sent$/,
  },
  {
    what: "an event that was delivered twice under different ids",
    doctor: ({ logs }) => logs.receivers[0]!.deliveries[1]!.id = "msg-2",
    fault: /^webhook: event 21 was sent as msg-1 and as msg-2$/,
  },
  {
    what: "a delivery of an event that is not recorded",
    doctor: ({ logs }) => logs.receivers[0]!.deliveries.push({ id: "msg-9", eventId: 99 }),
    fault: /^webhook: msg-9 was sent for event 99, unrecorded$/,
  },
  {
    what: "a doubled contract",
    doctor: ({ record: { contracts } }) =>
      contracts.push({ id: "AG-2", doc: { ...contracts[0]!.doc, id: "AG-2" } }),
    fault: /^deal-1: is in the record 2 times$/,
  },
  {
    what: "a doubled payment",
    doctor: ({ record: { payments } }) =>
      payments.push({ id: "PY-2", doc: { ...payments[0]!.doc, id: "PY-2" } }),
    fault: /^deal-1: has 2 payments$/,
  },
  {
    what: "a payment that was answered and not recorded",
    doctor: ({ record }) => record.payments.pop(),
    fault: /^deal-1: payment PY-1 was answered, not recorded$/,
  },
  {
    what: "a signature that was answered and not recorded",
    doctor: ({ record }) => (record.contracts[0]!.doc["signatures"] as unknown[]).pop(),
    fault: /^deal-1: the signature of \+254712000002 is not recorded$/,
  },
  {
    what: "a contract whose creation was not notified",
    doctor: ({ record }) => record.news.shift(),
    fault: /^deal-1: was told to be new 0 times$/,
  },
  {
    what: "a signature that was notified twice",
    doctor: ({ record: { news } }) => news.splice(2, 0, { ...news[1]!, id: 18.5 }),
    fault: /^deal-1: was told to be signed by \+254712000001,\+254712000001,/,
  },
  {
    what: "a repeat with a different answer",
    doctor: ({ logs }) => logs.deals[0]!.requests[0]!.answers[1]!.body = "{}}",
    fault: /^deal-1: POST .* under key-1 was answered 201 \{\}\} after 201 \{\}$/,
  },
  {
    what: "an audit entry that was changed",
    doctor: ({ record }) => record.audit[0]!.actor = "nobody",
    fault: /^audit entry 1 was changed$/,
  },
  {
    what: "an audit entry that is missing",
    doctor: ({ record }) => record.audit.shift(),
    fault: /^audit entry 1 is missing$/,
  },
  {
    what: "a damaged database",
    doctor: ({ record }) => record.integrity = "row 3 missing from index calls_by_time",
    fault: /^the database file: row 3 missing/,
  },
];

for (const { what, doctor, fault } of doctorings) {
  Deno.test(`checker: names ${what}`, () => {
    const doctored = sample();
    doctor(doctored);
    const faults = faultsOf(doctored.logs, doctored.record);
    assertMatch(faults.find((line) => fault.test(line)) ?? faults.join("\n"), fault);
  });
}
