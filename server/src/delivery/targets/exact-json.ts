/** JSON both ways with every digit of a figure: read as the text that stood there, written as it stands. */
import type { Json } from "../../connectors/index.ts";

type Reviver = (name: string, value: Json, context: { readonly source?: string }) => Json;

/** A number with a fraction, an exponent or more than 53 bits becomes its text. Throws SyntaxError. */
export function parseExact(text: string): Json {
  const exact: Reviver = (_, value, { source }) => (typeof value === "number" && source !== undefined && !(/^-?\d+$/.test(source) && Number.isSafeInteger(value)) ? source : value);
  return JSON.parse(text, exact as Parameters<typeof JSON.parse>[1]) as Json;
}

/** A figure that JSON.stringify writes digit for digit: "11300.00" becomes 11300.00. */
export const figure = (text: string): unknown => (JSON as unknown as { readonly rawJSON: (text: string) => unknown }).rawJSON(text);

/** The value at a path such as "data.rows.0.id"; "" is the whole. */
export function at(value: Json | undefined, path: string): Json | undefined {
  let here: Json | undefined = value;
  for (const name of path === "" ? [] : path.split(".")) {
    if (here === null || typeof here !== "object" || !Object.hasOwn(here, name)) return undefined;
    here = (here as { readonly [name: string]: Json })[name];
  }
  return here;
}

/** A scalar as text; undefined for what is missing, null, empty or no scalar. */
export function textAt(value: Json | undefined, path: string): string | undefined {
  const found = at(value, path);
  return found === undefined || found === null || found === "" || typeof found === "object" ? undefined : String(found);
}
