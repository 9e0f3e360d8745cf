/** 条件与分录: when the rule answers its event, and which entries it makes, in words; both are edited here. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Dialog, Field, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Entry, problemsAt, type Rule, useEdit, type View } from "./model.ts";
import { AccountField, AccountName, MarkSign, Wrong } from "./words.tsx";

export function Conditions({ book, view, rule, isDraft, query }: { readonly book: string; readonly view: View; readonly rule: Rule; readonly isDraft: boolean; readonly query: Readonly<Record<string, string>> }) {
  const t = useT();
  const edit = useEdit(book);
  const [isOpen, setOpen] = useState(false);
  const same = view.rules.filter(({ event, mark }) => event === rule.event && mark !== "−");
  const wrong = view.problems.filter(({ where }) => where === `rules.${rule.id}` || where === `rules.${rule.id}.when` || where === `rules.${rule.id}.summary`);
  const changed = (name: string): boolean => rule.changed.includes(name);
  return (
    <Panel title={t("当", "When")} note={`${t(rule.eventWords)}${rule.event === rule.kind ? "" : ` ${rule.event}`}`} right={isDraft ? <button type="button" className="btn q" onClick={() => setOpen(true)}>{t("改条件与摘要", "Change")}</button> : undefined}>
      <dl className="rules-facts">
        <dt>{t("条件", "Condition")}</dt><dd>{changed("when") && rule.whenWas ? <del className="rules-was">{t(rule.whenWas.zh, rule.whenWas.en)}</del> : null}{rule.when ? t(rule.when.zh, rule.when.en) : t("总是", "always")}{changed("when") ? <MarkSign mark="~" /> : null}{rule.when ? <div className="sub mono">{rule.when.text}</div> : null}</dd>
        <dt>{t("凭证字", "Series")}</dt><dd>{rule.series}{changed("series") ? <MarkSign mark="~" /> : null}</dd>
        <dt>{t("摘要", "Summary")}</dt><dd><span className="mono">{rule.summary}</span>{changed("summary") ? <MarkSign mark="~" /> : null}</dd>
        <dt>{t("合并", "Merge")}</dt><dd>{rule.merge === "perDay" ? t("同日合并", "one voucher a day") : rule.merge === "perCounterparty" ? t("按往来单位合并", "one voucher a counterparty") : t("一单一张", "one voucher a document")}</dd>
        <dt>{t("审核", "Review")}</dt><dd>{rule.autoReview ? (rule.reviewAbove === "0" ? t("自动审核，以账簿上限为限", "automatic, within the limit of the book") : t(`自动审核，超过 ${rule.reviewAbove} 分交人审核`, `automatic up to ${rule.reviewAbove} minor units`)) : t("交人审核", "by a person")}{changed("autoReview") || changed("reviewAbove") ? <MarkSign mark="~" /> : null}</dd>
        {rule.tail ? <><dt>{t("尾差", "Tail")}</dt><dd>{t(rule.tail)}</dd></> : null}
        {rule.note === "" ? null : <><dt>{t("依据", "Basis")}</dt><dd>{rule.note}</dd></>}
      </dl>
      <Wrong problems={wrong} />
      {same.length > 1 ? <><div className="pt"><h3>{t("回答同一事件的规则", "Rules for the same event")}</h3><span className="n">{t("自上而下，第一条成立的生效", "From top to bottom, the first that holds")}</span>{isDraft ? <span className="r row"><button type="button" className="btn q" disabled={same[0]?.id === rule.id || edit.isPending} onClick={() => edit.mutate({ act: "rule.move", rule: rule.id, by: -1 })}>↑ {t("上移", "Up")}</button><button type="button" className="btn q" disabled={same.at(-1)?.id === rule.id || edit.isPending} onClick={() => edit.mutate({ act: "rule.move", rule: rule.id, by: 1 })}>↓ {t("下移", "Down")}</button></span> : null}</div>
        <ol className="rules-order">{same.map((one) => <li key={one.id} className={one.id === rule.id ? "on" : undefined}><MarkSign mark={one.mark} isMoved={one.isMoved} /><span><Link to={`/b/${book}/rules/${encodeURIComponent(one.id)}` as never} search={query as never}>{one.id} {t(one.zh, one.en)}</Link><span className="sub" style={{ display: "block" }}>{one.when ? t(one.when.zh, one.when.en) : t("总是", "always")}</span></span></li>)}</ol></> : null}
      <Trouble error={isOpen ? null : edit.error} />
      {isOpen ? <RuleDialog book={book} rule={rule} onClose={() => setOpen(false)} /> : null}
    </Panel>
  );
}

/** What the rule says of itself. The condition is an expression; what is wrong in it is said at its place, and the dialog stays. */
function RuleDialog({ book, rule, onClose }: { readonly book: string; readonly rule: Rule; readonly onClose: () => void }) {
  const t = useT();
  const edit = useEdit(book);
  const [form, setForm] = useState({ zh: rule.zh, en: rule.en, when: rule.when?.text ?? "", summary: rule.summary, series: rule.series, autoReview: String(rule.autoReview), reviewAbove: rule.reviewAbove });
  const [wrong, setWrong] = useState<View["problems"]>([]);
  const was: typeof form = { zh: rule.zh, en: rule.en, when: rule.when?.text ?? "", summary: rule.summary, series: rule.series, autoReview: String(rule.autoReview), reviewAbove: rule.reviewAbove };
  const save = async (): Promise<void> => {
    let view: View | undefined;
    for (const field of Object.keys(form) as (keyof typeof form)[]) if (form[field] !== was[field]) view = await edit.mutateAsync({ act: "rule.set", rule: rule.id, field, value: form[field].trim() });
    const found = view ? view.problems.filter(({ where }) => where?.startsWith(`rules.${rule.id}`)) : [];
    setWrong(found);
    if (found.length === 0) onClose();
  };
  const input = (name: keyof typeof form, label: string, hint?: string) => <Field label={label} hint={hint}><input className={`in${name === "when" || name === "summary" ? " mono" : ""}`} value={form[name]} onChange={(event) => setForm({ ...form, [name]: event.target.value })} /></Field>;
  return (
    <Dialog title={`${rule.id} ${t(rule.zh, rule.en)}`} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button><button type="button" className="btn p" disabled={edit.isPending} onClick={() => void save().catch(() => undefined)}>{t("改规则", "Change the rule")}</button></>}>
      {input("when", t("条件", "Condition"), t("doc. 单据字段，book. 账簿设置；== != < <= > >= in && || !；文字加单引号；空为总是", "doc. the document, book. its settings; == != < <= > >= in && || !; text in single quotes; empty is always"))}
      <Wrong problems={wrong} />
      {input("summary", t("摘要", "Summary"), t("花括号里的字段换成它的值，如 {doc.number}", "A field in braces becomes its value: {doc.number}"))}
      {input("series", t("凭证字", "Series"))}{input("zh", t("名称（中文）", "Name, Chinese"))}{input("en", t("名称（英文）", "Name, English"))}
      <Field label={t("审核", "Review")}><select className="in" value={form.autoReview} onChange={(event) => setForm({ ...form, autoReview: event.target.value })}><option value="true">{t("自动审核", "automatic")}</option><option value="false">{t("交人审核", "by a person")}</option></select></Field>
      <Trouble error={edit.error} />
    </Dialog>
  );
}

export function Entries({ book, view, rule, isDraft, query }: { readonly book: string; readonly view: View; readonly rule: Rule; readonly isDraft: boolean; readonly query: Readonly<Record<string, string>> }) {
  const t = useT();
  const edit = useEdit(book);
  const [open, setOpen] = useState<Entry | "new" | null>(null);
  if (rule.isExempt) return <Panel title={t("则", "Then")}><div className="state"><b>{t("不记账", "No entry")}</b><div className="sub">{t("单据计入完整性的「免记账」，由批准规则的人负责。", "The document counts as exempt in the completeness ledger; whoever approved the rule approved that.")}</div></div></Panel>;
  const count = rule.entries.filter(({ at }) => at >= 0).length;
  return (
    <Panel title={t("则", "Then")} note={t(`${count} 条分录`, `${count} entries`)} right={isDraft ? <button type="button" className="btn q" onClick={() => setOpen("new")}>{t("加一条分录", "Add an entry")}</button> : undefined}
      foot={rule.sharedWith.length === 0 ? undefined : <span>{t("分录与下列规则共用，改动对它们同样生效：", "These entries are shared with, and change with: ")}{rule.sharedWith.map((id) => <Link key={id} to={`/b/${book}/rules/${encodeURIComponent(id)}` as never} search={query as never}> {id}</Link>)}</span>}>
      <Table
        caption={t("分录", "Entries")} rows={rule.entries} rowKey={(entry) => `${entry.at} ${entry.side} ${entry.role} ${entry.table} ${entry.mark}`} {...(isDraft ? { onOpen: (entry: Entry) => { if (entry.at >= 0) setOpen(entry); } } : {})}
        columns={[
          { key: "side", head: { zh: "方向", en: "Side" }, cell: (entry) => <span className="row"><MarkSign mark={entry.mark} isMoved={entry.isMoved} />{entry.side === "debit" ? t("借", "Debit") : t("贷", "Credit")}</span> },
          { key: "account", head: { zh: "科目", en: "Account" }, wrap: true, cell: (entry) => <span className={entry.mark === "−" ? "rules-was" : undefined}>{entry.isTable ? <><Link to={`/b/${book}/rules/${encodeURIComponent(rule.id)}` as never} search={{ ...query, tab: "tables", table: entry.table } as never}>{t(entry.tableWords)}</Link>{entry.accounts.length === 0 ? null : <span className="sub">{entry.accounts.slice(0, 4).map((account) => `${account.code} ${t(account.zh, account.en)}`).join(t("、", ", "))}{entry.accounts.length > 4 ? "…" : ""}</span>}</> : entry.accounts[0] ? <AccountName of={entry.accounts[0]} /> : entry.table}</span> },
          { key: "amount", head: { zh: "金额", en: "Amount" }, wrap: true, cell: (entry) => <>{entry.spread ? t(entry.spread) : `${entry.amount ? t(entry.amount.zh, entry.amount.en).replace(t("金额", "amount"), `「${t(entry.roleWords)}」`) : `「${t(entry.roleWords)}」`}`}{entry.amount?.text === "-row.amount" ? <span className="sub">{t("正负取反", "sign turned")}</span> : null}</> },
          { key: "when", head: { zh: "条件", en: "Only when" }, wrap: true, cell: (entry) => (entry.when ? t(entry.when.zh, entry.when.en) : <span className="rules-any">{t("任意", "any")}</span>) },
          ...(rule.entries.some(({ was }) => was !== null) ? [{ key: "was", head: { zh: "原来", en: "Before" }, wide: true, wrap: true, cell: (entry: Entry) => (entry.was ? <del className="rules-was">{t(entry.was)}</del> : null) }] : []),
          ...(isDraft ? [{ key: "acts", head: "", cell: (entry: Entry) => (entry.at < 0 ? null : <span className="rules-rowacts row">
            <button type="button" className="btn q" disabled={entry.at === 0 || edit.isPending} aria-label={t(`第 ${entry.at + 1} 条上移`, `Move entry ${entry.at + 1} up`)} onClick={() => edit.mutate({ act: "entry.move", rule: rule.id, entry: entry.at, to: entry.at - 1 })}>↑</button>
            <button type="button" className="btn q" disabled={entry.at === count - 1 || edit.isPending} aria-label={t(`第 ${entry.at + 1} 条下移`, `Move entry ${entry.at + 1} down`)} onClick={() => edit.mutate({ act: "entry.move", rule: rule.id, entry: entry.at, to: entry.at + 1 })}>↓</button>
            <button type="button" className="btn q" disabled={count === 1 || edit.isPending} aria-label={t(`删除第 ${entry.at + 1} 条`, `Remove entry ${entry.at + 1}`)} onClick={() => edit.mutate({ act: "entry.remove", rule: rule.id, entry: entry.at })}>×</button>
          </span>) }] : []),
        ]}
      />
      <Wrong problems={rule.entries.flatMap(({ at }) => (at < 0 ? [] : problemsAt(view, `rules.${rule.id}.entries[${at + 1}]`)))} />
      <Trouble error={edit.error} />
      {open === null ? null : <EntryDialog book={book} view={view} rule={rule} entry={open === "new" ? null : open} onClose={() => setOpen(null)} />}
    </Panel>
  );
}

function EntryDialog({ book, view, rule, entry, onClose }: { readonly book: string; readonly view: View; readonly rule: Rule; readonly entry: Entry | null; readonly onClose: () => void }) {
  const t = useT();
  const edit = useEdit(book);
  const [side, setSide] = useState<"debit" | "credit">(entry?.side ?? "debit");
  const [account, setAccount] = useState(entry?.table ?? "");
  const [role, setRole] = useState(entry?.role ?? "");
  const [amount, setAmount] = useState(entry?.amount?.text ?? "");
  const [when, setWhen] = useState(entry?.when?.text ?? "");
  const [wrong, setWrong] = useState<View["problems"]>([]);
  // Rows of the event: those that any rule for it takes, then those of all others.
  const roles = new Map([...view.rules.filter(({ event }) => event === rule.event), ...view.rules].flatMap(({ entries }) => entries.map((one) => [one.role, one.roleWords] as const)).reverse());
  const own = new Set(view.rules.filter(({ event }) => event === rule.event).flatMap(({ entries }) => entries.map((one) => one.role)));
  const table = view.tables.find(({ name }) => name === account);
  const save = async (): Promise<void> => {
    const at = entry?.at ?? rule.entries.filter(({ at: place }) => place >= 0).length;
    const made = await edit.mutateAsync(entry === null ? { act: "entry.add", rule: rule.id, entry: at, side, account, role } : { act: "entry.set", rule: rule.id, entry: at, side, account, role, amount: amount.trim(), when: when.trim() });
    const view2 = entry === null && (amount.trim() !== "" || when.trim() !== "") ? await edit.mutateAsync({ act: "entry.set", rule: rule.id, entry: at, amount: amount.trim(), when: when.trim() }) : made;
    const found = problemsAt(view2, `rules.${rule.id}.entries[${at + 1}]`);
    setWrong(found);
    if (found.length === 0) onClose();
  };
  return (
    <Dialog title={entry === null ? t("加一条分录", "Add an entry") : t("改分录", "Change the entry")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button><button type="button" className="btn p" disabled={account === "" || role === "" || edit.isPending} onClick={() => void save().catch(() => undefined)}>{entry === null ? t("加分录", "Add the entry") : t("改分录", "Change the entry")}</button></>}>
      <div className="field"><Segments label={t("方向", "Side")} value={side} options={[{ value: "debit", text: { zh: "借", en: "Debit" } }, { value: "credit", text: { zh: "贷", en: "Credit" } }]} onChange={setSide} /></div>
      <div className="field"><span>{t("科目或科目表", "Account or table")}</span><AccountField book={book} label={t("科目或科目表", "Account or table")} value={account} shown={table ? t(table.zh, table.en) : account === entry?.table && entry.accounts[0] ? `${entry.accounts[0].code} ${t(entry.accounts[0].zh, entry.accounts[0].en)}` : account} tables={view.tables.filter(({ mark }) => mark !== "−")} onChoose={setAccount} />{table ? <span className="sub">{t(`科目表，${table.rows.length} 行`, `a table of ${table.rows.length} rows`)} <Tag>{table.name}</Tag></span> : null}</div>
      <Field label={t("金额行", "Row")} hint={t("业务单据算出的金额，一条分录取其中一种", "Figures that the document came to; an entry takes one kind")}><select className="in" value={role} onChange={(event) => setRole(event.target.value)}><option value="" />{[...roles].sort(([a], [b]) => Number(own.has(b)) - Number(own.has(a))).map(([name, words]) => <option key={name} value={name}>{t(words)} {name}{own.has(name) ? "" : t("（此事件通常没有）", " (not usual here)")}</option>)}</select></Field>
      <Field label={t("金额", "Amount")} hint={t("空为原金额；-row.amount 为正负取反", "Empty is the figure itself; -row.amount turns its sign")}><input className="in mono" value={amount} onChange={(event) => setAmount(event.target.value)} /></Field>
      <Field label={t("条件", "Only when")} hint={t("如 row.use == 'sold'；空为任意", "Such as row.use == 'sold'; empty is any")}><input className="in mono" value={when} onChange={(event) => setWhen(event.target.value)} /></Field>
      <Wrong problems={wrong} />
      <Trouble error={edit.error} />
    </Dialog>
  );
}
