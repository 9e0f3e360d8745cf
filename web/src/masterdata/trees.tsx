/** 层级: customer groups, item categories, departments, regions, as they stand on a day. A move says from which day; a circle is refused. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { count } from "../ui/amount.tsx";
import { useFilters } from "../ui/filters.ts";
import { ChipSelect, ChipText, Dialog, Field, Page, Panel } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { categoryOf, type TreeNode, useDesk, useDomains } from "./desk.ts";
import { MasterTabs } from "./tabs.tsx";
import "./masterdata.css";

const grown = new Set(["customer", "supplier", "item", "department"]);

export function Trees() {
  const t = useT();
  const { base, to, mayEdit } = useDesk();
  const [filters, setFilters] = useFilters();
  const domains = useDomains().data;
  const tree = filters.tree ?? "department", on = filters.on ?? "";
  const nodes = useApi<readonly TreeNode[]>(withQuery(`${base}/trees/${seg(tree)}`, { on }));
  const [editing, setEditing] = useState<TreeNode | "new" | null>(null);
  const grow = useAct(() => api<{ added: number; left: readonly string[] }>(`${base}/trees/${seg(tree)}/grow`, { method: "POST", body: {} }));
  return (
    <Page
      title={t("层级", "Trees")} crumb={{ to: to(""), text: t("主数据", "Master data") }} tabs={<MasterTabs />}
      acts={mayEdit ? <>{grown.has(tree) ? <button type="button" className="btn" disabled={grow.isPending} onClick={() => grow.mutate(undefined)}>{t("按记录补齐", "Fill in from the records")}</button> : null}<button type="button" className="btn" onClick={() => setEditing("new")}>{t("添加节点", "Add a node")}</button></> : undefined}
      bar={<><ChipSelect label={t("层级", "Tree")} value={tree} options={(domains?.domains ?? [{ domain: tree, zh: tree, en: tree }]).map((one) => ({ value: one.domain, text: t(one) }))} onChange={(value) => setFilters({ tree: value })} /><ChipText label={t("截至", "As of")} type="date" value={on} onChange={(value) => setFilters({ on: value })} /></>}
    >
      {grow.error ? <Trouble error={grow.error} /> : null}
      {grow.data ? <div className="state" role="status"><b>{t(`补上 ${grow.data.added} 个节点`, `${grow.data.added} nodes added`)}{grow.data.left.length > 0 ? t(`；${grow.data.left.length} 个没有放入，它们的上级不存在或成环：${grow.data.left.slice(0, 5).join("、")}`, `; ${grow.data.left.length} were left out, their parent is missing or in a circle: ${grow.data.left.slice(0, 5).join(", ")}`) : ""}</b></div> : null}
      <Panel title={domains ? t(domains.domains.find(({ domain }) => domain === tree) ?? { zh: tree, en: tree }) : tree} note={nodes.data ? t(`${count(nodes.data.length)} 个节点`, `${count(nodes.data.length)} nodes`) : undefined}>
        <Loaded of={nodes} isEmpty={(rows) => rows.length === 0} empty={<Empty why={t("这棵树还没有节点。", "This tree has no node yet.")} next={grown.has(tree) ? t("点「按记录补齐」，从记录所写的上级或分组生成。", "Fill it in from what the records say of their parents or groups.") : t("点「添加节点」。", "Add a node.")} />}>{(rows) => <Branch rows={rows} parent={null} open={mayEdit ? setEditing : undefined} depth={0} />}</Loaded>
      </Panel>
      {editing !== null ? <NodeDialog tree={tree} of={editing === "new" ? null : editing} rows={nodes.data ?? []} onClose={() => setEditing(null)} /> : null}
    </Page>
  );
}

function Branch({ rows, parent, open, depth }: { readonly rows: readonly TreeNode[]; readonly parent: string | null; readonly open: ((node: TreeNode) => void) | undefined; readonly depth: number }) {
  const t = useT();
  const { goldenAt } = useDesk();
  const known = new Set(rows.map(({ node }) => node));
  const own = rows.filter((row) => (parent === null ? row.parent === null || !known.has(row.parent) : row.parent === parent));
  const [shown, setShown] = useState(nodesShown);
  if (own.length === 0 || depth > 50) return null;
  return (
    <ul className="masterdata-tree">{own.slice(0, shown).map((row) => (
      <li key={row.node}>
        <div>{row.golden ? <Link to={goldenAt(row.golden) as never}>{row.node}</Link> : <b>{t(categoryOf(nameOf(row.node)))}</b>} {row.zh === nameOf(row.node) ? null : <span>{t(row.zh, row.en)}</span>}{row.from ? <span className="sub">{t(`自 ${row.from}`, `from ${row.from}`)}</span> : null}{open ? <button type="button" className="btn q r" aria-label={t(`移动 ${nameOf(row.node)}`, `Move ${nameOf(row.node)}`)} onClick={() => open(row)}>{t("移动", "Move")}</button> : null}</div>
        <Branch rows={rows} parent={row.node} open={open} depth={depth + 1} />
      </li>
    ))}{own.length > shown ? <li><button type="button" className="btn q" onClick={() => setShown(shown + nodesShown)}>{t(`还有 ${count(own.length - shown)} 个，再显示一些`, `${count(own.length - shown)} more: show some`)}</button></li> : null}</ul>
  );
}
const nodesShown = 200;
/** Groups that records name have no code of their own. */
const nameOf = (node: string): string => node.replace(/^@/, "");

function NodeDialog({ tree, of, rows, onClose }: { readonly tree: string; readonly of: TreeNode | null; readonly rows: readonly TreeNode[]; readonly onClose: () => void }) {
  const t = useT();
  const { base } = useDesk();
  const [one, setOne] = useState({ node: of?.node ?? "", zh: of?.zh ?? "", en: of && of.en !== of.zh ? of.en : "", parent: of?.parent ?? "", from: "" });
  const path = `${base}/trees/${seg(tree)}/nodes`;
  const place = useAct(() => api(`${path}/${seg(one.node.trim())}`, { method: "PUT", body: { zh: one.zh.trim() || one.en.trim() || one.node.trim(), ...(one.en.trim() === "" ? {} : { en: one.en.trim() }), ...(one.parent === "" ? {} : { parent: one.parent }), ...(one.from === "" ? {} : { from: one.from }) } }));
  const end = useAct(() => api(withQuery(`${path}/${seg(of?.node ?? "")}`, { from: one.from }), { method: "DELETE" }));
  return (
    <Dialog title={of ? t(`移动 ${nameOf(of.node)}`, `Move ${nameOf(of.node)}`) : t("添加节点", "Add a node")} onClose={onClose} foot={<>{of ? <button type="button" className="btn" disabled={end.isPending} onClick={() => end.mutate(undefined, { onSuccess: onClose })}>{t("移出层级", "Take it out")}</button> : null}<button type="button" className="btn p" disabled={one.node.trim() === "" || place.isPending} onClick={() => place.mutate(undefined, { onSuccess: onClose })}>{of ? t("移动", "Move") : t("添加", "Add it")}</button></>}>
      <div className="masterdata-form">
        <Field label={t("编码", "Code")}><input className="in" value={one.node} readOnly={of !== null} maxLength={120} onChange={(event) => setOne({ ...one, node: event.target.value })} /></Field>
        <Field label={t("名称", "Name")}><input className="in" value={one.zh} maxLength={200} onChange={(event) => setOne({ ...one, zh: event.target.value })} /></Field>
        <Field label={t("英文名，可不填", "English name, if any")}><input className="in" value={one.en} maxLength={200} onChange={(event) => setOne({ ...one, en: event.target.value })} /></Field>
        <Field label={t("上级", "Parent")}><select className="in" value={one.parent} onChange={(event) => setOne({ ...one, parent: event.target.value })}><option value="">{t("无，在最上层", "None, at the top")}</option>{rows.filter(({ node }) => node !== one.node).slice(0, 2_000).map((row) => <option key={row.node} value={row.node}>{nameOf(row.node)} {row.zh === nameOf(row.node) ? "" : t(row.zh, row.en)}</option>)}</select></Field>
        <Field label={t("自哪天起，留空为更正（一直如此）", "From which day; empty corrects it for all days")}><input className="in" type="date" value={one.from} onChange={(event) => setOne({ ...one, from: event.target.value })} /></Field>
      </div>
      {place.error ?? end.error ? <Trouble error={place.error ?? end.error} /> : null}
    </Dialog>
  );
}
