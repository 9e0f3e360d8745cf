/** The pages of 对账, for those who may open them. */
import { useBook } from "../app/session.ts";
import { Tabs } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";

export function ReconciliationTabs() {
  const t = useT();
  const book = useBook();
  const at = `/b/${book.code}/reconciliation`;
  const [sees, bank] = [book.may("reconciliation.read"), book.may("bank.read")];
  return <Tabs label={t("对账", "Reconciliation")} items={[
    ...(sees ? [{ to: `${at}/board`, text: t("总览", "Board") }, { to: `${at}/differences`, text: t("差异", "Differences") }, { to: `${at}/chain`, text: t("订单链", "Order chain") }, { to: `${at}/letters`, text: t("对账单", "Statements of account") }] : []),
    ...(bank ? [{ to: at, text: t("银行对账", "Bank") }, { to: `${at}/three-way`, text: t("三单匹配", "Three-way match") }, { to: `${at}/payments`, text: t("付款", "Payments") }] : []),
    { to: `${at}/alerts`, text: t("预警", "Alerts") },
  ]} />;
}
