import { writeFile } from "node:fs/promises";
import { exportPayments, listBatches, listPayables, paymentFormats, settlePayments } from "../../reconciliation/index.ts";
import { bookOption, type Command, left, pageOptions, problemText, right } from "../command.ts";

/** Proposing and approving are acts of two people who are signed in; the command line knows only one. */
export const paymentCommands: readonly Command[] = [
  {
    name: "payment due", zh: "应付待付:到期、匹配、收款账户", en: "what is due to suppliers, whether it matches and may be paid",
    options: { ...bookOption, ...pageOptions, "due-by": { value: "YYYY-MM-DD", zh: "到期不晚于", en: "due by then" }, supplier: { value: "CODE", zh: "供应商", en: "the supplier" } }, examples: ["payment due --book B1 --due-by 2026-03-31", "payment due --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const rows = await listPayables(ctx, book, { dueBy: call.option("due-by"), supplier: call.option("supplier"), after: call.option("after"), limit: call.number("limit") });
      call.list(rows, [left("到期 due"), left("供应商 supplier"), left("单据 document"), right("可付 to pay"), left("币种"), left("匹配 match"), left("收款账户 account")], (row) => [row.dueOn, row.supplierName || row.supplier, row.document, row.left, row.currency, row.approval ? "approved" : row.match, row.account]);
    },
  },
  {
    name: "payment list", zh: "付款批次", en: "batches of payments", options: { ...bookOption, ...pageOptions }, examples: ["payment list --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const rows = await listBatches(ctx, book, { after: call.option("after"), limit: call.number("limit") });
      call.list(rows, [right("批次"), left("编号 message id"), left("付款日 on"), left("账户 from"), right("金额 amount"), left("状态 state"), left("提出 by"), left("批准 approved by")], (row) => [row.batch, row.messageId, row.executeOn, row.bankAccount, row.amount, row.state, row.proposedBy, row.approvedBy ?? ""]);
    },
  },
  {
    name: "payment export", zh: "已批准批次的银行文件;再次导出字节相同", en: "the bank file of an approved batch; every later one has the same bytes", arguments: [{ name: "BATCH", required: true, zh: "批次,见 payment list", en: "the batch, see payment list" }],
    options: { ...bookOption, format: { value: "FORMAT", choices: paymentFormats, zh: "缺省 pain.001.001.09", en: "default pain.001.001.09" }, bank: { value: "CODE", zh: "付款行联行号或 BIC(首次导出)", en: "own bank, CNAPS or BIC, at the first export" }, to: { value: "FILE", required: true, zh: "写到", en: "where to write it" } },
    examples: ["payment export 12 --book B1 --bank 102100099996 --to pay.xml", "payment export 12 --format icbc-csv --to pay.csv"],
    async run(call) {
      const { ctx, book } = await call.book();
      const bank = call.option("bank");
      const file = await exportPayments(ctx, book, call.argument(0), call.choose("--format", call.option("format") ?? "pain.001.001.09", paymentFormats), bank === undefined ? {} : { bank });
      await writeFile(call.required("to"), file.body);
      call.answer({ name: file.name, bytes: Buffer.byteLength(file.body) }, () => `${call.required("to")} ${file.name} ${Buffer.byteLength(file.body)} B`);
    },
  },
  {
    name: "payment settle", zh: "按银行流水与付款单核销已付款项", en: "settle what the bank or a payment document shows as paid", options: bookOption, examples: ["payment settle --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const settled = await settlePayments(ctx, book);
      call.answer(settled, () => [`核销 ${settled.paid.length} 笔,余 ${settled.open} 笔 · settled ${settled.paid.length}, ${settled.open} left`, ...settled.problems.flatMap(({ endToEndId, reasons }) => [endToEndId, ...reasons.map((reason) => problemText(reason, call.terminal))])].join("\n"));
      return settled.problems.length > 0 ? 1 : 0;
    },
  },
];
