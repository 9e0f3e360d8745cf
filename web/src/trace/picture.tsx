/** The graph itself, drawn by us: a document with its vouchers below it, edges with amounts, what is awaited dashed. */
import type { KeyboardEvent } from "react";
import { formatAmount, isNegative, isZero } from "../ui/amount.tsx";
import { useT } from "../ui/text.ts";
import { type AwaitedNode, type Block, boxWidth, type DocumentNode, fit, type Picture, stages, type VoucherNode } from "./graph.ts";

const headHeight = 30;
const room = 8;

export function PictureView({ picture, selected, onSelect, onCenter, nameOf }: { readonly picture: Picture; readonly selected: string | null; readonly onSelect: (id: string) => void; /** Makes another document the middle of the picture. */ readonly onCenter: (id: string) => void; readonly nameOf: (account: string) => string }) {
  const t = useT();
  const { layout, blocks, edges } = picture;
  const move = (event: KeyboardEvent<SVGSVGElement>): void => {
    const step = event.key === "ArrowDown" || event.key === "ArrowRight" ? 1 : event.key === "ArrowUp" || event.key === "ArrowLeft" ? -1 : 0;
    if (step === 0) return;
    const all = [...event.currentTarget.querySelectorAll<SVGGElement>("[data-node]")];
    const at = all.indexOf(document.activeElement as unknown as SVGGElement);
    event.preventDefault();
    all[Math.max(0, Math.min(all.length - 1, at + step))]?.focus();
  };
  return (
    <svg className="trace-svg" width={layout.width + room * 2} height={layout.height + headHeight} viewBox={`${-room} ${-headHeight} ${layout.width + room * 2} ${layout.height + headHeight}`} role="group" aria-label={t("追溯图", "Trace graph")} onKeyDown={move}>
      {layout.columns.map(({ stage, x }) => <text key={stage} x={x} y={-12} style={{ fill: "var(--ink-3)" }}>{t(stages[stage] ?? { zh: "", en: "" })}</text>)}
      {layout.wires.map(({ id, path, end }) => { const isAwaited = edges.get(id)?.edge === "awaits"; return <g key={id} fill="none"><path d={path} stroke={isAwaited ? "var(--warn-mark)" : "var(--control)"} strokeWidth="1.25" strokeDasharray={isAwaited ? "4 3" : undefined} /><circle cx={end.x} cy={end.y} r="3" fill={isAwaited ? "var(--warn-mark)" : "var(--control)"} /></g>; })}
      {layout.wires.map(({ id, label }) => { const amount = edges.get(id)?.amount; return label === null || !amount || isZero(amount) ? null : <text key={id} className="trace-label" x={label.x} y={label.y} textAnchor={label.anchor} style={{ fill: isNegative(amount) ? "var(--neg)" : "var(--ink-3)" }}>{formatAmount(amount)}</text>; })}
      {[...layout.boxes.values()].map((box) => { const block = blocks.get(box.id); return block ? <BlockView key={box.id} block={block} x={box.x} y={box.y} selected={selected} onSelect={onSelect} onCenter={onCenter} nameOf={nameOf} /> : null; })}
    </svg>
  );
}

function BlockView({ block, x, y, selected, onSelect, onCenter, nameOf }: { readonly block: Block; readonly x: number; readonly y: number; readonly selected: string | null; readonly onSelect: (id: string) => void; readonly onCenter: (id: string) => void; readonly nameOf: (account: string) => string }) {
  const t = useT();
  const { node, height, documentHeight, strips, rest, restY } = block;
  const isOn = selected === node.id || strips.some((strip) => strip.node.id === selected);
  return (
    <g transform={`translate(${x} ${y})`}>
      {isOn ? <rect x="-3" y="-3" width={boxWidth + 6} height={height + 6} rx="9" fill="var(--accent-soft)" /> : null}
      {node.node === "document" ? <DocumentBox node={node} height={documentHeight} whole={height} isOn={isOn} onSelect={onSelect} onCenter={onCenter} /> : <AwaitedBox node={node} height={documentHeight} isOn={isOn} onSelect={onSelect} />}
      {strips.map((strip) => <VoucherStrip key={strip.node.id} node={strip.node} y={strip.y} isLast={rest === 0 && strip === strips.at(-1)} onSelect={onSelect} nameOf={nameOf} isOn={selected === strip.node.id} />)}
      {rest > 0 ? <text x="12" y={restY + 14} style={{ fill: "var(--ink-3)" }}>{t(`还有 ${rest} 张凭证，见下表`, `${rest} more vouchers, see the table`)}</text> : null}
    </g>
  );
}

const pressed = (act: () => void) => (event: KeyboardEvent<SVGGElement>): void => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); event.stopPropagation(); act(); } };
const figureFill = (amount: string): string => (isNegative(amount) ? "var(--neg)" : "var(--ink)");

function DocumentBox({ node, height, whole, isOn, onSelect, onCenter }: { readonly node: DocumentNode; readonly height: number; readonly whole: number; readonly isOn: boolean; readonly onSelect: (id: string) => void; readonly onCenter: (id: string) => void }) {
  const t = useT();
  const isStopped = node.state === "waiting" || node.state === "parked";
  const state = node.state === "waiting" ? t("等待", "Waiting") : node.state === "parked" ? t("挂起", "Parked") : node.state === "superseded" ? t("已被替代", "Superseded") : "";
  const amount = node.amount === null ? t("无权查看", "Not permitted") : node.amount === "" ? "" : `${node.currency === "CNY" ? "" : `${node.currency} `}${formatAmount(node.amount)}`;
  const quantity = node.quantity === "" ? "" : `${node.quantity.replace("-", "−")} ${node.unit}`.trim();
  const who = node.ownerName || node.owner || node.source;
  return <>
    <g className="trace-node" data-node={node.id} role="button" tabIndex={0} aria-pressed={isOn} onClick={() => onSelect(node.id)} onDoubleClick={() => onCenter(node.id)} onKeyDown={pressed(() => onSelect(node.id))}>
      <rect width={boxWidth} height={whole} rx="6" fill={isStopped ? "var(--warn-soft)" : "var(--surface)"} stroke={isStopped ? "var(--warn-mark)" : isOn ? "var(--accent)" : "var(--line-2)"} strokeDasharray={isStopped ? "4 3" : undefined} />
      <text x="12" y="21" style={{ fill: isStopped ? "var(--warn)" : "var(--ink-3)" }}>{fit(t(node), 120, 12)}</text>
      {state === "" ? null : <text x={boxWidth - 12} y="21" textAnchor="end" style={{ fill: "var(--warn)" }}>{state}</text>}
      <text className="trace-no" x="12" y="42" style={{ fill: isStopped ? "var(--warn)" : "var(--ink)" }}>{fit(node.number, boxWidth - 24)}</text>
      <text className="trace-fig" x="12" y="61" style={{ fill: "var(--ink-2)" }}>{fit(quantity, 84)}</text>
      <text className="trace-fig" x={boxWidth - 12} y="61" textAnchor="end" style={{ fill: node.amount ? figureFill(node.amount) : "var(--ink-3)" }}>{amount}</text>
      <text x="12" y="79" style={{ fill: "var(--ink-3)" }}>{fit(`${node.date.slice(5)} ${who}`, boxWidth - 24, 12)}</text>
    </g>
    {node.hidden > 0 ? <g className="trace-more" role="button" tabIndex={0} onClick={() => onCenter(node.id)} onKeyDown={pressed(() => onCenter(node.id))}><text x="12" y={height - 8} style={{ fill: "var(--accent)" }}>{t(`还有 ${node.hidden} 张相连，以它为中心看`, `${node.hidden} more; look from here`)}</text></g> : null}
  </>;
}

const awaitedWords = (node: AwaitedNode, t: ReturnType<typeof useT>): string => (node.what === "invoice" ? (node.kind === "salesInvoice" ? t("等待开票", "Invoice awaited") : t("等待到票", "Invoice awaited")) : node.number);
/** Whole days since then. */
const days = (since: string): number => Math.max(0, Math.trunc((Date.now() - Date.parse(since)) / 86_400_000));

function AwaitedBox({ node, height, isOn, onSelect }: { readonly node: AwaitedNode; readonly height: number; readonly isOn: boolean; readonly onSelect: (id: string) => void }) {
  const t = useT();
  const waited = node.since === "" ? "" : t(`已等 ${days(node.since)} 天`, `${days(node.since)} days so far`);
  const who = node.ownerName || node.owner;
  return (
    <g className="trace-node" data-node={node.id} role="button" tabIndex={0} aria-pressed={isOn} onClick={() => onSelect(node.id)} onKeyDown={pressed(() => onSelect(node.id))}>
      <rect width={boxWidth} height={height} rx="6" fill="var(--warn-soft)" stroke={isOn ? "var(--accent)" : "var(--warn-mark)"} strokeDasharray="4 3" />
      <text x="12" y="21" style={{ fill: "var(--ink-3)" }}>{t(node)}</text>
      <text className="trace-no" x="12" y="42" style={{ fill: "var(--warn)" }}>{fit(awaitedWords(node, t), boxWidth - 24)}</text>
      <text className="trace-fig" x="12" y="61" style={{ fill: "var(--ink-2)" }}>{`${node.quantity} ${node.unit}`.trim()}</text>
      <text className="trace-fig" x={boxWidth - 12} y="61" textAnchor="end" style={{ fill: "var(--ink)" }}>{node.amount === null ? t("无权查看", "Not permitted") : node.amount === "" ? "" : formatAmount(node.amount)}</text>
      <text x="12" y="79" style={{ fill: "var(--warn)" }}>{[waited, who].filter(Boolean).join(t("，", ", "))}</text>
    </g>
  );
}

function VoucherStrip({ node, y, isLast, isOn, onSelect, nameOf }: { readonly node: VoucherNode | AwaitedNode; readonly y: number; readonly isLast: boolean; readonly isOn: boolean; readonly onSelect: (id: string) => void; readonly nameOf: (account: string) => string }) {
  const t = useT();
  const isDraft = node.node === "awaited";
  const first = isDraft ? undefined : node.lines[0];
  const amount = first ? (isZero(first.debit) ? first.credit : first.debit) : "";
  const radius = isLast ? 5.5 : 0;
  const number = isDraft ? t("待审核", "To review") : node.number || t("期初", "Opening");
  return (
    <g className="trace-node" data-node={node.id} role="button" tabIndex={0} aria-pressed={isOn} transform={`translate(0 ${y})`} onClick={() => onSelect(node.id)} onKeyDown={pressed(() => onSelect(node.id))}>
      <path d={`M0.5 0.5H${boxWidth - 0.5}V${45.5 - radius}Q${boxWidth - 0.5} 45.5 ${boxWidth - 0.5 - radius} 45.5H${0.5 + radius}Q0.5 45.5 0.5 ${45.5 - radius}Z`} fill={isDraft ? "var(--warn-soft)" : "var(--accent-soft)"} />
      <path d={`M0 0.5H${boxWidth}`} stroke={isDraft ? "var(--warn-mark)" : "var(--line-2)"} strokeDasharray="3 3" fill="none" />
      <text className="trace-voucher" x="12" y="18" style={{ fill: isDraft ? "var(--warn)" : "var(--accent)" }}>{number}</text>
      <text x={boxWidth - 12} y="18" textAnchor="end" style={{ fill: "var(--ink-3)" }}>{t("凭证", "Voucher")}</text>
      <text x="12" y="36" style={{ fill: "var(--ink-2)" }}>{isDraft ? fit(node.owner, 190, 12) : fit(first ? nameOf(first.account) || first.account : "", 92, 12)}</text>
      <text x={boxWidth - 12} y="36" textAnchor="end" style={{ fill: figureFill(amount) }}>{amount === "" ? "" : formatAmount(amount)}</text>
    </g>
  );
}
