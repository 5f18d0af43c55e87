/**
 * What each door demands of a server, by name: a simulator names the rule that was broken.
 * @module
 */

/** Every rule that a simulator watches over. */
export const RULES = {
  "connects": "The server upgrades the request to a WebSocket in time",
  "known-messages": "Every text frame is a message of the door's schema",
  "text-only": "Binary frames come only on doors that carry audio",

  "inbound.answer": "incoming_call is followed by answer or hangup, in time",
  "inbound.answer-first": "No audio and no tone comes before answer",
  "inbound.answer-once": "A call is answered once",
  "inbound.hangup-last": "Nothing comes after the server's own hangup",
  "inbound.whole-samples": "Audio frames hold whole 16-bit samples",
  "inbound.open-until-cdr": "The server keeps the socket open until it has the CDR",
  "inbound.close-1000": "The server closes with 1000 after the CDR, in time",

  "jambonz.subprotocol": "The server echoes the subprotocol ws.jambonz.org",
  "jambonz.frame-size": "A frame holds 24 KiB at most",
  "jambonz.commands": "Everything but an ack is a command: there is no top-level tts:tokens",
  "jambonz.ack-in-time": "Every message that asks for an ack gets one within 5 s",
  "jambonz.ack-known": "An ack names a message that waits for one",
  "jambonz.ack-once": "A message is acked once",
  "jambonz.first-verbs": "The first ack of a call holds verbs",
  "jambonz.verbs": "Every verb is one that jambonz knows, with properties that it knows",
  "jambonz.no-early-1000": "The server does not close with 1000 before the call is over",
  "jambonz.reconnect": "The server takes the call back within four attempts",
  "jambonz.no-second-greeting":
    "The ack to session:reconnect holds no verbs where the first arrived",
  "jambonz.tts-waits": "Tokens that were refused as full are not sent again before stream_resumed",

  "audio.subprotocol": "The server echoes the subprotocol that is offered for the audio",
  "audio.bidirectional": "Audio comes only where the verb asked for bidirectionalAudio, streaming",
  "audio.whole-samples": "Audio frames hold whole 16-bit samples",
  "audio.marks": "No more than 30 marks are pending",
  "audio.mark-names": "The name of a mark that is pending is not used again",
  "audio.commands": "Text frames are commands that jambonz knows, and does not ignore",
  "audio.close": "The server closes the audio only after disconnect, or when the call is over",

  "watch.start-first": "A watcher hears event:start first",
  "watch.answers": "Every client message gets an ack or an error, in time",
  "watch.ack-known": "An ack names a message that was sent",
  "watch.ack-once": "A message is acked once",
  "watch.call-end-last": "Nothing comes after event:callEnd",
  "watch.close-1000": "The server closes with 1000 after event:callEnd, and not before it",
  "watch.in-order": "The numbers of events grow, and none comes twice",

  "party.pong": "A ping gets a pong with the same timestamp, in time",
  "party.status": "contract_status gets contract_status_response for the same contract, in time",
  "party.in-order": "The ids of events grow, and each event has one where after was given",
  "party.stays-open": "The server leaves the socket open",
} as const;

/** The name of a rule. */
export type RuleName = keyof typeof RULES;

/** A rule that a server broke. */
export interface Fault {
  readonly rule: RuleName;
  /** What happened instead. */
  readonly detail: string;
}
