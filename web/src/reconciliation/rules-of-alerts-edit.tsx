/** One rule as fields. What it would find now can be tried before it is kept. */
import { type ReactNode, useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field, Tag } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { type Channel, type Measure, roleWords, type Rule, type RuleFields, type Tried, units } from "./alerts-model.ts";

const fresh: RuleFields = { zh: "", en: "", measure: "overdueReceivable", params: {}, is: "above", line: "0", margin: "0", afterMinutes: 0, repeatMinutes: 1_440, escalateMinutes: 0, everyMinutes: 5, quiet: { from: "18:30", to: "08:30" }, isUrgent: false, callsOwner: true, roles: ["controller"], channels: [], language: "both" };

export function EditRule({ base, of, measures, onClose }: { readonly base: string; readonly of: Rule | null; readonly measures: readonly Measure[]; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [name, setName] = useState(of?.rule ?? "");
  const [isOn, setOn] = useState(of?.isOn ?? true);
  const [fields, setFields] = useState<RuleFields>(of ?? fresh);
  const change = (to: Partial<RuleFields>): void => setFields({ ...fields, ...to });
  const roles = useApi<readonly { readonly role: string; readonly zh: string; readonly en: string }[]>(book.may("access.manage") ? "/roles" : null).data ?? Object.entries(roleWords).map(([role, words]) => ({ role, ...words }));
  const channels = useApi<readonly Channel[]>(`${base}/alert-channels`).data ?? [];
  const { zh, en, measure, params, is, line, margin, afterMinutes, repeatMinutes, escalateMinutes, everyMinutes, quiet, isUrgent, callsOwner, roles: chosen, channels: through, language } = fields;
  const body: RuleFields = { zh, en, measure, params, is, line, margin, afterMinutes, repeatMinutes, escalateMinutes, everyMinutes, quiet, isUrgent, callsOwner, roles: chosen, channels: through, language };
  const save = useAct(() => api(`${base}/alert-rules/${seg(name)}`, { method: "PUT", body: { ...body, isOn } }));
  const attempt = useAct(() => api<Tried>(`${base}/alert-rules/${seg(name || "new")}/try`, { body }));
  const unit = measures.find((one) => one.measure === measure)?.unit ?? "count";
  const unitText = unit === "money" ? book.currency : t(units[unit] ?? { zh: "", en: "" });
  const text = (key: "zh" | "en" | "line" | "margin", label: string, hint?: ReactNode) => <Field label={label} hint={hint}><input className="in" value={fields[key]} onChange={(event) => change({ [key]: event.target.value })} /></Field>;
  const minutes = (key: "afterMinutes" | "repeatMinutes" | "escalateMinutes" | "everyMinutes", label: string, hint?: string) => <Field label={label} hint={hint}><input className="in" type="number" min={key === "everyMinutes" ? 1 : 0} value={fields[key]} onChange={(event) => change({ [key]: Math.max(0, Math.trunc(Number(event.target.value)) || 0) })} /></Field>;
  const check = (label: string, isChecked: boolean, onChange: (next: boolean) => void) => <label className="alerts-check"><input type="checkbox" checked={isChecked} onChange={(event) => onChange(event.target.checked)} /> {label}</label>;
  const toggle = (list: readonly string[], one: string): readonly string[] => (list.includes(one) ? list.filter((other) => other !== one) : [...list, one]);
  const days = ["stockIdle", "stockCover", "margin", "metric"].includes(measure);
  return (
    <Dialog kind="wide" title={of === null ? t("新建预警规则", "New alert rule") : t(of)} onClose={onClose} foot={<><button type="button" className="btn" disabled={attempt.isPending} onClick={() => attempt.mutate(undefined)}>{t("试算", "Try")}</button><button type="button" className="btn p" disabled={save.isPending || name === ""} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>{t("保存规则", "Save the rule")}</button></>}>
      <Trouble error={save.error ?? attempt.error} />
      {attempt.data ? <div className="state" role="status"><b>{t(`现在看 ${attempt.data.subjects} 个对象，${attempt.data.crossed} 个越线。`, `${attempt.data.subjects} subjects now, ${attempt.data.crossed} beyond the line.`)}</b>{attempt.data.first.slice(0, 8).map((row) => <div key={row.subject} className="sub">{row.label} {row.value} {row.isCrossed ? <Tag tone="warn">{t("越线", "beyond")}</Tag> : null} {row.employee}</div>)}</div> : null}
      <div className="alerts-two">
        {of === null ? <Field label={t("代码", "Code")} hint={t("小写字母、数字、连字符", "lower case letters, digits, hyphens")}><input className="in" data-first value={name} onChange={(event) => setName(event.target.value)} /></Field> : null}
        {text("zh", t("中文名称", "Chinese name"))}{text("en", t("英文名称", "English name"))}
        <Field label={t("看什么", "What is measured")}><select className="in" value={measure} onChange={(event) => change({ measure: event.target.value })}>{measures.map((one) => <option key={one.measure} value={one.measure}>{t(one)}</option>)}</select></Field>
        {days ? <Field label={t("天数", "Days")}><input className="in" type="number" min={1} value={params.days ?? 30} onChange={(event) => change({ params: { ...params, days: Math.max(1, Math.trunc(Number(event.target.value)) || 1) } })} /></Field> : null}
        {measure === "metric" ? <><Field label={t("指标", "Metric")}><input className="in" value={params.metric ?? ""} onChange={(event) => change({ params: { ...params, metric: event.target.value } })} /></Field><Field label={t("维度", "Dimension")}><input className="in" value={params.dimension ?? ""} onChange={(event) => change({ params: { ...params, dimension: event.target.value } })} /></Field></> : null}
        <Field label={t("越线", "Beyond the line")}><select className="in" value={is} onChange={(event) => change({ is: event.target.value === "below" ? "below" : "above" })}><option value="above">{t("高于", "above")}</option><option value="below">{t("低于", "below")}</option></select></Field>
        {text("line", t(`线（${unitText}）`, `Line (${unitText})`))}{text("margin", t(`余量（${unitText}）`, `Margin (${unitText})`), t("回到线内这么多才算解除", "it is over only this far within the line"))}
        {minutes("afterMinutes", t("持续多少分钟才响", "Minutes before it rings"))}{minutes("repeatMinutes", t("无人认领再响，分钟", "Rings again, minutes"), t("0 为不再响", "0 is never"))}{minutes("escalateMinutes", t("无人认领升级，分钟", "Goes one step up, minutes"), t("0 为不升级", "0 is never"))}{minutes("everyMinutes", t("评估间隔，分钟", "Looked at every, minutes"))}
        <Field label={t("静默时段（中国时间）", "Quiet hours (Chinese time)")}><span className="alerts-quiet"><input className="in" type="time" aria-label={t("静默起", "Quiet from")} value={quiet?.from ?? ""} onChange={(event) => change({ quiet: event.target.value === "" ? null : { from: event.target.value, to: quiet?.to ?? "08:30" } })} /> – <input className="in" type="time" aria-label={t("静默止", "Quiet to")} value={quiet?.to ?? ""} onChange={(event) => change({ quiet: event.target.value === "" ? null : { from: quiet?.from ?? "18:30", to: event.target.value } })} /></span></Field>
        <Field label={t("语言", "Language")}><select className="in" value={language} onChange={(event) => change({ language: event.target.value as "both" })}><option value="both">{t("中英双语", "Both")}</option><option value="zh">中文</option><option value="en">English</option></select></Field>
      </div>
      <fieldset className="alerts-set"><legend>{t("通知，按此顺序升级", "Calls, in this order")}</legend>{check(t("数据中的负责人（业务员、采购员）", "Who the data names (salesperson, buyer)"), callsOwner, (next) => change({ callsOwner: next }))}{roles.map((role) => <span key={role.role}>{check(`${t(role)}${chosen.includes(role.role) ? ` ${chosen.indexOf(role.role) + 1}` : ""}`, chosen.includes(role.role), () => change({ roles: toggle(chosen, role.role) }))}</span>)}</fieldset>
      <fieldset className="alerts-set"><legend>{t("渠道（站内始终）", "Channels (in app always)")}</legend>{channels.length === 0 ? <span className="mut">{t("还没有渠道", "none yet")}</span> : channels.map((one) => <span key={one.channel}>{check(one.channel, through.includes(one.channel), () => change({ channels: toggle(through, one.channel) }))}</span>)}</fieldset>
      <div className="alerts-set">{check(t("紧急：静默时段也响", "Urgent: rings in quiet hours too"), isUrgent, (next) => change({ isUrgent: next }))}{check(t("启用", "On"), isOn, setOn)}</div>
    </Dialog>
  );
}
