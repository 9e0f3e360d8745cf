/** 暂估台账: receipts without invoice, by the receipt line that they go back to. Returns count against it. */
import { dayNumber, formatMoney, formatTrimmed, QUANTITY_SCALE } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import { keyOf } from "../documents/index.ts";
import type { Ctx } from "../platform/index.ts";
import { partyNames } from "./open-items.ts";
import * as store from "./report.store.ts";

/** Quantities and amounts are decimal strings, amounts net of tax in base currency. */
export type Estimate = {
  readonly document: string;
  readonly line: string;
  /** For a line of an opening balance the receipt that it stands for, else "". */
  readonly original: string;
  readonly item: string;
  readonly party: string;
  readonly partyName: string;
  readonly date: string;
  readonly ageDays: number;
  readonly estimatedQuantity: string;
  readonly estimatedAmount: string;
  /** By invoices. */
  readonly reversedQuantity: string;
  readonly reversedAmount: string;
  /** Goods that went back and whose credit invoice is still to come. */
  readonly returnedQuantity: string;
  readonly returnedAmount: string;
  /** Negative when more came back than is without invoice: a credit invoice is owed. */
  readonly openQuantity: string;
  readonly openAmount: string;
};

export type EstimateFilter = { readonly party?: string | undefined; readonly at?: string | undefined };

export async function readEstimates(ctx: Ctx, book: Book, filter: EstimateFilter = {}): Promise<Estimate[]> {
  const { db } = ctx;
  const at = dayNumber(filter.at ?? ctx.now().toISOString().slice(0, 10));
  const open = await store.findOpenHoldings(db, book.bookId, "estimate", filter.party ?? null);
  const returns = open.filter(({ kind }) => kind === "goodsReturn");
  const targets = returns.length === 0 ? [] : await store.findReceiptsOfReturns(db, book.bookId, [...new Set(returns.map(({ documentId }) => documentId))]);
  const rootOf = new Map(targets.map(({ documentId, line, targetId, targetLine }) => [lineKey(documentId, line), { id: targetId, line: targetLine }]));
  const rootIds = [...new Set(targets.map(({ targetId }) => targetId))];
  const roots = new Map((rootIds.length === 0 ? [] : await store.findHoldingsOf(db, book.bookId, "estimate", rootIds)).concat(open.filter(({ kind }) => kind !== "goodsReturn")).map((row) => [lineKey(row.documentId, row.line), row]));

  const groups = new Map<string, { root: store.HoldingRow; isReturnAlone: boolean; returnedQuantity: bigint; returnedAmount: bigint }>();
  const groupOf = (key: string, row: store.HoldingRow, isReturnAlone: boolean) => {
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { root: row, isReturnAlone, returnedQuantity: 0n, returnedAmount: 0n }));
    return group;
  };
  for (const row of open) {
    if (row.kind !== "goodsReturn") {
      groupOf(lineKey(row.documentId, row.line), row, false);
      continue;
    }
    const target = rootOf.get(lineKey(row.documentId, row.line));
    const root = target && roots.get(lineKey(target.id, target.line));
    const group = root ? groupOf(lineKey(root.documentId, root.line), root, false) : groupOf(lineKey(row.documentId, row.line), row, true);
    group.returnedQuantity += row.wholeQuantity - row.takenQuantity;
    group.returnedAmount += row.wholeAmount - row.takenAmount;
  }

  const names = await partyNames(db, book, open.map(({ party }) => party));
  const quantity = (value: bigint): string => formatTrimmed(value, QUANTITY_SCALE);
  const money = (value: bigint): string => formatMoney(value, book.currency);
  return [...groups.values()].map(({ root, isReturnAlone, returnedQuantity, returnedAmount }): Estimate => {
    const [whole, wholeAmount, taken, takenAmount] = isReturnAlone ? [0n, 0n, 0n, 0n] : [root.wholeQuantity, root.wholeAmount, root.takenQuantity, root.takenAmount];
    return {
      document: keyOf(root.source, root.kind, root.sourceId), line: root.line, original: root.original ?? "", item: root.lineItem ?? root.item, party: root.party, partyName: names.get(root.party) ?? "", date: root.originalDate ?? root.date, ageDays: at - dayNumber(root.originalDate ?? root.date),
      estimatedQuantity: quantity(whole), estimatedAmount: money(wholeAmount), reversedQuantity: quantity(taken), reversedAmount: money(takenAmount),
      returnedQuantity: quantity(returnedQuantity), returnedAmount: money(returnedAmount), openQuantity: quantity(whole - taken - returnedQuantity), openAmount: money(wholeAmount - takenAmount - returnedAmount),
    };
  }).filter((estimate) => !/^0(\.0+)?$/.test(estimate.openQuantity) || !/^0(\.0+)?$/.test(estimate.openAmount));
}

const lineKey = (documentId: bigint, line: string): string => `${documentId}/${line}`;
