import { exponentOf, extend, formatMoney, isDate, isPeriod, parseDecimal, parseMoney, QUANTITY_SCALE, RATE_SCALE, taxOn } from "../values/index.ts";
import type { Problem } from "../platform/index.ts";
import { commonHeader, commonLine, type Field, kindOf, kinds } from "./kinds.ts";
import { type Document, type DocumentLine, type Link, parseReference } from "./document.ts";

/** Most lines that one document may have. */
export const LINES_MAX = 20_000;

export type Reading =
  | { readonly document: Document; readonly doubts: readonly Problem[]; readonly problems?: undefined }
  /** Malformed: refused as a whole, every problem listed. */
  | { readonly document?: undefined; readonly problems: readonly Problem[] };

type Compiled = {
  readonly header: ReadonlyMap<string, Field>;
  readonly requiredHeader: readonly string[];
  readonly line: ReadonlyMap<string, Field>;
  readonly requiredLine: readonly string[];
  readonly linksTo: ReadonlySet<string>;
};

/** Names that are read by hand, not by the field table. */
const structure = new Set(["schema", "book", "source", "sourceId", "sourceVersion", "links", "lines", "extra", "supplier", "customer", "employee", "counterparty"]);

const compiled = new Map<string, Compiled>();
for (const name of Object.keys(kinds)) {
  const kind = kindOf(name);
  if (!kind) continue;
  const header = new Map(Object.entries({ ...commonHeader, ...kind.header }));
  const line = new Map(Object.entries({ ...commonLine, ...kind.line }));
  const required = (fields: ReadonlyMap<string, Field>): string[] => [...fields].filter(([, field]) => field.required).map(([field]) => field);
  compiled.set(name, { header, requiredHeader: required(header), line, requiredLine: required(line), linksTo: new Set(kind.linksTo ?? []) });
}

const wanted: Record<Field["type"], readonly [string, string]> = {
  text: ["文字", "text"], code: ["编码文字", "a code (text)"], date: ["日期 YYYY-MM-DD", "a date YYYY-MM-DD"], period: ["期间 YYYY-MM", "a period YYYY-MM"],
  quantity: ["最多 6 位小数的数量字符串", "a decimal string with at most 6 decimals"], price: ["最多 6 位小数的单价字符串", "a decimal string with at most 6 decimals"],
  taxRate: ["0 到 1 之间的税率字符串,如 \"0.13\"", "a decimal string between 0 and 1 such as \"0.13\""], rate: ["大于零、最多 10 位小数的汇率字符串", "a decimal string above zero with at most 10 decimals"],
  money: ["符合币种小数位的金额字符串", "a decimal string with the currency's decimals"], signed: ["符合币种小数位的金额字符串", "a decimal string with the currency's decimals"],
  flag: ["true 或 false", "true or false"], count: ["非负整数", "a whole number, not negative"],
};

type Value = string | bigint | boolean | number;

/** Reads one field; pushes a problem and returns undefined when it cannot be read. */
function readField(name: string, field: Field, value: unknown, currency: string, problems: Problem[], where: string): Value | undefined {
  const bad = (): undefined => {
    const [zh, en] = wanted[field.type];
    problems.push({ code: "field.type", facts: { field: name, wanted: zh, wantedEn: en, got: short(value) }, where });
    return undefined;
  };
  switch (field.type) {
    case "text":
    case "code": {
      if (typeof value !== "string") return bad();
      const text = value.trim();
      if (text === "" || text.length > (field.type === "code" ? 100 : 500) || /[\u0000-\u001f]/.test(text)) return bad();
      if (field.of && !field.of.includes(text)) {
        problems.push({ code: "field.choice", facts: { field: name, got: short(text), choices: field.of.join(", ") }, where });
        return undefined;
      }
      return text;
    }
    case "date":
    case "period":
      if (typeof value !== "string") return bad();
      if (field.type === "period" ? !isPeriod(value) : !isDate(value)) {
        if (/^\d{4}-\d{2}(-\d{2})?$/.test(value)) problems.push({ code: "date.invalid", facts: { field: name, got: value }, where });
        else bad();
        return undefined;
      }
      return value;
    case "flag":
      return typeof value === "boolean" ? value : bad();
    case "count":
      return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value <= 1_000_000 ? value : bad();
    default: {
      if (typeof value === "number") {
        problems.push({ code: "field.number", facts: { field: name, got: String(value) }, where });
        return undefined;
      }
      if (typeof value !== "string") return bad();
      const number = field.type === "money" || field.type === "signed" ? parseMoney(value, currency) : parseDecimal(value, field.type === "rate" ? RATE_SCALE : QUANTITY_SCALE);
      if (number === undefined) return bad();
      if (number < 0n && field.type !== "signed") {
        problems.push({ code: "field.negative", facts: { field: name, got: value }, where });
        return undefined;
      }
      if ((field.type === "taxRate" && number > 1_000_000n) || (field.type === "rate" && number === 0n)) return bad();
      return number;
    }
  }
}

const short = (value: unknown): string => {
  const text = value === undefined ? "nothing" : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
};

function readLinks(value: unknown, ownSource: string, currency: string, kind: string, allowed: ReadonlySet<string>, problems: Problem[], where: string): Link[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    problems.push({ code: "field.type", facts: { field: "links", wanted: "数组", wantedEn: "an array", got: short(value) }, where });
    return [];
  }
  const links: Link[] = [];
  for (const entry of value as unknown[]) {
    const raw = entry as { to?: unknown; quantity?: unknown; amount?: unknown } | null;
    const target = raw && typeof raw === "object" && typeof raw.to === "string" ? parseReference(raw.to, ownSource) : undefined;
    if (!raw || !target) {
      problems.push({ code: "link.malformed", facts: { got: short(raw && typeof raw === "object" ? raw.to : raw) }, where });
      continue;
    }
    if (!allowed.has(target.kind)) {
      problems.push({ code: "link.kind", facts: { kind, target: target.kind, choices: [...allowed].join(", ") || "–" }, where });
      continue;
    }
    const quantity = raw.quantity === undefined ? null : readField("links.quantity", { type: "quantity", zh: "", en: "" }, raw.quantity, currency, problems, where);
    const amount = raw.amount === undefined ? null : readField("links.amount", { type: "money", zh: "", en: "" }, raw.amount, currency, problems, where);
    links.push({ ...target, quantity: (quantity ?? null) as bigint | null, amount: (amount ?? null) as bigint | null });
  }
  return links;
}

const text = (value: Value | undefined): string => (value as string | undefined) ?? "";
const number = (value: Value | undefined): bigint | null => (value as bigint | undefined) ?? null;

/** Names of Document and DocumentLine themselves; everything else of a kind goes into `more`. */
const ownHeader = new Set(["number", "date", "currency", "rate", "department", "project", "region", "salesperson", "status", "credit", "attachments", "summary", "dueDate"]);
const ownLine = new Set(Object.keys(commonLine));
const nothing: Readonly<Record<string, Value>> = Object.freeze({});

/**
 * Reads one document of the public form (documents-and-entries 1a). Collects every problem; `doubts` are those that park
 * the document instead of refusing it (an amount that is off by more than a minor unit).
 */
export function readDocument(input: unknown, bookCode: string, baseCurrency: string, part: "whole" | "header" = "whole"): Reading {
  const problems: Problem[] = [];
  if (input === null || typeof input !== "object" || Array.isArray(input)) return { problems: [{ code: "document.not_object", facts: {} }] };
  const raw = input as Record<string, unknown>;
  const schema = typeof raw.schema === "string" ? raw.schema : "";
  const match = /^tieout\/([A-Za-z]+)@(\d+)$/.exec(schema);
  const kindName = match?.[1] ?? "";
  const kind = kindOf(kindName);
  const spec = compiled.get(kindName);
  if (!match || !kind || !spec) return { problems: [{ code: "schema.unknown", facts: { schema: short(raw.schema) } }] };
  if (match[2] !== "1") return { problems: [{ code: "schema.version", facts: { kind: kindName, version: match[2] as string } }] };

  const source = identifier(raw.source, "source", 40, problems);
  const sourceId = identifier(raw.sourceId, "sourceId", 120, problems);
  const where = `${kindName}/${sourceId}`;
  let sourceVersion = 1;
  if (raw.sourceVersion !== undefined) {
    const given = typeof raw.sourceVersion === "string" && /^\d{1,15}$/.test(raw.sourceVersion) ? Number(raw.sourceVersion) : raw.sourceVersion;
    if (typeof given === "number" && Number.isSafeInteger(given) && given >= 0) sourceVersion = given;
    else problems.push({ code: "field.type", facts: { field: "sourceVersion", wanted: "非负整数", wantedEn: "a whole number", got: short(raw.sourceVersion) }, where });
  }
  if (raw.book !== undefined && raw.book !== bookCode) problems.push({ code: "document.other_book", facts: { got: short(raw.book), book: bookCode }, where });
  const currency = typeof raw.currency === "string" ? raw.currency : baseCurrency;
  if (!/^[A-Z]{3}$/.test(currency)) problems.push({ code: "field.type", facts: { field: "currency", wanted: "ISO 4217 币种", wantedEn: "an ISO 4217 code", got: short(raw.currency) }, where });

  let party = "";
  let partyKind: Document["partyKind"] = "";
  for (const role of kind.party ?? []) {
    const value = raw[role];
    if (value === undefined || value === null) continue;
    const code = readField(role, { type: "code", zh: "", en: "" }, value, currency, problems, where);
    if (code !== undefined && party === "") {
      party = code as string;
      partyKind = role;
    }
  }
  if (kind.partyRequired && party === "") problems.push({ code: "field.missing", facts: { field: (kind.party ?? []).join(" | ") }, where });

  const head: Record<string, Value> = {};
  let more: Record<string, Value> | undefined;
  for (const name in raw) {
    if (structure.has(name)) {
      if ((name === "supplier" || name === "customer" || name === "employee" || name === "counterparty") && !(kind.party as readonly string[] | undefined)?.includes(name))
        problems.push({ code: "field.unknown", facts: { kind: kindName, field: name }, where });
      continue;
    }
    const value = raw[name];
    if (value === null || value === undefined) continue;
    const field = spec.header.get(name);
    if (!field) {
      problems.push({ code: "field.unknown", facts: { kind: kindName, field: name }, where });
      continue;
    }
    const got = readField(name, field, value, currency, problems, where);
    if (got === undefined) continue;
    if (ownHeader.has(name)) head[name] = got;
    else (more ??= {})[name] = got;
  }
  for (const name of spec.requiredHeader) if (raw[name] === undefined || raw[name] === null) problems.push({ code: "field.missing", facts: { field: name }, where });

  const doubts: Problem[] = [];
  const lines: DocumentLine[] = [];
  if (part === "header") {
    // Whoever asks for no more than the header has read the lines before.
  } else if (Array.isArray(raw.lines) && kind.lines) {
    const rawLines = raw.lines as unknown[];
    if (rawLines.length > LINES_MAX) return { problems: [{ code: "document.too_many_lines", facts: { lines: String(rawLines.length), max: String(LINES_MAX) }, where }] };
    const seen = new Set<string>();
    const defaults = { warehouse: text(more?.warehouse), department: text(head.department), project: text(head.project) };
    for (let i = 0; i < rawLines.length; i++) {
      const line = readLine(rawLines[i], i + 1, kindName, spec, source, currency, defaults, problems, doubts, where);
      if (!line) continue;
      if (seen.has(line.lineId)) problems.push({ code: "line.duplicate", facts: { lineId: line.lineId }, where: `${where}/${line.lineId}` });
      seen.add(line.lineId);
      lines.push(line);
    }
  } else if (raw.lines !== undefined && raw.lines !== null && !(kind.lines && Array.isArray(raw.lines))) {
    problems.push(kind.lines ? { code: "field.type", facts: { field: "lines", wanted: "数组", wantedEn: "an array", got: short(raw.lines) }, where } : { code: "field.unknown", facts: { kind: kindName, field: "lines" }, where });
  }
  if (part === "whole" && kind.lines === "required" && lines.length === 0 && head.status !== "cancelled" && problems.length === 0)
    problems.push({ code: "field.missing", facts: { field: "lines" }, where });
  const links = readLinks(raw.links, source, currency, kindName, spec.linksTo, problems, where);
  if (problems.length > 0) return { problems };

  return {
    doubts,
    document: {
      kind: kindName, book: bookCode, source, sourceId, sourceVersion,
      number: text(head.number) || sourceId, date: head.date as string, party, partyKind, currency, rate: number(head.rate),
      department: text(head.department), project: text(head.project), region: text(head.region), salesperson: text(head.salesperson),
      status: head.status === "cancelled" ? "cancelled" : "approved", credit: head.credit === true || more?.credit === true,
      attachments: (head.attachments as number | undefined) ?? 1, summary: text(head.summary), dueDate: text(head.dueDate),
      lines, links, more: more ?? nothing,
    },
  };
}

function identifier(value: unknown, name: string, max: number, problems: Problem[]): string {
  if (value === undefined || value === null || value === "") problems.push({ code: "field.missing", facts: { field: name } });
  else if (typeof value !== "string" || value.length > max || /[\u0000-\u001f]/.test(value) || (name === "source" && /[:/\s]/.test(value)))
    problems.push({ code: "field.type", facts: { field: name, wanted: `最多 ${max} 个字符的文字`, wantedEn: `text of at most ${max} characters`, got: short(value) } });
  else return value;
  return "";
}

function readLine(input: unknown, index: number, kindName: string, spec: Compiled, source: string, currency: string,
  defaults: { warehouse: string; department: string; project: string }, problems: Problem[], doubts: Problem[], documentWhere: string): DocumentLine | undefined {
  if (input === null || typeof input !== "object" || Array.isArray(input)) {
    problems.push({ code: "field.type", facts: { field: `lines[${index}]`, wanted: "对象", wantedEn: "an object", got: short(input) }, where: documentWhere });
    return undefined;
  }
  const raw = input as Record<string, unknown>;
  const lineId = typeof raw.lineId === "string" && raw.lineId !== "" && raw.lineId.length <= 60 && !raw.lineId.includes("/") ? raw.lineId : "";
  const where = `${documentWhere}/${lineId || index}`;
  if (lineId === "")
    problems.push(raw.lineId === undefined ? { code: "field.missing", facts: { field: `lines[${index}].lineId` }, where } : { code: "field.type", facts: { field: "lineId", wanted: "不含 / 的短文字", wantedEn: "short text without /", got: short(raw.lineId) }, where });
  let own: Record<string, Value> = {};
  let more: Record<string, Value> | undefined;
  for (const name in raw) {
    if (name === "lineId" || name === "links" || name === "extra") continue;
    const value = raw[name];
    if (value === null || value === undefined) continue;
    const field = spec.line.get(name);
    if (!field) {
      problems.push({ code: "field.unknown", facts: { kind: kindName, field: name }, where });
      continue;
    }
    // A line may have a currency of its own, and currencies differ in their decimals (the yen has none).
    const ofCurrency = name === "amountOriginal" && typeof raw.currency === "string" && /^[A-Z]{3}$/.test(raw.currency) ? raw.currency : currency;
    const got = readField(name, field, value, ofCurrency, problems, where);
    if (got === undefined) continue;
    if (ownLine.has(name)) own[name] = got;
    else (more ??= {})[name] = got;
  }
  for (const name of spec.requiredLine) if (raw[name] === undefined || raw[name] === null) problems.push({ code: "field.missing", facts: { field: name }, where });
  const line: DocumentLine = {
    lineId, index, item: text(own.item), description: text(own.description), quantity: number(own.quantity) ?? 0n, unit: text(own.unit),
    price: number(own.price), taxRate: number(own.taxRate), amountNet: number(own.amountNet), tax: number(own.tax), amountGross: number(own.amountGross),
    warehouse: text(own.warehouse) || defaults.warehouse, department: text(own.department) || defaults.department, project: text(own.project) || defaults.project,
    employee: text(own.employee), cost: number(own.cost), charge: text(own.charge), category: text(own.category), account: text(own.account), asset: text(own.asset),
    links: readLinks(raw.links, source, currency, kindName, spec.linksTo, problems, where), more: more ?? nothing,
  };
  // With one link and no quantity, the link takes the line's.
  if (line.links.length === 1 && line.links[0] && line.links[0].quantity === null && line.quantity > 0n) line.links[0].quantity = line.quantity;
  completeAmounts(line, currency, doubts, where);
  return line;
}

/**
 * Fills net, tax and gross where quantity, price and rate say them (each rounded once, half up) and doubts given ones
 * that are more than one minor unit off. What stays null is for later: the linked order may know the price.
 */
export function completeAmounts(line: DocumentLine, currency: string, doubts: Problem[], where: string): void {
  const off = (field: string, given: bigint, computed: bigint): void => {
    const difference = given - computed;
    if (difference > 1n || difference < -1n)
      doubts.push({ code: "amount.off", facts: { line: line.lineId, field, given: formatMoney(given, currency), computed: formatMoney(computed, currency) }, where });
  };
  if (line.price !== null && line.quantity > 0n) {
    const computed = extend(line.quantity, line.price, currency);
    if (line.amountNet === null) line.amountNet = computed;
    else off("amountNet", line.amountNet, computed);
  }
  if (line.amountNet === null && line.amountGross !== null) {
    // Only the gross is known: the tax is inside it.
    if (line.tax === null && line.taxRate !== null) line.tax = line.amountGross - netOf(line.amountGross, line.taxRate);
    line.amountNet = line.amountGross - (line.tax ?? 0n);
  }
  if (line.amountNet !== null) {
    if (line.taxRate !== null) {
      const computed = taxOn(line.amountNet, line.taxRate);
      if (line.tax === null) line.tax = computed;
      else off("tax", line.tax, computed);
    }
    if (line.amountGross === null) line.amountGross = line.amountNet + (line.tax ?? 0n);
    else if (line.tax !== null) off("amountGross", line.amountGross, line.amountNet + line.tax);
  }
}

/** The net part of a gross amount: gross ÷ (1 + rate), rounded half up. */
export const netOf = (gross: bigint, taxRate: bigint): bigint => {
  const whole = 1_000_000n + taxRate;
  const scaled = gross * 1_000_000n;
  return scaled >= 0n ? (scaled + whole / 2n) / whole : -((-scaled + whole / 2n) / whole);
};

export const minorUnits = exponentOf;
