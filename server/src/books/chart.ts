/**
 * 科目表: the accounts of a book, from the pack's chart.yaml. A sub-account inherits what it does not say from its parent,
 * and a pack that extends another adds accounts or changes single fields of those that are there (packs/README.md).
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import Type, { type Static } from "typebox";
import { Value } from "typebox/value";
import { parse } from "yaml";
import { type Problem, refuse } from "../platform/index.ts";
import { type Layout, layoutsSchema, readLayout } from "./layout.ts";

export type Names = { readonly zh: string; readonly en: string };
export type Side = "debit" | "credit";

/** Cash-flow items (row ids of the cash flow statement) for money that comes in and goes out. One text stands for both. */
export type CashFlow = string | { readonly in: string; readonly out: string };

export const accountTypes = ["asset", "liability", "common", "equity", "cost", "income", "expense"] as const;
export type AccountType = (typeof accountTypes)[number];

/** 辅助核算 that an account may ask for. A customer or supplier is a counterparty. */
export const dimensions = ["counterparty", "item", "department", "project", "bankAccount", "employee", "warehouse", "region", "note", "asset", "custom1", "custom2", "custom3"] as const;

/** What a line on the account must or may carry. */
export type Carries = {
  /** All of these must be there. */
  readonly dimensions?: readonly string[];
  /** One of these must be there. */
  readonly anyOf?: readonly string[];
  readonly optional?: readonly string[];
  readonly quantity?: boolean;
  /** Keeps amounts in the original currency. */
  readonly currency?: boolean;
  /** A monetary item (CAS 19): month-end revaluation takes it. Never 1123, 2203, 2204. */
  readonly revalue?: boolean;
  readonly cashFlow?: CashFlow;
  /** Where the balance goes at closing: income and expense to the profit of the year, that to retained earnings. */
  readonly closesTo?: string;
};

export type Account = Names & {
  readonly code: string;
  readonly type: AccountType;
  /** The side on which its balance usually stands. */
  readonly side: Side;
  /** A leaf, or a parent that says so: those that rules post to although they have sub-accounts. */
  readonly postable: boolean;
  readonly carries: Carries;
  /** The year from which the standard asks for it, where the 2006 appendix does not know it. */
  readonly since?: string;
  readonly note?: Names;
};

/** In the order of their codes. */
export type Chart = { readonly profit: string; readonly retained: string; readonly accounts: readonly Account[] };

export type Pack = Names & {
  readonly id: string;
  readonly standard: Names & { readonly id: string };
  readonly chart: Chart;
  readonly statements: readonly Layout[];
};

export const parentCodeOf = (code: string): string | undefined => (code.includes(".") ? code.slice(0, code.lastIndexOf(".")) : undefined);

/** Chart and statements of a pack with all that it extends. What they say is not checked yet: `checkChart`, `checkLayout`. Refuses: pack.unknown, pack.malformed. */
export function loadPack(packsFolder: string, id: string): Pack {
  const { manifest, chart, statements } = collect(packsFolder, id, []);
  const { standard } = manifest;
  if (!standard || !chart.profit || !chart.retained) refuse("pack.malformed", { pack: id, file: standard ? "chart.yaml" : "pack.yaml", detail: standard ? "profit, retained" : "standard" });
  return {
    id: manifest.id, zh: manifest.zh, en: manifest.en, standard,
    chart: resolve(id, { profit: chart.profit, retained: chart.retained, accounts: chart.accounts }),
    statements: statements.map(readLayout),
  };
}

/** Every problem of a chart, not the first alone. */
export function checkChart(chart: Chart): Problem[] {
  const problems: Problem[] = [];
  const seen = new Map<string, Account>();
  const bad = (code: string, account: Account, facts: Problem["facts"] = {}): void => void problems.push({ code, facts: { account: account.code, ...facts }, where: account.code });
  for (const account of chart.accounts) {
    if (seen.has(account.code)) bad("chart.duplicate", account);
    seen.set(account.code, account);
  }
  for (const account of chart.accounts) {
    if (!/^\d{4}(\.\d{2})*$/.test(account.code)) bad("chart.code", account);
    const parent = parentCodeOf(account.code);
    if (parent !== undefined && !seen.has(parent)) bad("chart.parent_missing", account, { parent });
    if (account.zh === "" || account.en === "") bad("chart.name_missing", account);
    const { dimensions: must = [], anyOf = [], optional = [], closesTo } = account.carries;
    for (const dimension of [...must, ...anyOf, ...optional]) {
      if (!known.has(dimension)) bad("chart.dimension_unknown", account, { dimension, choices: dimensions.join(", ") });
    }
    if (closesTo !== undefined && !seen.get(closesTo)?.postable) bad("chart.closing_missing", account, { to: closesTo });
  }
  return problems;
}

const known: ReadonlySet<string> = new Set(dimensions);

// The form of the files. Everything is text: a YAML reader that guesses would turn "2221.10" into 2221.1.
const Text = Type.String({ minLength: 1 });
const Texts = Type.Array(Text);
const Flag = Type.Union([Type.Literal("true"), Type.Literal("false")]);
const NamesSchema = Type.Object({ zh: Text, en: Text }, { additionalProperties: false });
const AccountSchema = Type.Object({
  code: Text,
  zh: Type.Optional(Text), en: Type.Optional(Text),
  type: Type.Optional(Type.Enum(accountTypes)),
  side: Type.Optional(Type.Union([Type.Literal("debit"), Type.Literal("credit")])),
  dimensions: Type.Optional(Texts), anyOf: Type.Optional(Texts), optional: Type.Optional(Texts),
  quantity: Type.Optional(Flag), currency: Type.Optional(Flag), revalue: Type.Optional(Flag), postable: Type.Optional(Flag),
  cashFlow: Type.Optional(Type.Union([Text, Type.Object({ in: Text, out: Text }, { additionalProperties: false })])),
  closesTo: Type.Optional(Text), since: Type.Optional(Text), note: Type.Optional(NamesSchema),
}, { additionalProperties: false });
const ChartSchema = Type.Object({ profit: Type.Optional(Text), retained: Type.Optional(Text), accounts: Type.Array(AccountSchema) }, { additionalProperties: false });
const ManifestSchema = Type.Object({
  id: Text, zh: Text, en: Text, extends: Type.Optional(Text),
  standard: Type.Optional(Type.Object({ id: Text, zh: Text, en: Text }, { additionalProperties: false })),
  chart: Type.Optional(Text), statements: Type.Optional(Text), rules: Type.Optional(Text), rulesFrom: Type.Optional(Text), tables: Type.Optional(Text),
  settings: Type.Optional(Type.Record(Type.String(), Type.String())),
}, { additionalProperties: false });

type RawAccount = Static<typeof AccountSchema>;
type RawChart = Static<typeof ChartSchema>;
type Collected = { manifest: Static<typeof ManifestSchema>; chart: RawChart; statements: Static<typeof layoutsSchema>["statements"] };

/** The files of a pack laid over those of what it extends. */
function collect(packsFolder: string, id: string, seen: readonly string[]): Collected {
  if (seen.includes(id)) throw new Error(`packs extend each other in a circle: ${[...seen, id].join(" → ")}`);
  if (!/^[\w-]+$/.test(id) || !existsSync(join(packsFolder, id, "pack.yaml"))) refuse("pack.unknown", { pack: id, known: readdirSync(packsFolder).join(", ") });
  const read = <Schema extends Type.TSchema>(file: string, schema: Schema): Static<Schema> => readYaml(join(packsFolder, id), file, id, schema);

  const manifest = read("pack.yaml", ManifestSchema);
  const own = manifest.chart === undefined ? { accounts: [] } : read(manifest.chart, ChartSchema);
  const layouts = manifest.statements === undefined ? [] : read(manifest.statements, layoutsSchema).statements;
  if (manifest.extends === undefined) return { manifest, chart: own, statements: layouts };
  const base = collect(packsFolder, manifest.extends, [...seen, id]);
  const replaced = new Set(layouts.map((layout) => layout.id));
  return {
    manifest: { ...manifest, standard: manifest.standard ?? base.manifest.standard },
    chart: { ...base.chart, ...own, accounts: overlay(base.chart.accounts, own.accounts) },
    statements: [...base.statements.filter((layout) => !replaced.has(layout.id)), ...layouts],
  };
}

function readYaml<Schema extends Type.TSchema>(folder: string, file: string, pack: string, schema: Schema): Static<Schema> {
  const malformed = (detail: string): never => refuse("pack.malformed", { pack, file, detail });
  let content: unknown;
  try {
    content = parse(readFileSync(join(folder, file), "utf8"), { schema: "failsafe" });
  } catch (error) {
    malformed(error instanceof Error ? error.message : String(error));
  }
  if (Value.Check(schema, content)) return content;
  return malformed(Value.Errors(schema, content).slice(0, 5).map((error) => `${error.instancePath} ${error.message}`).join("; "));
}

/** A code that the base has is changed in the fields written; a new code is added. Doubled codes of one file stay, for the check to find. */
function overlay(base: readonly RawAccount[], own: readonly RawAccount[]): RawAccount[] {
  const changes = new Map(own.map((account) => [account.code, account]));
  const there = new Set(base.map((account) => account.code));
  return [...base.map((account) => ({ ...account, ...changes.get(account.code) })), ...own.filter((account) => !there.has(account.code))];
}

function resolve(pack: string, raw: Required<RawChart>): Chart {
  const sorted = raw.accounts.toSorted((a, b) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0));
  const parents = new Set(sorted.map((account) => parentCodeOf(account.code)));
  const whole = new Map<string, RawAccount>();
  const accounts = sorted.map((account) => {
    const parent = whole.get(parentCodeOf(account.code) ?? "");
    // A name, a note and the leave to post to a parent are its own.
    const { zh: _zh, en: _en, note: _note, postable: _postable, ...inherited } = parent ?? account;
    const filled = { ...inherited, ...account };
    whole.set(account.code, filled);
    const { type, side } = filled;
    if (type === undefined || side === undefined) return refuse("pack.malformed", { pack, file: "chart.yaml", detail: `${account.code}: type, side` });
    const postable = account.postable === undefined ? !parents.has(account.code) : account.postable === "true";
    return finish({ ...filled, type, side }, raw, postable);
  });
  return { profit: raw.profit, retained: raw.retained, accounts };
}

function finish(raw: RawAccount & { type: AccountType; side: Side }, chart: { profit: string; retained: string }, postable: boolean): Account {
  const usual = raw.type === "income" || raw.type === "expense" ? chart.profit : raw.code === chart.profit ? chart.retained : undefined;
  const closesTo = raw.closesTo ?? usual;
  return {
    code: raw.code, zh: raw.zh ?? "", en: raw.en ?? "", type: raw.type, side: raw.side, postable,
    carries: {
      ...(raw.dimensions?.length ? { dimensions: raw.dimensions } : {}),
      ...(raw.anyOf?.length ? { anyOf: raw.anyOf } : {}),
      ...(raw.optional?.length ? { optional: raw.optional } : {}),
      ...(raw.quantity === "true" ? { quantity: true } : {}),
      ...(raw.currency === "true" ? { currency: true } : {}),
      ...(raw.revalue === "true" ? { revalue: true } : {}),
      ...(raw.cashFlow === undefined ? {} : { cashFlow: raw.cashFlow }),
      ...(closesTo === undefined ? {} : { closesTo }),
    },
    ...(raw.since === undefined ? {} : { since: raw.since }),
    ...(raw.note === undefined ? {} : { note: raw.note }),
  };
}
