import { useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Tabs } from "../ui/parts.tsx";
import { useT } from "../ui/text.ts";

/** 全部 / 待审核 / 制单 */
export function VoucherTabs() {
  const t = useT();
  const book = useBook();
  const counts = useApi<{ readonly drafts: number }>(`/books/${encodeURIComponent(book.code)}/counts`, { keep: true }).data;
  const at = `/b/${book.code}/vouchers`;
  return <Tabs label={t("凭证", "Vouchers")} items={[
    { to: at, text: t("全部", "All") }, { to: `${at}/review`, text: t("待审核", "To review"), ...(counts && counts.drafts > 0 ? { count: counts.drafts } : {}) },
    ...(book.may("vouchers.enter") ? [{ to: `${at}/new`, text: t("制单", "Prepare") }] : []),
  ]} />;
}
