import { principalOfAll } from "../../access/index.ts";
import { refuse } from "../../platform/index.ts";
import { listAlertRules, listAlerts, tryAlertRule } from "../../reconciliation/index.ts";
import { boardFigures } from "../alerting.ts";
import { bookOption, type Command, left, pageOptions, right } from "../command.ts";

export const alertCommands: readonly Command[] = [
  {
    name: "alert list", zh: "未解除的预警", en: "alerts that stand", options: { ...bookOption, ...pageOptions, closed: { zh: "已解除的", en: "those that are over" }, rule: { value: "RULE", zh: "规则", en: "the rule" } }, examples: ["alert list --book B1", "alert list --closed --json"],
    async run(call) {
      const { ctx, book } = await call.book();
      const rows = await listAlerts(ctx, book, principalOfAll(ctx.actor.id), { state: call.flag("closed") ? "closed" : "standing", rule: call.option("rule"), after: call.option("after"), limit: call.number("limit") });
      call.list(rows, [right("编号"), left("预警 alert"), left("对象 subject"), right("现值 now"), right("线 line"), left("状态 state"), left("自 since"), left("认领 by")], (row) => [row.alertNo, row.ruleZh, row.label, row.value ?? "", row.line ?? "", row.state, row.since.slice(0, 16), row.acknowledgedBy ?? ""]);
    },
  },
  {
    name: "alert rules", zh: "预警规则", en: "rules of alerts", options: bookOption, examples: ["alert rules --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      call.list(await listAlertRules(ctx, book), [left("规则 rule"), left("名称"), left("看什么 measure"), right("线 line"), left("通知 calls"), left("状态"), right("未解除")], (row) => [row.rule, row.zh, row.measure, `${row.is === "above" ? ">" : "<"} ${row.line}`, row.roles.join(" → "), row.isOn ? "on" : "off", String(row.standing)]);
    },
  },
  {
    name: "alert try", zh: "试算一条预警规则,不响", en: "what a rule would find now; nothing rings", arguments: [{ name: "RULE", required: true, zh: "见 alert rules", en: "see alert rules" }], options: bookOption, examples: ["alert try receivable-overdue --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const rule = (await listAlertRules(ctx, book)).find((one) => one.rule === call.argument(0)) ?? refuse("alert.rule_invalid", { what: call.argument(0) });
      const tried = await tryAlertRule(ctx, book, rule, boardFigures);
      call.answer(tried, () => [`${tried.subjects} 个对象,${tried.crossed} 个越线 · ${tried.subjects} subjects, ${tried.crossed} beyond the line`, ...tried.first.map((row) => `  ${row.isCrossed ? "!" : " "} ${row.label}  ${row.value}  ${row.employee}`)].join("\n"));
    },
  },
];
