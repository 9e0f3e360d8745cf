/** Roles as data: which duty and which hidden column each has. Standard roles keep their names; an owner may change what they may do. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { Dialog, Field, Page, Panel, Tag } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { AccessTabs, type Role } from "./people.tsx";


type Names = { readonly duties: readonly { readonly duty: string; readonly zh: string; readonly en: string }[]; readonly columns: readonly { readonly column: string; readonly zh: string; readonly en: string }[] };

export function Roles() {
  const t = useT();
  const roles = useApi<readonly Role[]>("/roles");
  const names = useApi<Names>("/duties");
  const [open, setOpen] = useState<Role | null>(null);
  return (
    <Page title={t("权限", "Access")} tabs={<AccessTabs />} acts={<button type="button" className="btn" onClick={() => setOpen({ role: "", zh: "", en: "", duties: [], columns: [], needsScope: false, isStandard: false })}>{t("新建角色", "New role")}</button>}>
      <Panel title={t("谁可以做什么", "Who may do what")} note={t("空白即不可", "Blank means no")}>
        <Loaded of={roles} rows={12} columns={8}>{(all) => (
          <div className="scroll" tabIndex={0} role="region" aria-label={t("谁可以做什么", "Who may do what")}><table className="t access-matrix">
            <thead><tr><th scope="col">{t("职责", "Duty")}</th>{all.map((role) => <th key={role.role} scope="col"><button type="button" className="link" onClick={() => setOpen(role)}>{t(role.zh, role.en)}</button></th>)}</tr></thead>
            <tbody>
              {(names.data?.duties ?? []).map((duty) => <tr key={duty.duty}><th scope="row">{t(duty.zh, duty.en)}</th>{all.map((role) => <td key={role.role}>{role.duties.includes(duty.duty) ? <span aria-label={t("可以", "yes")}>✓</span> : <span className="sr">{t("不可", "no")}</span>}</td>)}</tr>)}
              {(names.data?.columns ?? []).map((column) => <tr key={column.column}><th scope="row">{t(`看见：${column.zh}`, `Sees ${column.en}`)}</th>{all.map((role) => <td key={role.role}>{role.columns.includes(column.column) ? <span aria-label={t("可以", "yes")}>✓</span> : <span className="sr">{t("不可", "no")}</span>}</td>)}</tr>)}
              <tr><th scope="row">{t("须限定范围", "Needs a scope")}</th>{all.map((role) => <td key={role.role}>{role.needsScope ? "✓" : <span className="sr">{t("不必", "no")}</span>}</td>)}</tr>
            </tbody>
          </table></div>
        )}</Loaded>
      </Panel>
      {open === null || names.data === undefined ? null : <RoleDialog role={open} names={names.data} onClose={() => setOpen(null)} />}
    </Page>
  );
}

function RoleDialog({ role, names, onClose }: { readonly role: Role; readonly names: Names; readonly onClose: () => void }) {
  const t = useT();
  const [draft, setDraft] = useState(role);
  const isNew = role.role === "";
  const save = useAct(async () => {
    const { role: code, zh, en, duties, columns, needsScope } = draft;
    await (isNew ? api("/roles", { body: { role: code, zh, en, duties, columns, needsScope } }) : api(`/roles/${seg(code)}`, { method: "PUT", body: { zh, en, duties, columns, needsScope } }));
    onClose();
  });
  const toggle = (list: readonly string[], value: string): string[] => (list.includes(value) ? list.filter((one) => one !== value) : [...list, value]);
  return (
    <Dialog kind="wide" title={isNew ? t("新建角色", "New role") : t(role.zh, role.en)} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button><button type="button" className="btn p" disabled={save.isPending} onClick={() => save.mutate(undefined)}>{t("保存角色", "Save the role")}</button></>}>
      <div className="grid">
        <div className="c4"><Field label={t("代码", "Code")}><input className="in" value={draft.role} readOnly={!isNew} onChange={(event) => setDraft({ ...draft, role: event.target.value })} /></Field></div>
        <div className="c4"><Field label="中文"><input className="in" value={draft.zh} readOnly={role.isStandard} onChange={(event) => setDraft({ ...draft, zh: event.target.value })} /></Field></div>
        <div className="c4"><Field label="English"><input className="in" value={draft.en} readOnly={role.isStandard} onChange={(event) => setDraft({ ...draft, en: event.target.value })} /></Field></div>
      </div>
      <div className="grid">{names.duties.map((duty) => <label key={duty.duty} className="c4 row"><input type="checkbox" checked={draft.duties.includes(duty.duty)} onChange={() => setDraft({ ...draft, duties: toggle(draft.duties, duty.duty) })} />{t(duty.zh, duty.en)}</label>)}</div>
      <p className="sub">{t("可见的列", "Columns shown")}</p>
      <div className="row">{names.columns.map((column) => <label key={column.column} className="row"><input type="checkbox" checked={draft.columns.includes(column.column)} onChange={() => setDraft({ ...draft, columns: toggle(draft.columns, column.column) })} />{t(column.zh, column.en)}</label>)}<label className="row"><input type="checkbox" checked={draft.needsScope} onChange={() => setDraft({ ...draft, needsScope: !draft.needsScope })} />{t("须限定范围", "Needs a scope")}</label></div>
      {role.isStandard ? <p className="sub"><Tag>{t("标准角色", "Standard role")}</Tag> {t("名称不变，职责可调", "Its name stays; its duties may change")}</p> : null}
      <Trouble error={save.error} />
    </Dialog>
  );
}
