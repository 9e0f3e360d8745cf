/**
 * 追溯图: the trace as people read it. Each document with its number, party, quantity and value, who and when; the vouchers it caused; what is
 * still awaited; and of an order's documents the account: ordered, shipped, invoiced, paid, open.
 */
import { exponentOf, formatDecimal, formatMoney, parseMoney } from "../values/index.ts";
import type { Book } from "../books/index.ts";
import { type Document, keyOf, kindOf, linkKey, linkText, readDocument } from "../documents/index.ts";
import { type Ctx, type RenderedProblem, renderProblem } from "../platform/index.ts";
import { namesOf } from "./names.ts";
import { partyNames } from "./open-items.ts";
import { quantityText, valueDocuments } from "./trace-value.ts";
import * as store from "./trace.store.ts";
import { causeEdges, type Reach, voucherName, vouchersOf, walk } from "./trace.ts";
import type { Voucher } from "./voucher-list.ts";

export type GraphDocument = {
  readonly node: "document";
  /** source:kind/sourceId */
  readonly id: string;
  readonly kind: string;
  readonly zh: string;
  readonly en: string;
  readonly number: string;
  readonly source: string;
  readonly date: string;
  readonly party: string;
  readonly partyName: string;
  /** Salesperson, buyer or employee. */
  readonly owner: string;
  readonly ownerName: string;
  readonly receivedAt: string;
  readonly state: string;
  readonly reasons: readonly RenderedProblem[];
  /** "" where lines have several units. Signed: returns and red invoices are negative. */
  readonly quantity: string;
  readonly unit: string;
  /** Gross, in `currency`; "" where nothing says it, null where it may not be seen. */
  readonly amount: string | null;
  readonly currency: string;
  /** Documents next to it that this graph leaves out. */
  readonly hidden: number;
};
export type GraphVoucher = { readonly node: "voucher"; readonly id: string; readonly total: string } & Omit<Voucher, "id" | "sources">;
/** A voucher that waits for review, or a document that others wait for, or an invoice that is still to come for goods that went. */
export type GraphAwaited = {
  readonly node: "awaited";
  readonly id: string;
  readonly what: "draft" | "document" | "invoice";
  readonly kind: string;
  readonly zh: string;
  readonly en: string;
  readonly number: string;
  readonly quantity: string;
  readonly unit: string;
  readonly amount: string | null;
  readonly since: string;
  readonly owner: string;
  readonly ownerName: string;
};
export type GraphNode = GraphDocument | GraphVoucher | GraphAwaited;
/** `from` comes first in business: an order before its shipment, a document before its voucher, a voucher before its reversal. */
export type GraphEdge = { readonly edge: "link" | "caused" | "reverses" | "awaits"; readonly from: string; readonly to: string; readonly quantity: string; readonly amount: string | null };

export type Account = {
  readonly side: "sales" | "purchases";
  readonly unit: string;
  readonly currency: string;
  /** quantity "" where units differ, amount null where it may not be seen. */
  readonly steps: readonly { readonly step: "ordered" | "moved" | "returned" | "net" | "invoiced" | "paid" | "open"; readonly quantity: string; readonly amount: string | null }[];
  /** Of `open`, what has not been invoiced. */
  readonly uninvoiced: string | null;
};

export type TraceGraph = { readonly start: string; readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[]; readonly accounts: readonly Account[]; readonly isCut: boolean };

export type GraphOptions = { readonly most?: number | undefined; readonly reach?: Reach | undefined; readonly vouchers: boolean; /** What goods cost, and so what suppliers charge. */ readonly costs: boolean };

/** Refuses: reference.malformed, reference.unknown, reference.ambiguous. */
export async function readTraceGraph(ctx: Ctx, book: Book, reference: string, options: GraphOptions): Promise<TraceGraph> {
  const { db } = ctx;
  const { start, found, links, isCut } = await walk(ctx, book, reference, options.most ?? 80, options.reach ?? "flow");
  const rows = [...found.values()];
  const ids = rows.map(({ documentId }) => documentId);
  const nameOf = (id: bigint): string => { const row = found.get(id); return row ? keyOf(row.source, row.kind, row.sourceId) : ""; };
  const documents = new Map(rows.flatMap((row): [string, Document][] => { const { document } = readDocument(JSON.parse(row.body), book.code, book.currency); return document ? [[nameOf(row.documentId), document]] : []; }));
  const items = [...new Set([...documents.values()].flatMap(({ lines }) => lines.map(({ item }) => item)))].filter((item) => item !== "");
  const values = valueDocuments(documents, new Map((items.length === 0 ? [] : await store.findItemUnits(db, book.bookId, items)).map(({ code, unit }) => [code, unit ?? ""])));
  const arrivals = new Map((await store.findArrivals(db, book.bookId, ids, rows.map(({ version }) => version))).map((row) => [row.documentId, row]));
  const parties = await partyNames(db, book, rows.map(({ party }) => party));
  const owners = new Map(rows.map((row) => [row.documentId, ownerOf(row.body)]));
  const people = await namesOf(db, book, ["employee"], owners.values());
  const seen = (kind: string, amount: bigint | null, currency: string): string | null => (hidden(kind, options) ? null : amount === null ? "" : formatMoney(amount, currency));

  const beside = new Map<bigint, Set<bigint>>();
  for (const { documentId, targetId } of links.values()) for (const [one, other] of [[documentId, targetId], [targetId, documentId]] as const) if (found.has(one) && !found.has(other)) beside.set(one, (beside.get(one) ?? new Set()).add(other));

  const nodes: GraphNode[] = rows.map((row): GraphDocument => {
    const id = nameOf(row.documentId);
    const document = documents.get(id);
    const { amount, quantity, unit, sign } = values.of(id);
    const owner = owners.get(row.documentId) ?? "";
    const currency = document?.currency ?? book.currency;
    const words = kindOf(row.kind);
    return {
      node: "document", id, kind: row.kind, zh: document?.credit === true ? redOf(words?.zh ?? row.kind) : (words?.zh ?? row.kind), en: document?.credit === true ? `${words?.en ?? row.kind} (red)` : (words?.en ?? row.kind), number: document?.number || row.sourceId, source: row.source, date: row.date,
      party: row.party, partyName: parties.get(row.party) ?? "", owner, ownerName: people.get(owner) ?? "", receivedAt: arrivals.get(row.documentId)?.receivedAt ?? "", state: row.state,
      reasons: row.state === "waiting" || row.state === "parked" ? (arrivals.get(row.documentId)?.reasons ?? []).map((reason) => renderProblem(reason)) : [],
      quantity: quantity === null ? "" : quantityText(sign * quantity), unit, amount: seen(row.kind, amount === null ? null : sign * amount, currency), currency, hidden: beside.get(row.documentId)?.size ?? 0,
    };
  });

  const edges: GraphEdge[] = [];
  const pairs = Map.groupBy([...links.values()].filter(({ documentId, targetId }) => found.has(documentId) && found.has(targetId)), ({ documentId, targetId }) => `${targetId} ${documentId}`);
  const edgeAmounts = new Map<string, bigint | null>();
  for (const group of pairs.values()) {
    const [first] = group;
    if (!first) continue;
    const [from, to] = [nameOf(first.targetId), nameOf(first.documentId)];
    const { sign } = values.of(to);
    const quantity = group.reduce((sum, link) => sum + link.quantity, 0n);
    const taken = group.reduce((sum, link) => sum + link.amount, 0n);
    const amount = taken !== 0n ? taken : values.ofLinks(to, from);
    const kind = found.get(first.documentId)?.kind ?? "";
    const currency = documents.get(to)?.currency ?? book.currency;
    edgeAmounts.set(`${from} ${to}`, amount === null ? null : sign * amount);
    edges.push({ edge: "link", from, to, quantity: quantity === 0n ? "" : quantityText(sign * quantity), amount: seen(kind, amount === null ? null : sign * amount, currency) });
  }

  // What is waiting or parked has taken nothing yet: its own paper says what it hangs on.
  for (const node of nodes) {
    if (node.node !== "document" || (node.state !== "waiting" && node.state !== "parked")) continue;
    const named = new Set([...(documents.get(node.id)?.links ?? []), ...(documents.get(node.id)?.lines ?? []).flatMap(({ links: own }) => own)].flatMap((link) => [linkKey(link), linkText(link)]));
    for (const target of named) if (documents.has(target) && target !== node.id) edges.push({ edge: "awaits", from: target, to: node.id, quantity: "", amount: seen(node.kind, values.ofLinks(node.id, target), node.currency) });
  }

  for (const { documentId, wanted } of await store.findWanted(db, book.bookId, ids)) {
    const kind = /^[^:]*:([A-Za-z]+)\//.exec(wanted)?.[1] ?? "";
    const row = found.get(documentId);
    if (!kindOf(kind) || [...found.keys()].some((id) => nameOf(id) === wanted) || !row) continue;
    if (!nodes.some(({ id }) => id === `awaited ${wanted}`)) {
      nodes.push({ node: "awaited", id: `awaited ${wanted}`, what: "document", kind, zh: kindOf(kind)?.zh ?? kind, en: kindOf(kind)?.en ?? kind, number: wanted.slice(wanted.indexOf("/") + 1), quantity: "", unit: "", amount: "", since: arrivals.get(documentId)?.receivedAt ?? "", owner: "", ownerName: "" });
    }
    edges.push({ edge: "awaits", from: `awaited ${wanted}`, to: nameOf(documentId), quantity: "", amount: "" });
  }

  if (options.vouchers) {
    const vouchers = await vouchersOf(ctx, book, ids);
    for (const { id: _, sources: _sources, ...voucher } of vouchers) {
      nodes.push({ node: "voucher", id: voucherName(voucher), total: formatMoney(voucher.lines.reduce((sum, { debit }) => sum + (parseMoney(debit, book.currency) ?? 0n), 0n), book.currency), ...voucher });
    }
    for (const { edge, from, to, quantity, amount } of causeEdges(vouchers, new Set(documents.keys()))) {
      if (!edges.some((one) => one.edge === edge && one.from === from && one.to === to)) edges.push({ edge: edge === "reverses" ? "reverses" : "caused", from: edge === "reverses" ? to : from, to: edge === "reverses" ? from : to, quantity, amount });
    }
    for (const draft of await store.findDraftsOf(db, book.bookId, ids)) {
      nodes.push({ node: "awaited", id: `draft ${draft.draftId}`, what: "draft", kind: "voucher", zh: "待审核凭证", en: "Voucher to review", number: draft.body.summary ?? "", quantity: "", unit: "", amount: "", since: draft.preparedAt, owner: draft.preparedBy, ownerName: "" });
      edges.push({ edge: "caused", from: nameOf(draft.documentId), to: `draft ${draft.draftId}`, quantity: "", amount: "" });
    }
  }

  const shown = nodes.filter((node): node is GraphDocument => node.node === "document");
  const accounts = isCut ? [] : (["sales", "purchases"] as const).flatMap((side) => accountOf(side, shown, edges, edgeAmounts, values, documents, options, book));
  if (!isCut) for (const { node, from, amount, quantity } of awaitedInvoices(shown, edges, values, documents, options)) { nodes.push(node); edges.push({ edge: "awaits", from, to: node.id, quantity, amount }); }
  return { start, nodes, edges, accounts, isCut };
}

const purchaseKinds: ReadonlySet<string> = new Set(["purchaseOrder", "goodsReceipt", "goodsReturn", "supplierInvoice", "costInvoice", "freightBill", "supplierPayment", "subcontractIssue", "subcontractReceipt", "productionIssue", "finishedReceipt", "costAdjustment"]);
const hidden = (kind: string, { costs }: Pick<GraphOptions, "costs">): boolean => !costs && purchaseKinds.has(kind);
const redOf = (zh: string): string => (zh.endsWith("发票") ? "红字发票" : `${zh}（红字）`);
const ownerOf = (body: string): string => { const { salesperson, buyer, employee } = JSON.parse(body) as Record<string, unknown>; return [salesperson, buyer, employee].find((one): one is string => typeof one === "string") ?? ""; };

const roles = {
  sales: { order: "salesOrder", moved: "shipment", returned: "shipmentReturn", invoice: "salesInvoice", paying: new Set(["cashReceipt", "settlement", "bill", "writeOff", "bankStatementLine"]) },
  purchases: { order: "purchaseOrder", moved: "goodsReceipt", returned: "goodsReturn", invoice: "supplierInvoice", paying: new Set(["supplierPayment", "settlement", "bill", "writeOff", "bankStatementLine"]) },
} as const;
type Values = ReturnType<typeof valueDocuments>;

/** Ordered, moved, returned, net, invoiced, paid, open. One currency only: an order's documents share it. */
function accountOf(side: "sales" | "purchases", nodes: readonly GraphDocument[], edges: readonly GraphEdge[], edgeAmounts: ReadonlyMap<string, bigint | null>, values: Values, documents: ReadonlyMap<string, Document>, options: GraphOptions, book: Book): Account[] {
  const role = roles[side];
  const of = (kind: string) => nodes.filter((node) => node.kind === kind && (node.state === "posted" || node.state === "exempt"));
  const all = [...of(role.order), ...of(role.moved), ...of(role.returned), ...of(role.invoice)];
  const currencies = new Set(all.map(({ currency }) => currency));
  const [currency = book.currency] = currencies;
  if (of(role.order).length + of(role.invoice).length === 0 || currencies.size > 1) return [];
  const units = new Set(all.map(({ unit }) => unit).filter((unit) => unit !== ""));
  const sum = (kind: string) => of(kind).reduce((total, { id }) => { const { amount, quantity, sign } = values.of(id); return { amount: total.amount + sign * (amount ?? 0n), quantity: total.quantity + sign * (quantity ?? 0n) }; }, { amount: 0n, quantity: 0n });
  const [ordered, moved, returned, invoiced] = [sum(role.order), sum(role.moved), sum(role.returned), sum(role.invoice)];
  const net = { amount: moved.amount + returned.amount, quantity: moved.quantity + returned.quantity };
  const paid = paidOf(role, nodes, edges, edgeAmounts, (id) => (documents.get(id)?.currency ?? currency) === currency);
  const due = of(role.moved).length === 0 ? invoiced.amount : net.amount > invoiced.amount ? net.amount : invoiced.amount;
  const costly = hidden(role.order, options);
  const money = (amount: bigint): string | null => (costly ? null : formatMoney(amount, currency));
  const count = (quantity: bigint): string => (units.size <= 1 && all.every(({ id }) => values.of(id).quantity !== null) ? quantityText(quantity) : "");
  return [{
    side, unit: units.size === 1 ? ([...units][0] ?? "") : "", currency, uninvoiced: money(due - invoiced.amount),
    steps: [
      { step: "ordered", quantity: count(ordered.quantity), amount: money(ordered.amount) }, { step: "moved", quantity: count(moved.quantity), amount: money(moved.amount) }, { step: "returned", quantity: count(returned.quantity), amount: money(returned.amount) },
      { step: "net", quantity: count(net.quantity), amount: money(net.amount) }, { step: "invoiced", quantity: count(invoiced.quantity), amount: money(invoiced.amount) }, { step: "paid", quantity: "", amount: money(paid) }, { step: "open", quantity: "", amount: money(due - paid) },
    ],
  }];
}

/** What cleared the invoices, and what came for the order itself and has not been set against one of them yet. */
function paidOf(role: (typeof roles)["sales" | "purchases"], nodes: readonly GraphDocument[], edges: readonly GraphEdge[], edgeAmounts: ReadonlyMap<string, bigint | null>, isSameCurrency: (id: string) => boolean): bigint {
  const kindsById = new Map(nodes.map(({ id, kind }) => [id, kind]));
  const amounts = edges.filter(({ edge, from, to }) => edge === "link" && isSameCurrency(from) && isSameCurrency(to)).map(({ from, to }) => ({ from, to, fromKind: kindsById.get(from) ?? "", toKind: kindsById.get(to) ?? "", amount: edgeAmounts.get(`${from} ${to}`) ?? 0n }));
  const paying = amounts.filter(({ toKind }) => role.paying.has(toKind));
  const cleared = paying.filter(({ fromKind }) => fromKind === role.invoice).reduce((sum, { amount }) => sum + amount, 0n);
  const early = paying.filter(({ fromKind }) => fromKind === role.order || fromKind === role.moved);
  return early.reduce((sum, { to, amount }) => {
    const applied = amounts.filter(({ from, toKind }) => from === to && toKind === "settlement").reduce((total, one) => total + one.amount, 0n);
    return sum + (amount > applied ? amount - applied : 0n);
  }, cleared);
}

/** Goods that went out or came in and that no invoice names yet: by document, as much as its order still lacks. */
function* awaitedInvoices(nodes: readonly GraphDocument[], edges: readonly GraphEdge[], values: Values, documents: ReadonlyMap<string, Document>, options: GraphOptions): Generator<{ node: GraphAwaited; from: string; quantity: string; amount: string | null }> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const { moved, invoice, order } of [roles.sales, roles.purchases]) {
    for (const node of nodes) {
      if (node.kind !== moved || node.state !== "posted" || node.quantity === "") continue;
      const document = documents.get(node.id);
      if (document === undefined || document.more.purpose === "consignment") continue;
      const next = edges.filter(({ edge, from }) => edge === "link" && from === node.id).map(({ to, quantity }) => ({ kind: byId.get(to)?.kind ?? "", quantity }));
      const orders = edges.filter(({ edge, to, from }) => edge === "link" && to === node.id && byId.get(from)?.kind === order).map(({ from }) => from);
      // An invoice that names the order and not the shipment covers the shipment as well.
      if (edges.some(({ edge, from, to }) => edge === "link" && orders.includes(from) && byId.get(to)?.kind === invoice)) continue;
      const taken = next.filter(({ kind }) => kind === invoice || kind.endsWith("Return")).reduce((sum, { kind, quantity }) => sum + (kind === invoice ? micro(quantity) : -micro(quantity)), 0n);
      const { quantity, amount, unit } = values.of(node.id);
      const left = (quantity ?? 0n) - taken;
      if (quantity === null || left <= 0n || next.some(({ kind }) => kind === "customerAcceptance")) continue;
      const value = amount === null ? "" : formatDecimal((amount * left) / quantity, exponentOf(node.currency));
      const shown = hidden(invoice, options) ? null : value;
      yield {
        from: node.id, quantity: quantityText(left), amount: shown,
        node: { node: "awaited", id: `invoice ${node.id}`, what: "invoice", kind: invoice, zh: kindOf(invoice)?.zh ?? invoice, en: kindOf(invoice)?.en ?? invoice, number: "", quantity: quantityText(left), unit, amount: shown, since: node.date, owner: node.owner, ownerName: node.ownerName },
      };
    }
  }
}

/** A quantity as text back to six decimals. */
function micro(text: string): bigint {
  const match = /^(-?)(\d+)(?:\.(\d{1,6}))?$/.exec(text);
  return match ? BigInt(`${match[1]}${match[2]}${(match[3] ?? "").padEnd(6, "0")}`) : 0n;
}
