import { seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Tabs, Tag } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import { type Flow, flowStates, type FlowState } from "./model.ts";

export function FlowTag({ of }: { readonly of: FlowState }) {
  const t = useT();
  return <Tag tone={flowStates[of].tone}>{t(flowStates[of].words)}</Tag>;
}

export function ConnectorTabs() {
  const t = useT();
  const book = useBook();
  const flows = useApi<readonly Flow[]>(`/books/${seg(book.code)}/flows`, { keep: true }).data;
  const letters = flows?.reduce((sum, flow) => sum + flow.deadLetters, 0) ?? 0;
  const at = `/b/${book.code}/connectors`;
  return <Tabs label={t("接入", "Sources")} items={[{ to: at, text: t("数据流", "Flows") }, { to: `${at}/dead-letters`, text: t("死信", "Dead letters"), ...(letters > 0 ? { count: letters } : {}) }, { to: `${at}/log`, text: t("记录查找", "Find a record") }, ...(book.may("flows.manage") ? [{ to: `${at}/secrets`, text: t("机密", "Secrets") }] : [])]} />;
}
