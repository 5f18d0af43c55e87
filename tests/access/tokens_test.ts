/** Which tokens are accepted, and what their claims grant. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  base64url,
  CompactSign,
  exportJWK,
  exportSPKI,
  type JWTPayload,
  SignJWT,
  UnsecuredJWT,
} from "jose";
import { Jwks } from "../../access/jwks.ts";
import { looksLikeToken, Tokens } from "../../access/tokens.ts";
import {
  AUDIENCE,
  claims,
  IdentityProvider,
  ISSUER,
  pairOf,
  sign,
} from "../support/identity_provider.ts";

const NOW_MS = Date.parse("2026-11-21T08:00:00Z");
const NOW_S = NOW_MS / 1000;
const SECRET = new TextEncoder().encode("a secret of more than thirty-two bytes");
const now = () => new Date(NOW_MS);
const common = { issuer: ISSUER, audience: AUDIENCE, now, country: "KE" };

const bySecret = new Tokens({ ...common, keys: SECRET, algorithms: ["HS256"] });

async function signed(
  payload: JWTPayload,
  { alg = "HS256", secret = SECRET, ...header }: Record<string, unknown> = {},
): Promise<string> {
  const protectedHeader = { alg: alg as string, ...header };
  return await new SignJWT(payload).setProtectedHeader(protectedHeader).sign(secret as Uint8Array);
}

Deno.test("Tokens takes a token, and reads scopes, clients, numbers and the end from it", async () => {
  const payload = claims(NOW_MS, {
    name: "Ann\n\u202eK.",
    scope: "openid calls:read profile webhooks",
    client_id: ["0712345678", "shop"],
    numbers: "5000",
  });
  assertEquals(await bySecret.find(await signed(payload)), {
    id: "jwt:ann",
    issuer: ISSUER,
    name: "AnnK.",
    scopes: new Set(["calls:read", "webhooks"] as const),
    bounds: { clients: ["+254712345678", "shop"], numbers: ["5000"] },
    expiresAt: new Date(NOW_MS + 600_000),
  });
});

Deno.test("Tokens: subjects that are printed alike have different ids", async () => {
  const long = "a".repeat(200);
  const subjects = ["ann", "an\u0000n", "ann\u202e", "ann\n", long, `${long}b`, long.slice(0, 100)];
  const holders = await Promise.all(
    subjects.map(async (sub) => await bySecret.find(await signed(claims(NOW_MS, { sub })))),
  );
  const ids = holders.map((holder) => holder!.id);
  assertEquals(new Set(ids).size, subjects.length, ids.join(" "));
  for (const [at, id] of ids.entries()) {
    // deno-lint-ignore no-control-regex
    assertMatch(id, /^jwt:[^\u0000-\u001f\u202e]{1,140}$/);
    // Nor does a subject that is written like the id of another.
    const forged = await bySecret.find(await signed(claims(NOW_MS, { sub: id.slice(4) })));
    assertEquals(forged!.id === id, subjects[at] === id.slice(4), id);
  }
});

Deno.test("Tokens: without client_id and numbers a token is not bound; of another form they see nothing", async () => {
  const boundsOf = async (more: JWTPayload) =>
    (await bySecret.find(await signed(claims(NOW_MS, more))))?.bounds;
  assertEquals(await boundsOf({}), undefined);
  assertEquals(await boundsOf({ client_id: "shop" }), { clients: ["shop"], numbers: [] });
  const nobody = { clients: [], numbers: [] };
  for (const client_id of [7, null, {}, [], ["a", 7]]) {
    assertEquals(await boundsOf({ client_id } as JWTPayload), nobody);
  }
});

Deno.test("Tokens: a scope of another form grants nothing", async () => {
  for (const scope of [undefined, ["all"], 7, "ALL", "calls:*", "all,keys"]) {
    const holder = await bySecret.find(await signed(claims(NOW_MS, { scope } as JWTPayload)));
    assertEquals(holder?.scopes.size, 0);
  }
});

const REFUSED: [what: string, claims: JWTPayload][] = [
  ["another issuer", { iss: "https://evil.example.com/" }],
  ["no issuer", { iss: undefined }],
  ["another audience", { aud: "billing" }],
  ["no audience", { aud: undefined }],
  ["an audience among which we are not", { aud: ["billing", "shop"] }],
  ["an end that has passed", { exp: NOW_S - 6 }],
  ["no end", { exp: undefined }],
  ["a beginning that is to come", { nbf: NOW_S + 6 }],
  ["no subject", { sub: undefined }],
  ["an empty subject", { sub: "" }],
];

for (const [what, differs] of REFUSED) {
  Deno.test(`Tokens refuses a token with ${what}`, async () => {
    assertEquals(await bySecret.find(await signed(claims(NOW_MS, differs))), undefined);
  });
}

Deno.test("Tokens takes a token at the edges: just expired, just to begin, one of several audiences", async () => {
  for (const differs of [{ exp: NOW_S - 4 }, { nbf: NOW_S + 4 }, { aud: ["shop", AUDIENCE] }]) {
    assertEquals((await bySecret.find(await signed(claims(NOW_MS, differs))))?.id, "jwt:ann");
  }
});

Deno.test("Tokens refuses another secret, a changed payload, and a signature that is cut off", async () => {
  const token = await signed(claims(NOW_MS));
  const [header, , signature] = token.split(".");
  const other = base64url.encode(JSON.stringify(claims(NOW_MS, { scope: "all" })));
  const wrong = new TextEncoder().encode("another secret of thirty-two bytes");
  for (
    const forged of [
      await signed(claims(NOW_MS), { secret: wrong }),
      `${header}.${other}.${signature}`,
      token.slice(0, -4),
      `${token.split(".").slice(0, 2).join(".")}.`,
    ]
  ) {
    assertEquals(await bySecret.find(forged), undefined);
  }
});

Deno.test("Tokens refuses `none`, however it is written", async () => {
  await using provider = new IdentityProvider(await pairOf("k1"));
  const jwks = new Jwks({ url: new URL(provider.url), now, report() {} });
  const byKeys = new Tokens({ ...common, keys: jwks, algorithms: ["ES256"] });
  const unsecured = new UnsecuredJWT(claims(NOW_MS, { scope: "all" })).encode();
  const payload = unsecured.split(".")[1];
  const heads = ["none", "None", "NONE", "nOnE", ""].map((alg) =>
    base64url.encode(JSON.stringify({ alg, typ: "JWT" }))
  );
  for (const tokens of [bySecret, byKeys]) {
    assertEquals(await tokens.find(unsecured), undefined);
    for (const head of heads) {
      for (const signature of ["", "AAAA"]) {
        assertEquals(await tokens.find(`${head}.${payload}.${signature}`), undefined);
      }
    }
  }
});

Deno.test("Tokens refuses a token that is signed with the public key as if that were a secret", async () => {
  const pair = await pairOf("k1", "RS256");
  await using provider = new IdentityProvider(pair);
  const jwks = new Jwks({ url: new URL(provider.url), now, report() {} });
  const tokens = new Tokens({ ...common, keys: jwks, algorithms: ["RS256"] });
  assertEquals((await tokens.find(await sign(pair, claims(NOW_MS))))?.id, "jwt:ann");
  const known = [
    await exportSPKI(pair.publicKey),
    JSON.stringify(await exportJWK(pair.publicKey)),
    (await exportJWK(pair.publicKey)).n!,
  ];
  for (const text of known) {
    const secret = new TextEncoder().encode(text);
    for (const alg of ["HS256", "HS384", "HS512"]) {
      const forged = await signed(claims(NOW_MS), { alg, kid: "k1", secret });
      assertEquals(await tokens.find(forged), undefined);
    }
  }
});

Deno.test("Tokens refuses an algorithm that is not among the accepted ones", async () => {
  const pairs = [await pairOf("es", "ES256"), await pairOf("rs", "RS256")];
  await using provider = new IdentityProvider(...pairs);
  const jwks = new Jwks({ url: new URL(provider.url), now, report() {} });
  const tokens = new Tokens({ ...common, keys: jwks, algorithms: ["ES256"] });
  const found = pairs.map(async (pair) =>
    (await tokens.find(await sign(pair, claims(NOW_MS))))?.id
  );
  assertEquals(await Promise.all(found), ["jwt:ann", undefined]);
  assertEquals(await bySecret.find(await signed(claims(NOW_MS), { alg: "HS512" })), undefined);
});

Deno.test("Tokens refuses a key inside of the token, and a critical extension", async () => {
  const pair = await pairOf("k1");
  const stranger = await pairOf("k1");
  await using provider = new IdentityProvider(pair);
  const jwks = new Jwks({ url: new URL(provider.url), now, report() {} });
  const tokens = new Tokens({ ...common, keys: jwks, algorithms: ["ES256"] });
  const bytes = new TextEncoder().encode(JSON.stringify(claims(NOW_MS)));
  const own = { alg: "ES256", kid: "k1", jwk: await exportJWK(stranger.publicKey) };
  const forged = await new CompactSign(bytes).setProtectedHeader(own).sign(stranger.privateKey);
  assertEquals(await tokens.find(forged), undefined);
  const critical = { alg: "ES256", kid: "k1", crit: ["x"], x: 1 };
  const strange = await new CompactSign(bytes)
    .setProtectedHeader(critical).sign(pair.privateKey, { crit: { x: true } });
  assertEquals(await tokens.find(strange), undefined);
});

Deno.test("looksLikeToken() spares the check of whatever is no token", async () => {
  assertEquals(looksLikeToken(await signed(claims(NOW_MS))), true);
  const long = await signed(claims(NOW_MS, { more: "x".repeat(8192) }));
  for (const text of ["", "dev", "a.b.c", "eyJ", "eyJ.x", "tpr_x", long]) {
    assertEquals(looksLikeToken(text), false);
  }
});
