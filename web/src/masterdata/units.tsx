/** 单位换算 of one item: exact fractions; a way round with another result is refused. */
import { useState } from "react";
import { api, seg, useAct, useApi, withQuery } from "../app/api.ts";
import { Field, Panel, Tag } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { useDesk } from "./desk.ts";

type Factor = { readonly no: string; readonly golden: string | null; readonly from: string; readonly to: string; readonly factor: string };

export function Units({ golden }: { readonly golden: string }) {
  const t = useT();
  const { base, mayEdit } = useDesk();
  const factors = useApi<readonly Factor[]>(withQuery(`${base}/units`, { golden }));
  const [typed, setTyped] = useState({ from: "", to: "", factor: "" });
  const add = useAct((body: typeof typed) => api(`${base}/units`, { body: { golden, ...body } }));
  const drop = useAct((no: string) => api(`${base}/units/${seg(no)}`, { method: "DELETE" }));
  const isReady = typed.from.trim() !== "" && typed.to.trim() !== "" && typed.factor.trim() !== "";
  return (
    <Panel title={t("单位换算", "Unit conversions")}>
      <Loaded of={factors} rows={2} columns={2}>{(rows) => (rows.length === 0 ? <div className="pb sub">{t("除来源写明的外没有换算。", "None beside what sources say.")}</div> : <div className="pb"><dl className="kv">{rows.map((row) => <div key={row.no} className="masterdata-kv"><dt>1 {row.from}{row.golden === null ? <> <Tag>{t("通用", "all items")}</Tag></> : null}</dt><dd>= {row.factor} {row.to}{mayEdit ? <> <button type="button" className="btn q" aria-label={t(`删除 ${row.from} 的换算`, `Remove the conversion of ${row.from}`)} onClick={() => drop.mutate(row.no)}>×</button></> : null}</dd></div>)}</dl></div>)}</Loaded>
      {mayEdit ? <div className="pb line">
        <div className="row"><Field label={t("1 单位", "1 unit of")}><input className="in" value={typed.from} maxLength={40} placeholder={t("箱", "box")} onChange={(event) => setTyped({ ...typed, from: event.target.value })} /></Field><Field label={t("等于", "is")}><input className="in" value={typed.factor} maxLength={40} placeholder="1/3" onChange={(event) => setTyped({ ...typed, factor: event.target.value })} /></Field><Field label={t("单位", "units of")}><input className="in" value={typed.to} maxLength={40} placeholder="kg" onChange={(event) => setTyped({ ...typed, to: event.target.value })} /></Field></div>
        <button type="button" className="btn" disabled={!isReady || add.isPending} onClick={() => add.mutate(typed, { onSuccess: () => setTyped({ from: "", to: "", factor: "" }) })}>{t("添加换算", "Add it")}</button>
        {add.error ?? drop.error ? <Trouble error={add.error ?? drop.error} /> : null}
      </div> : null}
    </Panel>
  );
}
