import { Link } from "@tanstack/react-router";
import { Empty } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";

export function NoBook() {
  const t = useT();
  return <main className="center"><section className="panel"><Empty why={t("没有您可以看的账簿", "There is no book you may see")} next={<>{t("请所有者授予角色；所有者可用 tieout book create 建账。", "Ask an owner for a role; an owner makes a book with tieout book create.")} <Link to="/signin">{t("换一个账号", "Use another login")}</Link></>} /></section></main>;
}
