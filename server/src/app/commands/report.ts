import { readCompleteness, readEstimates, readBalances, readLedger, readLedgerLines, readOpenItems, readStatement, readStock, readStockMoves, streamVouchers, trace, ageingBuckets, completenessStates, type Voucher } from "../../vouchers/index.ts";
import { loadAccounts } from "../../books/index.ts";
import { pad, table } from "../../platform/index.ts";
import { formatDecimal, parseDecimal } from "../../values/index.ts";
import { bookOption, type Command, left, pageOptions, periodOptions, right } from "../command.ts";
import { csvLine, dimensionsText, figure, readDimensions, storyVoucher } from "../text.ts";

const standing: Readonly<Record<string, string>> = { debit: "借", credit: "贷", zero: "平" };
const dimensionOption = { dimension: { value: "NAME=CODE", many: true as const, zh: "只看此辅助核算,可多次", en: "only with this dimension; may be repeated" } };
const ageOption = { at: { value: "YYYY-MM-DD", zh: "账龄截止日,缺省今天", en: "the day that ages count to; default today" } };

export const reportCommands: readonly Command[] = [
  {
    name: "vouchers", zh: "凭证", en: "vouchers",
    options: {
      ...bookOption, ...periodOptions, format: { value: "FORMAT", zh: "输出形式", en: "how they are shown", choices: ["story", "json", "csv"] },
      number: { value: "记-7", zh: "凭证号", en: "the voucher's number" }, series: { value: "记", zh: "凭证字", en: "the series" }, document: { value: "REFERENCE", zh: "出自此单据", en: "caused by this document" },
      account: { value: "CODE", zh: "涉及此科目", en: "with this account or one below it" }, rule: { value: "RULE", zh: "出自此规则", en: "made by this rule" }, text: { value: "TEXT", zh: "摘要包含", en: "whose summary contains this" }, ...pageOptions,
    },
    examples: ["vouchers --book B1 --period 2026-03", "vouchers --book B1 --period 2026-03 --format json", "vouchers --book B1 --document wms:goodsReceipt/GR-1", "vouchers --book B1 --from 2026-01 --to 2026-12 --format csv > vouchers.csv"],
    async run(call) {
      const { ctx, book } = await call.book();
      const filter = {
        period: call.option("period"), from: call.option("from"), to: call.option("to"), number: call.option("number"), series: call.option("series"), document: call.option("document"),
        account: call.option("account"), rule: call.option("rule"), text: call.option("text"), after: call.option("after"), limit: call.number("limit"),
      };
      const format = call.isJson ? "json" : (call.option("format") ?? "story");
      if (format === "json") return call.stream(streamVouchers(ctx, book, filter));
      if (format === "csv") {
        call.terminal.print(csvLine(voucherColumns));
        for await (const voucher of streamVouchers(ctx, book, filter)) for (const row of voucherRows(voucher)) call.terminal.print(csvLine(row));
        return;
      }
      const accounts = await loadAccounts(ctx.db, book);
      let isFirst = true;
      for await (const voucher of streamVouchers(ctx, book, filter)) {
        call.terminal.print(`${isFirst ? "" : "\n"}${storyVoucher(voucher, (code) => accounts.get(code)?.zh ?? "", call.terminal)}`);
        isFirst = false;
      }
      if (isFirst) call.terminal.print("没有凭证 · no vouchers");
    },
  },
  {
    name: "balances", zh: "科目余额表", en: "trial balance",
    options: {
      ...bookOption, ...periodOptions, account: { value: "CODE", zh: "此科目及其下级", en: "this account and those below it" }, by: { value: "HOW", zh: "逐辅助核算、逐科目或带上级汇总", en: "a row for each", choices: ["dimension", "account", "tree"] },
      currency: { value: "USD", zh: "只看此币种的原币", en: "in this currency alone, in its own units" }, ...dimensionOption,
    },
    examples: ["balances --book B1 --period 2026-03", "balances --book B1 --period 2026-03 --by tree", "balances --book B1 --from 2026-01 --to 2026-06 --account 1122 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const accounts = await loadAccounts(ctx.db, book);
      const by = (call.option("by") ?? "dimension") as "dimension" | "account" | "tree";
      const rows = await readBalances(ctx, book, { period: call.option("period"), from: call.option("from"), to: call.option("to"), account: call.option("account"), by, currency: call.option("currency"), dimensions: readDimensions(call.options("dimension")) });
      if (call.isJson) return call.list(rows, [], () => []);
      const figures = ["openingDebit", "openingCredit", "debit", "credit", "closingDebit", "closingCredit"] as const;
      const decimals = rows[0]?.debit.split(".")[1]?.length ?? 0;
      const sums = figures.map((name) => formatDecimal(rows.filter(({ account }) => by !== "tree" || !account.includes(".")).reduce((sum, row) => sum + (parseDecimal(row[name], decimals) ?? 0n), 0n), decimals));
      call.terminal.print(rows.length === 0 ? "没有余额 · no balances" : table(
        [left("科目 account"), left("名称 name"), ...(by === "dimension" ? [left("辅助核算 dimensions")] : []), ...["期初借 opening debit", "期初贷 credit", "本期借 debit", "本期贷 credit", "期末借 closing debit", "期末贷 credit"].map(right)],
        [...rows.map((row) => [row.account, accounts.get(row.account)?.zh ?? "", ...(by === "dimension" ? [dimensionsText(row.dimensions)] : []), ...figures.map((name) => figure(row[name]))]),
          ["合计 total", "", ...(by === "dimension" ? [""] : []), ...sums]],
      ));
    },
  },
  {
    name: "ledger", zh: "总账;--detail 为明细账", en: "ledger of an account, period by period; with --detail line by line",
    arguments: [{ name: "ACCOUNT", required: true, zh: "科目及其下级", en: "the account, with those below it" }],
    options: { ...bookOption, ...periodOptions, detail: { zh: "明细账:逐笔、余额与对方科目", en: "each line with its running balance and counter accounts" }, ...dimensionOption },
    examples: ["ledger 1002 --book B1", "ledger 2202.01 --book B1 --period 2026-03 --detail --dimension counterparty=S01"],
    async run(call) {
      const { ctx, book } = await call.book();
      const filter = { account: call.argument(0), period: call.option("period"), from: call.option("from"), to: call.option("to"), dimensions: readDimensions(call.options("dimension")) };
      if (call.flag("detail")) {
        call.list(await readLedgerLines(ctx, book, filter), [left("日期 date"), left("凭证 voucher"), left("科目 account"), left("摘要 summary"), left("对方科目 counter"), left("辅助核算 dimensions"), right("借 debit"), right("贷 credit"), left("方向"), right("余额 balance")],
          (line) => [line.date, line.voucher, line.account, line.summary, line.counterAccounts.join(" "), dimensionsText(line.dimensions), figure(line.debit), figure(line.credit), standing[line.balanceSide] ?? "", line.balance]);
        return;
      }
      call.list(await readLedger(ctx, book, filter), [left("期间 period"), left("方向"), right("期初 opening"), right("借 debit"), right("贷 credit"), left("方向"), right("期末 closing")],
        (row) => [row.period, standing[row.openingSide] ?? "", row.opening, figure(row.debit), figure(row.credit), standing[row.closingSide] ?? "", row.closing]);
    },
  },
  {
    name: "statement", zh: "报表:资产负债表、利润表、现金流量表", en: "statements: balance sheet, income, cash flow",
    arguments: [{ name: "STATEMENT", required: true, zh: "balance-sheet, income 或 cash-flow", en: "balance-sheet, income or cash-flow" }],
    options: { ...bookOption, ...periodOptions }, examples: ["statement balance-sheet --book B1 --period 2026-03", "statement income --book B1 --from 2026-01 --to 2026-06", "statement cash-flow --book B1 --period 2026-03 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const shown = await readStatement(ctx, book, call.argument(0), { period: call.option("period"), from: call.option("from"), to: call.option("to") });
      call.answer(shown, () => [
        `${shown.zh} ${shown.en}  ${shown.form}  ${shown.book}  ${shown.from === shown.to ? shown.to : `${shown.from} – ${shown.to}`}  ${shown.currency}`,
        table([left("项目 item"), right(`${shown.amountIs.zh} ${shown.amountIs.en}`), right(`${shown.comparativeIs.zh} ${shown.comparativeIs.en}`)],
          shown.rows.map((row) => [`${"  ".repeat(row.level + (row.ofWhich ? 1 : 0))}${row.zh} ${row.en}`, row.amount === null ? "" : figure(row.amount), row.comparative === null ? "" : figure(row.comparative)])),
        ...shown.problems.map(({ zh, en }) => call.terminal.paint.red(`${zh} · ${en}`)),
      ].join("\n"));
      return shown.problems.length > 0 ? 1 : 0;
    },
  },
  {
    name: "open-items", zh: "往来未清项与账龄", en: "open items with their age",
    options: { ...bookOption, side: { value: "SIDE", zh: "应收或应付", en: "only these", choices: ["receivable", "payable"] }, party: { value: "CODE", zh: "往来单位", en: "only of this counterparty" }, account: { value: "CODE", zh: "科目", en: "only on this account" }, ...ageOption, ageing: { zh: "按往来单位汇总账龄", en: "sums by counterparty and age" } },
    examples: ["open-items --book B1 --side receivable", "open-items --book B1 --ageing --at 2026-03-31", "open-items --book B1 --party S01 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const items = await readOpenItems(ctx, book, { side: call.option("side") as "receivable" | undefined, party: call.option("party"), account: call.option("account"), at: call.date("at") });
      if (call.flag("ageing") && !call.isJson) {
        const decimals = items[0]?.openBase.split(".")[1]?.length ?? 0;
        const sum = (rows: typeof items): string => formatDecimal(rows.reduce((total, { openBase }) => total + (parseDecimal(openBase, decimals) ?? 0n), 0n), decimals);
        const parties = [...Map.groupBy(items, ({ party, account }) => `${party}\t${account}`).values()];
        call.list(parties, [left("往来单位 party"), left("名称 name"), left("科目 account"), right("合计 total"), ...ageingBuckets.map(({ zh, en }) => right(`${zh} ${en}`))],
          (rows) => [rows[0]?.party ?? "", rows[0]?.partyName ?? "", rows[0]?.account ?? "", sum(rows), ...ageingBuckets.map(({ id }) => figure(sum(rows.filter(({ bucket }) => bucket === id))))]);
        return;
      }
      call.list(items, [left("单据 document"), left("往来单位 party"), left("科目 account"), left("日期 date"), left("到期 due"), left("币种"), right("金额 amount"), right("已核销 cleared"), right("未清 open"), right("本位币 base"), right("天 days")],
        (item) => [item.original || (item.line === "" ? item.document : `${item.document}/${item.line}`), `${item.party} ${item.partyName}`, item.account, item.date, item.dueOn, item.currency, item.amount, figure(item.cleared), item.open, item.openBase, String(item.ageDays)]);
    },
  },
  {
    name: "estimates", zh: "暂估台账", en: "estimates still without invoice",
    options: { ...bookOption, party: { value: "CODE", zh: "供应商", en: "only of this supplier" }, ...ageOption }, examples: ["estimates --book B1", "estimates --book B1 --party S01 --at 2026-03-31"],
    async run(call) {
      const { ctx, book } = await call.book();
      call.list(await readEstimates(ctx, book, { party: call.option("party"), at: call.date("at") }),
        [left("入库 receipt"), left("供应商 supplier"), left("物料 item"), left("日期 date"), right("天 days"), right("暂估数量 quantity"), right("暂估金额 amount"), right("已到票 invoiced"), right("退货 returned"), right("未到票数量 open"), right("未到票金额 open")],
        (one) => [one.original || `${one.document}/${one.line}`, `${one.party} ${one.partyName}`, one.item, one.date, String(one.ageDays), one.estimatedQuantity, one.estimatedAmount, figure(one.reversedAmount), figure(one.returnedAmount), one.openQuantity, one.openAmount]);
    },
  },
  {
    name: "stock", zh: "库存;--moves 为存货明细账", en: "stock by item and warehouse; with --moves the stock ledger of an item",
    options: { ...bookOption, item: { value: "CODE", zh: "物料", en: "the item" }, warehouse: { value: "CODE", zh: "仓库", en: "the warehouse" }, at: { value: "YYYY-MM-DD", zh: "截止日", en: "at the end of this day" }, moves: { zh: "逐笔收发存", en: "every move with the running balance" } },
    examples: ["stock --book B1 --at 2026-03-31", "stock --book B1 --item STEEL --moves"],
    async run(call) {
      const { ctx, book } = await call.book();
      const filter = { item: call.option("item"), warehouse: call.option("warehouse"), at: call.date("at") };
      if (call.flag("moves")) {
        call.list(await readStockMoves(ctx, book, { ...filter, item: call.required("item") }), [left("日期 date"), left("单据 document"), left("类型 type"), left("仓库 warehouse"), right("数量 quantity"), right("金额 amount"), right("结存数量 balance"), right("结存金额 balance")],
          (move) => [move.date, `${move.document}/${move.line}`, move.type, move.warehouse, move.quantity, move.amount, move.balanceQuantity, move.balanceAmount]);
        return;
      }
      call.list(await readStock(ctx, book, filter), [left("物料 item"), left("名称 name"), left("仓库 warehouse"), right("数量 quantity"), right("金额 amount"), right("单价 unit cost")], (row) => [row.item, row.itemName, row.warehouse, row.quantity, row.amount, row.unitCost]);
    },
  },
  {
    name: "trace", zh: "追溯:订单、入库、发票、收付款、凭证的全图", en: "the whole graph around a document or voucher, in both directions",
    arguments: [{ name: "REFERENCE", required: true, zh: "[来源:]种类/单据号,或凭证 2026-03/记-7", en: "[source:]kind/sourceId, or a voucher as 2026-03/记-7" }],
    options: { ...bookOption, most: { value: "N", zh: "最多几张单据,缺省 500", en: "at most so many documents; default 500" } }, examples: ["trace wms:goodsReceipt/GR-1 --book B1", "trace 2026-03/记-7 --book B1 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const graph = await trace(ctx, book, call.argument(0), { documentsMax: call.number("most") });
      call.answer(graph, () => {
        const name = (id: string, line: string): string => (line === "" ? id : `${id}/${line}`);
        const words = { link: "关联 links to", caused: "产生 caused", reverses: "红冲 reverses" };
        return [
          ...graph.nodes.map((node) => (node.node === "document" ? `${pad(node.id, 36)}  ${node.date}  ${pad(node.party, 12)}  ${node.state}` : `${pad(node.id, 36)}  ${node.date}  ${node.summary}`)), "",
          table([left("从 from"), left(""), left("到 to"), right("数量 quantity"), right("金额 amount")], graph.edges.map((edge) => [name(edge.from, edge.fromLine), words[edge.edge], name(edge.to, edge.toLine), edge.quantity === "0" ? "" : edge.quantity, figure(edge.amount)])),
          ...(graph.isCut ? ["图太大,只显示了一部分;用 --most 加大 · The graph was cut; raise --most"] : []),
        ].join("\n");
      });
    },
  },
  {
    name: "completeness", zh: "完整性:到达的单据 100% 有着落", en: "every document that arrived is posted, exempt, waiting or parked",
    options: { ...bookOption, detail: { zh: "按来源、种类、期间", en: "by source, kind and period" } }, examples: ["completeness --book B1", "completeness --book B1 --detail", "completeness --book B1 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const whole = await readCompleteness(ctx, book);
      call.answer(whole, () => [
        ...(call.flag("detail") ? [table([left("来源 source"), left("种类 kind"), left("期间 period"), ...["到达 arrived", "已入账 posted", "免记账 exempt", "等待 waiting", "挂起 parked"].map(right)], whole.rows.map((row) => [row.source, row.kind, row.period, ...[row.arrived, row.posted, row.exempt, row.waiting, row.parked].map(String)])), ""] : []),
        table([left("状态 state"), right("单据 documents"), right("%")], [
          ...(["posted", "exempt", "waiting", "parked"] as const).map((state) => [`${completenessStates[state].zh} ${completenessStates[state].en}`, String(whole[state]), whole.percent[state]]),
          ["合计 total", String(whole.arrived), whole.percent.total],
        ]),
        `另有被拒 refused ${whole.refused}`,
      ].join("\n"));
      return whole.percent.total === "100.000000" ? 0 : 1;
    },
  },
];

const voucherColumns = ["period", "number", "date", "summary", "attachments", "account", "lineSummary", "debit", "credit", "currency", "amountOriginal", "rate", "dimensions", "rule", "preparedBy", "reviewedBy", "postedBy"];
const voucherRows = (voucher: Voucher): string[][] => voucher.lines.map((line) => [
  voucher.period, voucher.number, voucher.date, voucher.summary, String(voucher.attachments), line.account, line.summary, line.debit, line.credit, line.currency, line.amountOriginal, line.rate, dimensionsText(line.dimensions), voucher.rule, voucher.preparedBy, voucher.reviewedBy, voucher.postedBy,
]);

