import assert from "node:assert/strict";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { DuckDBInstance } from "@duckdb/node-api";
import iconv from "iconv-lite";
import { chineseCompanies, measureGroups, personSet } from "../../masterdata/index.ts";
import { config, openTerminal, Refusal } from "../../platform/index.ts";
import { Call, parseCall } from "../command.ts";
import { registerAll } from "../registry.ts";
import { matchCommands } from "./match.ts";

registerAll();
const folder = await mkdtemp(join(tmpdir(), "tieout-match-"));
after(() => rm(folder, { recursive: true }));
const put = async (name: string, content: string | Buffer): Promise<string> => {
  await writeFile(join(folder, name), content);
  return join(folder, name);
};
const csv = (header: readonly string[], rows: readonly (readonly string[])[], mark = ","): string => [header, ...rows].map((row) => row.map((cell) => (cell.includes(mark) || cell.includes('"') ? `"${cell.replace(/"/g, '""')}"` : cell)).join(mark)).join("\n");

type Answer = { rows: number; groups: number; fields: { name: string; kind: string }[]; clusters?: string[][]; thresholds: object; keysCapped: { generic: number }; pairs?: { weight: number; byField: { field: string; bits: number }[] }[] };
async function run(words: readonly string[]): Promise<Answer> {
  const [command] = matchCommands;
  assert.ok(command);
  let out = "";
  const terminal = openTerminal({ out: { write: (text: string) => void (out += text) } });
  await command.run(new Call(command, parseCall(command, [...words, "--json"]), terminal, config(), () => Promise.reject(new Error("matching opened the store"))));
  return JSON.parse(out) as Answer;
}

const companies = chineseCompanies(250, 3);

test("a CSV of companies is grouped, its kinds are guessed, and code and system are no evidence", async () => {
  const file = await put("companies.csv", csv(companies.header, companies.rows));
  const answer = await run([file, "--domain", "customer", "--pairs", "5"]);
  assert.equal(answer.rows, companies.rows.length);
  assert.deepEqual(answer.fields.map(({ kind }) => kind), ["ignore", "ignore", "company", "uscc", "phone", "code", "person", "address"]);
  const groupOf = new Map((answer.clusters ?? []).flatMap((members, group) => members.map((id) => [id, group] as const)));
  const quality = measureGroups(companies.rows.map(([code], row) => groupOf.get(code as string) ?? `alone ${row}`), companies.truth);
  assert.ok(quality.f1 > 0.98, String(quality.f1));
  assert.equal(answer.pairs?.length, 5);
  assert.ok(answer.pairs?.[0]?.byField.some(({ field }) => field === "name.region"));
});

test("GB 18030 with semicolons and Parquet give what UTF-8 with commas gives", async () => {
  const plain = await run([await put("plain.csv", csv(companies.header, companies.rows))]);
  const other = await run([await put("gb.csv", iconv.encode(csv(companies.header, companies.rows, ";"), "gb18030"))]);
  assert.deepEqual(other.clusters, plain.clusters);
  const connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run(`copy (select * from read_csv('${join(folder, "plain.csv")}', all_varchar = true, header = true, delim = ',')) to '${join(folder, "plain.parquet")}' (format parquet)`);
  connection.closeSync();
  assert.deepEqual((await run([join(folder, "plain.parquet")])).clusters, plain.clusters);
});

test("two files are paired one to one, and --out says each row's group twice: all merges, and those without a person", async () => {
  const made = [...personSet(800, 6).rows()], header = personSet(1, 1).header;
  const seen = new Map<number, number>();
  const files: (readonly string[])[][] = [[], []];
  for (const { row, thing } of made) {
    const times = seen.get(thing) ?? 0;
    seen.set(thing, times + 1);
    if (times < 2) files[times]?.push(row);
  }
  // The second file calls one column differently; it is found by what it holds.
  const renamed = header.map((name) => (name === "date_of_birth" ? "born" : name));
  const out = join(folder, "groups.csv");
  const answer = await run([await put("a.csv", csv(header, files[0] ?? [])), await put("b.csv", csv(renamed, files[1] ?? [])), "--out", out]);
  assert.equal(answer.clusters, undefined);
  const lines = (await readFile(out, "utf8")).trim().split("\n");
  assert.equal(lines[0], "row,file,id,cluster,auto_cluster");
  assert.equal(lines.length - 1, answer.rows);
  const sizes = new Map<string, number>();
  for (const line of lines.slice(1)) sizes.set(line.split(",")[3] as string, (sizes.get(line.split(",")[3] as string) ?? 0) + 1);
  assert.equal(Math.max(...sizes.values()), 2);
  assert.ok([...sizes.values()].filter((size) => size === 2).length > 0.97 * (files[1]?.length ?? 0));
});

test("a configuration names the kinds; a wrong one is refused with what would be right", async () => {
  const file = await put("small.csv", csv(companies.header, companies.rows.slice(0, 50)));
  const good = await put("good.yaml", "id: code\nfields: { name: company, uscc: uscc }\n");
  assert.deepEqual((await run([file, "--config", good])).fields.filter(({ kind }) => kind !== "ignore").map(({ name }) => name), ["name", "uscc"]);
  const refused = async (words: readonly string[]): Promise<string> => run(words).then(() => "nothing", (error: unknown) => (error instanceof Refusal ? error.code : String(error)));
  assert.equal(await refused([file, "--config", await put("kind.yaml", "fields: { name: firm }\n")]), "matching.kind");
  assert.equal(await refused([file, "--config", await put("column.yaml", "fields: { nome: company }\n")]), "matching.column");
  assert.equal(await refused([file, "--config", await put("list.yaml", "- a\n")]), "matching.config");
  assert.equal(await refused([join(folder, "none.csv")]), "matching.file");
  assert.equal(await refused([await put("ids.csv", "id,cluster\n1,1\n2,1\n3,2\n")]), "matching.no_evidence");
  assert.equal(await refused([await put("bad.parquet", "this is not parquet")]), "matching.unreadable");
  assert.equal(await refused([await put("noise.csv", `"${"\u0001\u0002x".repeat(50)}`)]), "matching.unreadable");
  assert.equal(await refused([await put("empty.csv", "")]), "matching.empty");
  assert.equal(await refused([await put("head.csv", "name,phone\n")]), "matching.empty");
  assert.equal(await refused([await put("a.csv", "name\nA\nB\n"), "--out", join(folder, "no", "where.csv")]), "matching.unwritable");
});

test("an empty file, a header alone and rows of uneven length are answered", async () => {
  assert.equal((await run([await put("header.csv", "name,phone\n"), "--config", await put("h.yaml", "fields: { name: company, phone: phone }\n")])).rows, 0);
  assert.equal((await run([await put("uneven.csv", "name,phone,city\n华新,1\n华新科技有限公司,13800138000,上海,多,余\n\"泰隆\n食品\",,\n")])).rows, 3);
});
