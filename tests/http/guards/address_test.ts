import { assert, assertEquals, assertFalse } from "@std/assert";
import {
  AddressList,
  addressOf,
  countedAddress,
  isAddressOrCidr,
  isLoopback,
} from "../../../http/guards/address.ts";

const forwarded = (value: string) => new Headers({ "x-forwarded-for": value });

Deno.test("addressOf() is the peer's, and trusts no header without a declared proxy", () => {
  assertEquals(addressOf(new Headers(), "192.0.2.1", false), "192.0.2.1");
  assertEquals(addressOf(forwarded("198.51.100.7"), "192.0.2.1", false), "192.0.2.1");
  assertEquals(addressOf(new Headers(), "192.0.2.1", true), "192.0.2.1");
});

Deno.test("addressOf() behind a proxy is the last of X-Forwarded-For: clients control the others", () => {
  const cases: [header: string, address: string][] = [
    ["198.51.100.7", "198.51.100.7"],
    ["10.0.0.1, 198.51.100.7", "198.51.100.7"],
    ["127.0.0.1,::1 ,  2001:db8::1 ", "2001:db8::1"],
    ["198.51.100.7:4711", "198.51.100.7"],
    ["[2001:DB8::1]:4711", "2001:db8::1"],
    ["[2001:db8:0:0::1]", "2001:db8::1"],
    ["::ffff:198.51.100.7", "198.51.100.7"],
  ];
  for (const [header, address] of cases) {
    assertEquals(addressOf(forwarded(header), "127.0.0.1", true), address);
  }
  const two = new Headers([["x-forwarded-for", "10.0.0.1"], ["x-forwarded-for", "198.51.100.7"]]);
  assertEquals(addressOf(two, "127.0.0.1", true), "198.51.100.7");
});

Deno.test("addressOf() is the peer's when the last item is not an address", () => {
  for (const header of ["", "unknown", "198.51.100.7, ", "_hidden", "1.2.3", "0x7f000001", "a:b"]) {
    assertEquals(addressOf(forwarded(header), "127.0.0.1", true), "127.0.0.1");
  }
});

Deno.test("addressOf() writes an IPv4 peer of an IPv6 listener in IPv4 form", () => {
  assertEquals(addressOf(new Headers(), "::ffff:192.0.2.1", false), "192.0.2.1");
  assertEquals(addressOf(new Headers(), "", false), "");
});

Deno.test("countedAddress() counts all addresses of one IPv6 customer as one", () => {
  const one = countedAddress("2001:db8:1:2:3:4:5:6");
  assertEquals(one, "2001:db8:1:2::/64");
  assertEquals(countedAddress("2001:db8:1:2::9"), one);
  assertEquals(countedAddress("2001:db8:1:3::9") === one, false);
  for (const address of ["192.0.2.1", "unknown", ""]) {
    assertEquals(countedAddress(address), address);
  }
  assertEquals(countedAddress("::ffff:192.0.2.1"), "192.0.2.1");
});

Deno.test("AddressList.has() matches addresses and networks of both families", () => {
  const list = new AddressList([
    "192.0.2.1",
    "10.0.0.0/8",
    "2001:db8::/32",
    "::ffff:172.16.0.0/108",
  ]);
  const listed = ["192.0.2.1", "::ffff:192.0.2.1", "10.255.0.1", "2001:db8:ffff::1", "172.16.9.9"];
  for (const address of listed) assert(list.has(address), address);
  const others = ["192.0.2.2", "11.0.0.1", "2001:db9::1", "172.32.0.1", "", "unknown", "::a00:1"];
  for (const address of others) assertFalse(list.has(address), address);
});

Deno.test("AddressList.has() admits everybody when it is empty", () => {
  assert(new AddressList([]).has("198.51.100.7"));
});

Deno.test("isAddressOrCidr() refuses anything else", () => {
  for (const text of ["1.2.3.4", "::1", "10.0.0.0/8", "2001:db8::/32"]) {
    assert(isAddressOrCidr(text), text);
  }
  for (const text of ["", "*", "example.com", "1.2.3", "10.0.0.0/33", "0x7f000001", "1.2.3.4:80"]) {
    assertFalse(isAddressOrCidr(text), text);
  }
});

Deno.test("isLoopback() recognises every form of loopback", () => {
  for (const text of ["127.0.0.1", "127.9.9.9", "::1", "[::1]", "[::ffff:7f00:1]"]) {
    assert(isLoopback(text), text);
  }
  for (const text of ["localhost", "0.0.0.0", "128.0.0.1", "[::2]"]) {
    assertFalse(isLoopback(text), text);
  }
});
