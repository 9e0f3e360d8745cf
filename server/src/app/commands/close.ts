import { closePeriod, reopenPeriod } from "../../vouchers/index.ts";
import { bookOption, type Command, problemText } from "../command.ts";
import { monthEndTaskNames, monthEndTasks, runMonthEnd } from "../month-end.ts";

const period = { period: { value: "YYYY-MM", required: true as const, zh: "会计期间", en: "the period" } };

export const closeCommands: readonly Command[] = [
  {
    name: "run", zh: "期末任务:存货核算、暂估、增值税、结转 …", en: "a month-end task: cost run, estimates, VAT, closing vouchers …",
    arguments: [{ name: "TASK", required: true, zh: monthEndTaskNames.join(" | "), en: "the task" }],
    options: {
      ...bookOption, ...period, "city-rate": { value: "0.07", zh: "城建税率(surtax)", en: "city construction tax rate" }, "reserve-rate": { value: "0.10", zh: "盈余公积比例(year-end)", en: "share for the reserve" },
      amount: { value: "AMOUNT", zh: "金额(income-tax)", en: "the amount" }, currency: { value: "USD", zh: "外币(fx),缺省全部", en: "only this currency; default all" }, rate: { value: "7.10", zh: "期末汇率(fx)", en: "closing rate; default that of the day" },
    },
    examples: ["run cost --book B1 --period 2026-03", "run vat --book B1 --period 2026-03", "run income-tax --book B1 --period 2026-03 --amount 12500.00", "run fx --book B1 --period 2026-03 --currency USD --rate 7.05"],
    more: monthEndTaskNames.map((name) => ({ zh: `${name}  ${monthEndTasks[name].zh}`, en: `  ${monthEndTasks[name].en}` })),
    async run(call) {
      const task = call.choose("TASK", call.argument(0), monthEndTaskNames);
      const { ctx, book } = await call.book();
      const result = await runMonthEnd(ctx, book, task, call.required("period"), { cityRate: call.option("city-rate"), reserveRate: call.option("reserve-rate"), amount: call.option("amount"), foreignCurrency: call.option("currency"), closingRate: call.option("rate") });
      call.answer(result, () => [
        `${monthEndTasks[task].zh} ${result.document}: ${result.vouchers.length > 0 ? `凭证 vouchers ${result.vouchers.join(" ")}` : result.state === "posted" ? "无需凭证 · nothing to post" : result.state}`,
        ...result.reasons.map((reason) => problemText(reason, call.terminal)),
      ].join("\n"));
      return result.state === "posted" || result.state === "duplicate" ? 0 : 1;
    },
  },
  {
    name: "close", zh: "结账:检查全部通过后期间不再接收凭证", en: "close a period; it is checked first, and then accepts nothing more", options: { ...bookOption, ...period }, examples: ["close --book B1 --period 2026-03"],
    async run(call) {
      const { ctx, book } = await call.book();
      const closed = await closePeriod(ctx, book.code, call.required("period"));
      call.answer(closed ?? { book: book.code, period: call.required("period"), state: "closed" }, () => `${book.code} ${call.required("period")} 已结账 · closed`);
    },
  },
  {
    name: "reopen", zh: "反结账(写明理由,留痕)", en: "reopen a period; the reason is recorded", options: { ...bookOption, ...period, reason: { value: "TEXT", required: true, zh: "理由", en: "why" } }, examples: ["reopen --book B1 --period 2026-03 --reason \"补记运费发票 FR-9\""],
    async run(call) {
      const { ctx, book } = await call.book();
      const reopened = await reopenPeriod(ctx, book.code, call.required("period"), call.required("reason"));
      call.answer(reopened ?? { book: book.code, period: call.required("period"), state: "open" }, () => `${book.code} ${call.required("period")} 已反结账 · open again`);
    },
  },
];
