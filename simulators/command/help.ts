/**
 * What `--help` explains beside the options.
 * @module
 */
import { AT_MOST_SECONDS } from "../jambonz/call_jambonz.ts";
import { PATIENCE_SECONDS } from "../jambonz/caller.ts";

/**
 * A caller of the telephone platform hangs up so long after the answer, where nothing else is said.
 */
export const INBOUND_SECONDS = 12;
/** The tone of a caller without a voice. */
export const TONE_HZ = 440;

const VOICE = `
The caller's voice: without --wav or --mic it is a steady tone of ${TONE_HZ} Hz, which does
not stop. A file is played once, and silence follows.`;

const micHelp = (command: string) => `
The microphone: Deno cannot record by itself, so --mic reads raw signed 16-bit
little-endian PCM, 8 kHz, mono, from standard input:
  sox -d -t raw -r 8000 -c 1 -b 16 -e signed - | deno task sim ${command} --mic
  arecord -q -t raw -f S16_LE -r 8000 -c 1 | deno task sim ${command} --mic
What comes back is measured, not played.`;

/** Of `sim inbound`. */
export const INBOUND_HELP: string = `${VOICE} It begins when the call is
answered: --wav-after lets an app finish its prompt first.

How real platforms word it (--manner): document, as the document has it; numbers, where it
has text: callers, keys, epoch times; nulls, as for a caller who withholds the number;
missing, nothing but the events; nonsense, a CDR whose fields are of other types.

A call lasts ${INBOUND_SECONDS} s (--seconds) where the server does not hang up before.
${micHelp("inbound")}`;

/** Of `sim jambonz`. */
export const JAMBONZ_HELP: string = `
Steps of a script, separated by semicolons; each is done when the call listens:
  speech:WORDS   dtmf:DIGITS   silence         wait:SECONDS   drop
  interrupt      busy          no-answer       callee-hangup  redirect:HOOK
  hangup         hangup:SECONDS (after the next verb has begun, in the middle of it)
  drop:hook      (behind an answer: the hook that brings it is lost with the connection)

How real servers word it (--manner): document, as the document has it; numbers, where it has
text; nulls, for what a vendor does not know; missing, only what a message is about; newer,
with messages that the document does not have; large, with 80 KiB of SIP headers.
Without credentials (--lacks recogniser,voice) there is jambonz:error, and no hook.

Without a script, or when it is over, a call lasts until the application hangs up, until
the line is silent (the caller has heard nothing for ${PATIENCE_SECONDS} s and no verb runs), or up to
${AT_MOST_SECONDS} s (--seconds).

Where the application opens the call's audio with listen, stream or config, the
caller's voice is sent there, and what comes back is measured. --time-scale makes
that faster too: an application that paces audio by its own clock wants 1.
${VOICE} It begins when the
application opens the call's audio: --wav-after lets it finish its prompt first.
${micHelp("jambonz")}`;
