/**
 * The texts of `--help` below the options.
 * @module
 */
import { AT_MOST_SECONDS } from "../jambonz/call_jambonz.ts";
import { MAX_SILENT_SECONDS } from "../jambonz/caller.ts";

/** The default time from the answer to the caller's hangup on the inbound line. */
export const INBOUND_SECONDS = 12;
/** The frequency of the default voice, a tone. */
export const TONE_HZ = 440;

const VOICE = `
The caller's voice: without --wav or --mic it is a steady tone of ${TONE_HZ} Hz, which does
not stop. A file is played once, and silence follows.`;

const micHelp = (command: string) => `
The microphone: Deno cannot record sound, so --mic reads raw signed 16-bit
little-endian PCM, 8 kHz, mono, from standard input:
  sox -d -t raw -r 8000 -c 1 -b 16 -e signed - | deno task sim ${command} --mic
  arecord -q -t raw -f S16_LE -r 8000 -c 1 | deno task sim ${command} --mic
The audio of the server is measured, not played.`;

/** Of `sim inbound`. */
export const INBOUND_HELP: string = `${VOICE} It begins when the call is
answered: --wav-after lets an app finish its prompt first.

How the platform words its messages (--manner): document, by the document; numbers instead of
text: callers, keys, epoch times; nulls, as for a caller who withholds the number;
missing, the events without fields; nonsense, a CDR with fields of other types.

A call lasts ${INBOUND_SECONDS} s (--seconds) unless the server hangs up before.
${micHelp("inbound")}`;

/** Of `sim jambonz`. */
export const JAMBONZ_HELP: string = `
Steps of a script, separated by semicolons; each happens when the call listens:
  speech:WORDS   dtmf:DIGITS   silence         wait:SECONDS   drop
  interrupt      busy          no-answer       callee-hangup  redirect:HOOK
  hangup         hangup:SECONDS (after the next verb has begun, in the middle of it)
  drop:hook      (after an answer: its hook is lost with the connection)

How the server words its messages (--manner): document, by the document; numbers instead of
text; nulls for unknown fields; missing, only the necessary fields; newer, with messages that
are not in the document; large, with 80 KiB of SIP headers.
Without credentials (--lacks recogniser,voice) jambonz:error comes instead of the hook.

Without a script, or after its end, a call lasts until the application hangs up, until
the line is silent (the caller hears nothing for ${MAX_SILENT_SECONDS} s and no verb runs), or up to
${AT_MOST_SECONDS} s (--seconds).

When the application opens the call's audio with listen, stream or config, the simulator
sends the caller's voice there and measures the echoes. --time-scale speeds that up too: an
application that paces audio by its own clock needs 1.
${VOICE} It begins when the
application opens the call's audio: --wav-after lets it finish its prompt first.
${micHelp("jambonz")}`;
