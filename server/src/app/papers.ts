/** Papers that leave the house, each as PDF to print and seal, and as xlsx to work with: statements of account, the reconciliation of a bank balance. One description gives both. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyReply } from "fastify";
import type { BalanceReconciliation, LetterBody } from "../reconciliation/index.ts";
import { type Paper, writePaper } from "./pdf.ts";
import { writeSheet } from "./sheet.ts";

export const PaperQuery = { format: Type.Union([Type.Literal("pdf"), Type.Literal("xlsx")]), language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])) };
export type PaperFile = { readonly name: string; readonly paper: Paper };

export function sendPaper(reply: FastifyReply, { name, paper }: PaperFile, format: "pdf" | "xlsx"): FastifyReply {
  reply.header("content-disposition", `attachment; filename="tieout.${format}"; filename*=UTF-8''${encodeURIComponent(`${name}.${format}`)}`).serializer((file: unknown) => file as string);
  if (format === "pdf") return reply.type("application/pdf").send(writePaper({ ...paper, rows: paper.rows.map((row) => ({ ...row, cells: row.cells.map((cell, at) => (paper.columns[at]?.isFigure ? grouped(cell) : cell)) })) }));
  return reply.type("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet").send(writeSheet(paper.title, sheetRows(paper), new Set(paper.columns.flatMap((column, at) => (column.isFigure ? [at] : [])))));
}

async function* sheetRows(paper: Paper): AsyncGenerator<readonly string[], void, undefined> {
  yield paper.columns.map(({ head }) => head);
  for (const { cells } of paper.rows) yield cells;
}

/** 1234567.50 as 1,234,567.50. */
const grouped = (text: string): string => text.replace(/^(-?)(\d+)(?=\.|$)/, (_, sign: string, whole: string) => `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}`);

/** 对账单. `hash` is of what it says: an answer is kept with it. */
export function letterPaper(body: LetterBody, hash: string, isZh: boolean): PaperFile {
  const t = (zh: string, en: string): string => (isZh ? zh : en);
  const isForeign = body.lines.some(({ currency }) => currency !== body.currency);
  const original = isForeign ? [{ head: t("币种", "Currency"), width: 1.1 }, { head: t("未清（原币）", "Open, original"), width: 2, isFigure: true }] : [];
  return {
    name: `${t("对账单", "Statement of account")} ${body.partyName} ${body.at}`,
    paper: {
      title: t("往来对账单", "Statement of account"),
      above: [`${body.partyName}${t("：", ":")}`, body.kind === "customer" ? t(`截至 ${body.at}，贵公司应付我公司款项如下。`, `As of ${body.at} you owe us the following.`) : t(`截至 ${body.at}，我公司应付贵公司款项如下。`, `As of ${body.at} we owe you the following.`)],
      columns: [{ head: t("单据", "Document"), width: 3 }, { head: t("日期", "Date"), width: 1.7 }, { head: t("到期日", "Due"), width: 1.7 }, { head: t("金额", "Amount"), width: 2, isFigure: true }, ...original, { head: t(`未清（${body.currency}）`, `Open (${body.currency})`), width: 2, isFigure: true }],
      rows: [
        ...body.lines.map((line) => ({ cells: [line.document.replace(/^[^/]*\//, ""), line.date, line.dueOn, line.amount, ...(isForeign ? [line.currency, line.open] : []), line.openBase] })),
        { cells: [t("合计", "Total"), "", "", "", ...(isForeign ? ["", ""] : []), body.balance], isStrong: true },
      ],
      ends: [[t("对账单位（盖章）：", "For you (seal):"), body.partyName, "", t("相符 □    不符 □", "Agrees [ ]    Differs [ ]")], [t("制表单位（盖章）：", "For us (seal):"), body.company, body.at]],
      below: [t(`内容摘要 SHA-256：${hash}`, `SHA-256 of what this says: ${hash}`)],
    },
  };
}

/** 银行存款余额调节表, in the form in which it is filed: both sides beside each other, what is outstanding one by one. */
export function balancePaper(of: BalanceReconciliation, own: { readonly company: string; readonly account: string; readonly accountEn: string; readonly number: string }, isZh: boolean): PaperFile {
  const t = (zh: string, en: string): string => (isZh ? zh : en);
  const unknown = t("未知", "not known");
  type Items = BalanceReconciliation["bankReceived"];
  const sum = (items: Items): string => totalOf(items.map(({ amount }) => amount));
  const pair = (left: readonly [string, Items], right: readonly [string, Items]): Paper["rows"] => [
    { cells: [left[0], sum(left[1]), right[0], sum(right[1])] },
    ...Array.from({ length: Math.max(left[1].length, right[1].length) }, (_, at) => { const [a, b] = [left[1][at], right[1][at]]; return { cells: [a ? `  ${a.date} ${a.text}` : "", a?.amount ?? "", b ? `  ${b.date} ${b.text}` : "", b?.amount ?? ""] }; }),
  ];
  return {
    name: `${t("银行存款余额调节表", "Bank reconciliation")} ${of.bankAccount} ${of.at}`,
    paper: {
      title: t("银行存款余额调节表", "Reconciliation of the bank balance"),
      above: [t(`单位：${own.company}`, `Company: ${own.company}`), t(`账户：${own.account} ${own.number}    币种：${of.currency}    截至：${of.at}`, `Account: ${own.accountEn} ${own.number}    Currency: ${of.currency}    As of: ${of.at}`)],
      columns: [{ head: t("企业账面", "Books"), width: 3.4 }, { head: t("金额", "Amount"), width: 1.6, isFigure: true }, { head: t("银行对账单", "Bank statement"), width: 3.4 }, { head: t("金额", "Amount"), width: 1.6, isFigure: true }],
      rows: [
        { cells: [t("账面余额", "Balance of the books"), of.bookBalance, t("对账单余额", "Balance of the statement"), of.bankBalance ?? unknown], isStrong: true },
        ...pair([t("加：银行已收，企业未收", "Add: received by the bank, not in the books"), of.bankReceived], [t("加：企业已收，银行未收", "Add: received in the books, not at the bank"), of.bookReceived]),
        ...pair([t("减：银行已付，企业未付", "Less: paid by the bank, not in the books"), of.bankPaid], [t("减：企业已付，银行未付", "Less: paid in the books, not at the bank"), of.bookPaid]),
        ...(/[1-9]/.test(of.matchedDifference) ? [{ cells: [t("减：已勾对的差额", "Less: what matched sides differ by"), of.matchedDifference, "", ""] }] : []),
        { cells: [t("调节后余额", "Adjusted balance"), of.adjustedBook, t("调节后余额", "Adjusted balance"), of.adjustedBank ?? unknown], isStrong: true },
      ],
      ends: [[t("编制：", "Prepared by:")], [t("复核：", "Reviewed by:")], [t("日期：", "Date:")]],
      below: of.difference === null ? [t("尚无对账单期末余额。", "No statement gives a closing balance yet.")] : /[1-9]/.test(of.difference) ? [t(`两侧相差 ${of.difference}。`, `The sides differ by ${of.difference}.`)] : [],
    },
  };
}

/** Decimals of one currency, added exactly. */
function totalOf(amounts: readonly string[]): string {
  const places = Math.max(0, ...amounts.map((amount) => amount.split(".")[1]?.length ?? 0));
  const minor = amounts.reduce((sum, amount) => { const [whole = "0", part = ""] = amount.split("."); return sum + BigInt(`${whole}${part.padEnd(places, "0")}`); }, 0n);
  const text = String(minor).padStart(places + 1, "0");
  return places === 0 ? text : `${text.slice(0, -places)}.${text.slice(-places)}`;
}
