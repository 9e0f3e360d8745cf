/** A list of documents as people read it: with the names of the parties and what each comes to, and as a file for a spreadsheet. */
import { Readable } from "node:stream";
import type { Sight } from "../../access/index.ts";
import type { Book } from "../../books/index.ts";
import { amountsOf, type DocumentFilter, type DocumentListed, kinds, listDocuments } from "../../documents/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { formatMoney } from "../../values/index.ts";
import { writeSheet } from "../sheet.ts";
import { csvLine } from "../text.ts";
import { findPartyNames } from "./names.store.ts";
import { hidesAmount } from "./sight.ts";

export type DocumentRow = DocumentListed & { readonly partyZh: string; readonly partyEn: string; /** null where the document does not say it. */ readonly amount: string | null; readonly currency: string; readonly isHidden: boolean };

export async function readDocumentRows(ctx: Ctx, book: Book, filter: DocumentFilter, sight: Sight): Promise<DocumentRow[]> {
  const rows = await listDocuments(ctx, book, { order: "newest", limit: 100, ...filter });
  const [names, amounts] = await Promise.all([namesOf(ctx, book, rows), amountsOf(ctx, book, rows)]);
  return rows.map((row) => {
    const isHidden = hidesAmount(sight, row.kind);
    const amount = amounts.get(row.cursor);
    const name = names.get(row.party);
    return { ...row, partyZh: name?.zh ?? "", partyEn: name?.en ?? "", amount: isHidden || amount === undefined ? null : formatMoney(amount.minor, amount.currency), currency: amount?.currency ?? book.currency, isHidden };
  });
}

const namesOf = async (ctx: Ctx, book: Book, rows: readonly DocumentListed[]): Promise<ReadonlyMap<string, { readonly zh: string; readonly en: string }>> => {
  const codes = [...new Set(rows.map(({ party }) => party).filter((party) => party !== ""))];
  return new Map((codes.length === 0 ? [] : await findPartyNames(ctx.db, book.bookId, codes)).map(({ code, zh, en }) => [code, { zh: zh ?? en ?? "", en: en ?? zh ?? "" }]));
};

const heads = {
  zh: ["来源", "种类", "单据号", "版本", "日期", "期间", "往来单位", "名称", "金额", "币种", "状态", "原因", "到达"],
  en: ["Source", "Kind", "Document", "Version", "Date", "Period", "Party", "Name", "Amount", "Currency", "State", "Reason", "Received"],
} as const;
const stateWords = { posted: ["已入账", "Posted"], exempt: ["免记账", "Exempt"], waiting: ["等待", "Waiting"], parked: ["挂起", "Parked"], superseded: ["已被新版本取代", "Superseded"] } as const;
const figures: ReadonlySet<number> = new Set([3, 8]);

export function exportDocuments(ctx: Ctx, book: Book, filter: DocumentFilter, { format, language, sight }: { readonly format: "csv" | "xlsx"; readonly language: "zh" | "en"; readonly sight: Sight }): { readonly type: string; readonly body: Readable } {
  const rows = cellsOf(ctx, book, filter, language, sight);
  if (format === "xlsx") return { type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body: writeSheet(language === "zh" ? "单据" : "Documents", rows, figures) };
  return { type: "text/csv; charset=utf-8", body: Readable.from(linesOf(rows)) };
}

async function* linesOf(rows: AsyncIterable<readonly string[]>): AsyncGenerator<string, void, undefined> {
  yield "\uFEFF"; // spreadsheets take the file for UTF-8 by this
  for await (const row of rows) yield `${csvLine(row)}\r\n`;
}

async function* cellsOf(ctx: Ctx, book: Book, filter: DocumentFilter, language: "zh" | "en", sight: Sight): AsyncGenerator<readonly string[], void, undefined> {
  yield heads[language];
  const at = language === "zh" ? 0 : 1;
  for (let after = filter.after; ; ) {
    const page = await readDocumentRows(ctx, book, { ...filter, after, limit: 500 }, sight);
    for (const row of page) {
      const kind = (kinds as Readonly<Record<string, { zh: string; en: string }>>)[row.kind];
      yield [row.source, kind?.[language] ?? row.kind, row.sourceId, String(row.version), row.date, row.period, row.party, language === "zh" ? row.partyZh : row.partyEn, row.amount ?? "", row.currency, stateWords[row.state][at], row.reasons.map((reason) => reason[language]).join("; "), row.receivedAt];
    }
    if (page.length < 500) return;
    after = page.at(-1)?.cursor;
  }
}
