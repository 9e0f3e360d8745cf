/** Arithmetic on cursor values as the database writes them: times and numbers, exact, in the format that came. */
import { momentOf } from "../../platform/index.ts";
import type { Kind } from "./column.ts";

export type CursorKind = "time" | "number";

export const cursorKind = ({ kind, native }: { readonly kind: Kind; readonly native: string }): CursorKind | undefined => {
  if (kind === "small" || kind === "big" || kind === "decimal" || kind === "float") return "number";
  if (kind === "date" || kind === "instant" || kind === "local") return "time";
  // SQLite has no times; a text that is written as one serves.
  return kind === "text" && /^sqlite/i.test(native) ? "time" : undefined;
};

/** Places on one line, in units of 10⁻⁹ (of a second or of one). Undefined for what is no place on it, such as infinity. */
export function pointOf(kind: CursorKind, text: string): bigint | undefined {
  if (kind === "number") {
    const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text);
    if (!match) return undefined;
    const size = BigInt(match[2] as string) * unit + BigInt((match[3] ?? "").slice(0, 9).padEnd(9, "0"));
    return match[1] === "-" ? -size : size;
  }
  const match = timePattern.exec(text);
  if (!match) return undefined;
  const seconds = momentOf(`${match[1]}T${match[3] ?? "00:00:00"}Z`).getTime() / 1000;
  return BigInt(seconds) * unit + BigInt((match[4] ?? "").slice(0, 9).padEnd(9, "0"));
}

/** The value that lies `overlap` before, written as `text` is. */
export function lowOf(kind: CursorKind, text: string, overlap: bigint): string {
  const point = pointOf(kind, text);
  if (point === undefined) return text;
  const low = point - overlap;
  if (kind === "number") return text.includes(".") ? numberText(low) : String(floorDiv(low));
  const [, , separator = "", , fraction, zone = ""] = timePattern.exec(text) as RegExpExecArray;
  const iso = momentIn(floorDiv(low)).toISOString();
  if (separator === "") return iso.slice(0, 10);
  return `${iso.slice(0, 10)}${separator}${iso.slice(11, 19)}${fraction === undefined ? "" : `.${"0".repeat(fraction.length)}`}${zone}`;
}

const unit = 1_000_000_000n;
/** Date, separator, time to the second, fraction, zone. */
const timePattern = /^(\d{4}-\d\d-\d\d)(?:([ T])(\d\d:\d\d:\d\d)(?:\.(\d+))?(Z|[+-]00(?::?00)?)?)?$/;

const floorDiv = (point: bigint): bigint => (point >= 0n ? point / unit : -((-point + unit - 1n) / unit));

function momentIn(seconds: bigint): Date {
  const moment = momentOf("1970-01-01T00:00:00Z");
  moment.setTime(Number(seconds) * 1000);
  return moment;
}

function numberText(point: bigint): string {
  const size = point < 0n ? -point : point;
  return `${point < 0n ? "-" : ""}${size / unit}.${String(size % unit).padStart(9, "0")}`;
}

const durationMs: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** "5m" → 300000. */
export function durationOf(text: string): number {
  const match = /^(\d+)(ms|s|m|h|d)$/.exec(text);
  if (!match) throw new RangeError(`"${text}" is no duration; write it as 5m`);
  return Number(match[1]) * (durationMs[match[2] as string] as number);
}

export const overlapOf = (kind: CursorKind, overlap: string | number): bigint | undefined => {
  if (kind === "time") return typeof overlap === "string" ? BigInt(durationOf(overlap)) * 1_000_000n : undefined;
  return typeof overlap === "number" ? BigInt(overlap) * unit : undefined;
};
