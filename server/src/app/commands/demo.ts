import { createDemo } from "../demo-company.ts";
import { layDesk } from "../demo-desk.ts";
import { refuse } from "../../platform/index.ts";
import { type Command } from "../command.ts";
import { postedText } from "./post.ts";

/** Documents of scale 1, for the bar. */
const documentsAtOne = 50_000;

export const demoCommands: readonly Command[] = [
  {
    name: "demo create", zh: "演示公司:制造兼分销,一年的全部单据,并埋有差错", en: "the demo company: a manufacturer and distributor, a year of documents, with planted defects",
    options: {
      book: { value: "CODE", zh: "账簿,缺省 DEMO", en: "the book; default DEMO" }, scale: { value: "N", zh: "规模,1 约五万张单据,可用小数,缺省 1", en: "1 is about 50,000 documents; default 1" }, seed: { value: "N", zh: "种子,缺省 1", en: "default 1" },
      from: { value: "YYYY-MM", zh: "启用期间,缺省 2026-01", en: "the first period; default 2026-01" }, months: { value: "N", zh: "几个月,缺省 12", en: "default 12" },
    },
    examples: ["demo create", "demo create --scale 20 --book BIG", "demo create --scale 0.1 --months 3 --book SMALL --json"],
    async run(call) {
      const ctx = await call.open();
      const text = call.option("scale") ?? "1";
      const scale = Number(text);
      if (!/^\d{1,3}(\.\d{1,3})?$/.test(text) || scale <= 0) refuse("usage.value", { command: call.command.name, option: "--scale", wanted: "0.001 … 999" });
      const months = call.number("months") ?? 12;
      const progress = call.terminal.progress("demo", Math.ceil((documentsAtOne * scale * months) / 12));
      const made = await createDemo(ctx, { seed: call.number("seed") ?? 1, scale, book: call.option("book") ?? "DEMO", from: call.option("from") ?? "2026-01", months }, (count) => progress.step(count));
      progress.done();
      await layDesk(ctx, made.book);
      call.answer(made, () => [
        postedText(call, made.summary, []),
        `预埋差错 ${made.defects.length} 处,清单 ${made.defectsFile} · ${made.defects.length} planted defects, listed there`,
        `下一步 next  tieout balances --book ${made.book.code} --by tree   tieout completeness --book ${made.book.code}   tieout verify --book ${made.book.code}`,
      ].join("\n"));
    },
  },
];
