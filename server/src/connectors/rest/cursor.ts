/**
 * Cursor values of other systems as points on one line, so that they can be compared and moved back by an overlap: microseconds since
 * 1970 for moments, the figure itself for integers. A moment without a zone is taken as it stands; only its order matters here.
 */
import Type, { type Static } from "typebox";
import { momentOf } from "../../platform/index.ts";
import type { Json } from "../connector.ts";

export const CursorFormat = Type.Union([
  /** 2026-03-05T08:00:00.123Z, with any zone; also /Date(1772697600000)/ of OData 2. */
  Type.Literal("moment"),
  /** 2026-03-05 08:00:00.123456, in the zone of the source. */
  Type.Literal("datetime"),
  Type.Literal("date"),
  Type.Literal("seconds"),
  Type.Literal("milliseconds"),
  /** A number that only grows: a sequence, a row version. */
  Type.Literal("integer"),
]);
export type CursorFormat = Static<typeof CursorFormat>;

const written = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d)?)(?:[.,](\d{1,9}))?)? ?(Z|[+-]\d\d(?::?\d\d)?)?$/;

/** Where a value stands; undefined if it cannot be read in this format. */
export function pointOf(format: CursorFormat, value: Json | undefined): bigint | undefined {
  if (typeof value !== "string" && typeof value !== "number") return undefined;
  const text = String(value).trim();
  if (format === "integer" || format === "seconds" || format === "milliseconds") {
    const match = /^(-?\d{1,18})(?:\.(\d+))?$/.exec(text);
    if (!match || (format === "integer" && match[2] !== undefined)) return undefined;
    const unit = format === "integer" ? 1n : format === "seconds" ? 1_000_000n : 1000n;
    const fraction = BigInt((match[2] ?? "").padEnd(6, "0").slice(0, 6)) * unit / 1_000_000n;
    return BigInt(match[1] as string) * unit + fraction;
  }
  const ticks = /^\/Date\((-?\d{1,16})(?:[+-]\d{4})?\)\/$/.exec(text);
  if (ticks) return BigInt(ticks[1] as string) * 1000n;
  const match = written.exec(text);
  if (!match) return undefined;
  const [, day = "", time = "00:00", fraction = "", zone = "Z"] = match;
  try {
    const wholeMs = momentOf(`${day}T${time}Z`).getTime();
    return BigInt(wholeMs) * 1000n + BigInt(fraction.padEnd(6, "0").slice(0, 6)) - zoneMicros(zone);
  } catch {
    return undefined;
  }
}

const zoneMicros = (zone: string): bigint => {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone);
  const micros = match ? (BigInt(match[2] as string) * 60n + BigInt(match[3] ?? "0")) * 60_000_000n : 0n;
  return match?.[1] === "-" ? -micros : micros;
};

/** A point as the source wants to be asked for it. */
export function writtenPoint(format: CursorFormat, point: bigint): string {
  if (format === "integer") return String(point);
  if (format === "seconds") return String(floored(point, 1_000_000n));
  if (format === "milliseconds") return String(floored(point, 1000n));
  const iso = momentAt(floored(point, 1000n));
  if (format === "date") return iso.slice(0, 10);
  const micros = String(point - floored(point, 1_000_000n) * 1_000_000n).padStart(6, "0");
  const fraction = micros === "000000" ? "" : `.${micros.endsWith("000") ? micros.slice(0, 3) : micros}`;
  return format === "moment" ? `${iso.slice(0, 19)}${fraction}Z` : `${iso.slice(0, 10)} ${iso.slice(11, 19)}${fraction}`;
}

const floored = (point: bigint, unit: bigint): bigint => (point >= 0n ? point / unit : -((-point + unit - 1n) / unit));

/** Milliseconds since 1970 as ISO 8601. */
export function momentAt(sinceMs: bigint): string {
  const moment = momentOf("1970-01-01T00:00:00Z");
  moment.setTime(Number(sinceMs));
  return moment.toISOString();
}
