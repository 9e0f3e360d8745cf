import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { parse as parseCsv } from "csv-parse/sync";
import { compileMapping, goldenPathOf, type GoldenCase, type GoldenResult, lookupsOf, type Mapping, type MapRecord, parseLossless, readDocument, readGolden, readMappingText, shippedMappings, testMapping } from "../../documents/index.ts";
import { masterKindOf, readMaster } from "../../masterdata/index.ts";
import { type Problem, refuse, renderProblem, table } from "../../platform/index.ts";
import { type Call, type Command, left, problemText, right } from "../command.ts";

const mappingArgument = { name: "MAPPING", required: true as const, zh: "随附映射的名称,或映射文件", en: "a shipped mapping by name, or a file" };

export const mapCommands: readonly Command[] = [
  {
    name: "map show", zh: "列出映射;带名称则列出其流、规则与所读字段", en: "the shipped mappings; with a name its streams, rules and the fields that it reads",
    arguments: [{ name: "MAPPING", zh: "映射名称或文件", en: "a mapping's name, or a file" }], examples: ["map show", "map show odoo", "map show my-erp.yaml --json"],
    async run(call) {
      if (call.arguments.length === 0) {
        const all = await Promise.all(shippedMappings().map((name) => compiled(name)));
        return call.list(all.map(about), [left("映射 mapping"), left("来源 source"), right("版本 version"), right("流 streams"), left("名称 name"), left("内容 hash")], (one) => [one.name, one.source, String(one.version), String(one.streams.length), `${one.zh} · ${one.en}`, one.hash.slice(0, 12)]);
      }
      const mapping = await compiled(call.argument(0));
      call.answer(about(mapping), () => [
        `${mapping.name}@${mapping.version}  ${mapping.zh} · ${mapping.en}`, `来源 source ${mapping.source}  内容 hash ${mapping.hash}${mapping.givenTables.length > 0 ? `  需给出的对照表 tables to give: ${mapping.givenTables.join(", ")}` : ""}`, "",
        table([left("流 stream"), left("单据 kind"), left("条件 when"), left("字段 fields")], about(mapping).streams.flatMap(({ stream, rules }) => rules.map((rule) => [stream, rule.kind || "忽略 ignored", rule.when, rule.fields.join(" ")]))),
      ].join("\n"));
    },
  },
  {
    name: "map preview", zh: "用样本试映射:得到的单据,每个值来自何处、依据哪条规则", en: "try a mapping on a sample: the documents, and for each value its source and rule",
    arguments: [mappingArgument], options: {
      sample: { value: "FILE", required: true, zh: "样本:JSON、JSONL、YAML、CSV,或 golden 文件", en: "the sample: JSON, JSONL, YAML, CSV, or a golden file" },
      stream: { value: "NAME", zh: "流;样本未写明且映射有多个流时必填", en: "the stream; needed where the sample names none and the mapping has several" },
    },
    examples: ["map preview odoo --sample packs/mappings/odoo.golden.yaml", "map preview csv-sales --sample orders.csv", "map preview my-erp.yaml --sample order.json --json"],
    async run(call) {
      const mapping = await compiled(call.argument(0));
      const samples = await readSample(call, mapping);
      const shown = samples.map(({ record, lookups }) => {
        const { documents, lineage, problems, cut, ignored } = mapping.mapWithLineage(record, lookupsOf(lookups));
        return { stream: record.stream, key: record.key, documents, lineage, ignored, cut, problems: [...problems, ...documents.flatMap(problemsOf)].map((problem) => renderProblem(problem)) };
      });
      call.answer(shown, () => shown.map((one) => [
        `${one.stream}/${one.key}${one.ignored === undefined ? "" : `  忽略 ignored: ${one.ignored}`}`,
        ...one.documents.map((document) => JSON.stringify(document, null, 2)),
        ...(one.lineage.length === 0 ? [] : [table([left("字段 field"), left("值 value"), left("来自 from"), left("规则 rule")], one.lineage.map(({ target, value, from, rule }) => [target, String(value).slice(0, 40), from.join(", ") || "const", rule]))]),
        ...one.cut.map(({ path, kept, cutOff }) => `截去 cut  ${path}: ${kept} | ${cutOff}`),
        ...one.problems.map((problem) => problemText(problem, call.terminal)),
      ].join("\n")).join("\n\n"));
      return shown.some(({ problems }) => problems.length > 0) ? 1 : 0;
    },
  },
  {
    name: "map test", zh: "跑映射的对照测试(NAME.golden.yaml);不写文件则跑全部随附映射", en: "run the golden tests of mappings (NAME.golden.yaml); without a file those of all shipped ones",
    arguments: [{ name: "FILE", many: true, zh: "映射名称或文件", en: "a mapping's name, or a file" }], examples: ["map test", "map test odoo", "map test my-erp.yaml --json"],
    async run(call) {
      const results: (GoldenResult & { readonly mapping: string })[] = [];
      for (const name of call.arguments.length > 0 ? call.arguments : shippedMappings()) {
        const { path } = await readMappingText(name);
        const cases = golden(await textOf(goldenPathOf(path)), goldenPathOf(path));
        results.push(...testMapping(await compiled(name), cases, problemsOf).map((result) => ({ mapping: name, ...result })));
      }
      const wrong = results.filter(({ isRight }) => !isRight);
      call.answer(results, () => [
        table([left("映射 mapping"), left("流 stream"), left("例 case"), left("")], results.map((one) => [one.mapping, one.stream, one.title, one.isRight ? "✓" : "✗"])),
        ...wrong.map(({ mapping, title, differences }) => `✗ ${mapping}: ${title}\n${differences.join("\n")}`),
        `${results.length - wrong.length}/${results.length}`,
      ].join("\n"));
      return wrong.length > 0 ? 1 : 0;
    },
  },
];

/** Refuses: what compileMapping and readMappingText refuse. */
async function compiled(name: string): Promise<Mapping> {
  const { text, files } = await readMappingText(name);
  return compileMapping(text, files);
}

const about = ({ name, zh, en, source, version, hash, supersedes, streams, givenTables, usedFields }: Mapping) => ({
  name, zh, en, source, version, hash, supersedes, givenTables, streams: [...streams].map(([stream, rules]) => ({ stream, rules, usedFields: usedFields(stream) })),
});

/** What the next stage would say of a document. The book's currency is not known here, so amounts are read as CNY. */
function problemsOf(document: Readonly<Record<string, unknown>>): readonly Problem[] {
  const master = masterKindOf(document);
  if (master) return readMaster(document, master).problems ?? [];
  const reading = readDocument(document, "", "CNY");
  return reading.problems ?? reading.doubts;
}

const textOf = (file: string): Promise<string> => readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => refuse("file.unreadable", { file, detail: error.code ?? error.message }));

function golden(text: string, file: string): readonly GoldenCase[] {
  try {
    return readGolden(text);
  } catch (error) {
    return refuse("file.unreadable", { file, detail: (error as Error).message });
  }
}

/** Records of a sample: a golden file's, whole records `{ stream, row }`, or bare rows of one stream. Refuses: file.unreadable, usage.missing. */
async function readSample(call: Call, mapping: Mapping): Promise<readonly Pick<GoldenCase, "record" | "lookups">[]> {
  const file = call.required("sample");
  const text = await textOf(file);
  let said: unknown;
  try {
    said = extname(file) === ".csv" ? parseCsv(text, { bom: true, columns: true, skip_empty_lines: true }) : extname(file) === ".jsonl" ? text.split("\n").filter((line) => line.trim() !== "").map(parseLossless) : parseLossless(text);
    if ((said as { cases?: unknown } | null)?.cases !== undefined) return readGolden(text).filter(({ record }) => call.option("stream") === undefined || record.stream === call.option("stream"));
  } catch (error) {
    refuse("file.unreadable", { file, detail: (error as Error).message.split("\n")[0] ?? "" });
  }
  const [only] = [...mapping.streams.keys()];
  return (Array.isArray(said) ? (said as unknown[]) : [said]).map((one, n) => {
    const whole = one as Partial<MapRecord> | null;
    if (typeof whole?.stream === "string" && "row" in (whole as object)) return { record: { ...whole, stream: whole.stream, key: String(whole.key ?? n + 1), op: whole.op ?? "c", row: whole.row } };
    const stream = call.option("stream") ?? (mapping.streams.size === 1 ? only : undefined) ?? refuse("usage.missing", { command: call.command.name, wanted: `--stream ${[...mapping.streams.keys()].join(" | ")}` });
    return { record: { stream, key: String(n + 1), op: "c", row: one } };
  });
}
