/** 试一张单据: both vouchers beside each other, the rule and the row that hit, and why the others did not. */
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { Amount } from "../ui/amount.tsx";
import { Dialog, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { type Source, type Tried, type TriedEvent, type TriedLine, useTried } from "./model.ts";
import { DocumentField, Wrong } from "./words.tsx";

const numberOf = (document: string): string => document.slice(document.indexOf("/") + 1);
export const DocumentLink = ({ book, of }: { readonly book: string; readonly of: string }) => <Link to={`/b/${book}/documents/one` as never} search={{ of } as never}>{numberOf(of)}</Link>;

/** In the column beside the rule: one line of result, the whole of it one step away. */
export function TryPanel({ book, source, of, onChoose, ruleId }: { readonly book: string; readonly source: Source; readonly of: string; readonly onChoose: (of: string) => void; readonly ruleId: string }) {
  const t = useT();
  const tried = useTried(book, source, of === "" ? null : of);
  const [isOpen, setOpen] = useState(false);
  const event = of === "" ? undefined : (tried.data?.events.find(({ after, before }) => after.rule === ruleId || before.rule === ruleId) ?? tried.data?.events[0]);
  const hit = event?.after.entries.find(({ choice, table }) => choice > 0 && !/^\d/.test(table));
  const moved = event?.lines.filter(({ difference, before, after }) => (before === null) !== (after === null) || !/^[-0.]*$/.test(difference)) ?? [];
  return (
    <section aria-label={t("试一张单据", "Try one document")}>
      <h3>{t("试一张单据", "Try one document")}</h3>
      <DocumentField book={book} value={of} onChoose={onChoose} />
      {tried.error && of !== "" ? <Trouble error={tried.error} /> : null}
      {of === "" ? <p className="sub rules-try">{t("输入一张已入账单据的编号，看它在这份规则下的凭证。", "Type the number of a posted document to see its voucher under these rules.")}</p> : null}
      {tried.isFetching && tried.data === undefined ? <p className="sub rules-try" role="status">{t("正在试算", "Working it out")}</p> : null}
      {tried.data && of !== "" && !tried.error ? (event === undefined
        ? <p className="sub rules-try">{t("这张单据还没有记过账：先处理它挂起或等待的原因。", "This document has made no entry yet: see why it is parked or waits.")}</p>
        : <>
          <dl className="kv rules-try">
            <dt>{t("命中", "Hit")}</dt><dd>{event.after.rule === "" ? <span className="bad">{t("没有规则", "no rule")}</span> : event.after.rule}{hit ? <> {t(hit.tableWords)} {t(`第 ${hit.choice} 行`, `row ${hit.choice}`)}</> : null}</dd>
            {moved.length === 0 ? <><dt>{t("凭证", "Voucher")}</dt><dd>{event.after.problems.length > 0 ? <span className="bad">{t("无法生成", "cannot be made")}</span> : t("不变", "unchanged")}</dd></> : moved.slice(0, 4).map((line) => <LineFact key={`${line.account} ${line.side} ${JSON.stringify(line.dimensions)}`} line={line} />)}
            {moved.length > 4 ? <><dt /><dd className="mut">{t(`另有 ${moved.length - 4} 行`, `${moved.length - 4} more`)}</dd></> : null}
          </dl>
          <Wrong problems={event.after.problems} />
          <p className="rules-try"><button type="button" className="link" onClick={() => setOpen(true)}>{t("看两张凭证与命中过程", "See both vouchers and how they came about")}</button></p>
        </>) : null}
      {isOpen && tried.data ? <Dialog kind="wide" title={`${t("试一张单据", "Try one document")} ${numberOf(of)}`} onClose={() => setOpen(false)}><TriedView book={book} tried={tried.data} /></Dialog> : null}
    </section>
  );
}
function LineFact({ line }: { readonly line: TriedLine }) {
  const t = useT();
  return <><dt>{line.side === "debit" ? t("借", "Dr") : t("贷", "Cr")} {line.account} {t(line.zh, line.en)}</dt><dd>{line.before === null ? null : <><del className="rules-was"><Amount of={line.before} exact zero="figure" /></del> </>}{line.after === null ? <span className="z">–</span> : <Amount of={line.after} exact zero="figure" />}</dd></>;
}

export function TriedById({ book, source, of }: { readonly book: string; readonly source: Source; readonly of: string }) {
  const tried = useTried(book, source, of);
  return <Loaded of={tried} rows={5} columns={4}>{(data) => <TriedView book={book} tried={data} />}</Loaded>;
}

export function TriedView({ book, tried }: { readonly book: string; readonly tried: Tried }) {
  const t = useT();
  if (tried.events.length === 0) return <Empty why={t("这张单据还没有记过账。", "This document has made no entry yet.")} next={t("先处理它挂起或等待的原因，再来试。", "See why it is parked or waits, then try again.")} />;
  return <div>{tried.events.map((event, at) => <EventView key={at} book={book} tried={tried} event={event} />)}</div>;
}

function EventView({ book, tried, event }: { readonly book: string; readonly tried: Tried; readonly event: TriedEvent }) {
  const t = useT();
  const name = (of: TriedEvent["before"]): string => (of.rule === "" ? t("没有规则", "no rule") : `${of.rule} ${t(of.zh, of.en)}`);
  return (
    <section className="rules-try">
      <p><DocumentLink book={book} of={tried.document} /> <span className="mut">{event.date} {tried.party}</span> {event.isSame ? <Tag tone="good">{t("凭证不变", "unchanged")}</Tag> : <Tag tone="warn">{t("凭证改变", "changed")}</Tag>} {event.vouchers.map((voucher) => <Link key={voucher} to={`/b/${book}/vouchers/${voucher.split("/").map(encodeURIComponent).join("/")}` as never}>{voucher} </Link>)}</p>
      <p className="sub">{t("已入账：", "As posted: ")}{name(event.before)} v{event.before.version ?? "–"}{t("；", "; ")}{t("这份规则：", "these rules: ")}{name(event.after)}{event.after.isExempt ? t("（不记账）", " (no entry)") : ""}</p>
      <Wrong problems={event.after.problems} />
      <Table
        caption={t("两张凭证的行", "Lines of both vouchers")} rows={event.lines} rowKey={(line) => `${line.account} ${line.side} ${JSON.stringify(line.dimensions)}`}
        columns={[
          { key: "side", head: "", cell: (line) => (line.side === "debit" ? t("借", "Dr") : t("贷", "Cr")) },
          { key: "account", head: { zh: "科目、辅助核算", en: "Account, dimensions" }, wrap: true, cell: (line) => <>{line.account} {t(line.zh, line.en)}<span className="sub">{Object.values(line.dimensions).join(t("、", ", "))}</span></> },
          { key: "before", head: { zh: "已入账（元）", en: "As posted" }, num: true, cell: (line) => (line.before === null ? <span className="z">–</span> : <Amount of={line.before} exact zero="figure" />) },
          { key: "after", head: { zh: "这份规则（元）", en: "These rules" }, num: true, cell: (line) => (line.after === null ? <span className="z">–</span> : <Amount of={line.after} exact zero="figure" />) },
          { key: "difference", head: { zh: "差异", en: "Difference" }, num: true, wide: true, cell: (line) => <Amount of={line.difference} exact /> },
        ]}
      />
      <h3 className="sub rules-try">{t("规则，按先后", "Rules in their order")}</h3>
      <ul className="rules-steps">{event.after.considered.map((one) => <li key={one.rule}>{one.chosen ? <b className="good">✓ </b> : <span className="mut">{one.holds ? "· " : "✗ "}</span>}{one.rule} {t(one.zh, one.en)} <span className="sub">{one.condition === null ? t("总是成立", "always holds") : <>{t("要求", "wants")} {t(one.condition)}{one.holds ? null : <>{t("；实际", "; is")} {one.actual ? t(one.actual) : ""}</>}</>}{one.holds && !one.chosen ? t("；成立，但前面的规则已选中", "; holds, but one before it was chosen") : ""}</span></li>)}</ul>
      {event.after.entries.some(({ choice, table, passed }) => passed.length > 0 || (choice === 0 && !/^\d/.test(table))) ? <><h3 className="sub rules-try">{t("科目表，命中的行与先前的行", "Tables: the row that hit, and those before it")}</h3>
        <ul className="rules-steps">{event.after.entries.filter(({ table }) => !/^\d/.test(table)).slice(0, 40).map((entry, at) => <li key={at}>{entry.side === "debit" ? t("借", "Dr") : t("贷", "Cr")} {entry.account === "" ? <span className="bad">{t("没有科目", "no account")}</span> : entry.account} <Amount of={entry.amount} exact zero="figure" /> <span className="sub">{t(entry.role)}{t("，", ", ")}{t(entry.tableWords)} {entry.choice === 0 ? t("没有一行成立", "no row holds") : <>{t(`第 ${entry.choice} 行`, `row ${entry.choice}`)}{entry.condition ? `${t("：", ": ")}${t(entry.condition)}` : t("（兜底）", " (takes the rest)")}</>}</span>
          {entry.passed.length === 0 ? null : <span className="sub">{entry.passed.slice(0, 6).map((one) => <span key={one.choice} style={{ display: "block" }}>✗ {t(`第 ${one.choice} 行`, `row ${one.choice}`)} {t("要求", "wants")} {t(one.condition)}{t("；实际", "; is")} {t(one.actual)}</span>)}</span>}</li>)}</ul></> : null}
    </section>
  );
}
