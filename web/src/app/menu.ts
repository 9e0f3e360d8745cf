/** The menu is the road of a document, in the order of the server's journey.ts. Each entry names the duty that opens it. */
import type { Words } from "../ui/text.ts";

export type Entry = { readonly path: string; readonly words: Words; readonly duty: string; readonly key: string; readonly icon?: string };

export const top: readonly Entry[] = [
  { path: "cockpit", words: { zh: "管理驾驶舱", en: "Cockpit" }, duty: "boards.read", key: "c", icon: "M2.5 13.5h11M4 11V7.5M8 11V3.5M12 11V6" },
  { path: "todo", words: { zh: "待办", en: "To do" }, duty: "signedIn", key: "t", icon: "M3 4.5l1.2 1.2L6.5 3.5M3 10.5l1.2 1.2 2.3-2.2M9 4.5h4M9 11h4" },
  { path: "books", words: { zh: "账簿与报表", en: "Books" }, duty: "books.read", key: "b", icon: "M3 2.5h7.5L13 5v8.5H3zM5.5 6.5h5M5.5 9h5M5.5 11.5h3" },
];
export const road: readonly Entry[] = [
  { path: "connectors", words: { zh: "接入", en: "Sources" }, duty: "flows.read", key: "i" },
  { path: "documents", words: { zh: "单据", en: "Documents" }, duty: "documents.read", key: "d" },
  { path: "masterdata", words: { zh: "主数据", en: "Master data" }, duty: "masterdata.read", key: "m" },
  { path: "rules", words: { zh: "规则", en: "Rules" }, duty: "rules.read", key: "r" },
  { path: "vouchers", words: { zh: "凭证", en: "Vouchers" }, duty: "vouchers.read", key: "v" },
  { path: "delivery", words: { zh: "送达", en: "Delivery" }, duty: "deliveries.read", key: "s" },
  { path: "reconciliation", words: { zh: "对账", en: "Reconcile" }, duty: "bank.read", key: "e" },
  { path: "boards", words: { zh: "分析", en: "Insight" }, duty: "boards.read", key: "a" },
];
export const side: readonly Entry[] = [
  { path: "audit", words: { zh: "留痕", en: "Audit trail" }, duty: "audit.read", key: "l", icon: "M4 2.5h8v11H4zM6.5 6h3M6.5 9h3" },
  { path: "access", words: { zh: "权限", en: "Access" }, duty: "access.manage", key: "p", icon: "M8 7.5a2.2 2.2 0 100-4.4 2.2 2.2 0 000 4.4zM3.5 13c.5-2.6 2.2-4 4.5-4s4 1.4 4.5 4" },
];
