import { assertEquals } from "@std/assert";
import { type HostRules, Hosts } from "../../../http/guards/hosts.ts";
import { Refused } from "../../../http/problem.ts";

/** Whether requests with this Host pass; `target` is the URL where the request line has a whole one. */
function passes(rules: Partial<HostRules>, host: string, target = `http://${host}/`): boolean {
  const hosts = new Hosts({ allowed: [], listensOn: "127.0.0.1", anyName: false, ...rules });
  try {
    hosts.check(new Headers({ host }), new URL(target));
    return true;
  } catch (error) {
    if (error instanceof Refused && error.status === 421) return false;
    throw error;
  }
}

Deno.test("Hosts: loopback is accepted under every name and port", () => {
  const own = ["localhost", "LOCALHOST.:8000", "127.0.0.1:1", "127.8.8.8", "[::1]:8000"];
  for (const host of own) assertEquals([host, passes({}, host)], [host, true]);
  const foreign = ["evil.example", "localhost.evil.example", "evil.localhost.example:8000"];
  for (
    const host of [...foreign, "0.0.0.0:8000", "192.168.0.1", "[2001:db8::1]", "127.0.0.1.nip.io"]
  ) {
    assertEquals([host, passes({}, host)], [host, false]);
  }
});

Deno.test("Hosts: the address that the server listens on is accepted", () => {
  assertEquals(passes({ listensOn: "192.0.2.1" }, "192.0.2.1:8000"), true);
  assertEquals(passes({ listensOn: "::1" }, "[::1]"), true);
  assertEquals(passes({ listensOn: "2001:db8::1" }, "[2001:DB8::1]:80"), true);
  assertEquals(passes({ listensOn: "192.0.2.1" }, "192.0.2.2"), false);
});

Deno.test("Hosts: the settings add names, with a port, with subdomains, or all", () => {
  const allowed = ["api.example", "*.example.org", "lab.example:8443", "[2001:db8::1]"];
  const own = ["api.example", "API.example.:80", "a.example.org", "a.b.example.org:1"];
  for (const host of [...own, "lab.example:8443", "[2001:db8::1]:9", "localhost"]) {
    assertEquals([host, passes({ allowed }, host)], [host, true]);
  }
  const foreign = [
    "example.org",
    "evilexample.org",
    "lab.example",
    "lab.example:80",
    "x.api.example",
  ];
  for (const host of foreign) assertEquals([host, passes({ allowed }, host)], [host, false]);
  assertEquals(passes({ allowed: ["*"] }, "evil.example"), true);
});

Deno.test("Hosts: any name passes until some are set, when only the operator knows them", () => {
  assertEquals(passes({ anyName: true }, "api.example"), true);
  assertEquals(passes({ anyName: true, allowed: ["api.example"] }, "evil.example"), false);
});

Deno.test("Hosts: an absolute URL in the request line is checked like the header", () => {
  assertEquals(passes({}, "localhost", "http://evil.example/"), false);
  assertEquals(passes({}, "evil.example", "http://localhost/"), false);
  assertEquals(passes({}, "evil.example@localhost", "http://evil.example@localhost/"), false);
});
