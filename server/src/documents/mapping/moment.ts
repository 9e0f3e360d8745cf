/** Dates and moments as systems write them → `YYYY-MM-DD`, or microseconds since 1970 where moments are compared. */
import { dateOf, dayNumber, isDate } from "../../values/index.ts";

/** A date and what stands after it. `offset`: minutes east of UTC, undefined where the text has none. */
export type Moment = { readonly date: string; readonly micros: number; readonly hasTime: boolean; readonly offset: number | undefined };

const iso = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/;
const DAY = 86_400_000_000;

export function readMoment(text: string, pattern?: Pattern): Moment | undefined {
  if (pattern) return pattern(text);
  if (text.length === 10) return isDate(text) ? { date: text, micros: 0, hasTime: false, offset: undefined } : undefined;
  const match = iso.exec(text);
  if (!match) return undefined;
  const [, date = "", hour, minute, second = "0", fraction = "", zone] = match;
  return moment(date, Number(hour ?? 0), Number(minute ?? 0), Number(second), Number(fraction.slice(0, 6).padEnd(6, "0")), hour !== undefined, zone);
}

function moment(date: string, hour: number, minute: number, second: number, micros: number, hasTime: boolean, zone: string | undefined): Moment | undefined {
  if (!isDate(date) || hour > 23 || minute > 59 || second > 59) return undefined;
  const offset = zone === undefined ? undefined : zone === "Z" || zone === "UTC" ? 0 : (zone.startsWith("-") ? -1 : 1) * (Number(zone.slice(1, 3)) * 60 + Number(zone.replace(":", "").slice(3) || 0));
  return { date, micros: ((hour * 60 + minute) * 60 + second) * 1_000_000 + micros, hasTime, offset };
}

export type Pattern = (text: string) => Moment | undefined;

/** `yyyyMMdd`, `yyyy/M/d`, `dd.MM.yyyy HH:mm:ss`, `yyyy年M月d日` as a reader. Undefined when the pattern names no whole date. */
export function compilePattern(pattern: string): Pattern | undefined {
  const names: string[] = [];
  const source = pattern.replace(/yyyy|yy|MM|M|dd|d|HH|H|mm|ss|[\s\S]/gu, (token) => {
    if (!/^[yMdHms]/.test(token)) return token.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    names.push(token[0] as string);
    return token === "yyyy" ? "(\\d{4})" : token.length === 1 ? "(\\d{1,2})" : "(\\d{2})";
  });
  if (!["y", "M", "d"].every((name) => names.filter((other) => other === name).length === 1) || new Set(names).size !== names.length) return undefined;
  const expression = new RegExp(`^${source}$`, "u");
  return (text) => {
    const match = expression.exec(text);
    if (!match) return undefined;
    const part = (name: string): string => match[names.indexOf(name) + 1] ?? "0";
    const year = part("y");
    const date = `${year.length === 2 ? `20${year}` : year}-${part("M").padStart(2, "0")}-${part("d").padStart(2, "0")}`;
    return moment(date, names.includes("H") ? Number(part("H")) : 0, names.includes("m") ? Number(part("m")) : 0, names.includes("s") ? Number(part("s")) : 0, 0, names.includes("H"), undefined);
  };
}

/** A time zone made ready: minutes east of UTC at a moment. Undefined when nobody knows the zone. */
export type Zone = { readonly name: string; readonly offsetAt: (micros: number) => number };

export function readZone(name: string): Zone | undefined {
  const fixed = name === "UTC" ? 0 : /^[+-]\d{2}:\d{2}$/.test(name) ? (name.startsWith("-") ? -1 : 1) * (Number(name.slice(1, 3)) * 60 + Number(name.slice(4))) : undefined;
  if (fixed !== undefined) return { name, offsetAt: () => fixed };
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat("en-CA", { timeZone: name, hourCycle: "h23", year: "numeric", month: "2-digit", day: "2-digit", hour: "2-digit", minute: "2-digit" });
  } catch {
    return undefined;
  }
  // A zone changes at most at a whole quarter of an hour, so what was asked once is remembered by it.
  const known = new Map<number, number>();
  return {
    name,
    offsetAt(micros) {
      const quarter = Math.floor(micros / 900_000_000);
      let offset = known.get(quarter);
      if (offset === undefined) {
        const part = Object.fromEntries(format.formatToParts(quarter * 900_000).map(({ type, value }) => [type, value]));
        const local = dayNumber(`${part.year}-${part.month}-${part.day}`) * 1440 + Number(part.hour) * 60 + Number(part.minute);
        offset = local - quarter * 15;
        if (known.size > 10_000) known.clear();
        known.set(quarter, offset);
      }
      return offset;
    },
  };
}

/** Microseconds since 1970 in UTC. Undefined where the text has no offset and no zone is stated. */
export function microsOf(one: Moment, written: Zone | undefined): number | undefined {
  const local = dayNumber(one.date) * DAY + one.micros;
  if (one.offset !== undefined) return local - one.offset * 60_000_000;
  if (!written) return undefined;
  // The offset at the local time read as UTC, corrected once: right except in the hour that a clock change repeats.
  const guess = local - written.offsetAt(local) * 60_000_000;
  return local - written.offsetAt(guess) * 60_000_000;
}

/** The day in `zone` at a moment. */
export const dayIn = (micros: number, zone: Zone): string => dateOf(Math.floor((micros + zone.offsetAt(micros) * 60_000_000) / DAY));
