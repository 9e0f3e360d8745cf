/** 数据质量: by kind and system, how complete, right, unique, fresh and connected its records are, and what is worst. */
import { Link } from "@tanstack/react-router";
import { api, useAct, useApi } from "../app/api.ts";
import { count } from "../ui/amount.tsx";
import { Lane, moment, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Score, type Share, useDesk } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

type Generic = { readonly domain: string; readonly name: string; readonly example: string; readonly rows: number; readonly seenAt: string };

export function Quality() {
  const t = useT();
  const { base, to } = useDesk();
  const scores = useApi<readonly Score[]>(`${base}/scores`);
  const generic = useApi<readonly Generic[]>(`${base}/generic-keys`);
  const rebuild = useAct(() => api(`${base}/scores/rebuild`, { method: "POST", body: {} }));
  const lane = (share: Share, said: string) => <span title={`${said} ${count(share.part)} / ${count(share.of)}`}>{share.of > 0 && share.part === 0 ? <span className="warn">0%</span> : <Lane percent={share.of === 0 ? null : (share.part / share.of) * 100} />}</span>;
  const at = scores.data?.[0]?.countedAt;
  return (
    <Page title={t("数据质量", "Data quality")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />} asOf={at ? t(`截至 ${moment(at)}`, `As of ${moment(at)}`) : undefined} acts={<button type="button" className="btn" disabled={rebuild.isPending} onClick={() => rebuild.mutate(undefined)}>{rebuild.isPending ? t("正在计算", "Counting") : t("重新计算", "Count again")}</button>}>
      {rebuild.error ? <Trouble error={rebuild.error} /> : null}
      <Panel title={t("按类别与系统", "By kind and system")}>
        <Loaded of={scores} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("还没有算过。", "Nothing has been counted yet.")} next={t("点「重新计算」，或等几分钟自动计算。", "Count now, or wait some minutes for it to happen by itself.")} />}>{(rows) => (
          <Table caption={t("数据质量", "Data quality")} rows={rows} rowKey={(row) => `${row.domain} ${row.system}`} section={(row) => t(row.domainWords)} columns={[
            { key: "system", head: { zh: "系统", en: "System" }, cell: (row) => <Link to={to("/golden") as never} search={{ domain: row.domain } as never}>{row.system}</Link> },
            { key: "records", head: { zh: "记录", en: "Records" }, num: true, cell: (row) => count(row.records) },
            { key: "complete", head: { zh: "完整", en: "Complete" }, num: true, cell: (row) => lane(row.completeness, t("应填的字段已填", "wanted fields filled")) }, { key: "valid", head: { zh: "有效", en: "Valid" }, num: true, cell: (row) => lane(row.validity, t("通过校验与规范", "pass checks and standards")) },
            { key: "unique", head: { zh: "唯一", en: "Unique" }, num: true, wide: true, cell: (row) => lane(row.uniqueness, t("同系统内不重复", "not repeated within the system")) }, { key: "fresh", head: { zh: "及时", en: "Fresh" }, num: true, wide: true, cell: (row) => lane(row.timeliness, t("一年内有变更", "changed within a year")) },
            { key: "mapped", head: { zh: "对齐", en: "Connected" }, num: true, wide: true, cell: (row) => lane(row.mapped, t("与别的系统对上，或由人映射", "joined with another system, or mapped by a person")) },
            { key: "worst", head: { zh: "最多的问题", en: "Most frequent problem" }, wrap: true, wide: true, cell: ({ worst: [first] }) => (first ? t(`${first.zh}${first.problem === "missing" ? "未填" : "不合规"} ${count(first.records)} 条，如 ${first.example}`, `${first.en} ${first.problem === "missing" ? "missing" : "wrong"} in ${count(first.records)}, such as ${first.example}`) : <span className="z">–</span>) },
          ]} />
        )}</Loaded>
      </Panel>
      {generic.data && generic.data.length > 0 ? <Panel title={t("过于普遍的键", "Keys that say nothing")} note={t("超过 400 条记录共有，匹配时不用", "More than 400 records share them; matching leaves them out")}>
        <Table caption={t("过于普遍的键", "Keys that say nothing")} rows={generic.data} rowKey={(row) => `${row.domain} ${row.name} ${row.example}`} columns={[{ key: "name", head: { zh: "键", en: "Key" }, cell: (row) => row.name }, { key: "example", head: { zh: "例如", en: "Such as" }, cell: (row) => row.example }, { key: "rows", head: { zh: "记录", en: "Records" }, num: true, cell: (row) => `${count(row.rows)}${row.rows > 100_000 ? "+" : ""}` }]} />
      </Panel> : null}
    </Page>
  );
}
