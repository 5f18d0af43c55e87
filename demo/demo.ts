/**
 * One telling: the acts, then the count.
 * @module
 */
import { dealOnInboundLine, dealOnJambonz, dealOverRestart } from "./scenes.ts";
import { Actors } from "./actors.ts";
import { verdict } from "./count.ts";
import { WrongAnswer } from "./rest.ts";
import { CannotStart } from "./server_process.ts";
import { Stage, StoryStopped, type Terminal } from "./story.ts";

/** Tells the story and resolves with an exit code: 0 when nothing was lost, doubled or broken. */
export async function demo(terminal: Terminal): Promise<0 | 1> {
  const stage = new Stage(terminal);
  const folder = await Deno.makeTempDir({ prefix: "tipring_demo_" });
  try {
    await using actors = await Actors.assemble(stage, folder);
    const stopped = await tell(actors);
    if (terminal.signal.aborted) return 1;
    await actors.leave();
    stage.act("The count · what each was told, against the record read afterwards over REST");
    const ledgers = await actors.ledgers();
    const { lines, exitCode } = verdict(ledgers, [...stopped, ...await actors.stop()]);
    for (const line of lines) stage.plain(line);
    return exitCode;
  } catch (error) {
    // Whatever fails then fails because the server is gone.
    if (terminal.signal.aborted) return 1;
    if (!(error instanceof CannotStart || error instanceof WrongAnswer)) throw error;
    stage.tell("demo", "!!", error.message);
    return 1;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Plays the acts, and gives what has stopped them: what was lost until then is counted all the same. */
async function tell(actors: Actors): Promise<readonly string[]> {
  try {
    await dealOnInboundLine(actors);
    await dealOnJambonz(actors);
    await dealOverRestart(actors);
    return [];
  } catch (error) {
    if (!(error instanceof StoryStopped || error instanceof WrongAnswer)) throw error;
    actors.stage.tell("demo", "!!", error.message);
    return [`story: ${error.message}`];
  }
}
