/** One entry of an Accept header. */
export interface AcceptRange {
  /** What it names, such as `text/*` or `gzip`. */
  name: string;
  /** Its parameters other than the quality. */
  parameters: Map<string, string>;
  /** Its quality, from 0 (not accepted) to 1. */
  quality: number;
}

/** How well a range fits an offer: the higher the better; `undefined` if it does not. */
export type Fit = (offer: string, range: AcceptRange) => number | undefined;

/** Splits at the separator, but not inside of quotes. */
function splitUnquoted(text: string, separator: "," | ";"): string[] {
  const part = separator === ","
    ? /(?:"(?:\\.|[^"\\])*"|[^,"]|")+/g
    : /(?:"(?:\\.|[^"\\])*"|[^;"]|")+/g;
  return (text.match(part) ?? []).map((piece) => piece.trim()).filter((piece) => piece !== "");
}

/** The entries of an Accept header in its order. */
export function parseRanges(header: string): AcceptRange[] {
  return splitUnquoted(header, ",").flatMap((entry) => {
    const [name, ...rest] = splitUnquoted(entry, ";");
    if (name === undefined || /\s/.test(name)) return [];
    return [readParameters(name, rest)];
  });
}

function readParameters(name: string, parts: string[]): AcceptRange {
  const parameters = new Map<string, string>();
  for (const part of parts) {
    const [key = "", ...value] = part.split("=");
    const text = value.join("=").trim();
    // Parameters after the quality belong to the header, not to the type.
    if (key.trim() === "q" && text !== "") {
      return { name, parameters, quality: Number.parseFloat(text) };
    }
    parameters.set(key.trim().toLowerCase(), text.replace(/^"(.*)"$/, "$1"));
  }
  return { name, parameters, quality: 1 };
}

/** The names of the accepted ranges, the highest quality first. */
export function byQuality(ranges: AcceptRange[]): string[] {
  return ranges
    .filter((range) => range.quality > 0)
    .sort((a, b) => b.quality - a.quality)
    .map((range) => range.name);
}

interface Judged {
  offer: string;
  quality: number;
  fit: number;
  place: number;
}

/**
 * The offers that are accepted, the best first: by quality, then by how closely they were named,
 * then by the order of the header if `order` says so, then by the order of the offers.
 */
export function bestOffers(
  offers: string[],
  ranges: AcceptRange[],
  fit: Fit,
  order: "header" | "offers",
): string[] {
  return offers
    .flatMap((offer) => judge(offer, ranges, fit) ?? [])
    .filter((judged) => judged.quality > 0)
    .sort((a, b) =>
      b.quality - a.quality || b.fit - a.fit || (order === "header" ? a.place - b.place : 0)
    )
    .map((judged) => judged.offer);
}

/** The most specific matching range decides about an offer, accepted or not. */
function judge(
  offer: string,
  ranges: AcceptRange[],
  fit: Fit,
): Judged | undefined {
  let closest: Judged | undefined;
  for (const [place, range] of ranges.entries()) {
    const fits = fit(offer, range);
    if (fits === undefined) continue;
    const judged = { offer, quality: range.quality, fit: fits, place };
    if (
      !closest ||
      (judged.fit - closest.fit || judged.quality - closest.quality) >= 0
    ) {
      closest = judged;
    }
  }
  return closest;
}
