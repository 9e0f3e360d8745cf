/**
 * 手工制单: a voucher written by a person. Every problem is found at once and named by its line; nothing is kept until there is none. What is kept
 * is a document of the kind manualVoucher, and its voucher waits for another person. The same entry sent twice is one voucher.
 */
import { formatMoney, isDate, parseDecimal, parseMoney, periodOf, QUANTITY_SCALE } from "../values/index.ts";
import { type Account, type Book, loadAccounts, loadBook, readPeriods } from "../books/index.ts";
import { type Ctx, type Problem, refuse, renderProblem, type RenderedProblem } from "../platform/index.ts";
import { dimensionsAsked } from "./compose.ts";
import { type DocumentResult, postDocuments } from "./post.ts";
import { dimensionNames, kindsOfDimension } from "./show.ts";
import * as store from "./show.store.ts";

export type EntryLine = {
  readonly summary: string;
  readonly account: string;
  /** Decimal strings; "" or undefined on the other side. Negative is red. */
  readonly debit?: string | undefined;
  readonly credit?: string | undefined;
  readonly quantity?: string | undefined;
  readonly dimensions?: Readonly<Record<string, string>> | undefined;
};
export type Entry = {
  /** The sender's own name of this entry, so that sending it again changes nothing. */
  readonly entry: string;
  readonly date: string;
  readonly series?: string | undefined;
  readonly attachments?: number | undefined;
  readonly lines: readonly EntryLine[];
  /** Kept with the document: `settles` is the document whose books it puts right, and belongs to it in every comparison; `reason` is why. */
  readonly extra?: { readonly settles?: string; readonly reason?: string } | undefined;
};
export type Entered = { readonly document: string; readonly version: number; readonly draft: string | null; readonly problems: readonly RenderedProblem[] };

const linesMax = 1_000;
const summaryMax = 200;

/** Keeps an entry as a draft, or says all that is wrong with it. Refuses: book.unknown, draft.not_own, posting.busy. */
export async function enterVoucher(ctx: Ctx, bookCode: string, entry: Entry): Promise<Entered> {
  const book = await loadBook(ctx.db, bookCode);
  const sourceId = `manual-${entry.entry}`;
  const document = `tieout:manualVoucher/${sourceId}`;
  const open = await store.findDraftOfDocument(ctx.db, book.bookId, document);
  if (open && open.preparedBy !== ctx.actor.id) refuse("draft.not_own", { draft: open.draftId, person: open.preparedBy });
  const problems = await checkEntry(ctx, book, entry);
  const version = open === undefined ? 1 : Number(open.version) + 1;
  if (problems.length > 0) return { document, version: version - 1, draft: open ? String(open.draftId) : null, problems: problems.map((problem) => renderProblem(problem)) };
  const body = bodyOf(entry, sourceId, version);
  // Sent again as it was: nothing changes.
  if (open && open.sentBackAt === null && JSON.stringify({ ...body, sourceVersion: 0 }) === JSON.stringify({ ...(JSON.parse(open.docBody) as object), sourceVersion: 0 })) return { document, version: Number(open.version), draft: String(open.draftId), problems: [] };
  const result = await post(ctx, book, body);
  const draft = await store.findDraftOfDocument(ctx.db, book.bookId, document);
  return { document, version, draft: draft ? String(draft.draftId) : null, problems: draft ? [] : result.reasons };
}

/** 撤回: the preparer takes an own draft out of the queue; nothing of it was posted. Refuses: draft.unknown, draft.not_own, draft.not_entered. */
export async function withdrawDraft(ctx: Ctx, bookCode: string, draft: string): Promise<{ readonly document: string }> {
  const book = await loadBook(ctx.db, bookCode);
  const row = /^\d{1,18}$/.test(draft) ? await store.findDraft(ctx.db, book.bookId, draft) : undefined;
  if (!row) return refuse("draft.unknown", { draft });
  if (row.preparedBy !== ctx.actor.id) refuse("draft.not_own", { draft, person: row.preparedBy });
  if (row.kind !== "manualVoucher") refuse("draft.not_entered", { draft, document: row.document });
  await post(ctx, book, { ...(JSON.parse(row.docBody) as object), sourceVersion: Number(row.version) + 1, status: "cancelled" });
  return { document: row.document };
}

async function post(ctx: Ctx, book: Book, body: object): Promise<DocumentResult> {
  const { results: [result] } = await postDocuments(ctx, book.code, [body]);
  if (!result) throw new Error("posting an entry answered nothing");
  return result;
}

function bodyOf(entry: Entry, sourceId: string, sourceVersion: number): object {
  const [first] = entry.lines;
  const summary = first?.summary.trim() ?? "";
  return {
    schema: "tieout/manualVoucher@1", source: "tieout", sourceId, sourceVersion, date: entry.date, ...(entry.series ? { series: entry.series } : {}), attachments: entry.attachments ?? 0, summary, ...(entry.extra ? { extra: entry.extra } : {}),
    lines: entry.lines.map((line, i) => ({
      lineId: String(i + 1), account: line.account, ...(isAmount(line.debit) ? { debit: plain(line.debit) } : { credit: plain(line.credit) }), ...(line.summary.trim() === summary ? {} : { summary: line.summary.trim() }),
      ...(line.quantity ? { quantity: plain(line.quantity) } : {}), ...Object.fromEntries(Object.entries(line.dimensions ?? {}).filter(([, value]) => value !== "")),
    })),
  };
}

const plain = (text: string | undefined): string => (text ?? "").replace(/[,，\s]/g, "").replace("−", "-");
const isAmount = (text: string | undefined): text is string => plain(text) !== "" && !/^-?0*(\.0*)?$/.test(plain(text));

/** Every problem of an entry; `where` is "date", "lines/2/account" … counted from 1. */
export async function checkEntry(ctx: Ctx, book: Book, entry: Entry): Promise<Problem[]> {
  const problems: Problem[] = [];
  const bad = (code: string, where: string, facts: Problem["facts"] = {}): void => void problems.push({ code, facts, where });
  if (!isDate(entry.date)) bad("entry.date", "date", { got: entry.date });
  else await checkDate(ctx, book, entry.date, bad);
  if (entry.series !== undefined && entry.series !== "" && !/^\p{L}{1,6}$/u.test(entry.series)) bad("entry.series", "series", { got: entry.series });
  if (entry.lines.length < 2) bad("entry.too_few_lines", "lines", { lines: entry.lines.length });
  if (entry.lines.length > linesMax) bad("entry.too_many_lines", "lines", { lines: entry.lines.length, most: linesMax });
  const accounts = await loadAccounts(ctx.db, book);
  const known = await knownCodes(ctx, book, entry);
  let off = 0n;
  for (const [i, line] of entry.lines.slice(0, linesMax).entries()) {
    const where = `lines/${i + 1}`;
    const at = { line: i + 1 };
    if (line.summary.trim() === "") bad("entry.no_summary", `${where}/summary`, at);
    if (line.summary.trim().length > summaryMax) bad("entry.long_summary", `${where}/summary`, { ...at, most: summaryMax });
    const account = accounts.get(line.account);
    if (line.account === "") bad("entry.no_account", `${where}/account`, at);
    else if (!account?.postable) bad("entry.account", `${where}/account`, { ...at, account: line.account });
    else checkDimensions(account, line, where, at, known, bad);
    const [debit, credit] = [line.debit, line.credit].map((text) => (isAmount(text) ? parseMoney(plain(text), book.currency) : 0n));
    if (debit === undefined || credit === undefined) bad("entry.amount", `${where}/${debit === undefined ? "debit" : "credit"}`, { ...at, got: (debit === undefined ? line.debit : line.credit) ?? "" });
    else if (debit !== 0n && credit !== 0n) bad("entry.both_sides", `${where}/credit`, at);
    else if (debit === 0n && credit === 0n) bad("entry.no_amount", `${where}/debit`, at);
    off += (debit ?? 0n) - (credit ?? 0n);
    if (line.quantity && parseDecimal(plain(line.quantity), QUANTITY_SCALE) === undefined) bad("entry.quantity", `${where}/quantity`, { ...at, got: line.quantity });
  }
  if (off !== 0n) bad("entry.unbalanced", "lines", { off: formatMoney(off < 0n ? -off : off, book.currency), sideZh: off > 0n ? "贷方" : "借方", sideEn: off > 0n ? "credit" : "debit" });
  return problems;
}

type Bad = (code: string, where: string, facts?: Problem["facts"]) => void;

async function checkDate(ctx: Ctx, book: Book, date: string, bad: Bad): Promise<void> {
  const period = periodOf(date);
  if (period < book.firstPeriod) return bad("period.before_book", "date", { date, book: book.code, first: book.firstPeriod });
  const periods = await readPeriods(ctx.db, book);
  const open = periods.find((one) => one.state === "open" && one.period >= book.firstPeriod)?.period ?? "–";
  if (periods.some((one) => one.period === period && one.state === "closed")) bad("entry.period_closed", "date", { period, open });
}

function checkDimensions(account: Account, line: EntryLine, where: string, at: { line: number }, known: ReadonlySet<string>, bad: Bad): void {
  const { must, anyOf, may } = dimensionsAsked(account);
  const given = line.dimensions ?? {};
  const has = (name: string): boolean => (given[name] ?? "") !== "";
  for (const name of must) if (!has(name)) bad("entry.dimension_missing", `${where}/${name}`, { ...at, account: account.code, ...called([name]) });
  if (anyOf.length > 0 && !anyOf.some(has)) bad("entry.dimension_missing", `${where}/${anyOf[0]}`, { ...at, account: account.code, ...called(anyOf) });
  for (const [name, value] of Object.entries(given)) {
    if (value === "") continue;
    if (![...must, ...anyOf, ...may].includes(name)) bad("entry.dimension_not_asked", `${where}/${name}`, { ...at, account: account.code, ...called([name]) });
    else if (kindsOfDimension[name] !== undefined && !known.has(`${name}|${value}`)) bad("entry.dimension_unknown", `${where}/${name}`, { ...at, ...called([name]), value });
  }
}

const called = (names: readonly string[]): { readonly dimensionZh: string; readonly dimensionEn: string } => ({ dimensionZh: names.map((name) => dimensionNames[name]?.zh ?? name).join("或"), dimensionEn: names.map((name) => dimensionNames[name]?.en ?? name).join(" or ") });

/** Which of the dimension values of an entry master data knows, as name|value. */
async function knownCodes(ctx: Ctx, book: Book, entry: Entry): Promise<ReadonlySet<string>> {
  const asked = entry.lines.flatMap((line) => Object.entries(line.dimensions ?? {})).flatMap(([name, value]) => (kindsOfDimension[name] ?? []).map((kind) => ({ name, kind, value })));
  if (asked.length === 0) return new Set();
  const found = new Set((await store.findNamesOf(ctx.db, book.bookId, asked.map(({ kind }) => kind), asked.map(({ value }) => value))).map(({ kind, code }) => `${kind}|${code}`));
  return new Set(asked.filter(({ kind, value }) => found.has(`${kind}|${value}`)).map(({ name, value }) => `${name}|${value}`));
}
