/** Which transport serves, and that it is up to its default. */
import { assert, assertEquals } from "@std/assert";
import { readConfig } from "../../../config/config.ts";
import { found } from "../../support/arrivals.ts";
import { answerTo } from "../../support/http.ts";
import { ServerProcess } from "../../support/process.ts";
import { RawSocket } from "../../support/raw_socket.ts";

const KEYS = { API_KEYS: "k".repeat(24) };
const REACHED = { HOST: "0.0.0.0", ...KEYS };

for (
  const [what, environment, transport] of [
    ["on loopback", {}, "native"],
    ["on another address", REACHED, "hardened"],
    ["on another address behind a proxy", { ...REACHED, BEHIND_PROXY: "yes" }, "native"],
    ["on Deno Deploy", { ...KEYS, DENO_DEPLOYMENT_ID: "x" }, "native"],
    ["on loopback if TRANSPORT says so", { TRANSPORT: "hardened" }, "hardened"],
    ["on another address if TRANSPORT says so", { ...REACHED, TRANSPORT: "native" }, "native"],
  ] as const
) {
  Deno.test(`TRANSPORT: ${transport} serves ${what}`, () => {
    assertEquals(readConfig({ ...environment }).TRANSPORT, transport);
  });
}

Deno.test("TRANSPORT: the log names the one in use, and public addresses use hardened", async () => {
  await using server = new ServerProcess({
    env: { ...REACHED, LIMIT_HEADERS_MS: "300", LOG_FORMAT: "json" },
  });
  const [port] = await server.ports();
  const line = await server.stderr.some((line) => line.includes('"listening"'));
  assertEquals(JSON.parse(line).transport, "hardened");
  using half = await RawSocket.connect(port!);
  await half.write("GET /read");
  await half.gone();
});

for (const connections of [100, 10_000]) {
  Deno.test(`hardened: half requests up to the limit of open files, and ${connections} allowed`, async () => {
    await using server = new ServerProcess({
      env: {
        TRANSPORT: "hardened",
        LIMIT_CONNECTIONS: String(connections),
        LIMIT_HEADERS_MS: "1000",
      },
      openFiles: 200,
    });
    const [port] = await server.ports();
    const halves = await Promise.all(Array.from({ length: 400 }, async () => {
      const raw = await RawSocket.connect(port!);
      await raw.write("GET / HTTP/1.1\r\n").catch(() => {});
      return raw;
    }));
    // All of them are closed after LIMIT_HEADERS_MS, and the server accepts others.
    await Promise.all(halves.map((raw) => raw.gone()));
    for (const raw of halves) raw.leave();
    const ready = async () => {
      const response = await answerTo(`http://127.0.0.1:${port}/readyz`).catch(() => undefined);
      return response?.status === 200 ? true : undefined;
    };
    assert(await found(ready, () => "nobody is served any more"));
  });
}
