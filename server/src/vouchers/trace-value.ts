/** What the lines and links of a traced document are worth, where its own paper does not say it: a shipment is worth what its order says. Pure. */
import { completeAmounts, type Document, type DocumentLine, type Link, linkKey, linkText } from "../documents/index.ts";
import { QUANTITY_SCALE, formatTrimmed, share } from "../values/index.ts";

export type Valued = {
  /** Unsigned, gross, in the document's currency; null where nothing known says it. */
  readonly amount: bigint | null;
  /** In one unit; null where the lines have several. */
  readonly quantity: bigint | null;
  readonly unit: string;
  /** −1 for returns, red invoices and refunds. */
  readonly sign: 1n | -1n;
};

const accountKinds: ReadonlySet<string> = new Set(["openingBalance", "manualVoucher"]);
const returns: ReadonlySet<string> = new Set(["goodsReturn", "shipmentReturn"]);

/** Values of documents by key. `documents` are read bodies; amounts are completed on the way. A line without a unit is in its item's. */
export function valueDocuments(documents: ReadonlyMap<string, Document>, unitOfItem: ReadonlyMap<string, string> = new Map()): { readonly of: (key: string) => Valued; readonly ofLinks: (key: string, target: string) => bigint | null } {
  const grosses = new Map<string, bigint | null>();
  for (const document of documents.values()) for (const line of document.lines) completeAmounts(line, document.currency, [], "");

  const unitOf = (line: DocumentLine): string => line.unit || (unitOfItem.get(line.item) ?? "");

  function grossOf(document: Document, line: DocumentLine, depth: number): bigint | null {
    const at = `${linkKey(document as unknown as Link)}/${line.lineId}`;
    const known = grosses.get(at);
    if (known !== undefined) return known;
    const own = line.amountGross ?? throughLinks(line, depth);
    if (depth === 0) grosses.set(at, own);
    return own;
  }

  /** What the linked lines are worth for the quantities taken of them. */
  function throughLinks(line: DocumentLine, depth: number): bigint | null {
    if (depth > 4) return null;
    let sum = 0n;
    let isKnown = false;
    for (const link of line.links) {
      const target = targetOf(link);
      if (!target || target.line.quantity === 0n || unitOf(target.line) !== unitOf(line)) continue;
      const gross = grossOf(target.document, target.line, depth + 1);
      if (gross === null) continue;
      isKnown = true;
      sum += share(gross, link.quantity ?? line.quantity, target.line.quantity);
    }
    return isKnown ? sum : null;
  }

  function targetOf(link: Link): { document: Document; line: DocumentLine } | undefined {
    const document = documents.get(linkKey(link)) ?? documents.get(linkText(link));
    const line = document?.lines.find(({ lineId }) => lineId === link.lineId) ?? (document?.lines.length === 1 ? document.lines[0] : undefined);
    return document && line ? { document, line } : undefined;
  }

  return {
    of: (key) => {
      const document = documents.get(key);
      // Lines of accounts have two sides; a sum of them says nothing.
      if (!document || accountKinds.has(document.kind)) return { amount: null, quantity: null, unit: "", sign: 1n };
      const sign = returns.has(document.kind) || document.credit || document.more.purpose === "refund" ? -1n : 1n;
      const units = new Set(document.lines.map(unitOf));
      const parts = document.lines.map((line) => grossOf(document, line, 0));
      const ofLines = parts.some((part) => part !== null) ? parts.reduce<bigint>((sum, part) => sum + (part ?? 0n), 0n) : null;
      const header = document.more.amount;
      const quantity = document.lines.reduce((sum, line) => sum + line.quantity, 0n);
      return { amount: typeof header === "bigint" ? header : ofLines, quantity: units.size === 1 && quantity !== 0n ? quantity : null, unit: [...units][0] ?? "", sign };
    },
    // By the document's own links: what the ledger of links holds is in stock units, a line may be in boxes.
    ofLinks: (key, target) => {
      const document = documents.get(key);
      let sum: bigint | null = null;
      for (const line of document?.lines ?? []) {
        for (const link of line.links) {
          if ((linkKey(link) !== target && linkText(link) !== target) || !document) continue;
          const gross = line.quantity === 0n ? null : grossOf(document, line, 0);
          const worth = link.amount ?? (gross === null ? null : share(gross, link.quantity ?? line.quantity, line.quantity));
          if (worth !== null) sum = (sum ?? 0n) + worth;
        }
      }
      return sum;
    },
  };
}

export const quantityText = (quantity: bigint): string => formatTrimmed(quantity, QUANTITY_SCALE);
