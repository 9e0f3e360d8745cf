/** 机密: names only. What one holds is never shown again; it can be replaced. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { Dialog, Field, moment, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import "./connectors.css";
import { ConnectorTabs } from "./parts.tsx";

type Secret = { readonly name: string; readonly setBy: string; readonly setAt: string };

export function Secrets() {
  const t = useT();
  const book = useBook();
  const secrets = useApi<readonly Secret[]>(`/books/${seg(book.code)}/secrets`);
  const [open, setOpen] = useState<string | null>(null);
  return (
    <Page title={t("机密", "Secrets")} crumb={{ to: `/b/${book.code}/connectors`, text: t("接入", "Sources") }} tabs={<ConnectorTabs />} acts={<button type="button" className="btn p" onClick={() => setOpen("")}>{t("存入机密", "Set a secret")}</button>}>
      <Panel note={t("加密保存，存入后不再显示", "Kept sealed, never shown again")} title={t("机密", "Secrets")}>
        <Loaded of={secrets} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("还没有机密。", "There is no secret yet.")} next={t("数据流的密码与令牌存在这里，定义中写作 { secret: 名称 }。", "Passwords and tokens of flows are set here and written { secret: NAME } in their definitions.")} />}>{(rows) => (
          <Table
            caption={t("机密", "Secrets")} rows={rows} rowKey={(row) => row.name} onOpen={(row) => setOpen(row.name)}
            columns={[{ key: "name", head: { zh: "名称", en: "Name" }, cell: (row) => <button type="button" className="link mono" onClick={() => setOpen(row.name)}>{row.name}</button> }, { key: "by", head: { zh: "存入人", en: "Set by" }, cell: (row) => row.setBy }, { key: "at", head: { zh: "存入时间", en: "Set at" }, cell: (row) => moment(row.setAt), wide: true, mute: true }]}
          />
        )}</Loaded>
      </Panel>
      {open === null ? null : <SecretDialog name={open} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function SecretDialog({ name: known, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const t = useT();
  const book = useBook();
  const [name, setName] = useState(known);
  const [value, setValue] = useState("");
  const set = useAct(() => api(`/books/${seg(book.code)}/secrets/${seg(name.trim())}`, { method: "PUT", body: { value } }));
  return (
    <Dialog title={known === "" ? t("存入机密", "Set a secret") : t(`替换 ${known}`, `Replace ${known}`)} onClose={onClose} foot={<button type="button" className="btn p" disabled={name.trim() === "" || value === "" || set.isPending} onClick={() => set.mutate(undefined as never, { onSuccess: onClose })}>{t("存入机密", "Set the secret")}</button>}>
      <Field label={t("名称", "Name")} hint={t("如 ERP_PASSWORD", "Such as ERP_PASSWORD")}><input className="in" value={name} readOnly={known !== ""} onChange={(event) => setName(event.target.value)} /></Field>
      <Field label={t("内容", "Value")}><input className="in" type="password" autoComplete="new-password" value={value} onChange={(event) => setValue(event.target.value)} /></Field>
      <Trouble error={set.error} />
    </Dialog>
  );
}
