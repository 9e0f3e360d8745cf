/** 待办: whose turn it is. One list over parked documents, vouchers to review, rules to approve, dead letters and deliveries that need a decision. */
import { Link } from "@tanstack/react-router";
import { Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { useApi } from "./api.ts";
import { useBook } from "./session.ts";

type Todo = { readonly kind: string; readonly zh: string; readonly en: string; readonly count: number; readonly oldestAt: string | null; readonly to: string };

export function Todo() {
  const t = useT();
  const book = useBook();
  const todo = useApi<readonly Todo[]>(`/books/${encodeURIComponent(book.code)}/todo`, { refetchMs: 30_000 });
  return (
    <Page title={t("待办", "To do")}>
      <Panel>
        <Loaded of={todo} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有轮到您的事。", "Nothing waits for you.")} />}>
          {(rows) => <div className="list">{rows.map((row) => <Link key={row.kind} to={`/b/${book.code}/${row.to}` as never}><span className="r">{row.count}</span>{t(row.zh, row.en)}{row.oldestAt === null ? null : <span className="sub"> {t("最早", "oldest")} {row.oldestAt.slice(0, 10)}</span>}</Link>)}</div>}
        </Loaded>
      </Panel>
    </Page>
  );
}
