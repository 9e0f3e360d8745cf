/** Sub-pages of master data. */
import { count } from "../ui/amount.tsx";
import { Tabs } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";
import { useDesk, useDomains } from "./desk.ts";
import { useKinds } from "./model.ts";

export function MasterTabs() {
  const t = useT();
  const { to } = useDesk();
  const kinds = useKinds().data, domains = useDomains().data;
  const some = (number: number | undefined): string | undefined => (number === undefined || number === 0 ? undefined : count(number));
  return <Tabs label={t("主数据", "Master data")} items={[
    { to: to("/golden"), text: t("黄金记录", "Golden records") }, { to: to("/queue"), text: t("待判", "To decide"), count: some(domains?.open) }, { to: to("/missing"), text: t("缺失", "Missing"), count: some(kinds?.missing) }, { to: to("/requests"), text: t("变更申请", "Requests"), count: some(domains?.requests) },
    { to: to(""), text: t("编码", "Codes") }, { to: to("/trees"), text: t("层级", "Trees") }, { to: to("/standards"), text: t("编码规范", "Standards") }, { to: to("/quality"), text: t("质量", "Quality") }, { to: to("/sheets"), text: t("导入导出", "Sheets") },
  ]} />;
}
