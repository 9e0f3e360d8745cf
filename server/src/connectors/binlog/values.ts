/**
 * A value as the binlog reader and as mysql2 give it → what goes on the wire, the same from both. Integers up to int are numbers;
 * bigint, decimal and floats are text, always: a field's form follows from its type, never from its value.
 */
import type { FieldShape, Json } from "../connector.ts";
import { jsonOf } from "../replication/values.ts";

export type Column = { readonly name: string; /** In one spelling, wherever it was learnt: "int unsigned", "varchar(40)". */ readonly type: string; readonly isNullable: boolean };
export type Read = (value: unknown) => Json;

/** The catalog writes display widths, comments and `zerofill`; the log does not. */
export function canonicalType(columnType: string): string {
  const type = columnType.replace(/\/\*.*?\*\//g, "").trim();
  if (/^(enum|set)\(/i.test(type)) return type;
  const lower = type.toLowerCase().replace(/ zerofill| signed/g, "");
  return /^(tinyint|smallint|mediumint|int|bigint|year|float|double)/.test(lower) ? lower.replace(/\([\d,]*\)/, "") : lower;
}

const word = (type: string): string => /^[a-z0-9]+/i.exec(type)?.[0].toLowerCase() ?? "";

type Kind = { readonly type: FieldShape["type"]; readonly read: Read };
const text: Kind = { type: "text", read: String };
const small: Kind = { type: "integer", read: Number };
const bytes: Kind = { type: "bytes", read: (value) => (Buffer.isBuffer(value) ? value : Buffer.from(String(value), "latin1")).toString("base64") };
const moment = (zone: string): Kind => ({ type: "moment", read: (value) => `${String(value).replace(" ", "T")}${zone}` });

const kinds: Readonly<Record<string, Kind>> = {
  tinyint: small, smallint: small, mediumint: small, int: small, year: small,
  bigint: { type: "integer", read: String },
  bit: { type: "integer", read: (value) => (Buffer.isBuffer(value) ? String(BigInt(`0x${value.toString("hex") || "0"}`)) : String(value)) },
  decimal: { type: "decimal", read: String },
  double: { type: "decimal", read: String },
  float: { type: "decimal", read: (value) => shortestFloat(Number(value)) },
  date: { type: "date", read: String },
  time: text,
  datetime: moment(""), // without a zone, as the source has it; the mapping says which one is meant
  timestamp: moment("Z"), // read in UTC
  char: text, varchar: text, tinytext: text, text, mediumtext: text, longtext: text, set: text,
  enum: { type: "text", read: (value) => (value === undefined ? "" : String(value)) }, // "" is what the server keeps for a value that is not in the list
  binary: bytes, varbinary: bytes, tinyblob: bytes, blob: bytes, mediumblob: bytes, longblob: bytes,
  json: { type: "json", read: (value) => (typeof value === "string" ? jsonOf(value) : (value as Json)) },
};

/** Undefined for a type that the log does not show as the server does, such as geometry, uuid or inet6. */
export const kindOf = (type: string): Kind | undefined => kinds[word(type)];

/** The shortest decimal that is the same 32-bit float; the server itself would show six digits only. */
function shortestFloat(value: number): string {
  for (let digits = 6; digits <= 9; digits++) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return String(candidate);
  }
  return String(value);
}

export function fieldOf({ name, type, isNullable }: Column): FieldShape {
  const numbers = /\((\d+)(?:,(\d+))?\)/.exec(type);
  const first = numbers === null ? undefined : Number(numbers[1]);
  const name0 = word(type);
  const size = name0 === "decimal" ? { precision: first, scale: Number(numbers?.[2] ?? 0) } : /char|binary/.test(name0) ? { length: first } : {};
  return { field: name, type: kindOf(type)?.type ?? "text", native: type, ...size, isNullable };
}
