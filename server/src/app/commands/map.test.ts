import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { config, openTerminal, Refusal } from "../../platform/index.ts";
import { Call, parseCall } from "../command.ts";
import { registerAll } from "../registry.ts";
import { mapCommands } from "./map.ts";

registerAll();
const folder = await mkdtemp(join(tmpdir(), "tieout-map-"));
after(() => rm(folder, { recursive: true }));
const put = async (name: string, text: string): Promise<string> => {
  await writeFile(join(folder, name), text);
  return join(folder, name);
};

/** Runs a command as the command line would, without a store: mappings need none. */
async function run(line: readonly string[]): Promise<{ code: number; out: string }> {
  const command = mapCommands.find(({ name }) => name === line.slice(0, 2).join(" "));
  assert.ok(command);
  let out = "";
  const terminal = openTerminal({ out: { write: (text: string) => void (out += text) } });
  const code = (await command.run(new Call(command, parseCall(command, line.slice(2)), terminal, config(), () => Promise.reject(new Error("a mapping opened the store"))))) ?? 0;
  return { code, out };
}

test("the golden tests of every shipped mapping pass from the command line", async () => {
  const { code, out } = await run(["map", "test", "--json"]);
  assert.equal(code, 0);
  const results = JSON.parse(out) as { mapping: string; isRight: boolean }[];
  assert.ok(results.length > 70 && results.every(({ isRight }) => isRight));
});

test("a preview shows the document, the source of each value, and what is wrong, of a CSV with its own headers", async () => {
  const sample = await put("orders.csv", "\ufeff订单号,行号,日期,客户编码,业务员,物料编码,数量,单位,含税单价,税率,状态\nSO-1,1,2026/3/8,17,E07,LAMP,\"1,200\",件,11.30,13,已审\nSO-2,1,2026/3/9,18,,LAMP,x,打,113,13,已审\n");
  const { code, out } = await run(["map", "preview", "csv-sales", "--sample", sample, "--json"]);
  assert.equal(code, 1);
  const [good, bad] = JSON.parse(out) as { documents: { lines: object[] }[]; lineage: { target: string; from: string[] }[]; problems: { code: string; zh: string }[] }[];
  assert.deepEqual(good?.documents[0]?.lines, [{ lineId: "1", item: "LAMP", quantity: "1200", unit: "pcs", taxRate: "0.13", price: "10" }]);
  assert.deepEqual(good?.lineage.find(({ target }) => target === "lines[0].quantity")?.from, ["数量"]);
  assert.deepEqual(bad?.problems.map(({ code: problem }) => problem), ["mapping.type", "mapping.lookup"]);
  assert.match(bad?.problems[1]?.zh ?? "", /对照表 units 中没有 打/);
});

test("a number in a JSON sample keeps its digits", async () => {
  const mapping = await put("m.yaml", "mapping: m\nversion: 1\nsource: s\nstreams:\n  rates: [{ kind: exchangeRate, fields: { from: { const: USD }, to: { const: CNY }, date: d, rate: r } }]\n");
  const { code, out } = await run(["map", "preview", mapping, "--sample", await put("rates.json", "[{\"d\":\"2026-03-01\",\"r\":7.1234567891}]"), "--json"]);
  assert.equal(code, 0);
  assert.equal((JSON.parse(out) as { documents: { rate: string }[] }[])[0]?.documents[0]?.rate, "7.1234567891");
});

test("a golden test that fails shows what was wanted and what came", async () => {
  const mapping = await put("g.yaml", "mapping: g\nversion: 1\nsource: s\nstreams:\n  w: [{ kind: warehouse, id: code, fields: { name: name } }]\n");
  await put("g.golden.yaml", "cases:\n  - title: a warehouse\n    record: { stream: w, row: { code: W1, name: Main } }\n    documents: [{ schema: tieout/warehouse@1, source: s, sourceId: W1, name: Other }]\n");
  const { code, out } = await run(["map", "test", mapping]);
  assert.equal(code, 1);
  assert.match(out, /wanted .*Other[\s\S]*got .*Main/);
});

test("what cannot be read is refused by name: a mapping, a sample, a stream that must be chosen", async () => {
  const refused = (line: readonly string[], code: string) => assert.rejects(run(line), (error: Refusal) => error.code === code);
  await refused(["map", "show", "nowhere"], "mapping.unreadable");
  await refused(["map", "preview", "crm", "--sample", join(folder, "gone.json")], "file.unreadable");
  await refused(["map", "preview", "crm", "--sample", await put("bad.json", "{\"a\": [}")], "file.unreadable");
  await refused(["map", "preview", "crm", "--sample", await put("row.json", "{\"a\": 1}")], "usage.missing");
});
