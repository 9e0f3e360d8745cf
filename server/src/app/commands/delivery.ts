import { acceptDrift, decisions, type DeliveryListed, listDeliveries, listDrifts, resolveDelivery, showDelivery } from "../../delivery/index.ts";
import { refuse } from "../../platform/index.ts";
import { bookOption, type Call, type Command, left, pageOptions, problemText, right } from "../command.ts";

const deliveryArgument = [{ name: "ID", required: true as const, zh: "送达编号,见 delivery list", en: "the delivery's number, see delivery list" }];
const reasonOption = { reason: { value: "TEXT", required: true as const, zh: "理由,会留痕", en: "why; it is kept" } };

export const deliveryCommands: readonly Command[] = [
  {
    name: "delivery list", zh: "送达:每张凭证在财务系统里的编号与状态", en: "deliveries: number and state of each voucher in the finance system",
    options: { ...bookOption, ...pageOptions, flow: { value: "NAME", zh: "流程", en: "the flow" }, state: { value: "STATE", zh: "状态,如 unknown、held、rejected、confirmed", en: "the state, such as unknown, held, rejected, confirmed" }, find: { value: "TEXT", zh: "凭证(2026-03/记-12)、我方编号或对方编号", en: "a voucher (2026-03/记-12), our reference, or the number there" } },
    examples: ["delivery list --book B1", "delivery list --state unknown", "delivery list --find 2026-03/记-12 --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const after = call.number("after");
      const rows = await listDeliveries(ctx, book, { flow: call.option("flow"), state: call.option("state"), text: call.option("find"), after: after === undefined ? undefined : BigInt(after), limit: call.number("limit") });
      call.list(rows, [right("编号"), left("流程 flow"), left("凭证 subject"), left("状态 state"), left("对方编号 number there"), left("对方状态"), left("时间 at"), left("我方编号 reference"), left("说明")], cells);
    },
  },
  {
    name: "delivery show", zh: "一次送达与它的全部尝试", en: "one delivery with all its attempts", arguments: deliveryArgument, options: bookOption, examples: ["delivery show 12 --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const shown = await showDelivery(ctx, book, idOf(call));
      call.answer(shown, () => [
        cells(shown).filter((text) => text !== "").join("  "), ...shown.problem.map((problem) => problemText(problem, call.terminal)),
        ...shown.log.map(({ act, attempt, outcome, startedAt, endedAt, by, reason, problem }) => `  ${startedAt} … ${endedAt.slice(11)}  ${act} ${attempt}  ${outcome}  ${[by, reason, problem[0]?.zh ?? ""].filter((text) => text !== "").join("  ")}`),
      ].join("\n"));
    },
  },
  {
    name: "delivery resolve", zh: "由人说明一次送达:已到、未到(再送)、不再送", en: "say of a delivery that it arrived, that it did not (send it), or that it shall not go", arguments: deliveryArgument,
    options: { ...bookOption, as: { value: "WHAT", required: true, choices: decisions, zh: "sent 对方已有;notSent 对方没有,再送;ignored 不再送", en: "what it is" }, ...reasonOption, number: { value: "TEXT", zh: "对方的凭证号", en: "the number there" } },
    examples: ["delivery resolve 12 --as sent --number 记-15 --reason \"found there as 记-15\"", "delivery resolve 12 --as notSent --reason \"not there, the day was searched\""],
    async run(call) {
      const { ctx, book } = await call.book();
      const as = call.choose("--as", call.required("as"), decisions);
      await resolveDelivery(ctx, book, idOf(call), as, call.required("reason"), call.option("number"));
      call.answer(await showDelivery(ctx, book, idOf(call)), () => "已记下 · noted");
    },
  },
  {
    name: "delivery drift", zh: "漂移:送达之后在对方被改动、作废、删除的凭证", en: "drift: vouchers that were edited, voided or deleted there after they were delivered",
    options: { ...bookOption, ...pageOptions, flow: { value: "NAME", zh: "流程", en: "the flow" }, all: { zh: "含已处理的", en: "those that were closed as well" } }, examples: ["delivery drift --book B1", "delivery drift --all --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const after = call.number("after");
      const rows = await listDrifts(ctx, book, { flow: call.option("flow"), isOpen: !call.flag("all"), after: after === undefined ? undefined : BigInt(after), limit: call.number("limit") });
      call.list(rows, [right("漂移 drift"), right("送达"), left("凭证 subject"), left("发现 found"), left("我方 ours"), left("对方 theirs"), left("处理 closed")],
        (row) => [String(row.drift), String(row.delivery), row.subject, `${row.kind} ${row.foundAt}`, sideText(row.ours), sideText(row.theirs), row.resolvedBy === null ? "" : `${row.resolvedBy}: ${row.reason ?? ""}`]);
      return rows.some(({ resolvedAt }) => resolvedAt === null) ? 1 : 0;
    },
  },
  {
    name: "delivery accept", zh: "接受一处漂移;同样的差异不再报", en: "accept a drift; the same difference is not told again", arguments: [{ name: "DRIFT", required: true, zh: "漂移编号,见 delivery drift", en: "the drift's number, see delivery drift" }], options: { ...bookOption, ...reasonOption },
    examples: ["delivery accept 3 --reason \"agreed with finance on the phone\""],
    async run(call) {
      const { ctx, book } = await call.book();
      await acceptDrift(ctx, book, idOf(call), call.required("reason"));
      call.answer({ drift: call.argument(0), accepted: true }, () => "已接受 · accepted");
    },
  },
];

function idOf(call: Call): bigint {
  const text = call.argument(0);
  return /^\d{1,15}$/.test(text) ? BigInt(text) : refuse("usage.number", { option: call.command.arguments?.[0]?.name ?? "ID", got: text });
}

const cells = (row: DeliveryListed): string[] =>
  [String(row.delivery), row.flow, row.subject, row.state, row.targetNumber ?? "", row.targetState ?? "", row.targetAt ?? row.stateAt, row.reference, row.problem[0]?.zh ?? ""];

/** One side of a drift in a cell. */
function sideText(side: unknown): string {
  const { date, lines } = side as { readonly date?: string; readonly lines?: readonly { readonly account: string; readonly amount: string }[] };
  return lines === undefined ? "" : `${date ?? ""} ${lines.map(({ account, amount }) => `${account} ${amount}`).join(", ")}`;
}
