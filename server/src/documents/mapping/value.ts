/**
 * One value of a document: where it comes from and what happens to it on the way, always in this order: source, trim, lookup,
 * convert, cast, pad, length, default. Whatever is not stated follows from the field it is for (kinds.ts), so that a plain path is
 * mostly enough. Compiled once to a closure.
 */
import { exponentOf, isPeriod } from "../../values/index.ts";
import type { Problem } from "../../platform/index.ts";
import type { FieldType } from "../kinds.ts";
import { compileExpression, ExpressionError, type Expression, numberOf, type Surroundings } from "./expression.ts";
import { canonical, Fraction, readFraction, type Rounding, roundings, writeFraction } from "./fraction.ts";
import { type Frame, labelOf, type Read, short, spoil } from "./frame.ts";
import { compilePattern, dayIn, microsOf, readMoment, readZone, type Zone } from "./moment.ts";
import { compileSpread, compileSteps, many, parseWay, plain, type Way } from "./path.ts";

/** What holds for the whole mapping while it is compiled. */
export type Ground = {
  /** Everything wrong with the mapping itself. */
  readonly problems: Problem[];
  readonly tables: ReadonlyMap<string, Table>;
  /** The zone of business dates, and the one in which the source writes moments without an offset. */
  readonly zone: Zone | undefined;
  readonly sourceZone: Zone | undefined;
  /** Values that mean nothing in this source, such as false in Odoo. */
  readonly absent: readonly unknown[];
};

/** undefined: the caller gives it. A row of several columns is read with `take`. */
export type Table = ReadonlyMap<string, string | Readonly<Record<string, string>>> | undefined;

/** What is in reach at one place of the mapping. */
export type Scope = {
  readonly ground: Ground;
  /** Names that a path may begin with; `base` is meant when it begins with none. */
  readonly roots: readonly string[];
  readonly base: number;
  /** "streams.sale.order[0].fields": where in the mapping we are. */
  readonly at: string;
  /** Columns of the record that this rule reads. */
  readonly used: Set<string>;
};

export type Target = { readonly field: string; readonly type: FieldType | "version" | undefined };

type Words = Readonly<Record<string, unknown>>;

const words = ["from", "const", "concat", "with", "when", "then", "else", "sum", "over", "only", "expr", "default", "trim", "lookup", "key", "take", "onMiss", "convert", "cast", "scale", "precision", "rounding", "format", "zone", "sourceZone", "pad", "length"] as const;
const sources = ["from", "const", "concat", "when", "sum", "expr"] as const;
const casts = ["decimal", "integer", "date", "moment", "boolean", "text"] as const;

export const isWords = (value: unknown): value is Words => value !== null && typeof value === "object" && !Array.isArray(value);

/** Says what is wrong with the mapping and where. */
export function wrong(scope: Pick<Scope, "ground" | "at">, code: string, facts: Readonly<Record<string, string>>, more = ""): undefined {
  scope.ground.problems.push({ code, facts: { at: `${scope.at}${more}`, ...facts } });
  return undefined;
}

/** Checks that only known words stand there. */
export function onlyWords(scope: Pick<Scope, "ground" | "at">, given: Words, known: readonly string[]): void {
  for (const word of Object.keys(given)) if (!known.includes(word)) wrong(scope, "mapping.word", { got: word, choices: known.join(", ") });
}

const nothing: Expression = { read: () => undefined, ways: [] };

export const inside = (scope: Scope, at: string): Scope => ({ ...scope, at: `${scope.at}${at}` });

/** Compiles a value and, where the lineage is asked for, has it say where it came from. */
export function compileTarget(spec: unknown, target: Target, scope: Scope): Expression {
  const { read, ways } = compileValue(spec, target, scope);
  const { field } = target;
  return {
    ways,
    read(frame) {
      const value = read(frame);
      if (frame.origins && value !== undefined) frame.origins.push({ target: `${frame.prefix}${field}`, value, from: [...new Set(ways.map((way) => labelOf(frame, way)))], rule: scope.at });
      return value;
    },
  };
}

export function compileValue(spec: unknown, target: Target, scope: Scope): Expression {
  const given: Words = typeof spec === "string" || Array.isArray(spec) ? { from: spec } : isWords(spec) ? spec : {};
  if (typeof spec === "number" || typeof spec === "boolean" || spec === null || spec === undefined) {
    wrong(scope, "mapping.wrong", { got: short(spec), wanted: "来源路径,或 { const: … }", wantedEn: "a path, or { const: … }" });
    return nothing;
  }
  onlyWords(scope, given, words);
  const named = sources.filter((word) => given[word] !== undefined);
  if (named.length !== 1) {
    // A lookup by its own key needs no other source.
    if (named.length > 1 || given.lookup === undefined || given.key === undefined) {
      wrong(scope, "mapping.wrong", { got: named.join(" + ") || "–", wanted: `恰好一种来源(${sources.join("、")})`, wantedEn: `exactly one of ${sources.join(", ")}` });
      return nothing;
    }
  }
  const source = named[0] === undefined ? nothing : compileSource(named[0], given, target, scope);
  const ways = [...source.ways];
  const steps: ((value: unknown, frame: Frame) => unknown)[] = [];

  if (given.trim !== undefined && named[0] !== undefined) steps.push(compileTrim(given.trim, scope));
  if (given.lookup !== undefined) steps.push(compileLookup(given, source, target, scope, ways));
  if (given.convert !== undefined) steps.push(compileConvert(given.convert, target, scope, ways));
  // The branches of a choice are cast each by itself.
  if (named[0] !== "when" || steps.length > 0 || given.cast !== undefined) steps.push(compileCast(given, target, scope, ways));
  if (given.pad !== undefined) steps.push(compilePad(given.pad, scope));
  const length = compileLength(given.length, target, scope, ways);
  if (length) steps.push(length);

  const fallback = given.default;
  if (typeof fallback === "number" && !Number.isSafeInteger(fallback)) wrong(scope, "mapping.float", { field: target.field, from: "default", got: String(fallback) });
  const last = fallback === undefined ? undefined : compileCast({ ...given, cast: undefined, format: undefined }, target, scope, []);
  const { absent } = scope.ground;
  const begin = source.read;
  const isFromKey = named[0] === undefined;
  const [only] = steps;
  const run = steps.length === 1 && only ? only : (value: unknown, frame: Frame): unknown => {
    let one = value;
    for (const step of steps) {
      one = step(one, frame);
      if (one === undefined || one === null || one === "") return undefined;
    }
    return one;
  };
  const read = (frame: Frame): unknown => {
    const raw = begin(frame);
    if (raw === many) return spoil(frame, "mapping.many", target.field, ways);
    if (!isFromKey && (raw === undefined || raw === null || raw === "" || (absent.length > 0 && absent.includes(raw)))) return undefined;
    const value = run(raw, frame);
    return value === "" || value === null ? undefined : value;
  };
  return { ways, read: last === undefined ? read : (frame) => {
    const before = frame.problems.length;
    const value = read(frame);
    return value === undefined && frame.problems.length === before ? last(fallback, frame) : value;
  } };
}

// Where it comes from --------------------------------------------------------------------------------------------------

export function compileWay(text: unknown, scope: Scope): Way | undefined {
  const way = typeof text === "string" ? parseWay(text, scope.roots, scope.base) : undefined;
  if (!way) return wrong(scope, "mapping.wrong", { got: short(text), wanted: "来源路径,如 line.qty 或 partner_id.0", wantedEn: "a path such as line.qty or partner_id.0" });
  if (way.root === 0 && way.steps[0] !== undefined) scope.used.add(way.steps[0]);
  return way;
}

/** Compiles a condition or an arithmetic; what is wrong with it is kept. */
export function compileCel(text: unknown, field: string, scope: Scope): Expression {
  if (typeof text !== "string") {
    wrong(scope, "mapping.wrong", { got: short(text), wanted: "条件表达式", wantedEn: "an expression" });
    return nothing;
  }
  try {
    const compiled = compileExpression(text, scope.roots, field, surroundings(scope.ground));
    for (const way of compiled.ways) if (way.root === 0 && way.steps[0] !== undefined) scope.used.add(way.steps[0]);
    return compiled;
  } catch (error) {
    if (!(error instanceof ExpressionError)) throw error;
    wrong(scope, "mapping.expression", { expression: text, detail: `${error.message} (${error.at + 1})` });
    return nothing;
  }
}

const surroundings = ({ absent, tables }: Ground): Surroundings => ({
  absent, tables: [...tables.keys()],
  knows: (table, key, frame) => key !== "" && (tables.get(table)?.has(key) ?? frame.lookups?.find(table, key) !== undefined),
});

function compileSource(word: (typeof sources)[number], given: Words, target: Target, scope: Scope): Expression {
  switch (word) {
    case "from": {
      const alternatives = (Array.isArray(given.from) ? (given.from as unknown[]) : [given.from]).flatMap((text) => compileWay(text, scope) ?? []);
      const readers = alternatives.map(({ root, steps }) => ({ root, walk: compileSteps(steps) }));
      const [first] = readers;
      if (!first) return nothing;
      if (readers.length === 1) return { ways: alternatives, read: (frame) => plain(first.walk(frame.values[first.root])) };
      const { absent } = scope.ground;
      return { ways: alternatives, read: (frame) => {
        for (const { root, walk } of readers) {
          const value = plain(walk(frame.values[root]));
          if (value !== undefined && value !== null && value !== "" && !absent.includes(value)) return value;
        }
        return undefined;
      } };
    }
    case "const": {
      const value = given.const;
      if (!["string", "boolean", "number"].includes(typeof value)) wrong(scope, "mapping.wrong", { got: short(value), wanted: "文字、true/false 或整数", wantedEn: "text, true/false or a whole number" });
      if (typeof value === "number" && !Number.isSafeInteger(value)) wrong(scope, "mapping.float", { field: target.field, from: "const", got: String(value) });
      return { ways: [], read: () => value };
    }
    case "expr":
      return compileCel(given.expr, target.field, inside(scope, ".expr"));
    case "when": {
      const condition = compileCel(given.when, target.field, inside(scope, ".when"));
      const then = compileValue(given.then, target, inside(scope, ".then"));
      const otherwise = given.else === undefined ? nothing : compileValue(given.else, target, inside(scope, ".else"));
      return { ways: [...condition.ways, ...then.ways, ...otherwise.ways], read: (frame) => (condition.read(frame) === true ? then.read(frame) : otherwise.read(frame)) };
    }
    case "concat": {
      const parts = (Array.isArray(given.concat) ? (given.concat as unknown[]) : [given.concat]).map((part, n) => compilePart(part, { field: target.field, type: undefined }, inside(scope, `.concat[${n}]`)));
      const separator = typeof given.with === "string" ? given.with : "";
      return { ways: parts.flatMap((part) => part.ways), read: (frame) => parts.flatMap((part) => part.readAll(frame)).join(separator) };
    }
    case "sum":
      return compileSum(given, target, scope);
  }
}

/** A part of a concatenation: of a path every element, else one value. */
function compilePart(spec: unknown, target: Target, scope: Scope): { readonly ways: readonly Way[]; readonly readAll: (frame: Frame) => readonly unknown[] } {
  if (typeof spec !== "string") {
    const { read, ways } = compileValue(spec, target, scope);
    return { ways, readAll: (frame) => [read(frame)].filter((value) => value !== undefined) };
  }
  const way = compileWay(spec, scope);
  if (!way) return { ways: [], readAll: () => [] };
  const spread = compileSpread(way.steps), cast = castText(target, [way]), { absent } = scope.ground;
  return { ways: [way], readAll: (frame) => spread(frame.values[way.root]).map(plain).filter((value) => value !== undefined && value !== null && value !== "" && !absent.includes(value)).map((value) => cast(value, frame)).filter((value) => value !== undefined) };
}

/** Adds up over a list of the record (`over`), or over the elements that a grouped line stands for. */
function compileSum(given: Words, target: Target, scope: Scope): Expression {
  const over = given.over === undefined ? undefined : compileWay(given.over, inside(scope, ".over"));
  const root = over ? scope.roots.length : scope.base;
  const elements: Scope = over ? { ...scope, roots: [...scope.roots, "element"], base: root } : scope;
  const amount = compileValue(given.sum, { field: target.field, type: undefined }, inside(elements, ".sum"));
  const only = given.only === undefined ? undefined : compileCel(given.only, target.field, inside(elements, ".only"));
  const spread = over && compileSpread(over.steps);
  return {
    ways: [...(over ? [over] : []), ...amount.ways.filter((way) => way.root !== root || !over)],
    read(frame) {
      const all = over && spread ? spread(frame.values[over.root]) : (frame.group ?? [frame.values[root]]);
      const kept = frame.values[root], label = frame.labels[root];
      let total = new Fraction(0n);
      for (let n = 0; n < all.length; n++) {
        frame.values[root] = all[n];
        if (over) frame.labels[root] = `${labelOf(frame, over)}[${n}]`;
        if (only && only.read(frame) !== true) continue;
        const value = amount.read(frame);
        if (value === undefined) continue;
        const number = numberOf(value);
        if (number) total = total.plus(number);
        else spoil(frame, "mapping.type", target.field, amount.ways, { got: short(value), wanted: "数字", wantedEn: "a number" });
      }
      frame.values[root] = kept;
      frame.labels[root] = label ?? "";
      return total;
    },
  };
}

// What happens on the way ----------------------------------------------------------------------------------------------

/** `true` takes blanks off both ends; `fold` also makes each run of blanks, line ends and control characters one blank. */
function compileTrim(how: unknown, scope: Scope): (value: unknown) => unknown {
  if (how !== true && how !== "fold") wrong(scope, "mapping.wrong", { got: short(how), wanted: "true 或 fold", wantedEn: "true or fold" }, ".trim");
  return how === "fold" ? (value) => (typeof value === "string" ? value.replace(/[\s\p{Cc}]+/gu, " ").trim() : value) : (value) => (typeof value === "string" ? value.trim() : value);
}

function compileLookup(given: Words, source: Expression, target: Target, scope: Scope, ways: Way[]): (value: unknown, frame: Frame) => unknown {
  const name = String(given.lookup);
  const { tables } = scope.ground;
  if (!tables.has(name)) wrong(scope, "mapping.table", { table: name, choices: [...tables.keys()].join(", ") || "–" });
  const table = tables.get(name);
  const keys = (given.key === undefined ? [] : Array.isArray(given.key) ? (given.key as unknown[]) : [given.key]).map((key, n) => compileValue(key, { field: target.field, type: undefined }, inside(scope, `.key[${n}]`)));
  ways.push(...keys.flatMap((key) => key.ways));
  const take = given.take === undefined ? undefined : String(given.take);
  const { onMiss = "error" } = given;
  const instead = isWords(onMiss) ? onMiss.value : undefined;
  if (!(onMiss === "error" || onMiss === "keep" || onMiss === "null" || onMiss === null || (isWords(onMiss) && typeof instead === "string")))
    wrong(scope, "mapping.wrong", { got: short(onMiss), wanted: "error、keep、null 或 { value: 文字 }", wantedEn: "error, keep, null or { value: text }" }, ".onMiss");
  const cast = castText(target, source.ways);
  return (value, frame) => {
    const parts = keys.length > 0 ? keys.map((key) => key.read(frame)) : [cast(value, frame)];
    if (parts.some((part) => part === undefined)) return undefined;
    const key = parts.join("|");
    const hit = table ? table.get(key) : frame.lookups?.find(name, key);
    const found = hit === undefined || typeof hit === "string" ? hit : take === undefined ? undefined : hit[take];
    if (found !== undefined) return found;
    return onMiss === "error" ? spoil(frame, "mapping.lookup", target.field, ways, { table: name, key: short(key) }) : onMiss === "keep" ? (value ?? key) : instead;
  };
}

/** Multiplies by a factor, a number such as "1000" or "1/12" or a value of its own. */
function compileConvert(spec: unknown, target: Target, scope: Scope, ways: Way[]): (value: unknown, frame: Frame) => unknown {
  const text = typeof spec === "number" && Number.isSafeInteger(spec) ? String(spec) : spec;
  let factor: Read;
  if (typeof text === "string") {
    const [over = "", under = "1"] = text.split("/");
    const fixed = readFraction(over.trim())?.by(readFraction(under.trim()) ?? new Fraction(0n));
    if (!fixed) wrong(scope, "mapping.wrong", { got: text, wanted: "换算系数,如 \"1000\" 或 \"1/12\"", wantedEn: "a factor such as \"1000\" or \"1/12\"" }, ".convert");
    factor = () => fixed;
  } else {
    const own = compileValue(spec, { field: target.field, type: undefined }, inside(scope, ".convert"));
    ways.push(...own.ways);
    factor = own.read;
  }
  return (value, frame) => {
    const by = factor(frame);
    const number = numberOf(value), times = numberOf(by);
    if (number && times) return number.times(times);
    return spoil(frame, typeof value === "number" && !number ? "mapping.float" : "mapping.type", target.field, ways, { got: short(number ? by : value), wanted: "数字", wantedEn: "a number" });
  };
}

type Cast = (value: unknown, frame: Frame) => unknown;

/** What each type of field is cast to where nothing else is said. */
const castOf: Readonly<Record<FieldType | "version", (typeof casts)[number] | "money" | "period" | "version">> = {
  text: "text", code: "text", date: "date", period: "period", quantity: "decimal", price: "decimal", taxRate: "decimal", rate: "decimal", money: "money", signed: "money", flag: "boolean", count: "integer", version: "version",
};

function compileCast(given: Words, target: Target, scope: Scope, ways: readonly Way[]): Cast {
  const { cast } = given;
  if (cast !== undefined && !casts.includes(cast as (typeof casts)[number])) wrong(scope, "mapping.wrong", { got: short(cast), wanted: casts.join("、"), wantedEn: `one of ${casts.join(", ")}` }, ".cast");
  const implied = target.type === undefined ? "text" : castOf[target.type];
  const kind = cast === undefined || (cast === "decimal" && implied === "money") ? implied : (cast as (typeof casts)[number]);
  const stated = given.scale !== undefined || given.rounding !== undefined || given.precision !== undefined;
  switch (target.type === undefined && cast === undefined && stated ? "decimal" : kind) {
    case "decimal": return castDecimal(given, target, scope, ways, false);
    case "money": return castDecimal(given, target, scope, ways, true);
    case "integer": {
      const decimal = castDecimal({ ...given, scale: 0 }, target, scope, ways, false);
      return (value, frame) => {
        const text = decimal(value, frame) as string | undefined;
        if (text === undefined || target.type !== "count") return text;
        return Number.isSafeInteger(Number(text)) ? Number(text) : spoil(frame, "mapping.type", target.field, ways, { got: text, wanted: "整数", wantedEn: "a whole number" });
      };
    }
    case "date": return castDate(given, target, scope, ways);
    case "moment": return castMoment(given, target, scope, ways);
    case "version": {
      const moment = castMoment(given, target, { ...scope, ground: { ...scope.ground, sourceZone: scope.ground.sourceZone ?? (readZone("UTC") as Zone) } }, ways);
      return (value, frame) => {
        const text = value instanceof Fraction && value.under === 1n ? String(value.over) : typeof value === "number" ? String(value) : value;
        return typeof text === "string" && /^\d{1,15}$/.test(text) ? Number(text) : moment(value, frame);
      };
    }
    case "period": {
      const date = castDate(given, target, scope, ways);
      return (value, frame) => (typeof value === "string" && isPeriod(value) ? value : (date(value, frame) as string | undefined)?.slice(0, 7));
    }
    case "boolean": return (value, frame) => {
      const text = typeof value === "string" ? value.trim().toLowerCase() : typeof value === "boolean" || typeof value === "number" ? String(value) : "";
      return truths.has(text) ? true : untruths.has(text) ? false : spoil(frame, "mapping.type", target.field, ways, { got: short(value), wanted: "是或否", wantedEn: "true or false" });
    };
    default: return castText(target, ways);
  }
}

const truths = new Set(["true", "t", "1", "y", "yes", "是"]);
const untruths = new Set(["false", "f", "0", "n", "no", "否"]);

function castText(target: Target, ways: readonly Way[]): Cast {
  return (value, frame) => {
    if (typeof value === "string") return value;
    if (typeof value === "boolean") return String(value);
    if (typeof value === "number") return Number.isSafeInteger(value) ? String(value) : spoil(frame, "mapping.float", target.field, ways, { got: String(value) });
    if (value instanceof Fraction) return writeFraction(value, 30, 0, "error") ?? spoil(frame, "mapping.scale", target.field, ways, { got: `${value.over}/${value.under}`, scale: "30" });
    return value === undefined ? undefined : spoil(frame, value === many ? "mapping.many" : "mapping.type", target.field, ways, { got: value === many ? "[…]" : short(value), wanted: "文字", wantedEn: "text" });
  };
}

/** Money has its currency's decimals; until a currency is known, two or what is written. */
function castDecimal(given: Words, target: Target, scope: Scope, ways: readonly Way[], isMoney: boolean): Cast {
  const whole = (word: "scale" | "precision", most: number): number | undefined => {
    const value = given[word];
    if (value === undefined) return undefined;
    if (typeof value === "number" && Number.isInteger(value) && value >= 0 && value <= most) return value;
    return wrong(scope, "mapping.wrong", { got: short(value), wanted: `0 到 ${most} 的整数`, wantedEn: `a whole number from 0 to ${most}` }, `.${word}`);
  };
  const stated = whole("scale", 30), precision = whole("precision", 38);
  const rounding = (given.rounding ?? "error") as Rounding;
  if (!roundings.includes(rounding)) wrong(scope, "mapping.wrong", { got: short(rounding), wanted: roundings.join("、"), wantedEn: `one of ${roundings.join(", ")}` }, ".rounding");
  const format = given.format;
  if (format !== undefined && format !== "1,234.56" && format !== "1.234,56") wrong(scope, "mapping.wrong", { got: short(format), wanted: "1,234.56 或 1.234,56", wantedEn: "1,234.56 or 1.234,56" }, ".format");
  const most = target.type === "rate" ? 10 : target.type === undefined ? 30 : 6;
  return (value, frame) => {
    const exponent = isMoney && frame.currency !== undefined ? exponentOf(frame.currency) : undefined;
    const scale = stated ?? (isMoney ? (exponent ?? 4) : most);
    const least = isMoney ? (exponent ?? 2) : 0;
    let text: string | undefined;
    if (typeof value === "string") {
      const written = format === "1,234.56" ? value.replace(/,(?=\d{3}(?:\D|$))/g, "") : format === "1.234,56" ? value.replace(/\.(?=\d{3}(?:\D|$))/g, "").replace(",", ".") : value;
      text = canonical(written, scale, least);
      if (text === undefined) {
        const number = readFraction(written.trim());
        if (!number) return spoil(frame, "mapping.type", target.field, ways, { got: short(value), wanted: "数字", wantedEn: "a number" });
        text = writeFraction(number, scale, least, rounding);
      }
    } else if (value instanceof Fraction) text = writeFraction(value, scale, least, rounding);
    else if (typeof value === "number") {
      if (!Number.isSafeInteger(value)) return spoil(frame, "mapping.float", target.field, ways, { got: String(value) });
      text = canonical(String(value), scale, least);
    } else return spoil(frame, "mapping.type", target.field, ways, { got: short(value), wanted: "数字", wantedEn: "a number" });
    if (text === undefined) return spoil(frame, "mapping.scale", target.field, ways, { got: value instanceof Fraction ? (writeFraction(value, 12, 0, "down") ?? "") : short(value), scale: String(scale) });
    if (precision !== undefined && text.replace(/^-?0*|\./g, "").length > precision) return spoil(frame, "mapping.precision", target.field, ways, { got: text, precision: String(precision) });
    return text;
  };
}

function zonesOf(given: Words, scope: Scope): { readonly zone: Zone | undefined; readonly sourceZone: Zone | undefined } {
  const zone = (word: "zone" | "sourceZone"): Zone | undefined => {
    const name = given[word];
    if (name === undefined) return scope.ground[word];
    return (typeof name === "string" ? readZone(name) : undefined) ?? wrong(scope, "mapping.wrong", { got: short(name), wanted: "时区,如 Asia/Shanghai", wantedEn: "a time zone such as Asia/Shanghai" }, `.${word}`);
  };
  return { zone: zone("zone"), sourceZone: zone("sourceZone") };
}

function patternOf(given: Words, scope: Scope): ReturnType<typeof compilePattern> {
  if (given.format === undefined) return undefined;
  return (typeof given.format === "string" ? compilePattern(given.format) : undefined) ?? wrong(scope, "mapping.wrong", { got: short(given.format), wanted: "日期格式,如 yyyyMMdd", wantedEn: "a date format such as yyyyMMdd" }, ".format");
}

/** A plain date stays as it is. A moment becomes the day it is in `zone`; midnight without an offset is how databases write a date. */
function castDate(given: Words, target: Target, scope: Scope, ways: readonly Way[]): Cast {
  const { zone, sourceZone } = zonesOf(given, scope);
  const pattern = patternOf(given, scope);
  return (value, frame) => {
    const text = typeof value === "number" ? String(value) : value instanceof Fraction ? castText(target, ways)(value, frame) : value;
    const moment = typeof text === "string" ? readMoment(text.trim(), pattern) : undefined;
    if (!moment) return spoil(frame, "mapping.date", target.field, ways, { got: short(value) });
    if (!moment.hasTime) return moment.date;
    if (moment.offset === undefined && (sourceZone === undefined ? moment.micros === 0 : sourceZone.name === zone?.name)) return moment.date;
    const micros = zone && microsOf(moment, sourceZone);
    return zone && micros !== undefined ? dayIn(micros, zone) : spoil(frame, "mapping.zone", target.field, ways, { got: short(value), wanted: zone ? "sourceZone" : "zone" });
  };
}

/** For a version microseconds since 1970, so that later is greater; elsewhere the moment in UTC. */
function castMoment(given: Words, target: Target, scope: Scope, ways: readonly Way[]): Cast {
  const { sourceZone } = zonesOf(given, scope);
  const pattern = patternOf(given, scope);
  const utc = readZone("UTC") as Zone;
  return (value, frame) => {
    const moment = typeof value === "string" ? readMoment(value.trim(), pattern) : undefined;
    if (!moment) return spoil(frame, "mapping.date", target.field, ways, { got: short(value) });
    const micros = microsOf(moment, sourceZone);
    if (micros === undefined) return spoil(frame, "mapping.zone", target.field, ways, { got: short(value), wanted: "sourceZone" });
    if (target.type === "version") return micros >= 0 ? micros : spoil(frame, "mapping.date", target.field, ways, { got: short(value) });
    const inDay = ((micros % 86_400_000_000) + 86_400_000_000) % 86_400_000_000;
    const two = (n: number): string => String(Math.floor(n)).padStart(2, "0");
    return `${dayIn(micros, utc)}T${two(inDay / 3_600_000_000)}:${two((inDay / 60_000_000) % 60)}:${two((inDay / 1_000_000) % 60)}Z`;
  };
}

function compilePad(spec: unknown, scope: Scope): (value: unknown) => unknown {
  const given = isWords(spec) ? spec : {};
  onlyWords(inside(scope, ".pad"), given, ["to", "with", "side"]);
  const { to, with: fill = "0", side = "left" } = given;
  if (!(typeof to === "number" && Number.isInteger(to) && to > 0 && to <= 100 && typeof fill === "string" && [...fill].length === 1 && (side === "left" || side === "right")))
    wrong(scope, "mapping.wrong", { got: short(spec), wanted: "{ to: 位数, with: \"0\", side: left 或 right }", wantedEn: "{ to: length, with: \"0\", side: left or right }" }, ".pad");
  return (value) => (typeof value !== "string" ? value : side === "right" ? value.padEnd(to as number, fill as string) : value.padStart(to as number, fill as string));
}

/** Text longer than its field is a problem, unless the mapping says to cut it; what is cut is told. */
function compileLength(spec: unknown, target: Target, scope: Scope, ways: readonly Way[]): Cast | undefined {
  const implied = target.type === "text" ? 500 : target.type === "code" ? 100 : undefined;
  const given = typeof spec === "number" ? { max: spec } : isWords(spec) ? spec : undefined;
  if (spec !== undefined && !(given && typeof given.max === "number" && Number.isInteger(given.max) && given.max > 0 && [undefined, "error", "truncate"].includes((given as Words).policy as string | undefined)))
    wrong(scope, "mapping.wrong", { got: short(spec), wanted: "{ max: 字符数, policy: error 或 truncate }", wantedEn: "{ max: characters, policy: error or truncate }" }, ".length");
  if (given) onlyWords(inside(scope, ".length"), given, ["max", "policy"]);
  const max = typeof given?.max === "number" ? given.max : implied;
  if (max === undefined) return undefined;
  const isCut = (given as Words | undefined)?.policy === "truncate";
  return (value, frame) => {
    if (typeof value !== "string" || value.length <= max) return value;
    if (!isCut) return spoil(frame, "mapping.length", target.field, ways, { length: String(value.length), max: String(max) });
    // Never through the middle of a character of two halves, such as 𠮷.
    const end = /[\ud800-\udbff]/.test(value.charAt(max - 1)) ? max - 1 : max;
    const kept = value.slice(0, end);
    frame.cut.push({ path: `${frame.prefix}${target.field}`, kept, cutOff: value.slice(end) });
    return kept;
  };
}
