import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { readFile } from "node:fs/promises";
import { finished } from "node:stream/promises";
import { type FilesMatched, matchDomains, matchFiles, readMatchConfig } from "../../masterdata/index.ts";
import { refuse, table } from "../../platform/index.ts";
import { type Call, type Command, left, right } from "../command.ts";

export const matchCommands: readonly Command[] = [
  {
    name: "match", zh: "在一个文件内、或两个文件之间找出同一事物的记录", en: "find the rows of one file, or of two, that are the same thing",
    arguments: [{ name: "FILE", required: true, zh: "CSV 或 Parquet", en: "CSV or Parquet" }, { name: "FILE2", zh: "第二个来源;两文件间一对一", en: "a second source; its rows pair one to one with the first" }],
    options: {
      domain: { value: "NAME", choices: matchDomains, zh: "主数据种类", en: "what the rows are" },
      config: { value: "FILE", zh: "YAML:fields(列名: 类型)、id、source、oneToOne、autoPrecision;缺省则按列名与值推断", en: "YAML: fields (column: kind), id, source, oneToOne, autoPrecision; without it the columns are judged by name and values" },
      out: { value: "FILE", zh: "把每行的所属组写入 CSV", en: "write the group of each row to a CSV" },
      pairs: { value: "N", zh: "另列出权重最低的 N 对及各字段的权重", en: "also list N pairs, the least certain first, with the weight of each field" },
    },
    examples: ["match customers.csv --domain customer --out clusters.csv", "match erp.csv crm.csv --json", "match people.parquet --config people.yaml --pairs 20 --json"],
    async run(call) {
      const configPath = call.option("config"), domain = call.option("domain");
      const config = configPath === undefined ? {} : readMatchConfig(await readFile(configPath, "utf8").catch(() => refuse("matching.file", { path: configPath })));
      const paths = call.arguments.slice(0, 2);
      const done = await matchFiles(paths, config, domain === undefined ? {} : { domain: call.choose("--domain", domain, matchDomains) });
      const out = call.option("out");
      if (out !== undefined) await writeGroups(out, paths, done);
      const answer = { ...summary(done), ...(call.number("pairs") === undefined ? {} : { pairs: pairs(done, call.number("pairs") as number) }), ...(call.isJson && out === undefined ? { clusters: clusters(done) } : {}) };
      call.answer(answer, () => text(call, answer));
    },
  },
];

function summary(done: FilesMatched) {
  const sizes = new Map<number, number>();
  for (const group of done.groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  return {
    rows: done.names.length, groups: sizes.size, groupsOfSeveral: [...sizes.values()].filter((size) => size > 1).length, rowsForReview: done.rowsForReview,
    fields: done.fields.map(({ name, kind }) => ({ name, kind })),
    thresholds: { group: 0, auto: tenths(done.autoThreshold) }, candidatePairs: done.candidatePairs, keptPairs: done.edges.length,
    keysCapped: { generic: done.genericCount, widest: done.generic, joined: done.cappedKeys, rowsMax: done.keyRowsUsed },
    seconds: { total: done.totalSeconds, read: done.readSeconds, ...done.seconds }, recordsPerSecond: done.rowsPerSecond, peakMemoryMb: Math.floor(process.resourceUsage().maxRSS / 1024),
    model: { prior: tenths(done.model.prior), parents: Object.fromEntries(done.table.features.flatMap(({ name }, f) => { const parent = done.model.parents[f] as number; return parent < 0 ? [] : [[name, done.table.features[parent]?.name ?? ""]]; })) },
  };
}
type Answer = ReturnType<typeof summary> & { readonly pairs?: ReturnType<typeof pairs>; readonly clusters?: readonly (readonly string[])[] };

/** Groups of two and more, by the names of their rows; a row of a second file is told by its number of the file. */
function clusters({ groups, names, table: { sources }, fields }: FilesMatched): string[][] {
  const isTwo = fields.length > 0 && groups.some((_, row) => sources.at(row) > 0);
  const members = new Map<number, string[]>();
  for (const [row, group] of groups.entries()) {
    const list = members.get(group), name = isTwo ? `${sources.at(row) + 1}:${names[row]}` : (names[row] as string);
    if (list) list.push(name);
    else members.set(group, [name]);
  }
  return [...members.values()].filter((list) => list.length > 1);
}

function pairs({ edges, names, scorer, groups }: FilesMatched, limit: number) {
  const order = Array.from({ length: edges.length }, (_, at) => at).sort((x, y) => Math.abs(edges.weight[x] as number) - Math.abs(edges.weight[y] as number) || x - y).slice(0, limit);
  return order.map((at) => {
    const a = edges.a[at] as number, b = edges.b[at] as number;
    return { a: names[a] as string, b: names[b] as string, isOneGroup: groups[a] === groups[b], ...scorer.explain(a, b) };
  });
}

async function writeGroups(path: string, paths: readonly string[], { groups, autoGroups, names, table: { sources } }: FilesMatched): Promise<void> {
  const file = createWriteStream(path);
  const cell = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replace(/"/g, '""')}"` : value);
  let lines = "row,file,id,cluster,auto_cluster\n", inFile = 0, before = 0;
  for (const [row, group] of groups.entries()) {
    const source = paths.length > 1 ? sources.at(row) : 0;
    inFile = source === before ? inFile + 1 : 1;
    before = source;
    lines += `${inFile},${source + 1},${cell(names[row] as string)},${group},${autoGroups[row]}\n`;
    if (lines.length > 1 << 16) {
      if (!file.write(lines)) await once(file, "drain");
      lines = "";
    }
  }
  file.end(lines);
  await finished(file).catch((error: unknown) => refuse("matching.unwritable", { path, reason: error instanceof Error ? error.message : String(error) }));
}

function text(call: Call, answer: Answer): string {
  const { paint } = call.terminal;
  return [
    `${paint.bold(String(answer.rows))} 行 rows → ${paint.bold(String(answer.groups))} 组 groups(${answer.groupsOfSeveral} 组多于一行 of several;${answer.rowsForReview} 行待人工 for a person)`,
    `用时 ${answer.seconds.total} s · ${answer.recordsPerSecond} 行/秒 rows/s · 比较 ${answer.candidatePairs} 对 pairs compared · 自动合并线 auto above ${answer.thresholds.auto} bits · ${answer.peakMemoryMb} MB`, "",
    table([left("列 column"), left("类型 kind"), left("依附 depends on")], answer.fields.map(({ name, kind }) => [name, kind, answer.model.parents[name] ?? ""])),
    ...(answer.keysCapped.widest.length === 0 ? [] : ["", `过于普遍的键 keys of more than 400 rows: ${answer.keysCapped.generic}`, table([left("键 key"), left("值 value"), right("行 rows")], answer.keysCapped.widest.slice(0, 5).map(({ key, value, rows }) => [key, value, String(rows)]))]),
    ...(answer.pairs ?? []).flatMap((pair) => ["", `${pair.a} ~ ${pair.b}  ${paint.bold(String(pair.weight))} bits${pair.hard === undefined ? "" : ` ${paint.red(pair.hard)}`}  ${pair.isOneGroup ? "同组 one group" : ""}`, `  ${pair.byField.filter(({ bits }) => bits !== 0).map(({ field, level, bits }) => `${field} ${level} ${bits > 0 ? "+" : ""}${bits}`).join("; ")}`]),
  ].join("\n");
}

const tenths = (bits: number): number => Math.floor(bits * 10 + 0.5) / 10;
