/** 权限: people and what each may do where; invitations and links; who is signed in. */
import { useState } from "react";
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBookCode, useMe } from "../app/session.ts";
import { Dialog, Field, moment, Page, Panel, Tabs, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import "./access.css";

export type Scope = { readonly employees: readonly string[] | null; readonly departments: readonly string[] | null; readonly regions: readonly string[] | null };
export type Grant = { readonly role: string; readonly book: string; readonly scope: Scope | null };
export type User = { readonly user: string; readonly login: string; readonly name: string; readonly employee: string | null; readonly state: "active" | "disabled"; readonly lockedUntil: string | null; readonly hasPassword: boolean; readonly lastSeenAt: string | null; readonly grants: readonly Grant[] };
export type Role = { readonly role: string; readonly zh: string; readonly en: string; readonly duties: readonly string[]; readonly columns: readonly string[]; readonly needsScope: boolean; readonly isStandard: boolean };

export function AccessTabs() {
  const t = useT();
  const book = useBookCode();
  return <Tabs label={t("权限", "Access")} items={[{ to: `/b/${book}/access`, text: t("人员", "People") }, { to: `/b/${book}/access/roles`, text: t("角色", "Roles") }, { to: `/b/${book}/access/keys`, text: t("程序密钥", "Keys of programs") }]} />;
}

export function People() {
  const t = useT();
  const users = useApi<readonly User[]>("/users");
  const roles = useApi<readonly Role[]>("/roles").data ?? [];
  const [open, setOpen] = useState<User | "new" | null>(null);
  const roleName = (role: string): string => { const found = roles.find((one) => one.role === role); return found ? t(found.zh, found.en) : role; };
  return (
    <Page title={t("权限", "Access")} tabs={<AccessTabs />} acts={<button type="button" className="btn p" onClick={() => setOpen("new")}>{t("邀请同事", "Invite a colleague")}</button>}>
      <Panel>
        <Loaded of={users} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("还没有人。", "There is nobody yet.")} />}>{(rows) => (
          <Table
            caption={t("人员", "People")} rows={rows} rowKey={(row) => row.user} onOpen={setOpen} selected={open !== null && open !== "new" ? open.user : null}
            columns={[
              { key: "name", head: { zh: "姓名", en: "Name" }, cell: (row) => <button type="button" className="link" onClick={() => setOpen(row)}>{row.name}</button> },
              { key: "login", head: { zh: "账号", en: "Login" }, cell: (row) => row.login, mute: true },
              { key: "grants", head: { zh: "角色与范围", en: "Roles and scope" }, wrap: true, cell: (row) => <span className="row tags">{row.grants.map((grant) => <Tag key={`${grant.role} ${grant.book}`}>{roleName(grant.role)} {grant.book === "*" ? "" : grant.book} {grant.scope === null ? "" : t("（本人范围）", "(own)")}</Tag>)}</span> },
              { key: "seen", head: { zh: "最近登录", en: "Last seen" }, cell: (row) => (row.lastSeenAt === null ? <span className="z">–</span> : moment(row.lastSeenAt)), wide: true },
              { key: "state", head: { zh: "状态", en: "State" }, cell: (row) => (row.state === "disabled" ? <Tag tone="bad">{t("已停用", "Disabled")}</Tag> : row.lockedUntil !== null ? <Tag tone="warn">{t("已锁定", "Locked")}</Tag> : row.hasPassword ? t("在用", "Active") : <Tag tone="warn">{t("待接受邀请", "Invited")}</Tag>) },
            ]}
          />
        )}</Loaded>
      </Panel>
      {open === null ? null : <PersonDialog user={open === "new" ? null : open} roles={roles} onClose={() => setOpen(null)} />}
    </Page>
  );
}

/** One person: who they are, what they may do where, their links and sessions. Nobody changes their own grants. */
function PersonDialog({ user, roles, onClose }: { readonly user: User | null; readonly roles: readonly Role[]; readonly onClose: () => void }) {
  const t = useT();
  const me = useMe().data;
  const books = me?.books ?? [];
  const [login, setLogin] = useState(user?.login ?? "");
  const [name, setName] = useState(user?.name ?? "");
  const [employee, setEmployee] = useState(user?.employee ?? "");
  const [grants, setGrants] = useState<readonly Grant[]>(user?.grants ?? [{ role: "accountant", book: "*", scope: null }]);
  const [link, setLink] = useState<string | null>(null);
  const isMine = user !== null && user.user === me?.user;
  const save = useAct(async () => {
    if (user === null) {
      const made = await api<{ readonly user: string; readonly link: string }>("/users", { body: { login, name, employee: employee || null, grants } });
      setLink(made.link);
      return;
    }
    await api(`/users/${seg(user.user)}`, { method: "PUT", body: { name, employee: employee || null } });
    if (!isMine) await api(`/users/${seg(user.user)}/grants`, { method: "PUT", body: { grants } });
    onClose();
  });
  const act = useAct(async (word: "disable" | "enable" | "invite" | "reset") => {
    const answer = await api<{ readonly link?: string }>(`/users/${seg(user?.user ?? "")}/${word}`, { method: "POST" });
    if (answer?.link !== undefined) setLink(answer.link);
    else onClose();
  });
  const change = (index: number, part: Partial<Grant>): void => setGrants(grants.map((grant, at) => (at === index ? { ...grant, ...part } : grant)));
  const list = (values: readonly string[] | null): string => (values ?? []).join(", ");
  const read = (text: string): readonly string[] | null => { const values = text.split(/[,，、\s]+/).filter((one) => one !== ""); return values.length === 0 ? null : values; };
  return (
    <Dialog
      kind="wide" title={user === null ? t("邀请同事", "Invite a colleague") : user.name} onClose={onClose}
      foot={<>
        {user !== null && !isMine ? <><button type="button" className="btn q" onClick={() => act.mutate(user.hasPassword ? "reset" : "invite")}>{user.hasPassword ? t("重设密码链接", "Password link") : t("新的邀请链接", "New invitation")}</button><button type="button" className="btn q" onClick={() => act.mutate(user.state === "active" ? "disable" : "enable")}>{user.state === "active" ? t("停用", "Disable") : t("启用", "Enable")}</button></> : null}
        <span className="sp" /><button type="button" className="btn" onClick={onClose}>{t("关闭", "Close")}</button>{link === null ? <button type="button" className="btn p" disabled={save.isPending} onClick={() => save.mutate(undefined)}>{user === null ? t("生成邀请链接", "Make the invitation") : t("保存", "Save")}</button> : null}
      </>}
    >
      {link === null ? null : <div className="state"><b>{t("一次性链接，只显示这一次", "A one-time link, shown only now")}</b><input className="in mono" readOnly value={link.startsWith("/") ? `${location.origin}${link}` : link} onFocus={(event) => event.target.select()} aria-label={t("链接", "Link")} /></div>}
      <div className="grid">
        <div className="c4"><Field label={t("账号", "Login")}><input className="in" value={login} readOnly={user !== null} onChange={(event) => setLogin(event.target.value)} /></Field></div>
        <div className="c4"><Field label={t("姓名", "Name")}><input className="in" value={name} onChange={(event) => setName(event.target.value)} /></Field></div>
        <div className="c4"><Field label={t("员工编码", "Employee code")}><input className="in" value={employee} onChange={(event) => setEmployee(event.target.value)} /></Field></div>
      </div>
      {isMine ? <p className="sub">{t("自己的角色由另一位所有者更改。", "Your own roles are changed by another owner.")}</p> : null}
      <fieldset className="access-grants" disabled={isMine}>
        <legend className="sub">{t("角色、账簿、范围", "Roles, books, scope")}</legend>
        {grants.map((grant, index) => {
          const needsScope = roles.find(({ role }) => role === grant.role)?.needsScope ?? false;
          const scope = grant.scope ?? { employees: null, departments: null, regions: null };
          return (
            <div key={index} className="access-grant">
              <select className="in" aria-label={t("角色", "Role")} value={grant.role} onChange={(event) => { const wanted = roles.find(({ role }) => role === event.target.value); change(index, { role: event.target.value, scope: wanted?.needsScope ? { employees: read(employee), departments: null, regions: null } : null }); }}>{roles.map((role) => <option key={role.role} value={role.role}>{t(role.zh, role.en)}</option>)}</select>
              <select className="in" aria-label={t("账簿", "Book")} value={grant.book} onChange={(event) => change(index, { book: event.target.value })}><option value="*">{t("全部账簿", "All books")}</option>{books.map((book) => <option key={book.code} value={book.code}>{book.code}</option>)}</select>
              {needsScope || grant.scope !== null ? <>
                <input className="in" aria-label={t("员工编码（自己的客户）", "Employees (own customers)")} placeholder={t("员工编码", "Employees")} defaultValue={list(scope.employees)} onBlur={(event) => change(index, { scope: { ...scope, employees: read(event.target.value) } })} />
                <input className="in" aria-label={t("部门", "Departments")} placeholder={t("部门", "Departments")} defaultValue={list(scope.departments)} onBlur={(event) => change(index, { scope: { ...scope, departments: read(event.target.value) } })} />
                <input className="in" aria-label={t("地区", "Regions")} placeholder={t("地区", "Regions")} defaultValue={list(scope.regions)} onBlur={(event) => change(index, { scope: { ...scope, regions: read(event.target.value) } })} />
              </> : <span className="sub">{t("整本账簿", "The whole book")}</span>}
              <button type="button" className="btn q" aria-label={t("去掉这个角色", "Remove this role")} onClick={() => setGrants(grants.filter((_, at) => at !== index))}>×</button>
            </div>
          );
        })}
        <button type="button" className="btn" onClick={() => setGrants([...grants, { role: "auditor", book: "*", scope: null }])}>{t("加一个角色", "Add a role")}</button>
      </fieldset>
      <Trouble error={save.error ?? act.error} />
      {user === null ? null : <Sessions user={user.user} />}
    </Dialog>
  );
}

type Session = { readonly session: string; readonly madeAt: string; readonly seenAt: string; readonly address: string; readonly agent: string };
function Sessions({ user }: { readonly user: string }) {
  const t = useT();
  const sessions = useApi<readonly Session[]>(`/users/${seg(user)}/sessions`);
  const end = useAct((session: string) => api(`/users/${seg(user)}/sessions/${seg(session)}`, { method: "DELETE" }));
  return (
    <Panel title={t("已登录的设备", "Signed-in devices")}>
      <Loaded of={sessions} rows={2} columns={3} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("没有登录着的设备。", "No device is signed in.")} />}>{(rows) => (
        <Table caption={t("已登录的设备", "Signed-in devices")} rows={rows} rowKey={(row) => row.session} columns={[
          { key: "seen", head: { zh: "最近", en: "Seen" }, cell: (row) => moment(row.seenAt) }, { key: "address", head: { zh: "地址", en: "Address" }, cell: (row) => row.address }, { key: "agent", head: { zh: "浏览器", en: "Browser" }, wrap: true, mute: true, cell: (row) => row.agent, wide: true },
          { key: "end", head: "", cell: (row) => <button type="button" className="btn q" onClick={() => end.mutate(row.session)}>{t("结束", "End")}</button> },
        ]} />
      )}</Loaded>
      <Trouble error={end.error} />
    </Panel>
  );
}
