import { MEMORY, openSqlite } from "../../store/sqlite/open.ts";
import { databaseFile } from "../support/database_file.ts";
import { storeSuite } from "../support/store_suite.ts";

storeSuite("sqlite in memory", async () => {
  const store = await openSqlite(MEMORY);
  return { store, [Symbol.asyncDispose]: () => store.close() };
});

storeSuite("sqlite in a file", async () => {
  const file = await databaseFile();
  const store = await openSqlite(file.path);
  return {
    store,
    async [Symbol.asyncDispose]() {
      await store.close();
      await file[Symbol.asyncDispose]();
    },
  };
});
