/**
 * The process of one attack: `attacker.ts NAME PORT`. Prints the outcome, and exits.
 * @module
 */
import { ATTACKS } from "./attacks.ts";

const [name = "", port] = Deno.args;
console.log(JSON.stringify(await ATTACKS[name]!({ port: Number(port) })));
Deno.exit(0);
