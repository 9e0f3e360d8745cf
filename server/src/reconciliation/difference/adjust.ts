/**
 * 调整凭证: the voucher that brings the books to what the documents say, worked out from the difference itself. It belongs to the document that it puts
 * right (`extra.settles`), so both are compared as one from then on; it is a draft, and whoever enters it does not review it.
 */
import { type Book, loadAccounts } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { formatMoney } from "../../values/index.ts";
import { type Entered, type Entry, enterVoucher } from "../../vouchers/index.ts";
import type { DifferenceRow } from "./difference.store.ts";
import * as store from "./findings.store.ts";
import { ledgersOf } from "./sides.ts";

type Dimensions = Readonly<Record<string, string>>;
/** What has to move, in minor units of the book's currency; debit is positive. */
type Move = { readonly account: string; readonly amount: bigint; readonly dimensions: Dimensions };

/** The moves that are known from the difference. What they leave open takes a counter account that only a person can name. */
export async function movesOf(ctx: Ctx, book: Book, row: DifferenceRow): Promise<readonly Move[]> {
  const { facts } = row;
  if (facts.expected !== undefined) {
    const dimensions = { bankAccount: row.subject.slice("bankAccount:".length) };
    const balance = row.books ?? 0n;
    return balance === 0n || facts.isForeign === true ? [] : [{ account: row.account, amount: -balance, dimensions }, { account: String(facts.expected), amount: balance, dimensions }];
  }
  const ledgers = new Map((await ledgersOf(ctx.db, book)).map((ledger) => [ledger.id as string, ledger]));
  const parts = (facts.parts as readonly { readonly ledger: string; readonly account: string; readonly of: string; readonly business: string; readonly books: string }[] | undefined) ?? [];
  const moves: Move[] = [];
  for (const part of parts) {
    const ledger = ledgers.get(part.ledger);
    // Income, cost and tax are held against the documents' own vouchers; another voucher would not count there.
    if (ledger === undefined || ledger.roles !== undefined) return [];
    const apart = BigInt(part.business) - BigInt(part.books);
    if (apart === 0n) continue;
    const at = await store.findDimensionsAt(ctx.db, book.bookId, row.vouchers, ledger.accounts, ledger.by, part.of);
    if (at === undefined) return [];
    moves.push({ account: at.account, amount: ledger.side === "debit" ? apart : -apart, dimensions: at.dimensions });
  }
  return moves;
}

/** What the counter account takes; 0 where the moves are even by themselves. */
export const restOf = (moves: readonly Move[]): bigint => -moves.reduce((sum, { amount }) => sum + amount, 0n);

/** Enters it as a draft. Refuses: difference.no_correction, difference.counter_account, difference.not_entered. */
export async function enterAdjustment(ctx: Ctx, book: Book, row: DifferenceRow, asked: { readonly date: string; readonly reason: string; readonly counterAccount?: string | undefined; readonly department?: string | undefined }): Promise<Entered> {
  const moves = await movesOf(ctx, book, row);
  if (moves.length === 0) refuse("difference.no_correction", { difference: row.difference });
  const rest = restOf(moves);
  const counter = asked.counterAccount?.trim() ?? "";
  if (rest !== 0n && (await loadAccounts(ctx.db, book)).get(counter)?.postable !== true) refuse("difference.counter_account", { amount: formatMoney(rest < 0n ? -rest : rest, book.currency) });
  const summary = `调整 ${row.subject}：${asked.reason}`.slice(0, 200);
  const line = ({ account, amount, dimensions }: Move): Entry["lines"][number] => ({ summary, account, ...(amount > 0n ? { debit: formatMoney(amount, book.currency) } : { credit: formatMoney(-amount, book.currency) }), dimensions });
  const all = [...moves, ...(rest === 0n ? [] : [{ account: counter, amount: rest, dimensions: asked.department ? { department: asked.department } : {} }])];
  // Pressed twice it is one draft; once that is posted, what still differs is another voucher.
  const entry = `difference-${row.difference}-${(await store.countAdjustments(ctx.db, book.bookId, row.difference)) + 1}`;
  const entered = await enterVoucher(ctx, book.code, { entry, date: asked.date, lines: [...all.filter(({ amount }) => amount > 0n), ...all.filter(({ amount }) => amount < 0n)].map(line), extra: { ...(row.facts.parts !== undefined && row.documents[0] !== undefined ? { settles: row.documents[0] } : {}), reason: asked.reason } });
  const [first] = entered.problems;
  if (first) refuse("difference.not_entered", { reasonsZh: entered.problems.map(({ zh }) => zh).join("；"), reasonsEn: entered.problems.map(({ en }) => en).join("; ") });
  return entered;
}
