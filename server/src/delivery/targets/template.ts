/**
 * The form in which a target wants a delivery, written as an example with gaps. In JSON and in text alike:
 *
 *   {voucher.number}          the value as text; a value that is missing is refused with its path
 *   {line.dimensions.dept?}   may be missing: the field (in JSON) or the text is left out. Zero amounts count as missing.
 *   {=line.debit}             in JSON, alone in its string: a number, digit for digit
 *   {{ and }}                 the braces themselves
 *
 * JSON repeats with { "$each": "voucher.lines", "do": … }, text with {each voucher.lines}…{end}; the item is called `line`, or in
 * JSON as `as` says.
 */
import { at, figure, type Json } from "../../connectors/index.ts";
import { parseDecimal } from "../../values/index.ts";
import type { Delivery, VoucherLineOut, VoucherOut } from "../target.ts";
import { Unfit } from "./outcome.ts";

export type Scope = { readonly [name: string]: Json };

/** What a template can name. */
export function scopeOf(delivery: Delivery): Scope {
  const of = { id: delivery.deliveryId, reference: delivery.reference, hash: delivery.payloadHash, purpose: delivery.purpose };
  return delivery.purpose === "voucher" ? { delivery: of, voucher: voucherScope(delivery.voucher) } : { delivery: of, document: delivery.document };
}

const voucherScope = (voucher: VoucherOut): Json => ({
  ...voucher, year: Number(voucher.period.slice(0, 4)), month: Number(voucher.period.slice(5, 7)), lines: voucher.lines.map(lineScope),
});

function lineScope(line: VoucherLineOut, index: number): Json {
  const isDebit = !isZero(line.debit);
  return { ...line, index, no: index + 1, side: isDebit ? "debit" : "credit", amount: isDebit ? line.debit : line.credit, debitOriginal: isDebit ? line.amountOriginal : "0", creditOriginal: isDebit ? "0" : line.amountOriginal, dimensionList: Object.entries(line.dimensions).map(([kind, code]) => ({ kind, code, name: line.dimensionNames[kind] ?? "" })) };
}

export const isZero = (text: string): boolean => text === "" || parseDecimal(text, 10) === 0n;

type Gap = { readonly path: string; readonly isFigure: boolean; readonly isOptional: boolean };
type Part = string | Gap | { readonly each: string; readonly parts: readonly Part[] };

/** Undefined: left out. Refuses (Unfit): target.template, target.template_gap. */
export type JsonForm = (scope: Scope) => unknown;
export type TextForm = (scope: Scope, escape?: (text: string) => string) => string;

export function compileJson(template: Json): JsonForm {
  if (typeof template === "string") return compileString(template);
  if (template === null || typeof template !== "object") return () => template;
  if (Array.isArray(template)) {
    const forms = (template as readonly Json[]).map(compileJson);
    return (scope) => forms.map((form) => form(scope)).filter((value) => value !== undefined);
  }
  const object = template as { readonly [name: string]: Json };
  if (object.$each !== undefined) {
    const { $each: path, do: item, as: name = "line" } = object;
    if (typeof path !== "string" || item === undefined || typeof name !== "string") throw new Unfit("target.template", { why: "$each: \"voucher.lines\", do: …" });
    const form = compileJson(item);
    return (scope) => itemsOf(scope, path).map((one) => form({ ...scope, [name]: one })).filter((value) => value !== undefined);
  }
  const fields = Object.entries(object).map(([name, value]) => [name, compileJson(value)] as const);
  return (scope) => {
    const filled = fields.map(([name, form]) => [name, form(scope)] as const).filter(([, value]) => value !== undefined);
    return filled.length === 0 && fields.length > 0 ? undefined : Object.fromEntries(filled);
  };
}

function compileString(text: string): JsonForm {
  const parts = partsOf(text);
  const [only] = parts;
  if (parts.length === 1 && typeof only === "object" && "path" in only) return (scope) => valueOf(only, scope);
  if (parts.some((part) => typeof part === "object" && ("each" in part || part.isFigure))) throw new Unfit("target.template", { why: text.slice(0, 80) });
  const form = textForm(parts);
  return (scope) => form(scope, (value) => value);
}

export const compileText = (template: string): TextForm => {
  const form = textForm(partsOf(template));
  return (scope, escape = (text) => text) => form(scope, escape);
};

const textForm = (parts: readonly Part[]) => (scope: Scope, escape: (text: string) => string): string =>
  parts.map((part) => {
    if (typeof part === "string") return part;
    if ("each" in part) return itemsOf(scope, part.each).map((line) => textForm(part.parts)({ ...scope, line }, escape)).join("");
    const value = valueOf({ ...part, isFigure: false }, scope);
    if (value !== undefined && typeof value === "object") throw new Unfit("target.template", { why: `{${part.path}}` });
    return value === undefined ? "" : escape(String(value));
  }).join("");

function valueOf({ path, isFigure, isOptional }: Gap, scope: Scope): unknown {
  const value = at(scope, path);
  const isMissing = value === undefined || value === null || value === "";
  if (isOptional && (isMissing || (typeof value === "string" && isZero(value)))) return undefined;
  if (isMissing && !(value === "" && !isFigure)) throw new Unfit("target.template_gap", { path });
  if (!isFigure) return value;
  const text = String(value);
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) throw new Unfit("target.template_gap", { path });
  return figure(text);
}

function itemsOf(scope: Scope, path: string): readonly Json[] {
  const items = at(scope, path);
  if (!Array.isArray(items)) throw new Unfit("target.template_gap", { path });
  return items as readonly Json[];
}

function partsOf(text: string): Part[] {
  const tokens = text.match(/\{\{|\}\}|\{[^{}]*\}|[^{}]+|[{}]/g) ?? [];
  const stack: { each: string; parts: Part[] }[] = [{ each: "", parts: [] }];
  const push = (part: Part): void => {
    const parts = (stack.at(-1) as { parts: Part[] }).parts;
    const last = parts.at(-1);
    if (typeof part === "string" && typeof last === "string") parts[parts.length - 1] = last + part;
    else parts.push(part);
  };
  for (const token of tokens) {
    const gap = /^\{(=?)([A-Za-z][\w.*-]*)(\??)\}$/u.exec(token) ?? /^\{(=?)([A-Za-z][^{}?=]*)(\??)\}$/u.exec(token);
    const each = /^\{each\s+([\w.]+)\}$/.exec(token);
    if (token === "{{" || token === "}}") push(token[0] as string);
    else if (each) stack.push({ each: each[1] as string, parts: [] });
    else if (token === "{end}") {
      const ended = stack.pop() as { each: string; parts: Part[] };
      if (stack.length === 0) throw new Unfit("target.template", { why: "{end}" });
      push(ended);
    } else if (gap) push({ path: (gap[2] as string).trim(), isFigure: gap[1] === "=", isOptional: gap[3] === "?" });
    else if (token === "{" || token === "}" || token.startsWith("{")) throw new Unfit("target.template", { why: token.slice(0, 80) });
    else push(token);
  }
  if (stack.length !== 1) throw new Unfit("target.template", { why: `{each ${stack.at(-1)?.each ?? ""}} … {end}` });
  return (stack[0] as { parts: Part[] }).parts;
}
