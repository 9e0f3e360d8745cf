import { readFile } from "node:fs/promises";
import { refuse } from "../../platform/index.ts";
import { correctVoucher, type DocumentResult, listDrafts, reverseVoucher, reviewDraft } from "../../vouchers/index.ts";
import { bookOption, type Call, type Command, left, problemText, right } from "../command.ts";

const day = { date: { value: "YYYY-MM-DD", zh: "新凭证的日期,缺省今天", en: "the date of the new voucher; default today" }, reason: { value: "TEXT", required: true as const, zh: "理由", en: "why" } };
const number = [{ name: "NUMBER", required: true as const, zh: "期间/凭证号,如 2026-03/记-7", en: "period and number, such as 2026-03/记-7" }];

export const voucherCommands: readonly Command[] = [
  {
    name: "voucher drafts", zh: "待审核的凭证", en: "vouchers that wait for review", options: bookOption, examples: ["voucher drafts --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      call.list(await listDrafts(ctx, book.code), [left("草稿 draft"), left("日期 date"), left("摘要 summary"), right("金额 total"), left("制单 prepared by"), left("为何待审 why")], (draft) => [draft.draft, draft.date, draft.summary, draft.total, draft.preparedBy, draft.why]);
    },
  },
  {
    name: "voucher review", zh: "审核并记账(制单人不能审核自己的)", en: "review a draft and post it; never by its preparer",
    arguments: [{ name: "DRAFT", required: true, many: true, zh: "草稿号", en: "the draft's number" }], options: bookOption, examples: ["voucher review 12 --book B1 --as li"],
    async run(call) {
      const { ctx, book } = await call.book();
      const posted: { draft: string; number: string; period: string }[] = [];
      for (const draft of call.arguments) posted.push({ draft, ...(await reviewDraft(ctx, book.code, draft)) });
      call.answer(posted, () => posted.map((one) => `${one.draft} → ${one.period}/${one.number}`).join("\n"));
    },
  },
  {
    name: "voucher reverse", zh: "红冲:注销某月某日某号凭证", en: "take a voucher back in red", arguments: number, options: { ...bookOption, ...day }, examples: ["voucher reverse 2026-03/记-7 --book B1 --reason \"客户记错\""],
    async run(call) {
      const { ctx, book } = await call.book();
      return answerResults(call, [await reverseVoucher(ctx, book.code, call.argument(0), call.date("date") ?? ctx.now().toISOString().slice(0, 10), call.required("reason"))]);
    },
  },
  {
    name: "voucher correct", zh: "更正:红冲后订正;以前年度只做蓝字更正", en: "correct a voucher: red and blue, for an earlier year blue only", arguments: number,
    options: { ...bookOption, ...day, lines: { value: "FILE", required: true, zh: "正确的分录(JSON 数组,写法同 manualVoucher 的 lines)", en: "the right lines, a JSON array as in manualVoucher" } },
    examples: ["voucher correct 2026-03/记-7 --book B1 --lines right.json --reason \"科目用错\""],
    async run(call) {
      const { ctx, book } = await call.book();
      const lines = await readLines(call.required("lines"));
      return answerResults(call, await correctVoucher(ctx, book.code, call.argument(0), call.date("date") ?? ctx.now().toISOString().slice(0, 10), lines, call.required("reason")));
    },
  },
];

/** Refuses: file.unreadable. */
async function readLines(file: string): Promise<object[]> {
  const text = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => refuse("file.unreadable", { file, detail: error.code ?? error.message }));
  try {
    const lines: unknown = JSON.parse(text);
    if (Array.isArray(lines) && lines.every((line) => line !== null && typeof line === "object")) return lines as object[];
  } catch {
    // told below
  }
  return refuse("file.unreadable", { file, detail: "JSON array of lines" });
}

/** A correction that waits for its review is what should happen, so it is no failure. */
function answerResults(call: Call, results: readonly DocumentResult[]): number {
  const isWaitingForReview = (result: DocumentResult): boolean => result.reasons.some(({ code }) => code === "voucher.review_needed");
  call.answer(results, () => results.map((result) => [
    `${result.document}  ${result.vouchers.length > 0 ? result.vouchers.join(" ") : isWaitingForReview(result) ? "待审核,见 tieout voucher drafts · waits for review" : result.state}`,
    ...result.reasons.filter(({ code }) => code !== "voucher.review_needed").map((reason) => problemText(reason, call.terminal)),
  ].join("\n")).join("\n"));
  return results.every((result) => result.state === "posted" || isWaitingForReview(result)) ? 0 : 1;
}
