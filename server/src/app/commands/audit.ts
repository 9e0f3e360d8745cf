import { eachEntry, listEntries, type ListFilter, type Outcome, outcomes, recorded, settleIntents, verifyAudit } from "../../audit/index.ts";
import { renderProblem } from "../../platform/index.ts";
import { auditCsv } from "../audit-csv.ts";
import { cliDoer } from "../audited-commands.ts";
import { type Call, type Command, left, pageOptions, problemText } from "../command.ts";

const filterOptions = {
  actor: { value: "WHO", zh: "谁(登录名、密钥、系统用户)", en: "who: a login, a key, a user of this machine" }, act: { value: "ACT", zh: "动作,如 voucher.reviewed", en: "the act, such as voucher.reviewed" },
  object: { value: "KIND/ID", zh: "对象:种类,或 种类/名称", en: "the object: a kind, or kind/name" }, book: { value: "CODE", zh: "账簿", en: "the book" },
  from: { value: "DATE", zh: "起,日期或时刻", en: "from a day or a moment on" }, to: { value: "DATE", zh: "止,含当日", en: "until then, the day included" },
  text: { value: "TEXT", zh: "动作、对象、人、理由、前后内容的任一部分", en: "any part of act, object, actor, reason, before, after" }, outcome: { value: "OUTCOME", choices: outcomes, zh: "结果", en: "the outcome" },
} as const;

const filterOf = (call: Call): ListFilter => ({
  actor: call.option("actor"), act: call.option("act"), object: call.option("object"), book: call.option("book"), from: call.option("from"), to: call.option("to"), text: call.option("text"), outcome: call.option("outcome") as Outcome | undefined,
  after: call.option("after"), limit: call.number("limit"),
});

export const auditCommands: readonly Command[] = [
  {
    name: "audit list", zh: "留痕:谁在何时对什么做了什么,最新在前", en: "the audit trail: who did what to what and when, newest first", options: { ...filterOptions, ...pageOptions },
    examples: ["audit list", "audit list --actor wang --from 2026-03-01", "audit list --text 反结账 --json", "audit list --object voucher/2026-03/记-7"],
    async run(call) {
      const ctx = await call.open();
      await settleIntents(ctx);
      const entries = await listEntries(ctx, filterOf(call));
      call.list(entries.map(({ entryNo, ...entry }) => ({ entryNo: String(entryNo), ...entry })), ["编号", "时间 at", "事项", "what", "账簿", "理由 reason", "结果 outcome"].map(left), (one) => [one.entryNo, one.at.slice(0, 19), one.zh, one.en, one.book ?? "", one.reason, one.outcome]);
    },
  },
  {
    name: "audit verify", zh: "验证留痕:重算整条链,与库外锚比较", en: "verify the trail: work the whole chain out anew and compare it with the anchors outside", examples: ["audit verify", "audit verify --json"],
    async run(call) {
      const ctx = await call.open();
      await settleIntents(ctx);
      const verified = await verifyAudit(ctx);
      const problems = verified.problems.map((problem) => renderProblem(problem));
      call.answer({ ...verified, entries: String(verified.entries), problems }, () => [
        `留痕 entries ${verified.entries}  链头 head ${verified.head.slice(0, 16)}…  库外锚 anchors ${verified.anchors === null ? "–" : verified.anchors.count}  进行中 under way ${verified.intents}`,
        ...problems.map((problem) => problemText(problem, call.terminal)), verified.isWhole ? call.terminal.paint.green("完整,未被改动 · whole, nothing was changed") : call.terminal.paint.red("不完整,或被改动过 · not whole, or changed"),
      ].join("\n"));
      return verified.isWhole ? 0 : 1;
    },
  },
  {
    name: "audit export", zh: "导出留痕;导出本身也留痕", en: "export the trail; that is recorded too", options: { ...filterOptions, format: { value: "FORMAT", choices: ["csv", "ndjson"], zh: "格式,缺省 csv", en: "default csv" }, ...pageOptions },
    examples: ["audit export --from 2026-01-01 --to 2026-12-31 > audit-2026.csv", "audit export --format ndjson"],
    async run(call) {
      const ctx = await call.open();
      const format = call.option("format") ?? "csv";
      const filter = filterOf(call);
      await recorded(ctx, { ...cliDoer(ctx), act: "audit.exported", object: { kind: "audit", id: format }, book: filter.book, request: "tieout audit export" }, async () => {
        let count = 0;
        const entries = async function* () {
          for await (const entry of eachEntry(ctx, filter)) {
            count += 1;
            yield { ...entry, entryNo: String(entry.entryNo) };
          }
        };
        if (format === "csv") for await (const line of auditCsv(entries())) call.terminal.print(line.trimEnd());
        else for await (const entry of entries()) call.terminal.print(JSON.stringify(entry));
        return count;
      }, (count) => ({ after: { ...filter, entries: count } }));
    },
  },
];
