/**
 * What Tryton's JSON-RPC sends: plain JSON in which Decimal, date and datetime are tagged objects and quantities are doubles.
 * A figure goes from its text to an integer of fixed scale without ever being calculated as a float.
 */
import { dateOf, dayNumber, divideRound, formatTrimmed, pow10, QUANTITY_SCALE } from "../values/index.ts";

export type Wire = null | boolean | number | string | readonly Wire[] | { readonly [field: string]: Wire };

/** One record as received. A dotted field that was asked for ("party.code") comes nested under "party.". */
export type Row = { readonly id: number; readonly [field: string]: Wire };

/** The value at a dotted path: `at(row, "party.code")`. A link that is empty makes everything behind it null. */
export function at(row: Row, path: string): Wire {
  const steps = path.split(".");
  let here: Wire = row;
  for (let i = 0; i < steps.length; i++) {
    if (here === null || typeof here !== "object" || Array.isArray(here)) return null;
    const name = i < steps.length - 1 ? `${steps[i]}.` : (steps[i] as string);
    here = (here as { readonly [field: string]: Wire })[name] ?? null;
  }
  return here;
}

export function textAt(row: Row, path: string): string {
  const value = at(row, path);
  return typeof value === "string" ? value.trim() : "";
}

/** The id at a link, whether it was asked for plainly ("party") or only behind dots ("party.code"). */
export function idAt(row: Row, path: string): number | undefined {
  const value = at(row, path);
  if (typeof value === "number") return value;
  const behind = at(row, `${path}.id`);
  return typeof behind === "number" ? behind : undefined;
}

export function idsAt(row: Row, path: string): number[] {
  const value = at(row, path);
  return Array.isArray(value) ? value.filter((id): id is number => typeof id === "number") : [];
}

/** A reference such as "sale.line,3". */
export function referenceAt(row: Row, path: string): { readonly model: string; readonly id: number } | undefined {
  const match = /^([a-z_.]+),(\d+)$/.exec(textAt(row, path));
  return match ? { model: match[1] as string, id: Number(match[2]) } : undefined;
}

type Tagged = { readonly __class__?: Wire; readonly [field: string]: Wire | undefined };

const tagged = (value: Wire, name: string): Tagged | undefined =>
  value !== null && typeof value === "object" && !Array.isArray(value) && (value as Tagged).__class__ === name ? (value as Tagged) : undefined;

/** A Decimal or a double as an integer of `scale` decimals, rounded half up where it has more; undefined when it is no number. */
export function numberAt(row: Row, path: string, scale: number): bigint | undefined {
  const exact = exactOf(at(row, path));
  return exact === undefined ? undefined : toScale(exact, scale);
}

/** Like numberAt, but undefined when the figure has more decimals than `scale` holds. */
export function exactAt(row: Row, path: string, scale: number): bigint | undefined {
  const exact = exactOf(at(row, path));
  if (exact === undefined) return undefined;
  const value = toScale(exact, scale);
  return exact.scale <= scale || value * pow10(exact.scale - scale) === exact.digits ? value : undefined;
}

/**
 * A quantity with six decimals. Doubles carry noise (0.1 + 0.2 is 0.30000000000000004), and their unit says how many decimals
 * mean something: rounding to those removes the noise. A quantity that truly has more decimals than its unit keeps them.
 */
export function quantityAt(row: Row, path: string, unitDigits: number): bigint | undefined {
  const value = at(row, path);
  const exact = exactOf(value);
  if (exact === undefined || typeof value !== "number") return undefined;
  const digits = Math.min(Math.max(unitDigits, 0), QUANTITY_SCALE);
  const byUnit = toScale(exact, digits) * pow10(QUANTITY_SCALE - digits);
  const isNoise = Math.abs(Number(formatTrimmed(byUnit, QUANTITY_SCALE)) - value) <= Math.abs(value) * 1e-12;
  return isNoise ? byUnit : exactAt(row, path, QUANTITY_SCALE);
}

type Exact = { readonly digits: bigint; readonly scale: number };

/** The decimal number that a text means, with its exponent: "1E+2", "0E-8", "12.50", and doubles in their shortest form. */
function exactOf(value: Wire): Exact | undefined {
  const text = typeof value === "number" ? String(value) : (tagged(value, "Decimal")?.decimal ?? undefined);
  const match = typeof text === "string" ? /^(-?)(\d+)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?$/.exec(text) : null;
  if (!match) return undefined;
  const fraction = match[3] ?? "";
  const scale = fraction.length - Number(match[4] ?? "0");
  if (Math.abs(scale) > 39) return undefined;
  const digits = BigInt(`${match[2]}${fraction}`) * (match[1] === "-" ? -1n : 1n);
  return scale < 0 ? { digits: digits * pow10(-scale), scale: 0 } : { digits, scale };
}

const toScale = ({ digits, scale }: Exact, wanted: number): bigint =>
  scale <= wanted ? digits * pow10(wanted - scale) : divideRound(digits, pow10(scale - wanted));

/** A date as YYYY-MM-DD; "" when there is none. */
export function dateAt(row: Row, path: string): string {
  const date = tagged(at(row, path), "date");
  return date ? `${padded(date.year, 4)}-${padded(date.month, 2)}-${padded(date.day, 2)}` : "";
}

const padded = (value: Wire | undefined, length: number): string => String(value ?? 0).padStart(length, "0");

/** A moment of Tryton's clock (UTC, microseconds), as text that sorts: "2026-11-24T03:40:57.543411". */
export type Stamp = string;

/** When a record last changed: write_date is empty until the first update, so create_date stands in. "" when neither was read. */
export function stampOf(row: Row): Stamp {
  const moment = tagged(row.write_date ?? null, "datetime") ?? tagged(row.create_date ?? null, "datetime");
  if (!moment) return "";
  const day = `${padded(moment.year, 4)}-${padded(moment.month, 2)}-${padded(moment.day, 2)}`;
  return `${day}T${padded(moment.hour, 2)}:${padded(moment.minute, 2)}:${padded(moment.second, 2)}.${padded(moment.microsecond, 6)}`;
}

const stampForm = /^(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2}):(\d{2})\.(\d{6})$/;

export const isStamp = (text: string): boolean => stampForm.test(text);

/** Milliseconds since 1970, for version numbers. */
export function stampMs(stamp: Stamp): number {
  const match = stampForm.exec(stamp);
  if (!match) return 0;
  const seconds = dayNumber(match[1] as string) * 86_400 + Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4]);
  return seconds * 1000 + Math.floor(Number(match[5]) / 1000);
}

/** The stamp some whole seconds before this one. */
export function stampBefore(stamp: Stamp, seconds: number): Stamp {
  const second = Math.floor(stampMs(stamp) / 1000) - Math.ceil(seconds);
  const day = Math.floor(second / 86_400);
  const rest = second - day * 86_400;
  return `${dateOf(day)}T${padded(Math.floor(rest / 3600), 2)}:${padded(Math.floor(rest / 60) % 60, 2)}:${padded(rest % 60, 2)}.${stamp.slice(-6)}`;
}

/** The stamp as a search domain wants it. */
export function stampWire(stamp: Stamp): Wire {
  const number = (from: number, to: number): number => Number(stamp.slice(from, to));
  return { __class__: "datetime", year: number(0, 4), month: number(5, 7), day: number(8, 10), hour: number(11, 13), minute: number(14, 16), second: number(17, 19), microsecond: number(20, 26) };
}
