import { Link } from "@tanstack/react-router";
import { Empty } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";

export function NotFound() {
  const t = useT();
  return <div className="page"><h1>{t("没有这一页", "There is no such page")}</h1><Empty why={t("地址可能写错，或这张单据、凭证已不在这里。", "The address may be mistyped, or what it named is not here.")} next={<Link to="/">{t("回到首页", "Go home")}</Link>} /></div>;
}
