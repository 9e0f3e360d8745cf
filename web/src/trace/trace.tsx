/** 追溯: from any document, voucher or bank line to all it came from and all that came of it, as a picture and as a table. */
import { useNavigate } from "@tanstack/react-router";
import { useMemo, useRef, useState } from "react";
import { api, seg, useApi, withQuery } from "../app/api.ts";
import { useKeys } from "../app/keys.ts";
import { useBook } from "../app/session.ts";
import { useAccounts } from "../books/frame.tsx";
import { type Choice, Combo } from "../ui/combo.tsx";
import { useFilters } from "../ui/filters.ts";
import { Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Empty, Loaded } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import { useNames } from "../vouchers/words.tsx";
import { Accounts, NodeTable, nodeRows, Selected } from "./details.tsx";
import { downloadCsv, downloadPng, downloadSvg } from "./export.ts";
import { type DocumentNode, pictureOf, type TraceGraph } from "./graph.ts";
import { PictureView } from "./picture.tsx";
import "./trace.css";

const sizes = [60, 160, 500] as const;

export function TracePage() {
  const t = useT();
  const book = useBook();
  const { nameOf: names } = useNames();
  const navigate = useNavigate();
  const { nameOf } = useAccounts();
  const [filters, setFilters] = useFilters();
  const of = filters.of ?? "";
  const withVouchers = filters.only !== "documents" && book.may("vouchers.read");
  const most = sizes.find((size) => String(size) === filters.most) ?? sizes[0];
  const graph = useApi<TraceGraph>(of === "" ? null : withQuery(`/books/${seg(book.code)}/trace/graph`, { of, reach: filters.reach ?? "flow", most }), { keep: true });
  const picture = useMemo(() => (graph.data ? pictureOf(graph.data, withVouchers) : undefined), [graph.data, withVouchers]);
  const [chosen, setChosen] = useState<string | null>(null);
  const box = useRef<HTMLDivElement>(null);
  const data = graph.data;
  const start = data?.nodes.find(({ id }) => id === data.start);
  const selected = data?.nodes.some(({ id }) => id === chosen) ? chosen : (data?.start ?? null);
  const title = start === undefined ? (of === "" ? t("追溯", "Trace") : of.slice(of.indexOf("/") + 1)) : start.node === "voucher" ? start.number || start.id : start.number;
  const awaited = data?.nodes.filter((node) => node.node === "awaited" || (node.node === "document" && (node.state === "waiting" || node.state === "parked"))).length ?? 0;
  const center = (id: string): void => void navigate({ to: ".", search: { ...filters, of: id, most: undefined } as never });
  const svg = (): SVGSVGElement | null => box.current?.querySelector("svg") ?? null;
  const png = (): void => { const drawn = svg(); if (drawn) void downloadPng(`${t("追溯", "Trace")} ${title}.png`, drawn); };
  const csv = (): void => { if (data) downloadCsv(`${t("追溯", "Trace")} ${title}.csv`, nodeRows(data, t, names)); };
  useKeys({ e: csv });
  const party = data?.nodes.find((node): node is DocumentNode => node.node === "document" && node.party !== "");
  const hidden = data?.nodes.reduce((sum, node) => sum + (node.node === "document" ? node.hidden : 0), 0) ?? 0;
  return (
    <Page
      title={title} crumb={of === "" ? undefined : { to: `/b/${book.code}/documents`, text: t("单据", "Documents") }} tags={awaited > 0 ? <Tag tone="warn">{t(`还差 ${awaited} 步`, `${awaited} still awaited`)}</Tag> : data ? <Tag tone="good">{t("没有等待的环节", "Nothing is awaited")}</Tag> : null}
      acts={data ? <><button type="button" className="btn" onClick={png}>{t("导出图", "Picture")}</button><button type="button" className="btn q" onClick={() => { const drawn = svg(); if (drawn) downloadSvg(`${t("追溯", "Trace")} ${title}.svg`, drawn); }}>SVG</button><button type="button" className="btn" onClick={csv}>{t("导出表", "Table")}</button></> : undefined}
      bar={<>
        <Find onChoose={center} />
        {party ? <span className="chip">{t("往来单位", "Party")} <b>{party.partyName || party.party}</b></span> : null}
        {data ? <Segments label={t("范围", "Reach")} value={filters.reach === "whole" ? "whole" : ""} options={[{ value: "", text: { zh: "来路与去路", en: "Its own way" } }, { value: "whole", text: { zh: "全部相连", en: "All connected" } }]} onChange={(reach) => setFilters({ reach, most: "" })} /> : null}
        {data && book.may("vouchers.read") ? <Segments label={t("显示", "Show")} value={withVouchers ? "" : "documents"} options={[{ value: "", text: { zh: "单据与凭证", en: "With vouchers" } }, { value: "documents", text: { zh: "只看单据", en: "Documents only" } }]} onChange={(only) => setFilters({ only })} /> : null}
      </>}
    >
      {of === "" ? <Panel><Empty why={t("从一张单据、凭证或收付款开始追溯。", "A trace begins with a document, a voucher or a payment.")} next={t("在上方输入编号；也可在单据或凭证页按 t。", "Type its number above, or press t on its own page.")} /></Panel> : null}
      {of === "" ? null : (
        <Loaded of={graph} rows={10} columns={4} isEmpty={({ nodes }) => nodes.length === 0} empty={<Panel><Empty why={t("没有找到与它相连的单据。", "Nothing hangs together with it.")} /></Panel>}>
          {(shown) => <>
            <Panel
              className="trace-panel" title={t("追溯图", "Trace")} note={t("含税；↑↓ 移动，↵ 选中，双击以它为中心", "Gross; arrows move, ↵ selects, a double click puts it in the middle")}
              right={<span className="trace-legend"><span><i />{t("业务单据", "Document")}</span>{withVouchers ? <span><i className="v" />{t("它产生的凭证", "Its voucher")}</span> : null}<span><i className="w" />{t("等待", "Awaited")}</span></span>}
              {...(shown.isCut || hidden > 0 ? { foot: <><span>{shown.isCut ? t(`只画了最近的 ${most} 张单据。`, `Only the nearest ${most} documents are drawn.`) : t(`另有 ${hidden} 张与图中单据相连，不在它的来路与去路上。`, `${hidden} more documents are connected, outside of its own way.`)}</span>{shown.isCut && most < 500 ? <button type="button" className="btn" onClick={() => setFilters({ most: String(sizes[sizes.indexOf(most) + 1] ?? 500) })}>{t("多画一些", "Draw more")}</button> : null}</> } : {})}
            >
              <div className="trace-scroll" ref={box} role="region" aria-label={t("追溯图", "Trace")} tabIndex={0}>{picture ? <PictureView picture={picture} selected={selected} onSelect={setChosen} onCenter={center} nameOf={nameOf} /> : null}</div>
            </Panel>
            <div className="trace-low">
              <div className="trace-left">
                {shown.accounts.map((account) => <Accounts key={account.side} account={account} />)}
                <NodeTable graph={shown} selected={selected} onSelect={setChosen} />
              </div>
              <Selected graph={shown} id={selected} onSelect={setChosen} />
            </div>
          </>}
        </Loaded>
      )}
    </Page>
  );
}

type Found = { readonly kind: string; readonly zh: string; readonly en: string; readonly title: string; readonly note: string; readonly to: string };

/** Finds what to trace: documents and vouchers by number. */
function Find({ onChoose }: { readonly onChoose: (of: string) => void }) {
  const t = useT();
  const book = useBook();
  const search = async (text: string): Promise<readonly Choice[]> => {
    if (text.trim() === "") return [];
    const found = await api<readonly Found[]>(withQuery(`/books/${seg(book.code)}/search`, { text: text.trim() }));
    return found.flatMap(({ zh, en, title, note, to }) => { const of = referenceOf(to); return of === undefined ? [] : [{ value: of, text: `${t(zh, en)} ${title}`, right: note }]; });
  };
  return <div className="books-combo"><Combo label={t("追溯哪一张", "Trace which one")} placeholder={t("单据号、凭证号", "Number")} value="" search={search} onChoose={(value) => { if (value !== "") onChoose(value); }} /></div>;
}

/** documents/one?of=… and vouchers/2026-03/记-7 as the trace names them. */
function referenceOf(to: string): string | undefined {
  if (to.startsWith("documents/one?of=")) return decodeURIComponent(to.slice("documents/one?of=".length));
  const match = /^vouchers\/(\d{4}-\d{2})\/(.+)$/.exec(to);
  return match ? `${match[1]}/${decodeURIComponent(match[2] ?? "")}` : undefined;
}
