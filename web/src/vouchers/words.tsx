/** Words of vouchers: who acted, where a voucher stands, what a dimension or a kind of document is called. */
import { Link } from "@tanstack/react-router";
import { useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Tag, type Tone } from "../ui/parts.tsx";
import { type Text, useT } from "../ui/text.ts";
import { type DeliveryMark, documentAddress, kindOf, sourceIdOf } from "./model.ts";

export const dimensionWords: Readonly<Record<string, Text>> = {
  counterparty: { zh: "往来单位", en: "Counterparty" }, item: { zh: "物料", en: "Item" }, department: { zh: "部门", en: "Department" }, project: { zh: "项目", en: "Project" }, bankAccount: { zh: "银行账户", en: "Bank account" }, employee: { zh: "员工", en: "Employee" },
  warehouse: { zh: "仓库", en: "Warehouse" }, region: { zh: "地区", en: "Region" }, note: { zh: "票据", en: "Note" }, asset: { zh: "资产", en: "Asset" }, custom1: { zh: "自定义 1", en: "Custom 1" }, custom2: { zh: "自定义 2", en: "Custom 2" }, custom3: { zh: "自定义 3", en: "Custom 3" },
};

/** rule:P4a@12 is the rule; anybody else is named. */
export function Person({ id }: { readonly id: string | null | undefined }) {
  const t = useT();
  const { nameOf } = useNames();
  if (!id) return null;
  const rule = /^rule:(.+)@(\d+)$/.exec(id);
  if (rule) return <>{t(`规则 ${rule[1]} v${rule[2]}`, `Rule ${rule[1]} v${rule[2]}`)}</>;
  return <>{nameOf(id)}</>;
}

/** Names of those who sign vouchers. */
export function useNames(): { readonly known: readonly string[]; nameOf(id: string): string } {
  const book = useBook();
  const people = useApi<readonly { readonly id: string; readonly name: string }[]>(book.may("vouchers.read") ? `/books/${encodeURIComponent(book.code)}/people` : null).data;
  return { known: people?.map(({ id }) => id) ?? [], nameOf: (id) => people?.find((one) => one.id === id)?.name ?? id };
}

/** What a kind of document is called. */
export function useKindName(): (kind: string) => string {
  const t = useT();
  const kinds = useApi<readonly { readonly kind: string; readonly zh: string; readonly en: string }[]>("/api/schemas").data;
  return (kind) => { const words = kinds?.find((one) => one.kind === kind); return words ? t(words.zh, words.en) : kind; };
}

/** A document by its kind and number, as a link to it. */
export function DocumentLink({ of, short }: { readonly of: string; readonly short?: boolean }) {
  const book = useBook();
  const kind = useKindName();
  const text = short ? kind(kindOf(of)) : sourceIdOf(of);
  if (!book.may("documents.read")) return <>{text}</>;
  return <Link to={documentAddress(book.code, of)} title={`${kind(kindOf(of))} ${sourceIdOf(of)}`}>{text}</Link>;
}

const deliveryWords: Readonly<Record<string, { readonly text: Text; readonly tone: Tone }>> = {
  pending: { text: { zh: "待送达", en: "To be delivered" }, tone: undefined }, sending: { text: { zh: "送达中", en: "Sending" }, tone: undefined }, sent: { text: { zh: "已送达，待回执", en: "Delivered, not yet confirmed" }, tone: undefined }, confirmed: { text: { zh: "已送达，有回执", en: "Delivered and confirmed" }, tone: "good" },
  rejected: { text: { zh: "对方拒收", en: "Rejected" }, tone: "bad" }, unknown: { text: { zh: "送达未知", en: "Delivery unknown" }, tone: "warn" }, held: { text: { zh: "送达暂挂", en: "Delivery held" }, tone: "warn" }, drifted: { text: { zh: "对方已改动", en: "Changed there" }, tone: "bad" },
  voided: { text: { zh: "对方已作废", en: "Voided there" }, tone: undefined }, ignored: { text: { zh: "不送达", en: "Not delivered" }, tone: undefined }, replaced: { text: { zh: "已另行送达", en: "Delivered anew" }, tone: undefined },
};
export function DeliveryTag({ of }: { readonly of: DeliveryMark }) {
  const t = useT();
  const words = deliveryWords[of.state];
  return <Tag tone={words?.tone}>{words ? t(words.text) : of.state}{of.targetNumber === null ? null : <span>{of.targetNumber}</span>}</Tag>;
}
