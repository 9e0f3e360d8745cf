/** Every decision asks for its reason, and shows what it touches before it is made. */
import { Link } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { api, seg, useApi, withQuery } from "../app/api.ts";
import { Amount, count } from "../ui/amount.tsx";
import { Combo } from "../ui/combo.tsx";
import { Dialog, Field, Kbd, Tag } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { type Acted, type Effect, type GoldenListed, type Preview, ruleWords, useDecide, useDesk } from "./desk.ts";

export function DecideDialog({ title, say, act, onClose, onDone, children, isReady = true }: { readonly title: string; readonly say: string; readonly act: () => Readonly<Record<string, unknown>>; readonly onClose: () => void; readonly onDone?: ((acted: Acted) => void) | undefined; readonly children?: ReactNode; readonly isReady?: boolean }) {
  const t = useT();
  const [reason, setReason] = useState("");
  const decide = useDecide();
  const send = (): void => { if (isReady && reason.trim() !== "" && !decide.isPending) decide.mutate({ act: act(), reason: reason.trim() }, { onSuccess: (acted) => { onDone?.(acted); onClose(); } }); };
  return (
    <Dialog title={title} onClose={onClose} kind="wide" foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={!isReady || reason.trim() === "" || decide.isPending} onClick={send}>{say} <Kbd>Ctrl ↵</Kbd></button></>}>
      {children}
      <Field label={t("原因，留在决定记录中", "The reason, which stays with the decision")}><textarea className="in" value={reason} maxLength={500} onChange={(event) => setReason(event.target.value)} onKeyDown={(event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send(); }} /></Field>
      {decide.error ? <Trouble error={decide.error} /> : null}
    </Dialog>
  );
}

/** What became of it: done, waiting for a second person, and which documents went on. */
export function ActedNote({ of, onClose, onUndo }: { readonly of: Acted; readonly onClose: () => void; readonly onUndo?: (() => void) | undefined }) {
  const t = useT();
  const { to } = useDesk();
  return (
    <div className="state" role="status">
      <b>{of.request === null ? t("已决定", "Decided") : t(`已提交变更申请 ${of.request}，等另一人批准`, `Change request ${of.request} waits for somebody else`)}{of.released && of.released.posted > 0 ? t(`，${of.released.posted} 张单据已自动记账`, `, ${of.released.posted} documents were posted`) : ""}</b>
      <div className="row">{of.request === null ? null : <Link className="btn" to={to("/requests") as never}>{t("看变更申请", "See the requests")}</Link>}{onUndo ? <button type="button" className="btn" onClick={onUndo}>{t("撤销这个判断", "Take it back")} <Kbd>z</Kbd></button> : null}<button type="button" className="btn" onClick={onClose}>{t("知道了", "Noted")}</button></div>
    </div>
  );
}

/** A golden record, found by code, name, pinyin or credit code. */
export function GoldenField({ label, domain, value, onChoose }: { readonly label: string; readonly domain?: string | undefined; readonly value: GoldenListed | null; readonly onChoose: (golden: GoldenListed | null) => void }) {
  const { base } = useDesk();
  const t = useT();
  const [found, setFound] = useState<readonly GoldenListed[]>([]);
  const search = async (text: string) => {
    const rows = text.trim() === "" ? [] : await api<readonly GoldenListed[]>(withQuery(`${base}/golden`, { text, domain, limit: 20 }));
    setFound(rows);
    return rows.map((row) => ({ value: row.golden, text: `${row.code} ${row.name}`, right: row.systems.join(t("、", ", ")) }));
  };
  return <Combo label={label} value={value?.golden ?? ""} shown={value === null ? "" : `${value.code} ${value.name}`} search={search} onChoose={(golden) => onChoose(found.find((row) => row.golden === golden) ?? null)} placeholder={t("编码、名称、拼音、信用代码", "Code, name, pinyin, USCC")} />;
}

/** Values before and after, with what changes marked. */
export function PreviewOf({ query }: { readonly query: Readonly<Record<string, string>> }) {
  const t = useT();
  const { base } = useDesk();
  const preview = useApi<Preview>(withQuery(`${base}/preview`, query));
  return (
    <Loaded of={preview} rows={4} columns={2}>{(shown) => (
      <div className="masterdata-preview">
        {shown.after.map((side) => (
          <div key={side.golden}>
            <h3>{side.code} {side.name} <Tag>{side.golden}</Tag></h3>
            <div className="sub">{side.codes.join(t("、", ", "))}</div>
            <dl className="kv">{side.fields.map((field) => <div key={field.field} className="masterdata-kv"><dt>{t(field)}</dt><dd>{field.isChanged ? <Tag tone="accent">{t("变", "new")}</Tag> : null} {field.value ?? t("无权查看", "not permitted")} <span className="sub">{field.system}{field.system === "" ? "" : " · "}{t(ruleWords[field.rule] ?? { zh: field.rule, en: field.rule })}</span></dd></div>)}</dl>
          </div>
        ))}
      </div>
    )}</Loaded>
  );
}

/** Which open documents, accounts and rules stand with it. Posted vouchers stay as they are. */
export function EffectOf({ golden }: { readonly golden: string }) {
  const t = useT();
  const { base, book } = useDesk();
  const effect = useApi<Effect>(`${base}/golden/${seg(golden)}/effect`);
  return (
    <Loaded of={effect} rows={4} columns={2}>{(shown) => (
      <div className="pb">
        <dl className="kv">
          <dt>{t("未清金额（元）", "Open value")}</dt><dd><Amount of={shown.openValue} hidden={shown.openValue === null} exact /></dd>
          <dt>{t("单据", "Documents")}</dt><dd>{shown.documents === 0 ? <span className="z">–</span> : <Link to={`/b/${book.code}/documents` as never} search={{ party: shown.codes[0] } as never}>{count(shown.documents)}</Link>}</dd>
          <dt>{t("未清项", "Open items")}</dt><dd>{shown.openItems === 0 ? <span className="z">–</span> : <Link to={`/b/${book.code}/books/open-items/party` as never} search={{ party: shown.codes[0] } as never}>{count(shown.openItems)}</Link>}</dd>
          <dt>{t("在等的单据", "Documents that wait")}</dt><dd>{shown.waiting.length === 0 ? <span className="z">–</span> : <>{shown.waiting.slice(0, 5).map((document) => <div key={document}><Link to={`/b/${book.code}/documents/one` as never} search={{ of: document } as never}>{document.slice(document.indexOf("/") + 1)}</Link></div>)}{shown.waiting.length > 5 || shown.waitingMore ? "…" : null}</>}</dd>
          {shown.accounts.map(({ account, zh, en, balance }) => <div key={account} className="masterdata-kv"><dt>{account} {t(zh, en)}</dt><dd><Link to={`/b/${book.code}/vouchers` as never} search={{ account } as never}><Amount of={balance} hidden={balance === null} exact /></Link></dd></div>)}
          {shown.rules.map((rule) => <div key={rule.rule} className="masterdata-kv"><dt>{t("规则", "Rule")}</dt><dd><Link to={`/b/${book.code}/rules/${encodeURIComponent(rule.rule)}` as never}>{t(rule)}</Link> <span className="sub">{rule.why}</span></dd></div>)}
        </dl>
        <div className="sub">{t("已记账凭证不变；变更只影响之后的单据。", "Posted vouchers stay as they are; a change touches later documents only.")}</div>
      </div>
    )}</Loaded>
  );
}
