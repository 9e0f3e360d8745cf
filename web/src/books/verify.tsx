/** 验证: the books proved from their tables alone. What each check proves, what it found, and a run at once. */
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, seg, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import { count } from "../ui/amount.tsx";
import { moment, Panel, Tag } from "../ui/parts.tsx";
import { Empty, Loaded, Trouble } from "../ui/states.tsx";
import { Table } from "../ui/table.tsx";
import { useT } from "../ui/text.ts";
import { useNames } from "../vouchers/words.tsx";
import { BooksPage } from "./frame.tsx";

type Check = { readonly check: string; readonly zh: string; readonly en: string; readonly findings: number };
type Finding = { readonly check: string; readonly code: string; readonly zh: string; readonly en: string; readonly where: string | null; readonly todo: { readonly zh: string; readonly en: string } };
type Proof = { readonly isWhole: boolean; readonly vouchers: number; readonly lines: number; readonly blocks: number; readonly anchors: number; readonly anchoredBlock: number; readonly checks: readonly Check[]; readonly findings: readonly Finding[]; readonly seconds: number };
type Last = { readonly isRunning: boolean; readonly at: string | null; readonly by: string; readonly result: Proof | null };

export function Verify() {
  const t = useT();
  const book = useBook();
  const { nameOf: names } = useNames();
  const client = useQueryClient();
  const path = `/books/${seg(book.code)}/verify`;
  const last = useApi<Last>(`${path}/last`, { keep: true, refetchMs: 5_000 });
  const [isAsked, setAsked] = useState(false);
  const [trouble, setTrouble] = useState<unknown>(null);
  const run = async (): Promise<void> => {
    setAsked(true);
    setTrouble(null);
    try {
      await api<Proof>(path);
    } catch (error) {
      setTrouble(error);
    }
    await client.invalidateQueries({ queryKey: [`${path}/last`] });
    setAsked(false);
  };
  const isRunning = isAsked || last.data?.isRunning === true;
  const proof = last.data?.result;
  return (
    <BooksPage
      title={t("验证", "Proof")} tags={proof === undefined || proof === null ? null : proof.isWhole ? <Tag tone="good">{t("全部通过", "All hold")}</Tag> : <Tag tone="bad">{t(`${count(proof.findings.length)} 项问题`, `${count(proof.findings.length)} findings`)}</Tag>}
      asOf={last.data?.at ? t(`${moment(last.data.at)} ${names(last.data.by)}，用时 ${seconds(proof?.seconds)} 秒`, `${moment(last.data.at)} ${names(last.data.by)}, ${seconds(proof?.seconds)} s`) : undefined}
      acts={<button type="button" className="btn p" disabled={isRunning} onClick={() => void run()}>{isRunning ? t("正在验证", "Proving") : t("验证账簿", "Prove the books")}</button>}
    >
      {trouble === null ? null : <Trouble error={trouble} retry={() => void run()} />}
      <Panel title={t("证明了什么", "What is proved")} note={t("逐张凭证、逐条分录重算，不信任何缓存", "Every voucher and line is worked out again; no cache is trusted")}>
        <Loaded of={last} rows={9} columns={3} isEmpty={({ result }) => result === null} empty={<Empty why={isRunning ? t("正在验证。十万张凭证约需数秒。", "Proving. A hundred thousand vouchers take some seconds.") : t("本次启动以来还没有验证过。", "Nothing has been proved since the server started.")} next={isRunning ? undefined : t("验证只读，不影响记账。", "A proof only reads; posting goes on.")} />}>
          {({ result }) => result === null ? null : <>
            <div className="books-stat" style={{ paddingTop: 4 }}>{([[t("凭证", "Vouchers"), result.vouchers], [t("分录", "Lines"), result.lines], [t("区块", "Blocks"), result.blocks], [t("库外锚", "Anchors outside"), result.anchors], [t("锚定至区块", "Anchored to block"), result.anchoredBlock]] as const).map(([words, n]) => <div key={words}><span>{words}</span><b className="mid">{count(n)}</b></div>)}</div>
            <Table<Check> caption={t("各项检查", "Checks")} rows={result.checks} rowKey={({ check }) => check} columns={[
              { key: "result", head: { zh: "结果", en: "Result" }, cell: ({ findings }) => (findings === 0 ? <Tag tone="good">{t("成立", "Holds")}</Tag> : <Tag tone="bad">≠ {count(findings)}</Tag>) },
              { key: "check", head: { zh: "检查", en: "Check" }, wrap: true, cell: (check) => t(check) }, { key: "findings", head: { zh: "问题", en: "Findings" }, num: true, cell: ({ findings }) => (findings === 0 ? <span className="z">–</span> : count(findings)) },
            ]} />
          </>}
        </Loaded>
      </Panel>
      {proof && proof.findings.length > 0 ? <Panel title={t("问题", "Findings")} note={proof.findings.length > 200 ? t(`前 200 项，共 ${count(proof.findings.length)} 项`, `The first 200 of ${count(proof.findings.length)}`) : undefined}><Table<Finding & { readonly at: number }> caption={t("问题", "Findings")} rows={proof.findings.slice(0, 200).map((finding, at) => ({ ...finding, at }))} rowKey={({ at }) => String(at)} columns={[
        { key: "what", head: { zh: "问题", en: "Finding" }, wrap: true, cell: (finding) => <>{t(finding.zh, finding.en)}{finding.where === null ? null : <span className="sub mono">{finding.where}</span>}</> }, { key: "todo", head: { zh: "怎么办", en: "What to do" }, wide: true, wrap: true, cell: ({ todo }) => t(todo) },
      ]} /></Panel> : null}
    </BooksPage>
  );
}

const seconds = (n: number | undefined): string => (n === undefined ? "–" : n < 10 ? String(Math.trunc(n * 10) / 10) : String(Math.trunc(n)));
