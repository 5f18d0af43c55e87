/**
 * One run of the demo: its three parts, then the count.
 * @module
 */
import { dealOnInboundLine, dealOnJambonz, dealOverRestart } from "./deals.ts";
import { Actors } from "./actors.ts";
import { verdict } from "./count.ts";
import { WrongAnswer } from "./rest.ts";
import { CannotStart } from "./server_process.ts";
import { Story, StoryError, type Terminal } from "./story.ts";

/** Runs the demo. Resolves with 0 when nothing was lost, duplicated or broken, otherwise with 1. */
export async function demo(terminal: Terminal): Promise<0 | 1> {
  const story = new Story(terminal);
  const folder = await Deno.makeTempDir({ prefix: "tipring_demo_" });
  try {
    await using actors = await Actors.assemble(story, folder);
    const stopped = await runParts(actors);
    if (terminal.signal.aborted) return 1;
    await actors.leave();
    story.part("The count · what each received, against the record read afterwards over REST");
    const ledgers = await actors.ledgers();
    const { lines, exitCode } = verdict(ledgers, [...stopped, ...await actors.stop()]);
    for (const line of lines) story.plain(line);
    return exitCode;
  } catch (error) {
    // An interrupted demo fails because its server is gone.
    if (terminal.signal.aborted) return 1;
    if (!(error instanceof CannotStart || error instanceof WrongAnswer)) throw error;
    story.line("demo", "!!", error.message);
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the parts. Resolves with what stopped them; the count covers everything up to then. */
async function runParts(actors: Actors): Promise<readonly string[]> {
  try {
    await dealOnInboundLine(actors);
    await dealOnJambonz(actors);
    await dealOverRestart(actors);
    return [];
  } catch (error) {
    if (!(error instanceof StoryError || error instanceof WrongAnswer)) throw error;
    actors.story.line("demo", "!!", error.message);
    return [`story: ${error.message}`];
  }
}
