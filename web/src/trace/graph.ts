/** What the server says of a trace, and how it becomes boxes and wires. */
import { boxWidth, type Box, type Layout, layoutGraph } from "./layout.ts";

export type Said = { readonly code: string; readonly zh: string; readonly en: string; readonly todo: { readonly zh: string; readonly en: string } };
export type DocumentNode = {
  readonly node: "document"; readonly id: string; readonly kind: string; readonly zh: string; readonly en: string; readonly number: string; readonly source: string; readonly date: string; readonly party: string; readonly partyName: string; readonly owner: string; readonly ownerName: string;
  readonly receivedAt: string; readonly state: string; readonly reasons: readonly Said[]; readonly quantity: string; readonly unit: string; readonly amount: string | null; readonly currency: string; readonly hidden: number;
};
export type VoucherNode = {
  readonly node: "voucher"; readonly id: string; readonly number: string; readonly series: string; readonly period: string; readonly date: string; readonly summary: string; readonly total: string; readonly preparedBy: string; readonly reviewedBy: string; readonly postedBy: string; readonly postedAt: string; readonly reversalOf: string | null; readonly rule: string;
  readonly lines: readonly { readonly account: string; readonly summary: string; readonly debit: string; readonly credit: string; readonly dimensions: Readonly<Record<string, string>> }[];
};
export type AwaitedNode = { readonly node: "awaited"; readonly id: string; readonly what: "draft" | "document" | "invoice"; readonly kind: string; readonly zh: string; readonly en: string; readonly number: string; readonly quantity: string; readonly unit: string; readonly amount: string | null; readonly since: string; readonly owner: string; readonly ownerName: string };
export type GraphNode = DocumentNode | VoucherNode | AwaitedNode;
export type GraphEdge = { readonly edge: "link" | "caused" | "reverses" | "awaits"; readonly from: string; readonly to: string; readonly quantity: string; readonly amount: string | null };
export type OrderAccount = { readonly side: "sales" | "purchases"; readonly unit: string; readonly currency: string; readonly uninvoiced: string | null; readonly steps: readonly { readonly step: string; readonly quantity: string; readonly amount: string | null }[] };
export type TraceGraph = { readonly start: string; readonly nodes: readonly GraphNode[]; readonly edges: readonly GraphEdge[]; readonly accounts: readonly OrderAccount[]; readonly isCut: boolean };

export const stages = [
  { zh: "订单", en: "Orders", kinds: ["purchaseRequisition", "purchaseOrder", "salesOrder", "openingBalance"] },
  { zh: "收发货与签收", en: "Goods and acceptance", kinds: ["goodsReceipt", "goodsReturn", "shipment", "shipmentReturn", "customerAcceptance", "subcontractIssue", "subcontractReceipt", "productionIssue", "finishedReceipt", "transfer", "stockCount", "stockCountApproval", "consignmentList", "claim"] },
  { zh: "开票", en: "Invoices", kinds: ["supplierInvoice", "salesInvoice", "costInvoice", "freightBill", "vatConfirmation", "expenseClaim", "assetAcquisition"] },
  { zh: "收付款与核销", en: "Money and clearing", kinds: ["cashReceipt", "supplierPayment", "settlement", "bill", "writeOff", "bankStatementLine", "taxPayment"] },
  { zh: "其他", en: "Other", kinds: [] },
] as const;
export const stageOf = (kind: string): number => { const at = stages.findIndex(({ kinds }) => (kinds as readonly string[]).includes(kind)); return at < 0 ? stages.length - 1 : at; };

const documentHeight = 90;
const moreHeight = 20;
const stripHeight = 46;
const stripsMax = 4;

export type Strip = { readonly node: VoucherNode | AwaitedNode; readonly y: number };
/** A document with what hangs below it. */
export type Block = { readonly node: DocumentNode | AwaitedNode; readonly height: number; readonly documentHeight: number; readonly strips: readonly Strip[]; readonly restY: number; readonly rest: number };
export type Picture = { readonly layout: Layout; readonly blocks: ReadonlyMap<string, Block>; readonly edges: ReadonlyMap<string, GraphEdge> };

/** Vouchers hang below the document that caused them; one that several caused hangs below the first. */
export function pictureOf(graph: TraceGraph, withVouchers: boolean): Picture {
  const nodes = new Map(graph.nodes.map((node) => [node.id, node]));
  const strips = new Map<string, (VoucherNode | AwaitedNode)[]>();
  const hung = new Map<string, string>();
  if (withVouchers) {
    for (const { edge, from, to } of graph.edges.toSorted((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.to < b.to ? -1 : 1))) {
      const node = nodes.get(to);
      if (edge !== "caused" || !node || node.node === "document" || hung.has(to) || nodes.get(from)?.node !== "document") continue;
      hung.set(to, from);
      strips.set(from, [...(strips.get(from) ?? []), node]);
    }
  }
  const blocks = new Map<string, Block>();
  for (const node of graph.nodes) {
    if (node.node === "voucher" || (node.node === "awaited" && node.what === "draft")) continue;
    const own = (strips.get(node.id) ?? []).toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    const shown = own.slice(0, own.length > stripsMax ? stripsMax - 1 : stripsMax);
    const height = documentHeight + (node.node === "document" && node.hidden > 0 ? moreHeight : 0);
    const rest = own.length - shown.length;
    blocks.set(node.id, { node, documentHeight: height, strips: shown.map((one, at) => ({ node: one, y: height + stripHeight * at })), restY: height + stripHeight * shown.length, rest, height: height + stripHeight * shown.length + (rest > 0 ? moreHeight : 0) });
  }
  const boxes = [...blocks.values()].map(({ node, height }): Box => ({ id: node.id, height, stage: stageOf(node.kind), rank: node.node === "document" ? `${node.date} ${node.number}` : `${node.since} ${node.id}` }));
  const edges = new Map(graph.edges.filter(({ edge, from, to }) => (edge === "link" || edge === "awaits") && blocks.has(from) && blocks.has(to)).map((edge) => [`${edge.from} → ${edge.to}`, edge]));
  return { layout: layoutGraph(boxes, [...edges].map(([id, { from, to }]) => ({ id, from, to }))), blocks, edges };
}

const keyOf = (node: VoucherNode | AwaitedNode): string => (node.node === "voucher" ? `${node.postedAt} ${node.period} ${node.number.padStart(12, "0")}` : `~${node.id}`);

/** Cut to fit `width` pixels at about 13 px: 汉字 are twice as wide as letters. */
export function fit(text: string, width: number, size = 13): string {
  let used = 0;
  let at = 0;
  for (const character of text) {
    used += /[\u2e80-\u9fff\uff00-\uffef]/.test(character) ? size : size * 0.58;
    if (used > width) return `${text.slice(0, Math.max(0, at - 1))}…`;
    at += character.length;
  }
  return text;
}
export { boxWidth };
