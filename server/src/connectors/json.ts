/**
 * JSON as other systems send it, with every digit kept: a number that has a fraction, an exponent or more than 53 bits becomes the
 * text that was written. Paths name a place in it with dots, as in "data.items"; "" is the whole.
 */
import { createHash } from "node:crypto";
import type { Json } from "./connector.ts";

export type JsonObject = { readonly [name: string]: Json };

/** Throws SyntaxError where the text is not JSON. */
export function parseExact(text: string): Json {
  const exact: Reviver = (_, value, context) => (typeof value === "number" ? exactNumber(value, context.source ?? String(value)) : value);
  return JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]) as Json;
}

type Reviver = (name: string, value: Json, context: { readonly source?: string }) => Json;

function exactNumber(value: number, source: string): number | string {
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value) ? value : source;
  return withoutExponent(source);
}

/** "1.25e3" → "1250": what reads decimals need not know exponents. One that is absurdly large stays as it is, for the mapping to refuse. */
function withoutExponent(source: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?[eE]([+-]?\d+)$/.exec(source);
  if (!match) return source;
  const [, sign = "", whole = "", fraction = "", exponent = ""] = match;
  const shift = Number(exponent);
  if (Math.abs(shift) > 100) return source;
  const digits = shift < 0 ? `${"0".repeat(-shift)}${whole}${fraction}` : `${whole}${fraction}${"0".repeat(Math.max(0, shift - fraction.length))}`;
  const point = digits.length - Math.max(0, fraction.length - shift);
  const integer = digits.slice(0, point).replace(/^0+(?=\d)/, "");
  return `${sign}${integer}${point < digits.length ? `.${digits.slice(point)}` : ""}`;
}

/** A figure that JSON.stringify writes digit for digit: "11300.00" becomes 11300.00. */
export const figure = (text: string): unknown => (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON(text);

export const isObject = (value: Json | undefined): value is JsonObject => typeof value === "object" && value !== null && !Array.isArray(value);

/** The value at a path. A name that contains dots itself, such as "@odata.nextLink", is found first. */
export function at(value: Json | undefined, path: string): Json | undefined {
  if (path === "") return value;
  if (value === null || typeof value !== "object") return undefined;
  const own = (name: string): Json | undefined => (Object.hasOwn(value, name) ? (value as JsonObject)[name] : undefined);
  if (own(path) !== undefined) return own(path);
  for (let dot = path.indexOf("."); dot > 0; dot = path.indexOf(".", dot + 1)) {
    const inner = own(path.slice(0, dot));
    const found = inner === undefined ? undefined : at(inner, path.slice(dot + 1));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** A scalar as text; undefined for what is missing, null, empty or not a scalar. */
export function textAt(value: Json | undefined, path: string): string | undefined {
  const found = at(value, path);
  return found === undefined || found === null || found === "" || typeof found === "object" ? undefined : String(found);
}

/** The key of a record, its parts joined by "|"; undefined if a part is missing. */
export function keyOf(paths: readonly string[], ...places: readonly Json[]): string | undefined {
  const parts = paths.map((path) => places.map((place) => textAt(place, path)).find((part) => part !== undefined));
  return parts.includes(undefined) ? undefined : parts.join("|");
}

/** Says whether two values are the same, whatever the order of their fields; 96 bits are enough to tell some thousand records apart. */
export const digestOf = (...values: readonly Json[]): string => createHash("sha256").update(values.map(ordered).join("\n")).digest("base64url").slice(0, 16);

function ordered(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(ordered).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value);
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${ordered(value[name] as Json)}`).join(",")}}`;
}
