/**
 * Minting tickets with few open ones and with many.
 * @module
 */
import { type Server, startServer } from "../servers.ts";
import type { Scenario } from "./scenario.ts";

const OPEN = 24_000;
const MEASURED = 2000;
const AT_ONCE = 50;
const PATH = "/api/v1/clients/%2B254712345678/tickets";

/** The time of one ticket, in milliseconds of the clock, with few open ones and with 24,000. */
export const tickets: Scenario = {
  title: `Minting tickets, ${AT_ONCE} at once`,
  async run({ rounds }) {
    const [few, many]: number[][] = [[], []];
    for (let round = 0; round < rounds; round++) {
      await using server = await startServer("tipring");
      // Code that runs for the first time is slower.
      await mint(server, MEASURED);
      few!.push(await mint(server, MEASURED));
      await mint(server, OPEN - 2 * MEASURED);
      many!.push(await mint(server, MEASURED));
    }
    return [
      { measure: "at few open tickets, ms each", tipring: few! },
      { measure: `at ${OPEN} open tickets, ms each`, tipring: many! },
    ];
  },
};

/** Mints so many and returns the mean time of one. */
async function mint({ port }: Server, count: number): Promise<number> {
  const beganMs = performance.now();
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const response = await fetch(`http://127.0.0.1:${port}${PATH}`, { method: "POST" });
      await response.body?.cancel();
      if (response.status !== 201) throw new Error(`${PATH} answered ${response.status}`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return (performance.now() - beganMs) / count;
}
