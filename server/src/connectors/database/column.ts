/**
 * What a column holds and how its values go over the wire. Drivers hand values over as text, numbers or bytes; each kind is read
 * strictly, so that a value which is not of its column's kind becomes a bad record and never a wrong one.
 */
import { momentOf, type Problem } from "../../platform/index.ts";
import type { FieldShape, Json } from "../connector.ts";
import { parseExact } from "../json.ts";

/** small: at most 32 bits, a JSON number; big: as text. instant: a moment; local: a wall clock's reading, a moment only together with a zone. */
export type Kind = "small" | "big" | "decimal" | "float" | "boolean" | "date" | "instant" | "local" | "bytes" | "json" | "text";

export type Column = {
  readonly name: string;
  readonly kind: Kind;
  readonly native: string;
  readonly length?: number | undefined;
  readonly precision?: number | undefined;
  readonly scale?: number | undefined;
  readonly isNullable: boolean;
  /** How the column stands in a select list so that nothing of it is lost. */
  readonly read: (expression: string) => string;
  /** How text that was read becomes a value to compare the column with. */
  readonly bind: (placeholder: string) => string;
};

/** As drivers give it. */
export type Raw = string | number | bigint | boolean | Uint8Array | null;

export const plain = (expression: string): string => expression;

const typeOf: Readonly<Record<Exclude<Kind, "local">, FieldShape["type"]>> = {
  small: "integer", big: "integer", decimal: "decimal", float: "decimal", boolean: "boolean", date: "date", instant: "moment", bytes: "bytes", json: "json", text: "text",
};

export const shapeOf = ({ name, kind, native, length, precision, scale, isNullable }: Column, zone: string | undefined): FieldShape => ({
  field: name,
  type: kind === "local" ? (zone === undefined ? "text" : "moment") : typeOf[kind],
  native,
  ...(length === undefined ? {} : { length }),
  ...(precision === undefined ? {} : { precision }),
  ...(scale === undefined ? {} : { scale }),
  isNullable,
});

/** The value as text, as it is compared, hashed and put into keys; bytes in hex. */
export const textOf = (raw: Exclude<Raw, null>): string => (raw instanceof Uint8Array ? bufferOf(raw).toString("hex") : String(raw));

export class BadValue extends Error {
  readonly problem: Problem;
  constructor({ name, native }: Column, raw: Raw) {
    const got = raw instanceof Uint8Array ? `0x${bufferOf(raw).toString("hex").slice(0, 40)}` : String(raw).slice(0, 80);
    super(`${name} is ${got}`);
    this.problem = { code: "sql.value", facts: { field: name, native, got }, where: name };
  }
}

/** Throws BadValue. */
export function wireOf(column: Column, raw: Raw, zone: string | undefined): Json {
  if (raw === null) return null;
  const value = read[column.kind](raw, zone);
  if (value === undefined) throw new BadValue(column, raw);
  return value;
}

/** Each gives undefined for what is not of its kind. */
const read: Readonly<Record<Kind, (raw: Exclude<Raw, null>, zone: string | undefined) => Json | undefined>> = {
  small: (raw) => (typeof raw === "number" ? raw : isInteger(raw) ? Number(raw) : undefined),
  big: (raw) => (isInteger(raw) ? String(raw) : undefined),
  decimal: (raw) => (raw instanceof Uint8Array ? undefined : decimalText(String(raw))),
  float: (raw) => (raw instanceof Uint8Array ? undefined : decimalText(String(raw))),
  boolean: (raw) => truths.get(raw instanceof Uint8Array ? String(raw[0]) : String(raw)),
  date: (raw) => (typeof raw === "string" ? dateText(raw) : undefined),
  instant: (raw) => (typeof raw === "string" ? momentText(raw, undefined, "Z") : undefined),
  local: (raw, zone) => (typeof raw === "string" ? momentText(raw, zone, "") : undefined),
  bytes: (raw) => (raw instanceof Uint8Array ? bufferOf(raw).toString("base64") : typeof raw === "string" && raw.startsWith("\\x") ? Buffer.from(raw.slice(2), "hex").toString("base64") : undefined),
  json: (raw) => (typeof raw === "string" ? parsed(raw) : undefined),
  text: (raw) => (raw instanceof Uint8Array ? undefined : String(raw)),
};

const isInteger = (raw: Raw): boolean => typeof raw === "bigint" || (typeof raw === "number" ? Number.isSafeInteger(raw) : typeof raw === "string" && /^-?\d+$/.test(raw));
const truths: ReadonlyMap<string, boolean> = new Map([["t", true], ["true", true], ["1", true], ["f", false], ["false", false], ["0", false]]);
const bufferOf = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** "1.5e3" → "1500", ".5" → "0.5"; NaN and infinity are no decimals. */
export function decimalText(text: string): string | undefined {
  const match = /^(-?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text);
  if (!match || (!match[2] && !match[3])) return undefined;
  const [, sign = "", whole = "", fraction = "", exponent = "0"] = match;
  const shift = Number(exponent);
  const digits = `${"0".repeat(Math.max(0, -shift))}${whole}${fraction}${"0".repeat(Math.max(0, shift - fraction.length))}`;
  const point = Math.max(0, -shift) + whole.length + shift;
  const integer = digits.slice(0, point).replace(/^0+(?=\d)/, "") || "0";
  return `${sign}${integer}${point < digits.length ? `.${digits.slice(point)}` : ""}`;
}

/** The shortest decimal that means a single-precision float, which drivers widen to a double: 0.10000000149011612 → "0.1". */
export function singleText(value: number): string {
  for (let digits = 6; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(value);
}

function dateText(text: string): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)(?:[ T]00:00:00(?:\.0+)?)?$/.exec(text);
  return match && isDay(match[1] as string, match[2] as string, match[3] as string) ? text.slice(0, 10) : undefined;
}

/** ISO 8601 with the offset of the text, else of the zone, else `otherwise`. */
function momentText(text: string, zone: string | undefined, otherwise: string): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d+)?)?) ?(Z|[+-]\d\d(?::?\d\d)?)?$/.exec(text);
  if (!match || !isDay(match[1] as string, match[2] as string, match[3] as string) || (match[4] as string) > "24") return undefined;
  const time = (match[4] as string).length === 5 ? `${match[4]}:00` : (match[4] as string);
  const wall = `${text.slice(0, 10)}T${time}`;
  if (match[5] !== undefined) return `${wall}${offsetText(match[5])}`;
  return `${wall}${zone === undefined ? otherwise : zoneOffset(zone, wall)}`;
}

const offsetText = (offset: string): string => (/^(Z|[+-]00(:?00)?)$/.test(offset) ? "Z" : `${offset.slice(0, 3)}:${offset.slice(3).replace(":", "") || "00"}`);

function isDay(year: string, month: string, day: string): boolean {
  const [m, d] = [Number(month), Number(day)];
  return year !== "0000" && m >= 1 && m <= 12 && d >= 1 && d <= (m === 2 ? (isLeap(Number(year)) ? 29 : 28) : [4, 6, 9, 11].includes(m) ? 30 : 31);
}
const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;

function parsed(text: string): Json | undefined {
  try {
    return parseExact(text);
  } catch {
    return undefined;
  }
}

const offsets = new Map<string, string>();
const formats = new Map<string, Intl.DateTimeFormat>();
const day = 86_400_000;

/** What the clocks of the zone are off UTC when they show this. A reading that occurs twice is the first one; one that is skipped counts as before the change. */
export function zoneOffset(zone: string, wall: string): string {
  const place = `${zone} ${wall.slice(0, 15)}`;
  let offset = offsets.get(place);
  if (offset === undefined) {
    const asUtc = momentOf(`${wall.slice(0, 16)}:00Z`).getTime();
    const [before, after] = [offsetAt(zone, asUtc - day), offsetAt(zone, asUtc + day)];
    const isTrue = (minutes: number): boolean => offsetAt(zone, asUtc - minutes * 60_000) === minutes;
    const minutes = isTrue(before) || !isTrue(after) ? before : after;
    const size = Math.abs(minutes);
    offset = minutes === 0 ? "Z" : `${minutes < 0 ? "-" : "+"}${String(Math.trunc(size / 60)).padStart(2, "0")}:${String(size % 60).padStart(2, "0")}`;
    if (offsets.size > 50_000) offsets.clear();
    offsets.set(place, offset);
  }
  return offset;
}

/** Minutes east of UTC at a moment. Throws RangeError for a zone that does not exist. */
export function offsetAt(zone: string, atMs: number): number {
  let format = formats.get(zone);
  if (format === undefined) formats.set(zone, (format = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "longOffset" })));
  const match = /GMT([+-])(\d\d):(\d\d)/.exec(format.format(atMs));
  return match ? (match[1] === "-" ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3])) : 0;
}
