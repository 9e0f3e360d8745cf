/**
 * PostgreSQL's text form of a value → what goes on the wire. int2 and int4 are numbers; bigint, numeric and floats keep their digits
 * as text, always, however small the value is: a field's form follows from its type, never from its value.
 */
import type { FieldShape, Json } from "../connector.ts";
import { parseExact } from "../json.ts";

type Kind = { readonly type: FieldShape["type"]; /** Absent: the text itself. */ readonly read?: (text: string) => Json };

const text: Kind = { type: "text" };
const decimal: Kind = { type: "decimal" };
const integer: Kind = { type: "integer", read: Number };
const json: Kind = { type: "json", read: jsonOf };
const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [16, { type: "boolean", read: (value) => value === "t" }],
  [17, { type: "bytes", read: (value) => Buffer.from(value.slice(2), "hex").toString("base64") }],
  [20, { type: "integer" }],
  [21, integer],
  [23, integer],
  [114, json],
  [3802, json],
  [700, decimal],
  [701, decimal],
  [1700, decimal],
  [1082, { type: "date" }],
  // A timestamp without time zone has none here either; the mapping says which one is meant.
  [1114, { type: "moment", read: (value) => value.replace(" ", "T") }],
  [1184, { type: "moment", read: (value) => value.replace(" ", "T").replace(/\+00(?=$| BC)/, "Z") }],
]);

export const kindOf = (typeOid: number): Kind => kinds.get(typeOid) ?? text;

/** What is nested too deep to be read stays the text that it is, so that no row is undecodable. */
export function jsonOf(text: string): Json {
  try {
    return parseExact(text);
  } catch {
    return text;
  }
}

/** Length, precision and scale as a type modifier holds them. */
export function sizeOf(typeOid: number, modifier: number): Pick<FieldShape, "length" | "precision" | "scale"> {
  if (modifier < 4) return {};
  if (typeOid === 1700) return { precision: ((modifier - 4) >> 16) & 0xffff, scale: (((modifier - 4) & 0x7ff) ^ 1024) - 1024 };
  return typeOid === 1042 || typeOid === 1043 ? { length: modifier - 4 } : {};
}
