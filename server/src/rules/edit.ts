/**
 * 改规则: one change to the text of a rule set, as the screen makes it. The text is changed node by node, so that comments, the order and the way of
 * writing stay. What comes out may be wrong: it is a draft, and the check says where.
 */
import { type Document, isAlias, isMap, isSeq, parseDocument, type YAMLMap, type YAMLSeq } from "yaml";
import { refuse } from "../platform/index.ts";
import { type Term, writeTaken } from "./words.ts";

export type Change =
  | { readonly act: "table.row.set"; readonly table: string; readonly row: number; readonly terms?: readonly Term[] | undefined; readonly rest?: readonly string[] | undefined; readonly account?: string | undefined; readonly from?: string | undefined }
  | { readonly act: "table.row.add"; readonly table: string; /** It comes before this row; the number of rows is the end. */ readonly row: number; readonly terms?: readonly Term[] | undefined; readonly account: string }
  | { readonly act: "table.row.remove"; readonly table: string; readonly row: number }
  | { readonly act: "table.row.move"; readonly table: string; readonly row: number; readonly to: number }
  | { readonly act: "rule.set"; readonly rule: string; readonly field: RuleField; readonly value: string }
  | { readonly act: "rule.move"; readonly rule: string; readonly by: -1 | 1 }
  | { readonly act: "rule.copy"; readonly rule: string; readonly id: string }
  | { readonly act: "rule.remove"; readonly rule: string }
  | { readonly act: "entry.set"; readonly rule: string; readonly entry: number; readonly side?: "debit" | "credit" | undefined; /** A table, or an account. */ readonly account?: string | undefined; readonly role?: string | undefined; readonly when?: string | undefined; readonly amount?: string | undefined }
  | { readonly act: "entry.add"; readonly rule: string; readonly entry: number; readonly side: "debit" | "credit"; readonly account: string; readonly role: string }
  | { readonly act: "entry.remove"; readonly rule: string; readonly entry: number }
  | { readonly act: "entry.move"; readonly rule: string; readonly entry: number; readonly to: number };
export const ruleFields = ["zh", "en", "when", "series", "summary", "autoReview", "reviewAbove", "merge"] as const;
export type RuleField = (typeof ruleFields)[number];

/** Answers the text with the change made. Refuses: rule.malformed (a text that is not YAML), rule.place_unknown. */
export function changeRules(text: string, change: Change, currency: string): string {
  const document = parseDocument(text);
  const [error] = document.errors;
  if (error) refuse("rule.malformed", { detail: error.message });
  make(document, change, currency);
  return asWritten(text, document.toString({ lineWidth: 0 }));
}

function make(document: Document, change: Change, currency: string): void {
  const unknown = (place: string): never => refuse("rule.place_unknown", { place });
  if ("table" in change) {
    const body = document.getIn(["tables", change.table], true);
    const rows = isMap(body) ? body.get("rows", true) : undefined;
    if (!isSeq(rows)) return unknown(`tables.${change.table}`);
    const row = change.act === "table.row.add" ? undefined : (rows.items[change.row] ?? unknown(`tables.${change.table}[${change.row + 1}]`));
    switch (change.act) {
      case "table.row.set": {
        const map = row as YAMLMap;
        if (change.terms !== undefined || change.rest !== undefined) setText(document, map, "when", writeTaken({ terms: change.terms ?? [], rest: change.rest ?? [] }, currency), true);
        if (change.account !== undefined) { map.delete("from"); setText(document, map, "account", change.account); }
        else if (change.from !== undefined) { map.delete("account"); setText(document, map, "from", change.from); }
        return;
      }
      case "table.row.add": return void rows.items.splice(Math.min(change.row, rows.items.length), 0, rowNode(document, writeTaken({ terms: change.terms ?? [], rest: [] }, currency), change.account));
      case "table.row.remove": return void rows.items.splice(change.row, 1);
      case "table.row.move": return moveItem(rows, change.row, change.to);
    }
  }
  const list = document.getIn(["rules"], true);
  if (!isSeq(list)) return unknown("rules");
  const at = list.items.findIndex((item) => isMap(item) && String(item.get("id")) === change.rule);
  const rule = list.items[at];
  if (!isMap(rule)) return unknown(`rules.${change.rule}`);
  switch (change.act) {
    case "rule.set":
      if (change.field === "autoReview") change.value === "false" ? rule.set("autoReview", false) : rule.delete("autoReview");
      else if (change.field === "reviewAbove") /^[1-9]\d{0,17}$/.test(change.value) ? rule.set("reviewAbove", Number(change.value)) : rule.delete("reviewAbove");
      else setText(document, rule, change.field, change.value, change.field === "when" || change.field === "summary");
      return;
    case "rule.move": {
      // Only rules for the same event compete: it changes places with the next of them.
      const event = String(rule.get("event"));
      const step = change.by;
      for (let to = at + step; to >= 0 && to < list.items.length; to += step) {
        const other = list.items[to];
        if (isMap(other) && String(other.get("event")) === event) return moveItem(list, at, to);
      }
      return;
    }
    case "rule.copy": {
      const copy = rule.clone() as YAMLMap;
      copy.set("id", change.id);
      const entries = copy.get("entries", true) as unknown;
      if (isSeq(entries)) delete (entries as { anchor?: string }).anchor;
      return void list.items.splice(at, 0, copy);
    }
    case "rule.remove": return void removeRule(document, list, at);
    default: return changeEntries(document, rule, change, unknown);
  }
}

function changeEntries(document: Document, rule: YAMLMap, change: Extract<Change, { readonly act: `entry.${string}` }>, unknown: (place: string) => never): void {
  const written = rule.get("entries", true) as unknown;
  // Entries that are written at another rule are changed there: they are one text, and the screen says whom it concerns.
  const entries = isAlias(written) ? written.resolve(document) : written;
  if (!isSeq(entries)) return unknown(`rules.${change.rule}.entries`);
  if (change.act === "entry.add") {
    const node = document.createNode({}) as YAMLMap;
    node.flow = true;
    setText(document, node, change.side, change.account);
    setText(document, node, "for", change.role);
    return void entries.items.splice(Math.min(change.entry, entries.items.length), 0, node);
  }
  const entry = entries.items[change.entry];
  if (!isMap(entry)) return unknown(`rules.${change.rule}.entries[${change.entry + 1}]`);
  switch (change.act) {
    case "entry.remove": return void entries.items.splice(change.entry, 1);
    case "entry.move": return moveItem(entries, change.entry, change.to);
    case "entry.set": {
      const side = entry.has("debit") ? "debit" : "credit";
      const account = change.account ?? String(entry.get(side));
      if (change.side !== undefined && change.side !== side) renameKey(entry, side, change.side);
      if (change.account !== undefined) setText(document, entry, change.side ?? side, account);
      if (change.role !== undefined) setText(document, entry, "for", change.role);
      if (change.when !== undefined) setText(document, entry, "if", change.when, true);
      if (change.amount !== undefined) setText(document, entry, "amount", change.amount);
      return;
    }
  }
}

/** Where the entries of the rule are written for others too, the next of those gets them. */
function removeRule(document: Document, list: YAMLSeq, at: number): void {
  const rule = list.items[at] as YAMLMap;
  const entries = rule.get("entries", true) as unknown;
  const anchor = isSeq(entries) ? (entries as { anchor?: string }).anchor : undefined;
  if (anchor !== undefined) {
    const heir = list.items.find((item) => { const own = isMap(item) ? (item.get("entries", true) as unknown) : undefined; return isAlias(own) && own.source === anchor; });
    if (isMap(heir)) heir.set("entries", entries);
  }
  list.items.splice(at, 1);
  void document;
}

function rowNode(document: Document, when: string, account: string): YAMLMap {
  const node = document.createNode({}) as YAMLMap;
  node.flow = true;
  if (when !== "") setText(document, node, "when", when, true);
  setText(document, node, "account", account);
  return node;
}

/** Keeps the way in which the value was written; an account stays text. "" takes it away. `isQuoted` for what holds signs of YAML. */
function setText(document: Document, map: YAMLMap, key: string, value: string, isQuoted = false): void {
  if (value === "") return void map.delete(key);
  const scalar = document.createNode(value) as { type?: string };
  if (isQuoted || /^[\d.]+$/.test(value)) scalar.type = "QUOTE_DOUBLE";
  const existing = map.items.find((pair) => String((pair.key as { value?: unknown }).value) === key);
  if (existing) existing.value = scalar;
  else if (key === "when" && map.flow) map.items.unshift(document.createPair(key, scalar) as never);
  else if (key === "when") map.items.splice(placeAfter(map, ["id", "event", "zh", "en"]), 0, document.createPair(key, scalar) as never);
  else map.items.push(document.createPair(key, scalar) as never);
}
const placeAfter = (map: YAMLMap, keys: readonly string[]): number => map.items.findLastIndex((pair) => keys.includes(String((pair.key as { value?: unknown }).value))) + 1;

function renameKey(map: YAMLMap, from: string, to: string): void {
  const pair = map.items.find((one) => String((one.key as { value?: unknown }).value) === from);
  if (pair) (pair.key as { value: unknown }).value = to;
}

/** A comment before an item stays with the item. */
function moveItem(list: YAMLSeq, from: number, to: number): void {
  if (to < 0 || to >= list.items.length || from === to) return;
  const [item] = list.items.splice(from, 1);
  list.items.splice(to, 0, item);
}

/** The writer pads brackets in its own way; lines that mean the same stay as they were, so that two versions differ where they differ. */
function asWritten(before: string, after: string): string {
  const bare = (line: string): string => line.replace(/([[{]) +/g, "$1").replace(/ +([\]}])/g, "$1");
  const known = new Map(before.split("\n").map((line) => [bare(line), line]));
  return after.split("\n").map((line) => known.get(bare(line)) ?? line).join("\n");
}
