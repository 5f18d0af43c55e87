/**
 * The rules of each door by name. Each is worded as a demand, so that a fault does not read as an
 * event.
 * @module
 */

/** Every rule that a simulator checks. */
export const RULES = {
  "connects": "it must upgrade the request to a WebSocket in time",
  "known-messages": "it must send only messages of the door's schema in text frames",
  "text-only": "it must send binary frames only on doors that carry audio",

  "inbound.answer": "it must follow incoming_call with answer or hangup, in time",
  "inbound.answer-first": "it must send no audio and no tone before answer",
  "inbound.answer-once": "it must answer a call once",
  "inbound.hangup-last": "it must send nothing after its own hangup",
  "inbound.silent-last": "it must send no audio after its own hangup, not even audio in flight",
  "inbound.whole-samples": "it must send whole 16-bit samples in each audio frame",
  "inbound.open-until-cdr": "it must keep the socket open until it has the CDR",
  "inbound.close-1000": "it must close with 1000 after the CDR, in time",

  "jambonz.subprotocol": "it must echo the subprotocol ws.jambonz.org",
  "jambonz.frame-size": "it must send no frame of more than 24 KiB",
  "jambonz.commands": "it must send only acks and commands: there is no top-level tts:tokens",
  "jambonz.after-ack": "it must send commands only after the ack of session:new, or they are lost",
  "jambonz.ack-in-time": "it must ack every message that asks for it within 5 s",
  "jambonz.ack-known": "it must name a waiting message in each ack",
  "jambonz.ack-once": "it must ack a message once",
  "jambonz.first-verbs": "it must put verbs in the first ack of a call",
  "jambonz.verbs": "it must send only verbs and properties that feature server 0.9.8 knows",
  "jambonz.redirects": "it must put verbs in a redirect: one without ends an idle call",
  "jambonz.no-early-1000": "it must not close with 1000 before the call is over",
  "jambonz.reconnect": "it must accept a reconnect before the call is over",
  "jambonz.no-second-greeting":
    "it must ack session:reconnect without verbs when the first arrived",
  "jambonz.tts-waits":
    "it must not send tokens again that were refused as full before stream_resumed",

  "audio.subprotocol": "it must echo the subprotocol that is offered for the audio",
  "audio.auth": "it must ask for audio with credentials that fit in a header of 128 bytes",
  "audio.bidirectional":
    "it must send audio only when the verb asked for bidirectionalAudio, streaming",
  "audio.whole-samples": "it must send whole 16-bit samples in each audio frame",
  "audio.marks": "it must have no more than 30 marks pending",
  "audio.mark-names": "it must not use the name of a mark that is pending again",
  "audio.commands":
    "it must send only commands that jambonz knows and does not ignore in text frames",
  "audio.close": "it must close the audio only after disconnect, or when the call is over",

  "watch.start-first": "it must send a watcher event:start first",
  "watch.answers": "it must answer every client message with an ack or an error, in time",
  "watch.ack-known": "it must name a sent message in each ack",
  "watch.ack-once": "it must ack a message once",
  "watch.call-end-last": "it must send nothing after event:callEnd",
  "watch.close-1000": "it must close with 1000 after event:callEnd, and not before it",
  "watch.in-order": "it must number events in ascending order, and send none twice",

  "party.pong": "it must answer a ping with a pong of the same timestamp, in time",
  "party.status": "it must answer contract_status with the status of the same contract, in time",
  "party.in-order":
    "it must number events in ascending order, and each of them when after was given",
  "party.stays-open": "it must leave the socket open",
} as const;

/** The name of a rule. */
export type RuleName = keyof typeof RULES;

/**
 * Rules beyond the protocols: other servers may leave the closing to the platform, or number no
 * events. They apply only to a server that says that it is Tipring.
 */
export const HABITS: ReadonlySet<RuleName> = new Set<RuleName>([
  "inbound.silent-last",
  "inbound.close-1000",
  "watch.start-first",
  "watch.close-1000",
  "watch.in-order",
  "party.in-order",
]);

/** A rule that a server broke. */
export interface Fault {
  readonly rule: RuleName;
  /** What happened instead. */
  readonly detail: string;
}
