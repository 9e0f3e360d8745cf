import { causeOf, listDifferences, reconcileBook } from "../../reconciliation/index.ts";
import { table } from "../../platform/index.ts";
import { bookOption, type Command, left, right } from "../command.ts";

const shown = 40;

export const reconcileCommands: readonly Command[] = [
  {
    name: "reconcile", zh: "对账:订单链、业务与账簿、账簿与财务系统,列出差异与原因", en: "reconcile chains, business and books, books and finance system, and name every difference's cause",
    options: { ...bookOption, "no-seals": { zh: "不逐张核对封存", en: "do not hold every voucher against its seal" } },
    examples: ["reconcile --book B1", "reconcile --book B1 --json", "reconcile --book B1 --no-seals"],
    async run(call) {
      const { ctx, book } = await call.book();
      const done = await reconcileBook(ctx, book, { seals: !call.flag("no-seals") });
      const rows = await listDifferences(ctx, book, { limit: 1_000 }, { cost: true });
      const { paint } = call.terminal;
      call.answer({ ...done, differences: rows }, () => [
        table([left("原因 cause"), left("对象 subject"), right("金额 amount"), right("天 days"), left("责任 owner"), left("")], rows.slice(0, shown).map((row) => [`${row.no ?? ""} ${causeOf(row.cause).zh}`.trim(), row.subject, row.amount ?? "", String(row.days), row.owner.name || row.owner.id, row.why.zh])),
        ...(rows.length > shown ? [`… 共 ${done.found} 处,全部见 --json · ${done.found} in all, see --json`] : []),
        `${done.found === 0 ? paint.green("两边一致 · the sides agree") : paint.red(`差异 ${done.found} · differences`)}  新增 new ${done.opened}  消除 gone ${done.closed}  ${done.seconds} s`,
      ].join("\n"));
      return done.found === 0 ? 0 : 1;
    },
  },
];
