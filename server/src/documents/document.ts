/**
 * 单据: one business fact in the standard form, as the stages after this one see it. Decimal strings have become bigint
 * of a fixed scale (values/decimal.ts); what was not written is "" or null, never undefined.
 */

/** A pointer to another document or one of its lines: `[source:]kind/sourceId[/lineId]`. */
export type Link = {
  readonly source: string;
  readonly kind: string;
  readonly sourceId: string;
  /** "" points at the whole document. */
  readonly lineId: string;
  /** Six decimals; null where the link says none (then the line's quantity counts, if this is its only link). */
  quantity: bigint | null;
  /** Minor units of the document's currency. */
  readonly amount: bigint | null;
};

export type More = Readonly<Record<string, string | bigint | boolean | number>>;

export type DocumentLine = {
  readonly lineId: string;
  /** Position in the document, from 1. */
  readonly index: number;
  item: string;
  readonly description: string;
  /** In the unit written; the item's stock unit after master data. */
  quantity: bigint;
  unit: string;
  price: bigint | null;
  taxRate: bigint | null;
  amountNet: bigint | null;
  tax: bigint | null;
  amountGross: bigint | null;
  warehouse: string;
  department: string;
  project: string;
  employee: string;
  cost: bigint | null;
  charge: string;
  category: string;
  account: string;
  asset: string;
  readonly links: readonly Link[];
  /** Fields of this kind only. */
  readonly more: More;
};

export type Document = {
  readonly kind: string;
  readonly book: string;
  readonly source: string;
  readonly sourceId: string;
  readonly sourceVersion: number;
  readonly number: string;
  readonly date: string;
  /** As written; the code under which the books know it after master data. */
  party: string;
  readonly partyKind: "" | "supplier" | "customer" | "employee";
  readonly currency: string;
  /** Ten decimals; null where the rate of the day counts. */
  readonly rate: bigint | null;
  /** As written; what a person mapped them to after master data, here and in the lines. */
  department: string;
  project: string;
  region: string;
  salesperson: string;
  readonly status: "approved" | "cancelled";
  readonly credit: boolean;
  readonly attachments: number;
  readonly summary: string;
  readonly dueDate: string;
  readonly lines: readonly DocumentLine[];
  readonly links: readonly Link[];
  readonly more: More;
};

/** The identity by which a document counts once, without its version. */
export const keyOf = (source: string, kind: string, sourceId: string): string => `${source}:${kind}/${sourceId}`;
export const documentKey = (document: Document): string => keyOf(document.source, document.kind, document.sourceId);
export const linkKey = (link: Link): string => keyOf(link.source, link.kind, link.sourceId);
export const linkText = (link: Link): string => (link.lineId === "" ? linkKey(link) : `${linkKey(link)}/${link.lineId}`);

/** Reads `[source:]kind/sourceId[/lineId]`; the id itself may hold slashes when the line is asked for by `hasLine`. */
export function parseReference(text: string, ownSource: string): { source: string; kind: string; sourceId: string; lineId: string } | undefined {
  const slash = text.indexOf("/");
  if (slash <= 0 || slash === text.length - 1) return undefined;
  const head = text.slice(0, slash);
  const colon = head.indexOf(":");
  const source = colon < 0 ? ownSource : head.slice(0, colon);
  const kind = head.slice(colon + 1);
  const rest = text.slice(slash + 1);
  const last = rest.lastIndexOf("/");
  if (source === "" || kind === "") return undefined;
  return last <= 0 || last === rest.length - 1
    ? { source, kind, sourceId: rest, lineId: "" }
    : { source, kind, sourceId: rest.slice(0, last), lineId: rest.slice(last + 1) };
}
