/**
 * The deal: the caller hears an offer and presses 1 to agree or 2 to refuse. Agreeing opens a
 * contract between the caller and the number called, signs it for the caller and records a payment;
 * whoever is connected for these parties is told of it.
 * @module
 */
import type { Call } from "../calls/app.ts";

/** Sells where the number called is no phone number, but an extension such as 5000. */
const SELLER = "+254787654321";
/** Buys where the caller's number is withheld. */
const BUYER = "+254712345678";
const ATTEMPTS = 3;

const PROMPTS = {
  offer: "You are offered a deal. Press 1 to agree, or 2 to refuse.",
  no_input: "I heard no key. Press 1 to agree, or 2 to refuse.",
  agreed: "Thank you. The deal is agreed, and both of you will be told.",
  refused: "You have refused the deal. Nothing will be charged.",
  goodbye: "Goodbye.",
} as const;
type Prompt = keyof typeof PROMPTS;

export default async function ivr(call: Call): Promise<void> {
  call.answer();
  // The server may have been started anew in mid-call: what was agreed is not offered again.
  if (call.memory["agreed"] === true) return await agree(call);
  let prompt: Prompt = "offer";
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { by, digits } = await call.gather({ ...spoken(call, prompt), digits: 1 });
    if (by === "ended" || by === "joined") return;
    if (digits === "1") {
      await call.remember({ agreed: true });
      return await agree(call);
    }
    if (digits === "2") return tell(call, "refused");
    prompt = "no_input";
  }
  tell(call, "goodbye");
}

/** Each step is named after its place in the call, so that a second time does nothing twice. */
async function agree(call: Call): Promise<void> {
  const buyer = phone(call.from) ?? BUYER;
  const seller = phone(call.to) ?? SELLER;
  const { id, currency } = await call.contracts.create({
    transcript: PROMPTS.offer,
    parties: [{ phone: buyer, role: "buyer" }, { phone: seller, role: "seller" }],
    contract_type: "goods_purchase",
    total_amount: 150.5,
    currency: "KES",
  });
  await call.contracts.confirm(id, buyer);
  await call.contracts.pay({ contract_id: id, amount: 150.5, currency, phone_number: buyer });
  tell(call, "agreed");
}

/** The last words: the line ends when they have been heard. */
function tell(call: Call, prompt: Prompt): void {
  if (call.line === "jambonz") call.say(PROMPTS[prompt]);
  else call.play(file(prompt));
  call.hangup();
}

/** An inbound line plays recordings, jambonz speaks. */
function spoken(call: Call, prompt: Prompt): { say: string } | { play: URL } {
  return call.line === "jambonz" ? { say: PROMPTS[prompt] } : { play: file(prompt) };
}

function file(prompt: Prompt): URL {
  return new URL(`prompts/${prompt}.wav`, import.meta.url);
}

function phone(number: string | null): string | undefined {
  return number?.startsWith("+") ? number : undefined;
}
