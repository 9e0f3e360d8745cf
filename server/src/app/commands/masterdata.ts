import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { pipeline } from "node:stream/promises";
import { domains, listQueue, listRequests, readScores, rebuildScores, resolveCode, searchGolden, showGolden, type StewardAct, stewardActs, takeArrivals } from "../../masterdata/index.ts";
import { refuse } from "../../platform/index.ts";
import { formatMoney } from "../../values/index.ts";
import { type Call, type Command, left, right } from "../command.ts";
import { type Acted, actOnMaster, approveOnMaster, openValueIn } from "../masterdata/desk.ts";
import { exportMasters, importMasters, previewMasters } from "../masterdata/workbook.ts";

const book = { value: "CODE", zh: "账簿,只有一本时可省", en: "the book; may be left out where there is one" };
const domainNames = domains.map(({ name }) => name);
const domain = { value: "NAME", choices: domainNames, zh: "主数据类别", en: "kind of master data" };
const reason = { value: "TEXT", required: true as const, zh: "原因,留在决定记录中", en: "why; it stays with the decision" };

export const masterdataCommands: readonly Command[] = [
  {
    name: "masters find", zh: "跨系统查找黄金记录:编码、名称、拼音、统一社会信用代码", en: "find golden records across systems: code, name, pinyin, USCC", arguments: [{ name: "TEXT", zh: "缺省列出该类别全部", en: "without it the kind is listed" }], options: { book, domain, limit: { value: "N", zh: "最多几条", en: "at most so many" } },
    examples: ["masters find 远泰", "masters find ytgt --json"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const rows = await searchGolden(ctx, of, { text: call.arguments[0], domain: call.option("domain"), limit: call.number("limit") ?? 50 });
      call.list(rows, ["记录 golden", "类别 kind", "编码 code", "名称 name", "信用代码 USCC", "来源 sources"].map(left), (one) => [one.golden, one.domainWords.zh, one.code, one.name, one.uscc, one.systems.join(", ")]);
    },
  },
  {
    name: "masters show", zh: "一条黄金记录:各来源、取值规则、编码对照、决定", en: "one golden record: sources, where each value comes from, codes, decisions", arguments: [{ name: "GOLDEN", required: true, zh: "如 G000012", en: "such as G000012" }], options: { book }, examples: ["masters show G000012 --json"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const shown = await showGolden(ctx, of, call.argument(0));
      call.answer(shown, () => [
        `${call.terminal.paint.bold(`${shown.golden} ${shown.code} ${shown.name}`)}  ${shown.domainWords.zh} ${shown.state}`,
        ...shown.fields.map(({ field, zh, value, rule, system }) => `  ${zh} ${field}  ${value}  (${rule}${system === "" ? "" : ` ${system}`})`),
        ...shown.crosswalk.map((row) => `  ${row.system}${row.company === "" ? "" : `/${row.company}`}:${row.code}  ${row.from ?? "…"} – ${row.to ?? "…"}${row.isMapped ? "  人工映射 mapped" : ""}${row.isSuspended ? "  停用 suspended" : ""}`),
        ...shown.decisions.slice(0, 20).map((one) => `  ${one.at.slice(0, 19)} ${one.act} ${one.by} ${one.reason}`),
      ].join("\n"));
    },
  },
  {
    name: "masters queue", zh: "待判的对,最值得判的在前", en: "pairs that a person has to decide, the most worth it first", options: { book, domain, limit: { value: "N", zh: "最多几对", en: "at most so many" } }, examples: ["masters queue --domain customer"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const pairs = (await listQueue(ctx, of, { domain: call.option("domain"), limit: call.number("limit") ?? 50 })).map(({ openValue, ...pair }) => ({ ...pair, openValue: formatMoney(openValue, of.currency) }));
      call.list(pairs, [left("编号 no"), left("到达 arrived"), left("已有 known"), right("比特 bits"), right("未清 open")], (one) => [one.no, `${one.one.system}:${one.one.code} ${one.one.name}`, `${one.other.system}:${one.other.code} ${one.other.name}`, one.weight, one.openValue]);
    },
  },
  {
    name: "masters resolve", zh: "某系统的编码在某日的含义", en: "what a code of a system means on a day", arguments: [{ name: "KIND", required: true, zh: "类别", en: "the kind" }, { name: "SYSTEM", required: true, zh: "系统", en: "the system" }, { name: "CODE", required: true, zh: "编码", en: "the code" }],
    options: { book, company: { value: "CODE", zh: "公司", en: "the company" }, on: { value: "DATE", zh: "日期,缺省今天", en: "default today" } }, examples: ["masters resolve customer crm C-77 --on 2026-03-31"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const found = await resolveCode(ctx, of, { domain: call.argument(0), system: call.argument(1), code: call.argument(2), company: call.option("company"), on: call.date("on") });
      call.answer(found, () => `${found.golden} ${found.code} ${found.name}  ${found.from ?? "…"} – ${found.to ?? "…"}${found.isSuspended ? "  停用 suspended" : ""}`);
    },
  },
  {
    name: "masters act", zh: "主数据的决定:合并、撤销合并、移出、映射、停用、固定取值等", en: "a decision: merge, unmerge, split, map, suspend, pin …", arguments: [{ name: "ACT", required: true, zh: stewardActs.join(" | "), en: "which" }, { name: "KEY=VALUE", many: true, zh: "如 into=G000001", en: "such as into=G000001" }], options: { book, reason },
    examples: ["masters act map domain=supplier system=wms code=V-9 golden=G000012 --reason 核对过合同", "masters act merge into=G000012 from=G000044 --reason 同一公司", "masters act unmerge golden=G000044 keepApart=true --reason 判错"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const name = call.choose("ACT", call.argument(0), stewardActs);
      const given: Record<string, unknown> = {}, fields: Record<string, string> = {};
      for (const pair of call.arguments.slice(1)) {
        const at = pair.indexOf("=");
        if (at < 1) refuse("usage.missing", { command: call.command.name, wanted: "KEY=VALUE" });
        const key = pair.slice(0, at), value = pair.slice(at + 1);
        if (key.startsWith("fields.")) fields[key.slice(7)] = value;
        else given[key] = value === "true" ? true : value === "false" ? false : value;
      }
      for (const key of neededBy[name]) if (given[key] === undefined) refuse("usage.missing", { command: call.command.name, wanted: `${key}=` });
      told(call, await actOnMaster(ctx, of, { act: name, ...given, ...(name === "create" ? { fields } : {}) } as unknown as StewardAct, call.required("reason")));
    },
  },
  {
    name: "masters requests", zh: "变更申请", en: "change requests", options: { book, state: { value: "STATE", choices: ["open", "approved", "rejected", "withdrawn"], zh: "状态", en: "the state" } }, examples: ["masters requests --state open"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      call.list(await listRequests(ctx, of, call.option("state")), ["申请 no", "决定 act", "类别 kind", "状态 state", "提出 asked by", "原因 reason"].map(left), (one) => [one.no, one.act, one.domainWords.zh, one.state, one.askedBy, one.reason]);
    },
  },
  {
    name: "masters approve", zh: "批准变更申请;提出人不能自己批准", en: "approve a change request; whoever asked cannot", arguments: [{ name: "NO", required: true, zh: "申请编号", en: "its number" }], options: { book, note: { value: "TEXT", zh: "附言", en: "a note" } }, examples: ["masters approve 3"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      told(call, await approveOnMaster(ctx, of, call.argument(0), call.option("note") ?? ""));
    },
  },
  {
    name: "masters take", zh: "立即整理刚到达的主数据(服务运行时自动进行)", en: "sort what just arrived now; a running server does it by itself", options: { book }, examples: ["masters take"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      let taken = 0;
      for (let more = 1; more > 0; taken += more) more = await takeArrivals(ctx, of, { openValue: openValueIn(ctx) });
      call.answer({ taken }, () => `整理 ${taken} 个编码 · ${taken} codes`);
    },
  },
  {
    name: "masters quality", zh: "数据质量:按类别与系统的完整、有效、唯一、及时、对齐", en: "data quality by kind and system", options: { book, rebuild: { zh: "先重新计算", en: "count anew first" } }, examples: ["masters quality --rebuild --json"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      if (call.flag("rebuild")) await rebuildScores(ctx, of);
      const percent = ({ part, of: whole }: { readonly part: number; readonly of: number }): string => (whole === 0 ? "–" : `${Math.trunc((part * 100) / whole)}%`);
      call.list(await readScores(ctx, of), [left("类别 kind"), left("系统 system"), ...["记录 records", "完整 complete", "有效 valid", "唯一 unique", "及时 fresh", "对齐 connected"].map(right)], (one) => [one.domainWords.zh, one.system, String(one.records), percent(one.completeness), percent(one.validity), percent(one.uniqueness), percent(one.timeliness), percent(one.mapped)]);
    },
  },
  {
    name: "masters import", zh: "从 xlsx 或 csv 导入主数据;有问题时什么都不保存", en: "take master data in from xlsx or csv; with anything wrong nothing is kept", arguments: [{ name: "FILE", required: true, zh: "第一行为表头,至少有「编码」", en: "its first row is the heading, with at least “code”" }],
    options: { book, domain: { ...domain, required: true }, system: { value: "NAME", zh: "行内没有系统时用它,缺省 excel", en: "for rows that name none; default excel" }, "dry-run": { zh: "只检查", en: "only check" } }, examples: ["masters import customers.xlsx --domain customer --system crm"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const path = call.argument(0);
      const bytes = await readFile(path).catch(() => refuse("matching.file", { path }));
      const file = { name: basename(path), content: bytes.toString("base64"), domain: call.choose("--domain", call.required("domain"), domainNames), system: call.option("system") ?? "excel" };
      const done = call.flag("dry-run") ? await previewMasters(ctx, of, file) : await importMasters(ctx, of, file);
      call.answer(done, () => [`${done.rows} 行 rows,收下 taken ${done.taken},未变 unchanged ${done.same},释放单据 documents released ${done.released}`, ...done.problems.slice(0, 20).map(({ row, zh, en }) => `  第 ${row} 行 row: ${zh} · ${en}`)].join("\n"));
      return done.problems.length > 0 ? 1 : 0;
    },
  },
  {
    name: "masters export", zh: "导出一类主数据", en: "write a kind of master data to a sheet", arguments: [{ name: "KIND", required: true, zh: domainNames.join(" | "), en: "which" }], options: { book, out: { value: "FILE", required: true, zh: "xlsx 或 csv", en: "xlsx or csv" } }, examples: ["masters export customer --out customers.xlsx"],
    async run(call) {
      const { ctx, book: of } = await call.book();
      const out = call.required("out"), format = out.endsWith(".csv") ? "csv" : "xlsx";
      await pipeline(exportMasters(ctx, of, call.argument(0), { format, language: "zh", hidden: () => false }).body, createWriteStream(out)).catch((error: unknown) => refuse("matching.unwritable", { path: out, reason: error instanceof Error ? error.message : String(error) }));
      call.answer({ file: out }, () => `已写入 ${out} · written`);
    },
  },
];

const neededBy: Readonly<Record<StewardAct["act"], readonly string[]>> = {
  merge: ["into", "from"], unmerge: ["golden"], split: ["record"], different: ["candidate"], takeBack: ["decision"], keepTogether: ["record", "other"], keepApart: ["record", "other"], pin: ["golden", "field", "value"], unpin: ["golden", "field"], map: ["domain", "system", "code", "golden"], suspend: [], resume: [], alias: ["golden", "kind", "text"], introduce: ["golden"], dropAlias: ["alias"], create: ["domain", "code"],
};

function told(call: Call, acted: Acted): void {
  call.answer(acted, () => (acted.request === null ? `已决定 ${acted.done?.golden ?? ""} · done${acted.released ? `;记账 posted ${acted.released.posted}` : ""}` : `已提交变更申请 ${acted.request},等另一人批准 · waits for somebody else`));
}
