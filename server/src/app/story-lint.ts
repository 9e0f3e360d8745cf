import { formatMoney, parseMoney, periodOf } from "../values/index.ts";
import type { ExpectedLine, Side, Story } from "./story-parse.ts";

/** Something in a story that its own arithmetic contradicts. */
export type LintProblem = { readonly line: number; readonly zh: string; readonly en: string };

type LedgerLine = { readonly book: string; readonly period: string; readonly account: string; readonly side: Side; readonly amount: bigint; readonly marks: Readonly<Record<string, string>> };

/**
 * Checks a story against itself, without an engine: every expected voucher balances, numbers run without gaps, and every
 * expected balance is the sum of the opening and of the vouchers listed before it.
 */
export function lintStory(story: Story): LintProblem[] {
  const problems: LintProblem[] = [];
  const ledger: LedgerLine[] = [];
  const last = new Map<string, number>();
  const currencyOf = (book: string): string => story.books.find((candidate) => candidate.code === book)?.currency ?? "CNY";
  const signed = (line: { readonly side: Side; readonly amount: bigint }): bigint => (line.side === "debit" ? line.amount : -line.amount);

  for (const step of story.steps) {
    if (step.do === "give" && step.kind === "openingBalance" && step.document.status !== "cancelled") {
      const book = step.book ?? "";
      const lines = ((step.document.lines ?? []) as readonly Readonly<Record<string, string>>[]).flatMap((line): LedgerLine[] => {
        const side: Side = line.debit === undefined ? "credit" : "debit";
        const amount = parseMoney(line[side] ?? "0", currencyOf(book)) ?? 0n;
        return [{ book, period: "", account: line.account ?? "", side, amount, marks: line }];
      });
      const off = lines.reduce((sum, line) => sum + signed(line), 0n);
      if (off !== 0n) problems.push({ line: step.at, zh: `期初不平,差 ${formatMoney(off, currencyOf(book))}`, en: `the opening balance is off by ${formatMoney(off, currencyOf(book))}` });
      ledger.push(...lines);
    }
    if (step.do === "voucher") {
      const off = step.lines.reduce((sum: bigint, line: ExpectedLine) => sum + signed(line), 0n);
      const title = `${step.number} ${step.date}`;
      if (step.lines.length === 0) problems.push({ line: step.at, zh: `凭证 ${title} 没有分录`, en: `voucher ${title} has no lines` });
      if (off !== 0n) problems.push({ line: step.at, zh: `凭证 ${title} 借贷不平,差 ${formatMoney(off, currencyOf(step.book))}`, en: `voucher ${title} is off by ${formatMoney(off, currencyOf(step.book))}` });
      const [, series, count] = /^(.+)-(\d+)$/.exec(step.number) ?? [];
      const key = `${step.book} ${periodOf(step.date)} ${series}`;
      const next = (last.get(key) ?? 0) + 1;
      if (Number(count) !== next) problems.push({ line: step.at, zh: `凭证号应为 ${series}-${next}`, en: `the number should be ${series}-${next}` });
      last.set(key, Number(count));
      ledger.push(...step.lines.map((line) => ({ book: step.book, period: periodOf(step.date), ...line })));
    }
    if (step.do === "balance") {
      const net = ledger.filter((line) =>
        line.book === step.book && (line.account === step.account || line.account.startsWith(`${step.account}.`)) && (step.period === undefined || line.period <= step.period)
        && Object.entries(step.dimensions).every(([name, value]) => line.marks[name] === value)).reduce((sum, line) => sum + signed(line), 0n);
      if (net !== step.net) {
        const currency = currencyOf(step.book);
        problems.push({ line: step.at, zh: `${step.account} 的凭证合计为 ${formatMoney(net, currency)},余额却写 ${formatMoney(step.net, currency)}(借方为正)`, en: `the vouchers of ${step.account} make ${formatMoney(net, currency)}, the balance says ${formatMoney(step.net, currency)} (debit above zero)` });
      }
    }
  }
  return problems;
}
