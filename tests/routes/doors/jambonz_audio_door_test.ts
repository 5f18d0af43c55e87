/** Admission at the jambonz audio door, and calls that lose their audio. */
import { assert, assertEquals, assertRejects } from "@std/assert";
import { faultOfVerbs } from "../../../protocols/jambonz/verbs.ts";
import { frame, serverWith } from "../../support/apps.ts";
import { Client, type Message } from "../../support/client.ts";
import { audioCall, audioCallOver, audioSocket, LISTEN } from "../../support/jambonz_audio.ts";
import { JAMBONZ, sessionNew } from "../../support/lines.ts";

Deno.test("the audio socket echoes the offered subprotocol, and refuses others with 400", async () => {
  await using server = await serverWith("apps/echo.ts");
  for (const name of ["audio.jambonz.org", "audio.drachtio.org"]) {
    await using socket = await Client.open(server.ws("/jambonz/audio"), { protocols: [name] });
    assertEquals(socket.protocol, name);
  }
  await assertRejects(() =>
    Client.open(server.ws("/jambonz/audio"), { protocols: ["ws.jambonz.org"] })
  );
  await assertRejects(() => Client.open(server.ws("/jambonz/audio")));
});

Deno.test("a socket for an unknown call, or one that wants no audio, is closed with 1008", async () => {
  await using server = await serverWith("apps/echo.ts");
  const socket = await audioSocket(server, { callSid: "nobody" });
  assertEquals(await socket.whenClosed(), {
    code: 1008,
    reason: "no app wants the audio of this call",
  });
});

Deno.test("a lost audio socket is requested again, and the call continues on the next one", async () => {
  await using server = await serverWith("apps/echo.ts");
  const { line, audio } = await audioCall(server);
  audio.send(frame(1));
  await audio.nextAudio();
  await audio.close(3000);
  const { data } = await line.next({ command: "config" });
  assertEquals(data, { listen: LISTEN });
  const next = await audioSocket(server);
  next.send(frame(2));
  assertEquals(await next.nextAudio(), frame(2));
  await audioCallOver(server, line, next);
});

Deno.test("a second audio socket of a call replaces the first", async () => {
  await using server = await serverWith("apps/echo.ts");
  const { line, audio } = await audioCall(server);
  audio.send(frame(1));
  await audio.nextAudio();
  const second = await audioSocket(server);
  second.send(frame(2));
  assertEquals(await second.nextAudio(), frame(2));
  assertEquals((await audio.whenClosed()).code, 1000);
  await audioCallOver(server, line, second);
});

Deno.test("with keys set, jambonz gets a short password for this call's audio only", async () => {
  const key = "secret".repeat(40);
  await using server = await serverWith("apps/echo.ts", { settings: { API_KEYS: key } });
  const headers = { authorization: `Basic ${btoa(`me:${key}`)}` };
  await using line = await Client.open(server.ws("/jambonz"), { ...JAMBONZ, headers });
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack", msgid: "new" }) as { data: Message[] };
  const listen = data[1]!["listen"] as Message;
  const { username, password } = listen["wsAuth"] as Record<string, string>;
  const credentials = `${username}:${password}`;
  // The audio fork has 128 bytes for the header's value with its final zero.
  assert(`Basic ${btoa(credentials)}`.length < 128, credentials);
  assertEquals(faultOfVerbs(data), undefined);
  const protocols = ["audio.jambonz.org"];
  await assertRejects(() => Client.open(server.ws("/jambonz/audio"), { protocols }));
  const basic = { authorization: `Basic ${btoa(credentials)}` };
  const refused = await fetch(server.http("/api/v1/calls"), { headers: basic });
  await refused.body?.cancel();
  assertEquals(refused.status, 401);
  for (const wrong of ["", password!.slice(1), `${password!.slice(0, 22)}${"A".repeat(22)}`]) {
    const headers = { authorization: `Basic ${btoa(`tipring:${wrong}`)}` };
    await assertRejects(() => Client.open(server.ws("/jambonz/audio"), { protocols, headers }));
  }
  await using neighbour = await Client.open(server.ws("/jambonz"), { ...JAMBONZ, headers });
  neighbour.send(sessionNew("sid-2"));
  await neighbour.next({ type: "ack", msgid: "new" });
  const other = await Client.open(server.ws("/jambonz/audio"), { protocols, headers: basic });
  other.send({ callSid: "sid-2", sampleRate: 8000 });
  assertEquals((await other.whenClosed()).code, 1008, "it opens the audio of no other call");
  await using audio = await Client.open(server.ws("/jambonz/audio"), { protocols, headers: basic });
  audio.send({ callSid: "sid-1", sampleRate: 8000 });
  audio.send(frame(1));
  assertEquals(await audio.nextAudio(), frame(1));
});

Deno.test("JAMBONZ_AUDIO_URL sets the socket's URL, for jambonz behind a proxy", async () => {
  const url = "wss://calls.example.com/voice/audio";
  await using server = await serverWith("apps/echo.ts", { settings: { JAMBONZ_AUDIO_URL: url } });
  await using line = await Client.open(server.ws("/jambonz"), JAMBONZ);
  line.send(sessionNew());
  const { data } = await line.next({ type: "ack", msgid: "new" }) as { data: Message[] };
  assertEquals((data[1]!["listen"] as Message)["url"], url);
});

Deno.test("a watcher who joins ends the app's audio", async () => {
  await using server = await serverWith("apps/echo.ts", {
    settings: { JOIN_NUMBERS: "ann=+15551230000" },
  });
  const { line, audio } = await audioCall(server);
  audio.send(frame(1));
  await audio.nextAudio();
  const { id } = await server.call("jambonz", "sid-1");
  server.server.services.calls.asks.make(id, { kind: "join", number: "+15551230000" }, {
    actor: "ann",
    messageId: "1",
  }, ({ accepted }) => assert(accepted));
  await audio.next({ type: "disconnect" });
  await audioCallOver(server, line, audio);
});
