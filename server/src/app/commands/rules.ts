import { readFile } from "node:fs/promises";
import { loadAccounts, packRules, joinRules } from "../../books/index.ts";
import { refuse, renderProblem, table } from "../../platform/index.ts";
import { lintRules, listRuleVersions, loadRuleVersion, proposeRules, readRuleSet } from "../../rules/index.ts";
import { approveRules, explainVoucher, replayRules } from "../../vouchers/index.ts";
import { bookOption, type Call, type Command, left, problemText, right } from "../command.ts";

const versionArgument = [{ name: "VERSION", required: true as const, zh: "版本号", en: "the version" }];

export const rulesCommands: readonly Command[] = [
  {
    name: "rules show", zh: "规则版本;带版本号则列出其规则", en: "the versions of a book's rules; with a number the rules of that version",
    arguments: [{ name: "VERSION", zh: "版本号", en: "the version" }], options: { ...bookOption, text: { zh: "输出 YAML 原文", en: "the YAML text as it is" } }, examples: ["rules show --book B1", "rules show 1 --book B1", "rules show 1 --book B1 --text > rules.yaml"],
    async run(call) {
      const { ctx, book } = await call.book();
      if (call.arguments.length === 0) {
        return call.list(await listRuleVersions(ctx.db, book), [right("版本 version"), left("生效 effective"), right("规则 rules"), left("提出 proposed"), left("批准 approved"), left("说明 note")],
          (row) => [String(row.version), row.effectiveOn, String(row.rules), `${row.proposedBy} ${row.proposedAt.slice(0, 10)}`, row.approvedBy === null ? "待批准 not yet" : `${row.approvedBy} ${row.approvedAt?.slice(0, 10) ?? ""}`, row.note]);
      }
      const row = await loadRuleVersion(ctx.db, book, versionOf(call));
      if (call.flag("text")) return call.terminal.print(row.body.trimEnd());
      const { ruleSet } = readRuleSet(row.body);
      call.list(ruleSet.rules.map(({ id, event, zh, en, whenText, exempt, series, merge, entries }) => ({ id, event, zh, en, when: whenText, exempt, series, merge, entries: entries.length })),
        [left("规则 rule"), left("事件 event"), left("名称 name"), left("条件 when"), left("凭证字"), right("分录 entries")], (rule) => [rule.id, rule.event, rule.zh, rule.when, rule.exempt ? "免记账 exempt" : rule.series, String(rule.entries)]);
    },
  },
  {
    name: "rules lint", zh: "检查规则文件(YAML)", en: "check a rule file",
    arguments: [{ name: "FILE", required: true, zh: "规则文件;或规则包名,如 cas-general", en: "the file, or a pack such as cas-general" }], options: bookOption, examples: ["rules lint rules.yaml --book B1", "rules lint cas-general --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const problems = lintRules(await textOf(call.argument(0)), await loadAccounts(ctx.db, book)).map((problem) => renderProblem(problem));
      call.answer(problems, () => (problems.length === 0 ? "没有问题 · nothing wrong" : problems.map((problem) => problemText(problem, call.terminal)).join("\n")));
      return problems.length === 0 ? 0 : 1;
    },
  },
  {
    name: "rules explain", zh: "为什么:凭证的规则、输入、所选科目行与未选的规则", en: "why a voucher is as it is: rule, inputs, chosen rows, and the rules that were not chosen",
    arguments: [{ name: "VOUCHER", required: true, zh: "期间/凭证号,如 2026-03/记-7", en: "period and number, such as 2026-03/记-7" }], options: bookOption, examples: ["rules explain 2026-03/记-7 --book B1"],
    async run(call) {
      const { ctx, book } = await call.book();
      const explained = await explainVoucher(ctx, book.code, call.argument(0));
      call.answer(explained, () => explained.map((one) => [
        `${one.document}  ${one.event}  →  ${one.rule}@${one.ruleVersion} ${one.zh} · ${one.en}`,
        ...one.considered.map(({ rule, zh, condition, holds, chosen }) => `  ${chosen ? "✓" : holds ? "·" : "✗"} ${rule} ${zh}  ${condition}${chosen ? "" : holds ? "  成立,但前面的规则已选中 holds, but an earlier rule was chosen" : "  不成立 does not hold"}`),
        table([left("方向"), left("科目 account"), right("金额 amount"), left("科目表 table"), right("行 row"), left("因为 because"), left("输入 input")],
          one.lines.map((line) => [line.side === "debit" ? "借" : "贷", line.account, line.amount, line.table, String(line.choice), line.because, Object.entries(line.input).map(([name, value]) => `${name}=${value}`).join(" ")])),
      ].join("\n")).join("\n\n"));
    },
  },
  {
    name: "rules propose", zh: "提出新版本(由他人批准后生效)", en: "put a new version up for approval by somebody else",
    arguments: [{ name: "FILE", required: true, zh: "规则文件", en: "the rule file" }], options: { ...bookOption, from: { value: "YYYY-MM-DD", required: true, zh: "生效日", en: "the day it takes effect" }, note: { value: "TEXT", zh: "说明", en: "what it is about" } },
    examples: ["rules propose rules.yaml --book B1 --from 2026-04-01 --note \"样品改记 6601\" --as chen"],
    async run(call) {
      const { ctx, book } = await call.book();
      const version = await proposeRules(ctx, book, await loadAccounts(ctx.db, book), { text: await textOf(call.argument(0)), effectiveOn: call.required("from"), note: call.option("note") });
      call.answer({ version }, () => `版本 ${version} 已提出;先看影响:tieout rules replay ${version} --book ${book.code} · Version ${version} is proposed; see what it changes`);
    },
  },
  {
    name: "rules replay", zh: "用某版本重放过去的单据,列出科目与期间的差异", en: "run a version over past documents and show the difference by account and period",
    arguments: versionArgument, options: { ...bookOption, from: { value: "YYYY-MM", zh: "起始期间", en: "first period" }, to: { value: "YYYY-MM", zh: "截止期间", en: "last period" }, all: { zh: "规则未变的事件也重算", en: "work out also events whose rules are the same" } }, examples: ["rules replay 2 --book B1 --from 2026-01 --to 2026-03"],
    async run(call) {
      const { ctx, book } = await call.book();
      const replay = await replayRules(ctx, book, { version: versionOf(call), from: call.option("from"), to: call.option("to"), all: call.flag("all") });
      call.answer(replay, () => [
        replay.differences.length === 0 ? "科目余额没有差异 · no account differs" : table([left("期间 period"), left("科目 account"), right("原 before"), right("新 after"), right("差异 difference")], replay.differences.map((row) => [row.period, row.account === "" ? "?" : row.account, row.before, row.after, row.difference])),
        ...(replay.examples.length === 0 ? [] : ["", table([left("单据 document"), left("事件 event"), left("原规则 before"), left("新规则 after"), left("")], replay.examples.slice(0, 20).map((one) => [one.document, one.event, one.ruleBefore, one.ruleAfter, one.problem]))]),
        `单据 documents ${replay.documents}  事件 events ${replay.events}  重算 evaluated ${replay.evaluated}  不同 changed ${replay.changed}  ${Math.floor(replay.documents / Math.max(replay.seconds, 0.001))} 单据/s`,
      ].join("\n"));
      return replay.examples.some(({ problem }) => problem !== "") ? 1 : 0;
    },
  },
  {
    name: "rules approve", zh: "批准版本(提出人不能批准;已结账期间有差异则不可)", en: "approve a version; not by its author, and not if it changes a closed period", arguments: versionArgument, options: bookOption, examples: ["rules approve 2 --book B1 --as li"],
    async run(call) {
      const { ctx, book } = await call.book();
      const approved = await approveRules(ctx, book, versionOf(call));
      call.answer(approved, () => `版本 ${approved.version} 已批准,${approved.effectiveOn} 起生效 · approved, in force from ${approved.effectiveOn}`);
    },
  },
];

/** Refuses: usage.number. */
const versionOf = (call: Call): number => (/^\d{1,6}$/.test(call.argument(0)) ? Number(call.argument(0)) : refuse("usage.number", { option: "VERSION", got: call.argument(0) }));

/** A file, or the rules of a pack. Refuses: file.unreadable. */
async function textOf(name: string): Promise<string> {
  if (/^[a-z-]+$/.test(name)) {
    const rules = joinRules(packRules(name));
    if (rules.trim() !== "") return rules;
  }
  return readFile(name, "utf8").catch((error: NodeJS.ErrnoException) => refuse("file.unreadable", { file: name, detail: error.code ?? error.message }));
}
