import { checkFacts, rebuildFacts, refreshFacts } from "../../insight/index.ts";
import { bookOption, type Command } from "../command.ts";

export const martCommands: readonly Command[] = [
  {
    name: "mart status", zh: "分析数据跟到哪里", en: "how far the figures have followed the books", options: bookOption, examples: ["mart status --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const mark = await refreshFacts(ctx, book);
      call.answer({ book: book.code, voucher: String(mark.voucherId), version: `${mark.generation}.${mark.version}`, at: mark.at }, () => `${book.code} 已跟到第 ${mark.voucherId} 张凭证,版本 ${mark.generation}.${mark.version} · up to voucher ${mark.voucherId}`);
    },
  },
  {
    name: "mart check", zh: "分析数据与账簿逐科目核对", en: "compare the figures with the books, account by account", options: bookOption, examples: ["mart check --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const differences = await checkFacts(ctx, book);
      call.answer({ book: book.code, differences: differences.map(({ account, ledger, facts }) => ({ account, ledger: String(ledger), facts: String(facts) })) },
        () => (differences.length === 0 ? `${book.code} 分析数据与账簿一致 · the figures are the books` : differences.map(({ account, ledger, facts }) => `${account}  账簿 books ${ledger}  分析 figures ${facts}(分 minor units)`).join("\n")));
      return differences.length === 0 ? 0 : 1;
    },
  },
  {
    name: "mart rebuild", zh: "由账簿重建分析数据", en: "make the figures anew from the books", options: bookOption, examples: ["mart rebuild --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const mark = await rebuildFacts(ctx, book);
      call.answer({ book: book.code, voucher: String(mark.voucherId), version: `${mark.generation}.${mark.version}` }, () => `${book.code} 已重建,至第 ${mark.voucherId} 张凭证;运行中的服务随后重建其副本 · rebuilt; a server that runs copies it again`);
    },
  },
];
