import {
  assert,
  assertEquals,
  assertFalse,
  assertRejects,
  assertStringIncludes,
} from "@std/assert";
import { serveDir, serveFile } from "@std/http/file-server";
import { accepts, acceptsEncodings, acceptsLanguages } from "@std/http/negotiation";
import { ServerSentEventStream } from "@std/http/server-sent-event-stream";
import type { ServerSentEventMessage } from "@std/http/server-sent-event-stream";
import * as status from "@std/http/status";
import * as http from "@std/http";

const { STATUS_CODE, STATUS_TEXT } = status;

function requestWith(name: string, value: string): Request {
  return new Request("http://localhost/", { headers: { [name]: value } });
}

Deno.test("STATUS_CODE and STATUS_TEXT name the known statuses", () => {
  const code: 404 = STATUS_CODE.NotFound;
  const text: "Not Found" = STATUS_TEXT[code];
  assertEquals(text, "Not Found");
  assertEquals(STATUS_CODE.ContentTooLarge, 413);
  assertEquals(STATUS_TEXT[STATUS_CODE.UpgradeRequired], "Upgrade Required");
  assertEquals(STATUS_TEXT[STATUS_CODE.Teapot], "I'm a teapot");
  assertEquals(new Set(Object.values(STATUS_CODE)), new Set(Object.keys(STATUS_TEXT).map(Number)));
});

Deno.test("isStatus() and its variants classify statuses by their first digit", () => {
  const kinds = (code: number) => [
    status.isStatus(code),
    status.isInformationalStatus(code),
    status.isSuccessfulStatus(code),
    status.isRedirectStatus(code),
    status.isClientErrorStatus(code),
    status.isServerErrorStatus(code),
    status.isErrorStatus(code),
  ];
  assertEquals(kinds(101), [true, true, false, false, false, false, false]);
  assertEquals(kinds(204), [true, false, true, false, false, false, false]);
  assertEquals(kinds(302), [true, false, false, true, false, false, false]);
  assertEquals(kinds(429), [true, false, false, false, true, false, true]);
  assertEquals(kinds(503), [true, false, false, false, false, true, true]);
  assertEquals(kinds(499), [false, false, false, false, false, false, false]);
});

Deno.test("the package's module re-exports all of its files", () => {
  assertEquals(
    [http.STATUS_CODE, http.accepts, http.ServerSentEventStream, http.serveDir],
    [STATUS_CODE, accepts, ServerSentEventStream, serveDir],
  );
});

Deno.test("accepts() lists accepted types by preference", () => {
  const header = "text/html, application/xml;q=0.9, image/webp, */*;q=0.8, text/plain;q=0";
  const types: string[] = accepts(requestWith("accept", header));
  assertEquals(types, ["text/html", "image/webp", "application/xml", "*/*"]);
  assertEquals(accepts(new Request("http://localhost/")), ["*/*"]);
});

Deno.test("accepts() picks the best of the offered types", () => {
  const best = (header: string, ...types: string[]): string | undefined =>
    accepts(requestWith("accept", header), ...types);
  assertEquals(
    best("text/html, application/json;q=0.9", "application/json", "text/html"),
    "text/html",
  );
  assertEquals(best("text/*;q=0.5, text/html;q=0.1", "text/html", "text/plain"), "text/plain");
  assertEquals(best("*/*", "text/html", "application/json"), "text/html");
  // Equal qualities follow the order of the offers, not of the header.
  assertEquals(
    best("text/html, application/json", "application/json", "text/html"),
    "application/json",
  );
  assertEquals(best("text/html;level=*", "text/html;level=1"), undefined);
  assertEquals(best("text/html;q=", "text/html"), "text/html");
  assertEquals(best("TEXT/HTML", "text/html"), "text/html");
  assertEquals(best("text/html, */*;q=0", "application/json"), undefined);
  assertEquals(best("text/html", "application/json"), undefined);
  assertEquals(accepts(new Request("http://localhost/"), "text/html", "text/plain"), "text/html");
});

Deno.test("acceptsEncodings() lists and picks encodings", () => {
  const request = requestWith("accept-encoding", "deflate, gzip;q=1.0, *;q=0.5");
  assertEquals(acceptsEncodings(request), ["deflate", "gzip", "*"]);
  assertEquals(acceptsEncodings(request, "gzip", "identity"), "gzip");
  assertEquals(acceptsEncodings(requestWith("accept-encoding", "gzip"), "br"), undefined);
  assertEquals(acceptsEncodings(requestWith("accept-encoding", "gzip"), "identity"), "identity");
  assertEquals(acceptsEncodings(new Request("http://localhost/")), ["*"]);
  assertEquals(acceptsEncodings(new Request("http://localhost/"), "gzip"), "gzip");
});

Deno.test("acceptsLanguages() lists and picks languages", () => {
  const request = requestWith("accept-language", "fr-CH, fr;q=0.9, en;q=0.8, *;q=0.5");
  assertEquals(acceptsLanguages(request), ["fr-CH", "fr", "en", "*"]);
  assertEquals(acceptsLanguages(request, "en-gb", "en-us", "en"), "en");
  assertEquals(acceptsLanguages(requestWith("accept-language", "en"), "en-gb"), "en-gb");
  assertEquals(acceptsLanguages(requestWith("accept-language", "en-gb"), "en"), "en");
  assertEquals(acceptsLanguages(requestWith("accept-language", "en-gb"), "en-us"), "en-us");
  assertEquals(acceptsLanguages(requestWith("accept-language", "en"), "de"), undefined);
  assertEquals(acceptsLanguages(new Request("http://localhost/"), "de", "en"), "de");
});

function eventsOf(...messages: ServerSentEventMessage[]): Promise<string> {
  const stream = ReadableStream.from(messages).pipeThrough(new ServerSentEventStream());
  return new Response(stream).text();
}

Deno.test("ServerSentEventStream writes every field on its own line", async () => {
  assertEquals(
    await eventsOf({ comment: "a", event: "b", data: "c", id: "d", retry: 5 }, { id: 7 }),
    ":a\nevent:b\ndata:c\nid:d\nretry:5\n\nid:7\n\n",
  );
});

Deno.test("ServerSentEventStream omits empty and zero fields", async () => {
  assertEquals(
    await eventsOf({ comment: "", event: "", data: "", id: 0, retry: 0 }, { data: "a", id: "" }),
    "\n\ndata:a\n\n",
  );
});

Deno.test("ServerSentEventStream splits data at every kind of line end", async () => {
  assertEquals(
    await eventsOf({ data: "a\nb\rc\r\nd" }),
    "data:a\ndata:b\ndata:c\ndata:d\n\n",
  );
});

Deno.test("ServerSentEventStream refuses line ends in an event and in an id", async () => {
  for (const end of ["\n", "\r", "\r\n"]) {
    await assertRejects(
      () => eventsOf({ event: `a${end}` }),
      SyntaxError,
      "cannot contain a newline",
    );
    await assertRejects(() => eventsOf({ id: `a${end}` }), SyntaxError, "cannot contain a newline");
  }
});

const TEXT = "0123456789".repeat(20);

/** A directory with some files for one test. */
async function withFiles(test: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await Deno.mkdir(`${root}/sub/dir`, { recursive: true });
    await Deno.mkdir(`${root}/bare`);
    await Deno.writeTextFile(`${root}/text file.txt`, TEXT);
    await Deno.writeTextFile(`${root}/50%.txt`, "half");
    await Deno.writeTextFile(`${root}/empty.txt`, "");
    await Deno.writeTextFile(`${root}/.hidden`, "hidden");
    await Deno.writeTextFile(`${root}/sub/index.html`, "<p>index</p>");
    await Deno.writeTextFile(`${root}/sub/dir/app.js`, "1");
    await test(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

function get(path: string, headers: HeadersInit = {}): Request {
  return new Request(`http://localhost${path}`, { headers });
}

Deno.test("serveFile() serves the file with its headers", () =>
  withFiles(async (root) => {
    const response = await serveFile(get("/"), `${root}/text file.txt`);
    assertEquals(await response.text(), TEXT);
    assertEquals(response.status, 200);
    assertEquals(response.headers.get("content-type"), "text/plain; charset=UTF-8");
    assertEquals(response.headers.get("content-length"), "200");
    assertEquals(response.headers.get("accept-ranges"), "bytes");
    assert(response.headers.has("etag"));
    assert(response.headers.has("last-modified"));
  }));

Deno.test("serveFile() derives the type of a file from its name", () =>
  withFiles(async (root) => {
    const cases: [string, string][] = [
      ["a.wav", "audio/wave"],
      ["a.xml", "application/xml"],
      ["a.json", "application/json; charset=UTF-8"],
      ["a.JS", "text/javascript; charset=UTF-8"],
      ["a.svg", "image/svg+xml"],
    ];
    for (const [name, type] of cases) {
      await Deno.writeTextFile(`${root}/${name}`, "1");
      const response = await serveFile(get("/"), `${root}/${name}`);
      await response.body?.cancel();
      assertEquals([name, response.headers.get("content-type")], [name, type]);
    }
  }));

Deno.test("serveFile() answers 404 if there is no such file", () =>
  withFiles(async (root) => {
    for (const path of ["none.txt", "sub"]) {
      const response = await serveFile(get("/"), `${root}/${path}`);
      await response.body?.cancel();
      assertEquals([response.status, response.statusText], [404, "Not Found"]);
    }
  }));

Deno.test("serveFile() serves the requested range", () =>
  withFiles(async (root) => {
    const cases: [string, string, string][] = [
      ["bytes=0-0", "0", "bytes 0-0/200"],
      ["bytes=195-", "56789", "bytes 195-199/200"],
      ["bytes=-3", "789", "bytes 197-199/200"],
      ["bytes=198-999", "89", "bytes 198-199/200"],
      ["bytes=-999", TEXT, "bytes 0-199/200"],
    ];
    for (const [range, text, contentRange] of cases) {
      const response = await serveFile(get("/", { range }), `${root}/text file.txt`);
      assertEquals(await response.text(), text);
      assertEquals(response.status, 206);
      assertEquals(response.headers.get("content-range"), contentRange);
      assertEquals(response.headers.get("content-length"), String(text.length));
    }
  }));

Deno.test("serveFile() answers 416 for a range outside the file", () =>
  withFiles(async (root) => {
    for (const range of ["bytes=200-", "bytes=500-600", "bytes=20-10"]) {
      const response = await serveFile(get("/", { range }), `${root}/text file.txt`);
      await response.body?.cancel();
      assertEquals(response.status, 416);
      assertEquals(response.headers.get("content-range"), "bytes */200");
    }
  }));

Deno.test("serveFile() ignores a range that it cannot read", () =>
  withFiles(async (root) => {
    for (const range of ["bytes=100", "bytes=a-b", "bytes=0-10, 20-30"]) {
      const response = await serveFile(get("/", { range }), `${root}/text file.txt`);
      assertEquals([response.status, await response.text()], [200, TEXT]);
    }
    const empty = await serveFile(get("/", { range: "bytes=0-10" }), `${root}/empty.txt`);
    assertEquals([empty.status, await empty.text()], [200, ""]);
  }));

Deno.test("serveFile() closes the file when the client stops reading", () =>
  withFiles(async (root) => {
    const requests: HeadersInit[] = [{}, { range: "bytes=0-100" }];
    for (const headers of requests) {
      const response = await serveFile(get("/", headers), `${root}/text file.txt`);
      await response.body?.cancel();
    }
  }));

Deno.test("serveFile() answers 304 to a client that has the current file", () =>
  withFiles(async (root) => {
    const path = `${root}/text file.txt`;
    const first = await serveFile(get("/"), path);
    await first.body?.cancel();
    const etag = first.headers.get("etag") ?? "";
    const modified = first.headers.get("last-modified") ?? "";
    const cases: [HeadersInit, number][] = [
      [{ "if-none-match": etag }, 304],
      [{ "if-none-match": `"other", ${etag}` }, 304],
      [{ "if-none-match": "*" }, 304],
      [{ "if-none-match": '"other"' }, 200],
      [{ "if-modified-since": modified }, 304],
      [{ "if-modified-since": new Date(0).toUTCString() }, 200],
      [{ "if-none-match": '"other"', "if-modified-since": modified }, 200],
    ];
    for (const [headers, expected] of cases) {
      const response = await serveFile(get("/", headers), path);
      assertEquals(await response.text(), expected === 304 ? "" : TEXT);
      assertEquals(response.status, expected);
    }
  }));

Deno.test("serveDir() serves the file that the path names", () =>
  withFiles(async (root) => {
    const cases: [string, string][] = [
      ["/text%20file.txt?key=value", TEXT],
      ["/50%25.txt", "half"],
      ["/sub/dir/app.js", "1"],
      ["/sub/", "<p>index</p>"],
    ];
    for (const [path, text] of cases) {
      const response = await serveDir(get(path), { fsRoot: root, quiet: true });
      assertEquals([response.status, await response.text()], [200, text]);
    }
  }));

Deno.test("serveDir() answers 404 for missing and hidden files", () =>
  withFiles(async (root) => {
    for (const path of ["/none.txt", "/bare/", "/"]) {
      const response = await serveDir(get(path), { fsRoot: root, quiet: true });
      await response.body?.cancel();
      assertEquals([path, response.status], [path, 404]);
    }
    const options = { fsRoot: root, quiet: true, showIndex: false };
    const response = await serveDir(get("/sub/"), options);
    await response.body?.cancel();
    assertEquals(response.status, 404);
  }));

Deno.test("serveDir() lists a directory only if asked, and without its hidden files", () =>
  withFiles(async (root) => {
    const options = { fsRoot: root, quiet: true, showDirListing: true };
    const response = await serveDir(get("/"), options);
    const page = await response.text();
    assertEquals(response.status, 200);
    assertStringIncludes(response.headers.get("content-type") ?? "", "text/html");
    assertStringIncludes(page, "text file.txt");
    assertFalse(page.includes(".hidden"));
  }));

Deno.test("serveDir() strips the URL root", () =>
  withFiles(async (root) => {
    const options = { fsRoot: root, urlRoot: "static", quiet: true };
    const inside = await serveDir(get("/static/sub/dir/app.js"), options);
    assertEquals([inside.status, await inside.text()], [200, "1"]);
    const outside = await serveDir(get("/sub/dir/app.js"), options);
    await outside.body?.cancel();
    assertEquals(outside.status, 404);
  }));

Deno.test("serveDir() redirects to the canonical path", () =>
  withFiles(async (root) => {
    const cases: [string, string][] = [
      ["/sub?key=value", "/sub/?key=value"],
      ["/text%20file.txt/", "/text%20file.txt"],
      ["/sub////dir/app.js", "/sub/dir/app.js"],
      ["/%2F..%2F..%2F..", "/"],
    ];
    for (const [path, target] of cases) {
      const response = await serveDir(get(path), { fsRoot: root, quiet: true });
      assertEquals(
        [response.status, response.headers.get("location")],
        [301, `http://localhost${target}`],
      );
    }
  }));

Deno.test("serveDir() never leaves its directory", () =>
  withFiles(async (root) => {
    const paths = ["/../text%20file.txt", "/%2e%2e/text%20file.txt", "/..%2ftext%20file.txt"];
    for (const path of paths) {
      const response = await serveDir(get(path), { fsRoot: `${root}/sub`, quiet: true });
      assertFalse((await response.text()).includes(TEXT));
    }
  }));

Deno.test("serveDir() answers 405 to unsafe methods", () =>
  withFiles(async (root) => {
    for (const method of ["POST", "PUT", "DELETE"]) {
      const request = new Request("http://localhost/text%20file.txt", { method });
      const response = await serveDir(request, { fsRoot: root, quiet: true });
      await response.body?.cancel();
      assertEquals(response.status, 405);
    }
  }));

Deno.test("serveDir() adds the given headers, and CORS headers if asked", () =>
  withFiles(async (root) => {
    const options = { fsRoot: root, quiet: true };
    const plain = await serveDir(get("/50%25.txt"), options);
    await plain.body?.cancel();
    assertFalse(plain.headers.has("access-control-allow-origin"));
    const response = await serveDir(get("/50%25.txt"), {
      ...options,
      enableCors: true,
      headers: ["cache-control: max-age=100", "x-address:http://a.test"],
    });
    await response.body?.cancel();
    assertEquals(response.headers.get("access-control-allow-origin"), "*");
    assertEquals(response.headers.get("cache-control"), "max-age=100");
    assertEquals(response.headers.get("x-address"), "http://a.test");
  }));
