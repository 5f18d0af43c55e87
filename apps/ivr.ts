/**
 * The deal: the caller hears an offer and presses 1 to agree or 2 to refuse. Agreeing opens a
 * contract between the caller and the number called, signs it for the caller and records a payment;
 * connected clients of these parties are notified.
 * @module
 */
import type { Call, Prompt } from "../calls/app.ts";

/** The seller when the called number is only an extension, such as 5000. */
const SELLER = "+254787654321";
/** The buyer when the caller's number is withheld. */
const BUYER = "+254712345678";
const ATTEMPTS = 3;

const OFFER = "You are offered a deal. Press 1 to agree, or 2 to refuse.";
const PROMPTS = {
  offer: recorded("offer", OFFER),
  noInput: recorded("no_input", "I heard no key. Press 1 to agree, or 2 to refuse."),
  agreed: recorded("agreed", "Thank you. The deal is agreed, and both of you will be told."),
  refused: recorded("refused", "You have refused the deal. Nothing will be charged."),
  goodbye: recorded("goodbye", "Goodbye."),
} as const;

export default async function ivr(call: Call): Promise<void> {
  call.answer();
  // After a restart of the server, an agreed deal is not offered again.
  if (call.memory["agreed"] === true) return await agree(call);
  let prompt = PROMPTS.offer;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const { by, digits } = await call.gather({ name: "deal", prompt, digits: 1 });
    if (by === "ended" || by === "joined") return;
    if (digits === "1") {
      await call.remember({ agreed: true });
      return await agree(call);
    }
    if (digits === "2") return call.prompt(PROMPTS.refused);
    prompt = PROMPTS.noInput;
  }
  call.prompt(PROMPTS.goodbye);
}

/** Each step is named after its place in the call: a second time does nothing twice. */
async function agree(call: Call): Promise<void> {
  const buyer = phone(call.from) ?? BUYER;
  const seller = phone(call.to) ?? SELLER;
  const { id, currency } = await call.contracts.create({
    transcript: OFFER,
    parties: [{ phone: buyer, role: "buyer" }, { phone: seller, role: "seller" }],
    contract_type: "goods_purchase",
    total_amount: 150.5,
    currency: "KES",
  });
  await call.contracts.confirm(id, buyer);
  await call.contracts.pay({ contract_id: id, amount: 150.5, currency, phone_number: buyer });
  call.prompt(PROMPTS.agreed);
}

/** A prompt that is spoken, or played from a recording on lines that cannot speak. */
function recorded(name: string, text: string): Prompt {
  return { text, audio: new URL(`prompts/${name}.wav`, import.meta.url) };
}

function phone(number: string | null): string | undefined {
  return number?.startsWith("+") ? number : undefined;
}
