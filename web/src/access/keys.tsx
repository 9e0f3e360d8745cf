/** Keys of programs: what each may read or send, of which book, how often, until when. The key itself is shown once. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBookCode } from "../app/session.ts";
import { Dialog, Field, moment, Page, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { AccessTabs } from "./people.tsx";

type Key = { readonly key: string; readonly name: string; readonly book: string; readonly scopes: readonly string[]; readonly perMinute: number; readonly expiresAt: string | null; readonly madeAt: string; readonly madeBy: string; readonly revokedAt: string | null; readonly reason: string | null };
const scopes = ["documents:read", "documents:post", "vouchers:read", "balances:read", "openItems:read", "chains:read", "deliveries:read", "flows:send"];

export function Keys() {
  const t = useT();
  const book = useBookCode();
  const keys = useApi<readonly Key[]>(`/keys?book=${seg(book)}`);
  const [isNew, setNew] = useState(false);
  const [ending, setEnding] = useState<Key | null>(null);
  const [reason, setReason] = useState("");
  const revoke = useAct(async () => { await api(`/keys/${seg(ending?.key ?? "")}/revoke`, { body: { reason } }); setEnding(null); setReason(""); });
  return (
    <Page title={t("权限", "Access")} tabs={<AccessTabs />} acts={<button type="button" className="btn p" onClick={() => setNew(true)}>{t("新建密钥", "New key")}</button>}>
      <Panel>
        <Loaded of={keys} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("这本账簿还没有程序密钥。", "This book has no keys of programs.")} next={t("其他系统凭密钥读取数据服务或推送单据。", "Other systems read published data or send documents with a key.")} />}>{(rows) => (
          <Table caption={t("程序密钥", "Keys of programs")} rows={rows} rowKey={(row) => row.key} columns={[
            { key: "name", head: { zh: "名称", en: "Name" }, cell: (row) => <>{row.name} <span className="mono mut">{row.key}</span></> },
            { key: "scopes", head: { zh: "可以", en: "May" }, wrap: true, cell: (row) => <span className="row tags">{row.scopes.map((scope) => <Tag key={scope}>{scope}</Tag>)}</span>, wide: true },
            { key: "rate", head: { zh: "每分钟", en: "A minute" }, num: true, cell: (row) => row.perMinute },
            { key: "until", head: { zh: "到期", en: "Until" }, cell: (row) => (row.expiresAt === null ? t("不限", "No end") : row.expiresAt.slice(0, 10)), wide: true },
            { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => (row.revokedAt === null ? <button type="button" className="btn q" onClick={() => setEnding(row)}>{t("撤销", "Revoke")}</button> : <Tag tone="bad">{t("已撤销", "Revoked")} {moment(row.revokedAt).slice(0, 10)}</Tag>) },
          ]} />
        )}</Loaded>
      </Panel>
      {isNew ? <KeyDialog book={book} onClose={() => setNew(false)} /> : null}
      {ending === null ? null : (
        <Dialog title={t(`撤销密钥 ${ending.name}`, `Revoke the key ${ending.name}`)} onClose={() => setEnding(null)} foot={<><button type="button" className="btn" onClick={() => setEnding(null)}>{t("关闭", "Close")}</button><button type="button" className="btn danger" disabled={reason.trim() === ""} onClick={() => revoke.mutate(undefined)}>{t("撤销密钥", "Revoke the key")}</button></>}>
          <Field label={t("原因", "Reason")}><input className="in" autoFocus value={reason} onChange={(event) => setReason(event.target.value)} /></Field><Trouble error={revoke.error} />
        </Dialog>
      )}
    </Page>
  );
}

function KeyDialog({ book, onClose }: { readonly book: string; readonly onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>(["documents:read"]);
  const [perMinute, setPerMinute] = useState("120");
  const [until, setUntil] = useState("");
  const [secret, setSecret] = useState<string | null>(null);
  const make = useAct(async () => setSecret((await api<{ readonly secret: string }>("/keys", { body: { name, book, scopes: chosen, perMinute: Number(perMinute), expiresAt: until === "" ? null : `${until}T23:59:59Z` } })).secret));
  return (
    <Dialog title={t("新建密钥", "New key")} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button>{secret === null ? <button type="button" className="btn p" disabled={name === "" || chosen.length === 0} onClick={() => make.mutate(undefined)}>{t("生成密钥", "Make the key")}</button> : null}</>}>
      {secret === null ? <>
        <Field label={t("名称", "Name")}><input className="in" autoFocus value={name} onChange={(event) => setName(event.target.value)} /></Field>
        <div className="stack">{scopes.map((scope) => <label key={scope} className="row"><input type="checkbox" checked={chosen.includes(scope)} onChange={() => setChosen(chosen.includes(scope) ? chosen.filter((one) => one !== scope) : [...chosen, scope])} /><span className="mono">{scope}</span></label>)}</div>
        <div className="grid"><div className="c6"><Field label={t("每分钟最多", "Calls a minute")}><input className="in num" inputMode="numeric" value={perMinute} onChange={(event) => setPerMinute(event.target.value.replace(/\D/g, ""))} /></Field></div><div className="c6"><Field label={t("到期日", "Until")}><input className="in" type="date" value={until} onChange={(event) => setUntil(event.target.value)} /></Field></div></div>
        <Trouble error={make.error} />
      </> : <div className="state"><b>{t("密钥只显示这一次", "The key is shown only now")}</b><input className="in mono" readOnly value={secret} onFocus={(event) => event.target.select()} aria-label={t("密钥", "Key")} /><div className="sub">Authorization: Bearer {secret.slice(0, 15)}…</div></div>}
    </Dialog>
  );
}
