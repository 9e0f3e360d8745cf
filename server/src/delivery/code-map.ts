/**
 * Our codes into the target's. A voucher with a code that the map does not know is held, with every missing code named at once,
 * and goes out by itself when the map has been completed.
 */
import { parse } from "csv-parse/sync";
import type { Problem } from "../platform/index.ts";
import { exponentOf, formatDecimal, formatMoney, formatTrimmed, QUANTITY_SCALE, RATE_SCALE } from "../values/index.ts";
import type { CodeMapping, DeliveryFlow } from "./contract.ts";
import type { PostedLine, PostedVoucher } from "./store.ts";
import type { VoucherLineOut, VoucherOut } from "./target.ts";

export type Cut = { readonly field: string; readonly whole: string; readonly kept: number };
export type Mapped = { readonly voucher: VoucherOut; readonly cut: readonly Cut[] } | { readonly voucher?: undefined; readonly problems: readonly Problem[] };
export type Render = (voucher: PostedVoucher) => Mapped;

type Ground = {
  readonly book: string;
  readonly currency: string;
  readonly red: "negative" | "swappedSides";
  readonly summaryMax: number | undefined;
  /** Names of our accounts by code. */
  readonly accountNames: ReadonlyMap<string, string>;
  /** Names of dimension members: kind|code. */
  readonly memberNames: ReadonlyMap<string, string>;
};

/** Made once for a flow; turns a posted voucher into what the target is given. */
export function compileCodes(flow: DeliveryFlow, ground: Ground): Render {
  const accounts = codesOf(flow.accounts ?? { "*": "same" });
  const dimensions = new Map(Object.entries(flow.dimensions ?? {}).map(([kind, one]) => [kind, one === false ? undefined : { as: one.as ?? kind, code: codesOf(one.codes ?? { "*": "same" }) }]));
  const base = exponentOf(ground.currency);

  const lineOf = (line: PostedLine, voucher: PostedVoucher, problems: Problem[], shorten: (text: string, field: string) => string): VoucherLineOut => {
    const where = `${voucher.period}/${voucher.number} line ${line.lineNo}`;
    const account = accounts(line.account);
    if (account === undefined) problems.push({ code: "delivery.account_unmapped", facts: { account: line.account, name: ground.accountNames.get(line.account) ?? "" }, where });
    const codes: Record<string, string> = {};
    const names: Record<string, string> = {};
    for (const [kind, code] of Object.entries(line.dimensions)) {
      const mapping = dimensions.get(kind);
      if (mapping === undefined && dimensions.has(kind)) continue; // left out on purpose
      const target = mapping === undefined ? { code, name: undefined } : mapping.code(code);
      if (target === undefined) problems.push({ code: "delivery.dimension_unmapped", facts: { kind, code, name: ground.memberNames.get(`${kind}|${code}`) ?? "" }, where });
      else {
        codes[mapping?.as ?? kind] = target.code;
        names[mapping?.as ?? kind] = target.name ?? ground.memberNames.get(`${kind}|${code}`) ?? code;
      }
    }
    const swaps = ground.red === "swappedSides" && (line.debit < 0n || line.credit < 0n);
    return {
      account: account?.code ?? "", accountName: account?.name ?? ground.accountNames.get(line.account) ?? "", summary: shorten(line.summary ?? voucher.summary, `lines/${line.lineNo}/summary`),
      debit: formatDecimal(swaps ? -line.credit : line.debit, base), credit: formatDecimal(swaps ? -line.debit : line.credit, base),
      currency: line.currency, amountOriginal: formatMoney(swaps ? -line.amountOriginal : line.amountOriginal, line.currency), rate: line.rate === null ? "1" : formatTrimmed(line.rate, RATE_SCALE),
      quantity: line.quantity === null ? "" : formatTrimmed(swaps ? -line.quantity : line.quantity, QUANTITY_SCALE), dimensions: codes, dimensionNames: names,
    };
  };

  return (voucher) => {
    const problems: Problem[] = [];
    const cut: Cut[] = [];
    const shorten = (text: string, field: string): string => {
      if (ground.summaryMax === undefined || text.length <= ground.summaryMax) return text;
      const kept = [...text].reduce((short, letter) => (short.length + letter.length > (ground.summaryMax as number) ? short : short + letter), "");
      cut.push({ field, whole: text, kept: kept.length });
      return kept;
    };
    const off = voucher.lines.reduce((sum, { debit, credit }) => sum + debit - credit, 0n);
    // Some targets take what does not balance; it must never come to that.
    if (off !== 0n || voucher.lines.length < 2) throw new Error(`voucher ${voucher.period}/${voucher.number} was read as ${voucher.lines.length} lines that are off by ${off}`);
    const lines = voucher.lines.map((line) => lineOf(line, voucher, problems, shorten));
    if (problems.length > 0) return { problems };
    return {
      cut,
      voucher: {
        book: ground.book, period: voucher.period, series: voucher.series, no: voucher.no, number: voucher.number, date: voucher.date, summary: shorten(voucher.summary, "summary"), attachments: voucher.attachments,
        currency: ground.currency, preparedBy: voucher.preparedBy, reviewedBy: voucher.reviewedBy, isRed: voucher.lines.length > 0 && voucher.lines.every(({ debit, credit }) => debit <= 0n && credit <= 0n), sources: voucher.sources, lines,
      },
    };
  };
}

type Code = { readonly code: string; readonly name: string | undefined };

function codesOf(mapping: CodeMapping): (code: string) => Code | undefined {
  const codes = new Map<string, Code>(readTable(mapping).rows);
  for (const [from, to] of Object.entries(mapping)) {
    if (from !== "*" && from !== "csv") codes.set(from, typeof to === "string" ? { code: to, name: undefined } : { code: to.code, name: to.name });
  }
  const others = mapping["*"] ?? "refuse";
  return (code) => codes.get(code) ?? (others === "same" ? { code, name: undefined } : undefined);
}

/** What is wrong with the tables of a flow. */
export const checkTables = (flow: DeliveryFlow): Problem[] =>
  [["accounts", flow.accounts] as const, ...Object.entries(flow.dimensions ?? {}).map(([kind, one]) => [`dimensions.${kind}.codes`, one === false ? undefined : one.codes] as const)]
    .flatMap(([where, mapping]) => (mapping === undefined ? [] : readTable(mapping).bad.map((line): Problem => ({ code: "delivery.table_line", facts: { line }, where: `${where}.csv` }))));

/** Our code, the target's, its name, by comma or tab; empty lines and a heading without any digit are passed over. */
function readTable(mapping: CodeMapping): { readonly rows: readonly (readonly [string, Code])[]; readonly bad: readonly number[] } {
  if (typeof mapping.csv !== "string") return { rows: [], bad: [] };
  const rows: (readonly [string, Code])[] = [];
  const bad: number[] = [];
  const lines = parse(mapping.csv, { delimiter: [",", "\t"], bom: true, relax_column_count: true, trim: true }) as readonly (readonly string[])[];
  for (const [at, [from = "", code = "", name = ""]] of lines.entries()) {
    if (at === 0 && !/\d/.test(from + code)) continue;
    if (from === "" && code === "") continue;
    if (from === "" || code === "" || rows.some(([known, before]) => known === from && before.code !== code)) bad.push(at + 1);
    else rows.push([from, { code, name: name === "" ? undefined : name }]);
  }
  return { rows, bad };
}
