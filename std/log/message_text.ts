/**
 * A message as text: text as it is, an error as its stack, another object as its entries in the
 * manner of JSON.
 */
export function asText(message: unknown): string {
  if (message instanceof Error) return message.stack ?? String(message);
  if (typeof message === "object" && message !== null) {
    const entries = Object.entries(message).map(([key, value]) => `"${key}":${valueText(value)}`);
    return `{${entries.join(",")}}`;
  }
  // A function can only be here as what a lazy message returned; it is no message.
  return typeof message === "function" ? "undefined" : String(message);
}

function valueText(value: unknown): string {
  return typeof value === "string" ? `"${value}"` : asText(value);
}
