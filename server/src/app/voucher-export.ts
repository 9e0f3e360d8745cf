/** Vouchers of a selection as a file for a spreadsheet, one line a row, newest first; read page by page, so that a year fits. */
import { Readable } from "node:stream";
import type { Sight } from "../access/index.ts";
import { type Book, loadAccounts } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import { accountPath, type FindFilter, readVouchers, streamFound } from "../vouchers/index.ts";
import { csvLine } from "./text.ts";
import { hideAmounts } from "./voucher-columns.ts";
import { writeSheet } from "./sheet.ts";

export type ExportOptions = { readonly format: "csv" | "xlsx"; readonly language: "zh" | "en"; readonly sight: Sight };
export type Exported = { readonly type: string; readonly body: Readable };

const heads = {
  zh: ["期间", "凭证字号", "日期", "行", "摘要", "科目", "科目名称", "辅助核算", "借方", "贷方", "币种", "原币金额", "附件", "制单", "审核", "记账", "来源", "规则"],
  en: ["Period", "Number", "Date", "Line", "Summary", "Account", "Account name", "Dimensions", "Debit", "Credit", "Currency", "Original amount", "Attachments", "Prepared by", "Reviewed by", "Posted by", "Source", "Rule"],
} as const;
/** Which columns are figures. */
const figures: ReadonlySet<number> = new Set([3, 8, 9, 11, 12]);

export async function exportVouchers(ctx: Ctx, book: Book, filter: FindFilter, options: ExportOptions): Promise<Exported> {
  const rows = rowsOf(ctx, book, filter, options);
  if (options.format === "xlsx") return { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body: writeSheet(options.language === "zh" ? "凭证" : "Vouchers", rows, figures) };
  return { type: "text/csv; charset=utf-8", body: Readable.from(textOf(rows)) };
}

async function* textOf(rows: AsyncIterable<readonly string[]>): AsyncGenerator<string, void, undefined> {
  yield "\uFEFF"; // spreadsheets take the file for UTF-8 by this
  for await (const row of rows) yield `${csvLine(row)}\r\n`;
}

async function* rowsOf(ctx: Ctx, book: Book, filter: FindFilter, { language, sight }: ExportOptions): AsyncGenerator<readonly string[], void, undefined> {
  yield heads[language];
  const accounts = await loadAccounts(ctx.db, book);
  for await (const page of streamFound(ctx, book, filter)) {
    const vouchers = new Map((await readVouchers(ctx, book, { ids: page.map(({ id }) => id) })).map((voucher) => [voucher.id, voucher]));
    for (const found of page) {
      const voucher = vouchers.get(found.id);
      if (!voucher) continue;
      const { lines } = hideAmounts(sight, { ...voucher, lines: voucher.lines.map((line) => ({ ...line, named: [] })), debitTotal: found.debitTotal, creditTotal: found.debitTotal, inWords: "", attached: voucher.sources.map(({ document }) => ({ document, amount: null })) }, accounts);
      for (const [i, line] of lines.entries()) {
        yield [found.period, found.number, found.date, String(i + 1), line.summary, line.account, accountPath(accounts, line.account)[language], Object.values(line.dimensions).join(" "), blank(line.debit), blank(line.credit), line.currency, line.amountOriginal ?? "",
          String(found.attachments), found.preparedBy, found.reviewedBy, found.postedBy, found.document ?? "", `${found.rule} v${found.ruleVersion}`];
      }
    }
  }
}

/** Nothing on the side where the line does not stand. */
const blank = (amount: string | null): string => (amount === null || /^-?0(\.0+)?$/.test(amount) ? "" : amount);
