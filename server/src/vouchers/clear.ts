/** 核销: what a person ticks becomes a settlement document, posted like any other: Dr and Cr between the items' own accounts. */
import { randomUUID } from "node:crypto";
import { formatMoney, parseMoney } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { type PartyItem, type PartyKind, readPartyItems } from "./open-parties.ts";
import { type DocumentResult, postDocuments } from "./post.ts";

/** `amount` in the item's currency, to be cleared of it; without one all that is open, as far as the other side reaches. */
export type Ticked = { readonly link: string; readonly amount?: string | undefined };

/**
 * Sets money against invoices of one party. Where amounts are left open they are taken oldest first, and as much is cleared as the smaller
 * side holds. Refuses: clear.item_unknown, clear.not_money, clear.same_side, clear.not_clearable, clear.currency, clear.amount, clear.uneven, and what posting refuses or parks is answered.
 */
export async function clearOpenItems(ctx: Ctx, book: Book, wanted: { readonly party: string; readonly kind: "customer" | "supplier"; readonly date: string; readonly from: readonly Ticked[]; readonly to: readonly Ticked[] }): Promise<DocumentResult> {
  const items = new Map((await readPartyItems(ctx, book, { party: wanted.party, kind: wanted.kind as PartyKind })).map((item) => [item.link, item]));
  const itemOf = ({ link }: Ticked): PartyItem => items.get(link) ?? refuse("clear.item_unknown", { item: link, party: wanted.party });
  for (const one of wanted.from) if (!itemOf(one).clears) refuse("clear.not_money", { item: one.link });
  for (const one of wanted.to) if (itemOf(one).isAgainst) refuse("clear.same_side", { item: one.link });
  for (const one of wanted.to) if (!itemOf(one).isClearable) refuse("clear.not_clearable", { item: one.link });
  const currencies = [...new Set([...wanted.from, ...wanted.to].map((one) => itemOf(one).currency))];
  const [currency = book.currency] = currencies;
  if (currencies.length > 1) refuse("clear.currency", { currencies: currencies.join(", ") });
  const amountOf = (one: Ticked): { link: string; most: bigint; isFixed: boolean } => {
    const open = parseMoney(itemOf(one).open, currency) ?? 0n;
    const most = one.amount === undefined ? open : (parseMoney(one.amount, currency) ?? 0n);
    if (most <= 0n || most > open) refuse("clear.amount", { item: one.link, amount: one.amount ?? "", open: itemOf(one).open });
    return { link: one.link, most, isFixed: one.amount !== undefined };
  };
  const [from, to] = [wanted.from.map(amountOf), wanted.to.map(amountOf)];
  const sum = (side: readonly { most: bigint }[]): bigint => side.reduce((total, { most }) => total + most, 0n);
  const amount = sum(from) < sum(to) ? sum(from) : sum(to);
  if (amount <= 0n) refuse("clear.amount", { item: "", amount: "0", open: "0" });
  const text = (value: bigint): string => formatMoney(value, currency);
  const links = [from, to].flatMap((side) => {
    let left = amount;
    const taken = side.map(({ link, most, isFixed }) => {
      const part = most < left ? most : left;
      if (isFixed && part !== most) refuse("clear.uneven", { from: text(sum(from)), to: text(sum(to)) });
      left -= part;
      return { to: link, part };
    });
    return taken.filter(({ part }) => part > 0n).map(({ to: link, part }) => ({ to: link, amount: text(part) }));
  });
  const sourceId = `clear-${wanted.date}-${randomUUID().slice(0, 8)}`; // two people who clear at once make two documents
  const document = {
    schema: "tieout/settlement@1", source: "tieout", sourceId, date: wanted.date, type: wanted.kind === "customer" ? "advanceToReceivable" : "prepaymentToPayable", [wanted.kind]: wanted.party,
    ...(currency === book.currency ? {} : { currency }), amount: text(amount), links,
  };
  const results: DocumentResult[] = [];
  await postDocuments(ctx, book.code, [document], { onResult: (result) => void results.push(result) });
  const [result] = results;
  if (!result) throw new Error(`posting ${sourceId} answered nothing`);
  return result;
}
