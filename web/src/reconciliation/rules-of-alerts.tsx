/** 预警规则与渠道: what is watched, where the line is, whom it calls; where messages go. Fields, and a try that shows what a rule would find now. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Channel, grouped, roleWords, type Rule, type Rules } from "./alerts-model.ts";
import "./alerts.css";
import { EditChannel } from "./rules-of-alerts-channel.tsx";
import { EditRule } from "./rules-of-alerts-edit.tsx";
import { ReconciliationTabs } from "./tabs.tsx";

export function AlertRules() {
  const t = useT();
  const book = useBook();
  const base = `/books/${seg(book.code)}`;
  const rules = useApi<Rules>(`${base}/alert-rules`, { keep: true });
  const may = book.may("alerts.manage");
  const [editing, setEditing] = useState<Rule | "new" | null>(null);
  const number = (row: Rule): string => `${row.is === "above" ? ">" : "<"} ${grouped(row.unit === "ratio" ? `${Number(row.line) * 100}%` : row.line)}${row.unit === "days" ? t(" 天", " days") : row.unit === "minutes" ? t(" 分钟", " min") : ""}`;
  return (
    <Page title={t("预警规则", "Alert rules")} crumb={{ to: `/b/${book.code}/reconciliation/alerts`, text: t("预警", "Alerts") }} tabs={<ReconciliationTabs />} acts={may ? <button type="button" className="btn p" onClick={() => setEditing("new")}>{t("新建规则", "New rule")}</button> : undefined}>
      <Panel title={t("规则", "Rules")} note={t("每分钟评估；打开可改、可试算", "looked at each minute; open one to change or try it")}>
        <Loaded of={rules} columns={6}>{({ rules: rows }) => <Table<Rule>
          caption={t("预警规则", "Alert rules")} rows={rows} rowKey={(row) => row.rule} {...(may ? { onOpen: (row: Rule) => setEditing(row) } : {})}
          columns={[
            { key: "rule", head: { zh: "规则", en: "Rule" }, wrap: true, cell: (row) => <>{may ? <button type="button" className="link alerts-what" onClick={() => setEditing(row)}>{t(row)}</button> : t(row)}<span className="sub"> {t(row.measureZh, row.measureEn)}</span></> },
            { key: "line", head: { zh: "线", en: "Line" }, num: true, cell: number }, { key: "calls", head: { zh: "通知", en: "Calls" }, wide: true, wrap: true, cell: (row) => [...(row.callsOwner ? [t("数据中的负责人", "who the data names")] : []), ...row.roles.map((role) => t(roleWords[role] ?? { zh: role, en: role }))].join(" → ") },
            { key: "channels", head: { zh: "渠道", en: "Channels" }, wide: true, cell: (row) => [t("站内", "in app"), ...row.channels].join(t("、", ", ")) }, { key: "quiet", head: { zh: "静默", en: "Quiet" }, wide: true, mute: true, cell: (row) => (row.isUrgent ? t("紧急，不静默", "urgent, never") : row.quiet === null ? "" : `${row.quiet.from}–${row.quiet.to}`) },
            { key: "standing", head: { zh: "未解除", en: "Standing" }, num: true, wide: true, cell: (row) => (row.standing === 0 ? <span className="z">–</span> : row.standing) }, { key: "on", head: { zh: "状态", en: "State" }, cell: (row) => (row.isOn ? <Tag tone="good">{t("启用", "On")}</Tag> : <Tag>{t("停用", "Off")}</Tag>) },
          ]}
        />}</Loaded>
      </Panel>
      {may ? <Channels base={base} /> : null}
      {editing === null || rules.data === undefined ? null : <EditRule base={base} of={editing === "new" ? null : editing} measures={rules.data.measures} onClose={() => setEditing(null)} />}
    </Page>
  );
}

export const channelWords: Readonly<Record<string, { readonly zh: string; readonly en: string }>> = { smtp: { zh: "邮件", en: "E-mail" }, webhook: { zh: "Webhook", en: "Webhook" }, wecom: { zh: "企业微信机器人", en: "WeCom robot" }, dingtalk: { zh: "钉钉机器人", en: "DingTalk robot" }, feishu: { zh: "飞书机器人", en: "Feishu robot" } };

function Channels({ base }: { readonly base: string }) {
  const t = useT();
  const channels = useApi<readonly Channel[]>(`${base}/alert-channels`, { refetchMs: 5_000, keep: true });
  const [editing, setEditing] = useState<Channel | "new" | null>(null);
  const test = useAct((channel: string) => api(`${base}/alert-channels/${seg(channel)}/test`, { method: "POST" }));
  return (
    <Panel title={t("渠道", "Channels")} note={t("站内始终通知", "in app always")} right={<button type="button" className="btn" onClick={() => setEditing("new")}>{t("新建渠道", "New channel")}</button>}>
      <Trouble error={test.error} />
      <Loaded of={channels} rows={3} columns={4} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("还没有渠道，预警只在站内。", "There is no channel; alerts stay in the app.")} next={t("建立邮件、webhook 或群机器人后，在规则中选用。", "Make mail, a webhook or a robot, then choose it in a rule.")} />}>{(rows) => <Table<Channel>
        caption={t("渠道", "Channels")} rows={rows} rowKey={(row) => row.channel} onOpen={setEditing}
        columns={[
          { key: "channel", head: { zh: "渠道", en: "Channel" }, cell: (row) => <button type="button" className="link" onClick={() => setEditing(row)}>{row.channel}</button> }, { key: "kind", head: { zh: "种类", en: "Kind" }, cell: (row) => t(channelWords[row.kind] ?? { zh: row.kind, en: row.kind }) },
          { key: "to", head: { zh: "去向", en: "To" }, wide: true, wrap: true, cell: (row) => (row.kind === "smtp" ? (row.config.to ?? []).join(t("、", ", ")) || t("各收件人", "each recipient") : t("地址已封存", "address is sealed")) },
          { key: "last", head: { zh: "最近一次", en: "Last" }, wide: true, cell: (row) => (row.last === null ? "" : row.last.state === "sent" ? <Tag tone="good">{t("已送出", "Sent")}</Tag> : row.last.state === "failed" ? <Tag tone="bad">{t(`没有送出：${row.last.problem}`, `Not sent: ${row.last.problem}`)}</Tag> : <Tag tone="warn">{row.last.problem === "" ? t("待送", "Waiting") : t(`待重试：${row.last.problem}`, `Tries again: ${row.last.problem}`)}</Tag>) },
          { key: "on", head: { zh: "状态", en: "State" }, cell: (row) => (row.isOn ? <Tag tone="good">{t("启用", "On")}</Tag> : <Tag>{t("停用", "Off")}</Tag>) }, { key: "test", head: { zh: "动作", en: "Act" }, num: true, cell: (row) => <button type="button" className="btn" disabled={test.isPending} onClick={() => test.mutate(row.channel)}>{t("试发", "Test")}</button> },
        ]}
      />}</Loaded>
      {editing === null ? null : <EditChannel base={base} of={editing === "new" ? null : editing} onClose={() => setEditing(null)} />}
    </Panel>
  );
}
