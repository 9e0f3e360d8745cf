/**
 * 为什么, line by line: the entries that make the line, by which rule and which row of which table, from which figures of which document; the sum
 * written out; the rules that were considered and what they wanted. At last the voucher is derived again and compared byte for byte.
 * Everything comes from what was stored with the voucher; the settings are those of the moment when it was posted.
 */
import { formatDecimal, formatMoney, formatTrimmed, PRICE_SCALE, QUANTITY_SCALE } from "../values/index.ts";
import { type Book, completeSettings, loadAccounts, showBook } from "../books/index.ts";
import { type Document, type DocumentLine, linkKey, readDocument } from "../documents/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { emptyMasters, learn } from "../masterdata/index.ts";
import { chooseAccount, type CompiledRuleSet, type Entry, fieldsOf, interpretApplies, interpretEntries, listRuleVersions, readRows, type Row, type Rule, type Settings, show } from "../rules/index.ts";
import { lineText } from "./batch.ts";
import { leafOf } from "./chain.ts";
import { compose, dimensionKey, lineOf } from "./compose.ts";
import { loadRules } from "./memory.ts";
import { findDimensionSets, findLines } from "./report.store.ts";
import type { State } from "./state.ts";
import { nameDimensions } from "./show.ts";
import { findVoucher } from "./store.ts";
import { joinLines, type Line, lineKey, reversed } from "./voucher.ts";
import * as store from "./why.store.ts";

export type Input = { readonly name: string; readonly zh: string; readonly en: string; readonly value: string; /** source:kind/sourceId it comes from; null: the book or its settings. */ readonly document: string | null };
export type Rejected = { readonly rule: string; readonly zh: string; readonly en: string; /** What it asks for and is not so; "" where it would hold too, and the one before it came first. */ readonly wanted: string; readonly actual: string };
export type Decision = {
  readonly document: string; readonly event: string; readonly rule: string; readonly version: number; readonly zh: string; readonly en: string;
  readonly effectiveOn: string; readonly proposedBy: string; readonly approvedBy: string | null; readonly approvedAt: string | null; readonly rejected: readonly Rejected[];
};
export type Part = {
  /** Which of `decisions`. */
  readonly by: number;
  readonly table: string; readonly tableZh: string; readonly tableEn: string;
  /** The row of the table that was hit, from 1, and its condition. */
  readonly choice: number; readonly condition: string; readonly account: string;
  readonly amount: string;
  /** 80 × 4,200.00 = 336,000.00 */
  readonly sum: string;
  readonly inputs: readonly Input[];
};
export type WhyLine = { readonly line: number; readonly parts: readonly Part[]; /** How many entries make it; at most `partsMax` are shown. */ readonly count: number; /** The parts added up. */ readonly total: string };
export type Why = {
  readonly number: string;
  readonly decisions: readonly Decision[];
  readonly lines: readonly WhyLine[];
  /** entries: as the rule makes them; reversal: the version before in red; difference: this version less the one before; none: it could not be derived. */
  readonly derivedAs: "entries" | "reversal" | "difference" | "none";
  readonly isEqual: boolean;
  /** SHA-256 of the voucher as it was sealed, and as it is derived now. */
  readonly hash: string;
  readonly hashDerived: string;
};

const partsMax = 20;

/** Explains "2026-03/记-7". Refuses: voucher.unknown. */
export async function whyVoucher(ctx: Ctx, bookNow: Book, number: string): Promise<Why> {
  const { db } = ctx;
  const match = /^(\d{4}-\d{2})\/(.+)-(\d{1,9})$/.exec(number);
  const found = match ? await findVoucher(db, bookNow.bookId, match[1] as string, match[2] as string, Number(match[3])) : undefined;
  if (!match || !found) return refuse("voucher.unknown", { number });
  const leaf = await store.readLeaf(db, bookNow.bookId, found.voucher_id);
  const book: Book = { ...bookNow, settings: await settingsAt(ctx, bookNow, leaf.voucher.split("\t").at(-1) ?? "") };
  const events = await store.readEventsOf(db, book.bookId, found.voucher_id);
  const versions = await loadRules(db, book.bookId);
  const lines = await findLines(db, book.bookId, [match[1] as string], [found.voucher_id]);
  const state = await stateOf(ctx, book, lines.map(({ dimensionSet }) => dimensionSet), events);

  const derive = (event: store.EventRow): Derived | undefined => deriveEvent(state, versions.byVersion.get(event.rule_version), event);
  const derived = events.map(derive);
  const before = events.length === 1 && events[0] ? await store.readEventBefore(db, book.bookId, events[0].document_id, events[0].source_version, events[0].event) : undefined;
  const earlier = before === undefined ? undefined : derive(before);
  const hash = hashOf(leaf.voucher, leaf.lines.map((line) => `${line}\n`));
  const attempts = attemptsOf(derived.flatMap((one) => one?.lines ?? []), earlier?.lines);
  const tried = attempts.map(([derivedAs, made]) => ({ derivedAs, hash: hashOf(leaf.voucher, made.map((line, i) => lineText(found.voucher_id, i + 1, line))) }));
  const hit = tried.find((one) => one.hash === hash) ?? tried[0];

  const used = hit?.derivedAs === "reversal" ? [earlier] : hit?.derivedAs === "difference" ? [...derived, earlier] : derived;
  const ruleRows = await listRuleVersions(db, book);
  const decisions = used.flatMap((one): Decision[] => {
    if (!one) return [];
    const row = ruleRows.find(({ version }) => version === one.event.rule_version);
    return [{ document: keyOf(one.document), event: one.event.event, rule: one.rule.id, version: one.event.rule_version, zh: one.rule.zh, en: one.rule.en, effectiveOn: row?.effectiveOn ?? "", proposedBy: row?.proposedBy ?? "",
      approvedBy: row?.approvedBy ?? null, approvedAt: row?.approvedAt ?? null, rejected: rejectedBy(one.rules, one.event.event, one.rule, one.document, book.settings) }];
  });
  const known = used.filter((one) => one !== undefined);
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  const named = await nameDimensions(db, book, known.flatMap(({ entries }) => entries.map(({ row }) => ({ counterparty: row.party, item: row.item, warehouse: row.warehouse, department: row.department, project: row.project, employee: row.employee, bankAccount: row.bankAccount }))));
  const names = (name: string, value: string): string => { const found = named(name === "party" ? "counterparty" : name, value); return found && found.zh !== value ? `${value} ${found.zh}` : value; };
  return {
    number, decisions, derivedAs: hit === undefined || hit.hash !== hash ? "none" : hit.derivedAs, isEqual: hit?.hash === hash, hash, hashDerived: hit?.hash ?? "",
    lines: lines.map((line, i): WhyLine => {
      const side = line.credit !== 0n ? "credit" : "debit";
      const key = `${line.account}|${side}|${line.dimensionSet}|${line.currency}|${line.summary ?? ""}`;
      const own = known.flatMap((one, by) => one.entries.filter((entry) => entry.key === key).map((entry) => ({ one, by, entry, sign: hit?.derivedAs === "reversal" || (hit?.derivedAs === "difference" && one === earlier) ? -1n : 1n })));
      return {
        line: i + 1, count: own.length, total: own.map(({ entry, sign }) => money(sign * entry.amount)).join(" + ").replaceAll("+ -", "− ") + (own.length > 1 ? ` = ${money(line.debit + line.credit)}` : ""),
        parts: own.slice(0, partsMax).map(({ one, by, entry, sign }) => partOf(one, by, entry, sign, book, names)),
      };
    }),
  };
}

type DerivedEntry = Entry & { readonly key: string };
type Derived = { readonly event: store.EventRow; readonly rules: CompiledRuleSet; readonly rule: Rule; readonly document: Document; readonly entries: readonly DerivedEntry[]; readonly lines: readonly Line[] };

function deriveEvent(state: State, rules: CompiledRuleSet | undefined, event: store.EventRow): Derived | undefined {
  const rule = rules?.byId.get(event.rule)?.rule;
  const { document } = readDocument(JSON.parse(event.body), state.book.code, state.book.currency);
  if (!rules || !rule || !document) return undefined;
  const rows = readRows(event.facts);
  const composed = compose(state, rules, event.event, document, rows, event.event, () => {});
  const entries = interpretEntries(rule, document, rows, state.book.settings).flatMap((entry): DerivedEntry[] => {
    const account = state.accounts.get(entry.account);
    if (!account) return [];
    const line = lineOf(state, account, entry, document, [], event.event);
    return [{ ...entry, side: line.side, amount: line.amount, key: lineKey(line) }];
  });
  return { event, rules, rule, document, entries, lines: composed.kind === "voucher" ? composed.lines : [] };
}

/** The ways in which a voucher comes from its events: as they make it; as the version before in red; as the difference of the two. */
function attemptsOf(made: readonly Line[], earlier: readonly Line[] | undefined): (readonly ["entries" | "reversal" | "difference", readonly Line[]])[] {
  const joined = (...parts: readonly (readonly [readonly Line[], bigint])[]): Line[] => {
    const into = new Map<string, Line>();
    for (const [lines, sign] of parts) joinLines(into, lines, sign);
    return [...into.values()].filter((line) => line.amount !== 0n || line.original !== 0n);
  };
  const whole = joined([made, 1n]);
  return earlier === undefined ? [["entries", whole]] : [["entries", whole], ["reversal", reversed(earlier)], ["difference", joined([made, 1n], [earlier, -1n])]];
}

const hashOf = (voucher: string, lines: readonly string[]): string => leafOf(`${voucher}\n${lines.join("")}`).toString("hex");
const keyOf = (document: Document): string => `${document.source}:${document.kind}/${document.sourceId}`;

/** As much of a writer's memory as deriving one voucher needs. A dimension set that the voucher does not have gets a number that none has. */
async function stateOf(ctx: Ctx, book: Book, sets: readonly number[], events: readonly store.EventRow[]): Promise<State> {
  const rows = await findDimensionSets(ctx.db, book.bookId, [...new Set(sets)]);
  const sorted = (dimensions: Readonly<Record<string, string>>): Record<string, string> => Object.fromEntries(Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1)));
  const masters = emptyMasters();
  const parties = events.flatMap(({ facts }) => readRows(facts).map(({ party }) => party)).filter((party) => party !== "");
  for (const record of await store.readParties(ctx.db, book.bookId, [...new Set(parties)])) learn(masters, record);
  return {
    book, accounts: await loadAccounts(ctx.db, book), masters, dimensionSets: new Map(rows.map(({ id, dimensions }) => [dimensionKey(sorted(dimensions)), id])),
    head: { blockNo: 0, hash: Buffer.alloc(32), modules: 0, nextDocument: 0, nextVoucher: 0, nextDimensionSet: 2_000_000_000 },
  } as unknown as State;
}

/** Each setting as it was at a moment. */
async function settingsAt(ctx: Ctx, book: Book, at: string): Promise<Book["settings"]> {
  const { history } = await showBook(ctx, book.code);
  const then = new Map<string, { version: number; value: string }>();
  for (const { key, version, value, setAt } of history) if (setAt <= at && version > (then.get(key)?.version ?? -1)) then.set(key, { version, value });
  return then.size === 0 ? book.settings : completeSettings(Object.fromEntries([...then].map(([key, { value }]) => [key, value])));
}

// What the reader is told ---------------------------------------------------------------------------------------------

function rejectedBy(rules: CompiledRuleSet, event: string, chosen: Rule, document: Document, settings: Settings): Rejected[] {
  return (rules.byEvent.get(event) ?? []).flatMap(({ rule }): Rejected[] => {
    if (rule.id === chosen.id) return [];
    const failed = rule.when === undefined ? undefined : firstFailing(rule, rule.when, document, settings);
    return [{ rule: rule.id, zh: rule.zh, en: rule.en, wanted: failed === undefined ? "" : show(failed), actual: failed === undefined ? "" : fieldsOf(failed).map(({ of, name }) => `${of}.${name} = ${valueOf(of, name, document, undefined, settings)}`).join(", ") }];
  });
}

type Expression = NonNullable<Rule["when"]>;
/** Of conditions that must all hold the first that does not. */
function firstFailing(rule: Rule, condition: Expression, document: Document, settings: Settings): Expression | undefined {
  if (interpretApplies({ ...rule, when: condition }, document, settings)) return undefined;
  return condition.op === "and" ? (firstFailing(rule, condition.a, document, settings) ?? firstFailing(rule, condition.b, document, settings)) : condition;
}

function valueOf(of: "doc" | "row" | "book", name: string, document: Document, one: Row | undefined, settings: Settings): string {
  const value: unknown = of === "book" ? settings[name] : of === "row" ? one?.[name as keyof Row] : name in document ? (document as unknown as Record<string, unknown>)[name] : document.more[name];
  return value === undefined || value === null || value === "" ? "''" : String(value);
}

const words: Readonly<Record<string, readonly [zh: string, en: string]>> = {
  amount: ["金额", "Amount"], original: ["原币金额", "Amount, original"], quantity: ["数量", "Quantity"], unitPrice: ["单价", "Price"], taxRate: ["税率", "Tax rate"], category: ["类别", "Category"], use: ["去向", "Use"], charge: ["费用", "Charge"],
  item: ["物料", "Item"], warehouse: ["仓库", "Warehouse"], department: ["部门", "Department"], project: ["项目", "Project"], employee: ["员工", "Employee"], party: ["往来单位", "Party"], bankAccount: ["银行账户", "Bank account"],
  account: ["科目", "Account"], asset: ["资产", "Asset"], region: ["地区", "Region"], note: ["票据", "Note"], role: ["角色", "Role"], purpose: ["用途", "Purpose"], type: ["类型", "Type"], kind: ["单据类型", "Kind"], date: ["日期", "Date"],
};
const rowTexts = ["category", "use", "charge", "item", "warehouse", "department", "project", "employee", "party", "bankAccount", "account", "asset"] as const;

function partOf(one: Derived, by: number, entry: DerivedEntry, sign: bigint, book: Book, names: (name: string, value: string) => string): Part {
  const { row } = entry;
  const template = one.rule.entries[entry.by];
  const chosen = template ? chooseAccount(template.table, one.document, row, book.settings) : { choice: 0, source: "" };
  const line = one.document.lines.find(({ lineId }) => lineId === row.line);
  const document = keyOf(one.document);
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  const input = (name: string, value: string, of: string | null = document): Input => ({ name, zh: words[name]?.[0] ?? name, en: words[name]?.[1] ?? name, value, document: of });
  const choice = template?.table.choices[chosen.choice - 1];
  const looked = [...(template?.when ? fieldsOf(template.when) : []), ...(choice?.when ? fieldsOf(choice.when) : [])];
  const inputs = [
    input("amount", money(row.amount)),
    ...(row.original !== 0n && row.currency !== "" && row.currency !== book.currency ? [input("original", `${row.currency} ${formatMoney(row.original, row.currency)}`)] : []),
    ...(row.quantity !== 0n || (line && line.quantity !== 0n) ? [input("quantity", `${formatTrimmed(row.quantity || (line?.quantity ?? 0n), QUANTITY_SCALE)}${line?.unit ? ` ${line.unit}` : ""}`)] : []),
    ...(line?.price ? [input("unitPrice", price(line.price))] : []), ...(line?.taxRate ? [input("taxRate", percent(line.taxRate))] : []),
    ...rowTexts.flatMap((name) => (row[name] === "" ? [] : [input(name, names(name, row[name]))])),
    ...looked.filter(({ of, name }) => of !== "row" || !(rowTexts as readonly string[]).includes(name)).map(({ of, name }) => input(`${of}.${name}`, valueOf(of, name, one.document, row, book.settings), of === "book" ? null : document)),
    ...(line?.links ?? []).map((link) => ({ name: "link", zh: "关联", en: "Linked", value: `${link.sourceId}${link.quantity === null ? "" : ` × ${formatTrimmed(link.quantity, QUANTITY_SCALE)}`}`, document: linkKey(link) })),
  ];
  return {
    by, table: template?.table.name ?? "", tableZh: template?.table.zh ?? "", tableEn: template?.table.en ?? "", choice: chosen.choice, condition: [template?.when ? show(template.when) : "", chosen.source].filter((text) => text !== "").join(" · "), account: entry.account,
    amount: money(sign * entry.amount), sum: sumOf(entry, sign, template?.amount ? show(template.amount) : template?.spread === undefined ? "" : `share of ${template.spread} by ${template.by}`, row, line, book), inputs: unique(inputs),
  };
}

const unique = (inputs: readonly Input[]): Input[] => inputs.filter((one, at) => inputs.findIndex((other) => other.name === one.name && other.value === one.value) === at);
const price = (value: bigint): string => formatDecimal(value, PRICE_SCALE).replace(/(\.\d\d\d*?)0+$/, "$1");
const percent = (taxRate: bigint): string => `${formatTrimmed(taxRate * 100n, 6)}%`;

/** The sum as a person would write it, where it is one: quantity × price, net × rate; else the figure itself or the rule's own expression. */
function sumOf(entry: DerivedEntry, sign: bigint, expression: string, row: Row, line: DocumentLine | undefined, book: Book): string {
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  const result = money(sign * entry.amount);
  if (expression !== "") return `${expression} = ${result}`;
  const isBase = row.currency === "" || row.currency === book.currency;
  const quantity = row.quantity < 0n ? -row.quantity : row.quantity;
  const amount = row.amount < 0n ? -row.amount : row.amount;
  if (line && isBase && quantity !== 0n && line.price && near(quantity * line.price, amount, 6 + PRICE_SCALE - 2)) return `${formatTrimmed(quantity, QUANTITY_SCALE)} × ${price(line.price)} = ${result}`;
  if (line && isBase && line.price && near(line.quantity * line.price, amount, 6 + PRICE_SCALE - 2)) return `${formatTrimmed(line.quantity, QUANTITY_SCALE)} × ${price(line.price)} = ${result}`;
  if (line && isBase && line.taxRate && line.amountNet && near(line.amountNet * line.taxRate, amount, 6)) return `${money(line.amountNet)} × ${percent(line.taxRate)} = ${result}`;
  if (line && isBase && line.taxRate && line.price && near(line.quantity * line.price * line.taxRate, amount, 6 + PRICE_SCALE - 2 + 6)) return `${formatTrimmed(line.quantity, QUANTITY_SCALE)} × ${price(line.price)} × ${percent(line.taxRate)} = ${result}`;
  if (quantity !== 0n && amount !== 0n && isBase) {
    const unit = (amount * 10_000_000_000n + quantity / 2n) / quantity;
    return `${formatTrimmed(quantity, QUANTITY_SCALE)} × ${price(unit)} ${near(quantity * unit, amount, 6 + PRICE_SCALE - 2) && unit * quantity === amount * 10_000_000_000n ? "=" : "≈"} ${result}`;
  }
  return result;
}

/** The product, of so many decimals more than minor units, rounds to the amount. */
const near = (product: bigint, amount: bigint, decimals: number): boolean => {
  const one = 10n ** BigInt(decimals);
  const off = (product < 0n ? -product : product) - amount * one;
  return off <= one / 2n && off >= -(one / 2n);
};
