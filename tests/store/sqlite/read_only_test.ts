import { assertEquals, assertInstanceOf, assertStringIncludes } from "@std/assert";
import { openSqlite } from "../../../store/sqlite/open.ts";
import { CannotOpen } from "../../../store/errors.ts";
import { StoreUnavailable } from "../../../store/errors.ts";
import { databaseFile } from "../../support/database_file.ts";
import { KeptServer } from "../../support/kept_server.ts";
import { incomingCall } from "../../support/site.ts";
import { Client } from "../../support/client.ts";
import { note, sampleCall, START, STARTED } from "../../support/store_samples.ts";

// Root may write despite the permissions.
const ignore = !await permissionsCount();

Deno.test({
  name: "openSqlite() reads a read-only database, and refuses writes",
  ignore,
  async fn() {
    await using file = await readOnlyFile();
    const store = await openSqlite(file.path);
    assertEquals((await store.calls.call("a"))?.lastSeq, 1);
    const outcome = await store.calls.append("a", note("x"), START).catch((error) => error);
    assertInstanceOf(outcome, StoreUnavailable);
    assertStringIncludes(store.fault!, "readonly");
    await store.close();
  },
});

Deno.test({
  name: "a server on a read-only database starts, accepts no calls, and says why",
  ignore,
  async fn() {
    await using file = await readOnlyFile();
    await using server = await KeptServer.start({ DATABASE_URL: file.url });
    await using line = await Client.open(server.ws("/"));
    line.send(incomingCall("in-1"));
    assertEquals(await line.next(), { event: "hangup" });
    const { status, body } = await server.ask("GET", "/readyz");
    assertEquals(status, 503);
    assertStringIncludes(body.detail, "readonly");
  },
});

Deno.test({
  name: "openSqlite() reports that a database cannot be opened in a read-only folder",
  ignore,
  async fn() {
    await using file = await readOnlyFile();
    await Deno.chmod(file.folder, 0o555);
    const error = await openSqlite(file.path).catch((error) => error);
    await Deno.chmod(file.folder, 0o755);
    assertInstanceOf(error, CannotOpen);
    assertStringIncludes(error.message, `Cannot open the database ${file.path}`);
  },
});

async function permissionsCount(): Promise<boolean> {
  const path = await Deno.makeTempFile({ prefix: "tipring-" });
  try {
    await Deno.chmod(path, 0o444);
    await Deno.writeTextFile(path, "x");
    return false;
  } catch {
    return true;
  } finally {
    await Deno.remove(path);
  }
}

/** Has a call that was on when the database was last open. */
async function readOnlyFile() {
  const file = await databaseFile();
  const store = await openSqlite(file.path);
  await store.calls.begin(sampleCall("a"), STARTED, START);
  await store.close();
  await Deno.chmod(file.path, 0o444);
  return file;
}
