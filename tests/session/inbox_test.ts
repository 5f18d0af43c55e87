import { assert, assertEquals, assertFalse } from "@std/assert";
import { Inbox } from "../../session/inbox.ts";

async function rest<Item>(inbox: Inbox<Item>): Promise<Item[]> {
  return await Array.fromAsync(inbox);
}

Deno.test("Inbox returns items in order, and the last one last", async () => {
  const inbox = new Inbox<number>(8);
  for (const item of [1, 2, 3]) assert(inbox.push(item));
  inbox.end(4);
  assertEquals(await rest(inbox), [1, 2, 3, 4]);
});

Deno.test("Inbox passes an item directly to a waiting reader", async () => {
  const inbox = new Inbox<number>(1);
  const first = inbox.next();
  assert(inbox.push(1));
  assertEquals(inbox.length, 0);
  assertEquals(await first, { done: false, value: 1 });
});

Deno.test("Inbox refuses items over its capacity and keeps the rest", async () => {
  const inbox = new Inbox<number>(2);
  assert(inbox.push(1));
  assert(inbox.push(2));
  assertFalse(inbox.push(3));
  assertEquals(inbox.length, 2);
  assertEquals(await inbox.next(), { done: false, value: 1 });
  assert(inbox.push(4));
  inbox.end(5);
  assertEquals(await rest(inbox), [2, 4, 5]);
});

Deno.test("Inbox accepts its last item even when it is full", async () => {
  const inbox = new Inbox<number>(1);
  inbox.push(1);
  inbox.end(2);
  assertEquals(await rest(inbox), [1, 2]);
});

Deno.test("Inbox accepts nothing after its last item, which is returned once", async () => {
  const inbox = new Inbox<number>(4);
  assertFalse(inbox.ended);
  inbox.end(1);
  assert(inbox.ended);
  assertFalse(inbox.push(2));
  inbox.end(3);
  assertEquals(await rest(inbox), [1]);
});

Deno.test("Inbox passes its last item to a waiting reader and then is done", async () => {
  const inbox = new Inbox<number>(4);
  const first = inbox.next();
  inbox.end(1);
  assertEquals(await first, { done: false, value: 1 });
  assertEquals(await inbox.next(), { done: true, value: undefined });
  assertEquals(await inbox.next(), { done: true, value: undefined });
});

Deno.test("Inbox keeps nothing for a reader that has left", async () => {
  const inbox = new Inbox<number>(4);
  inbox.push(1);
  inbox.push(2);
  for await (const item of inbox) {
    assertEquals(item, 1);
    break;
  }
  assertEquals(inbox.length, 0);
  assertFalse(inbox.push(3));
  assertEquals(await inbox.next(), { done: true, value: undefined });
});

Deno.test("Inbox keeps its order when reads and writes alternate", async () => {
  const inbox = new Inbox<number>(3);
  const read: number[] = [];
  for (let round = 0, next = 0; round < 50; round++) {
    while (inbox.push(next)) next++;
    for (let times = 0; times <= round % 3; times++) {
      const { value } = await inbox.next();
      read.push(value!);
    }
  }
  assertEquals(read, read.map((_, at) => at));
});
