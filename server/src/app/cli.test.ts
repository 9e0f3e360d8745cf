import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { config, openStore, openTerminal, Refusal, silentLog } from "../platform/index.ts";
import { type Command, commandHelp, exits, parseCall } from "./command.ts";
import { commands } from "./commands/index.ts";
import { csvLine, storyVoucher } from "./text.ts";

const folder = await mkdtemp(join(tmpdir(), "tieout-cli-"));
// The store stays open meanwhile, so that not every command starts it and stops it.
const store = await openStore({ ...config(), dataDir: join(folder, ".tieout"), databaseUrl: undefined }, { log: silentLog });
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
const program = fileURLToPath(new URL("../../bin/tieout.js", import.meta.url));

type Ran = { code: number; out: string; err: string };
/** The real program in a folder of its own, whose `.tieout` is an embedded store. */
function tieout(words: readonly string[], input = ""): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  let out = "";
  let err = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, out, err })));
}
const json = <T>({ out }: Ran): T => JSON.parse(out) as T;
const text = (documents: readonly object[]): string => documents.map((document) => `${JSON.stringify(document)}\n`).join("");

const masters = [{ schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" }];
const receipt = (id: string) => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: id, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "STEEL", quantity: "10", price: "20.00" }] });

test("every command explains itself in both languages, with an example and what its exit codes mean", () => {
  const terminal = openTerminal({ out: { write: () => {} } });
  for (const command of commands) {
    const help = commandHelp(command, terminal);
    assert.match(`${command.zh}`, /\p{Script=Han}/u, command.name);
    assert.match(`${command.en}`, /^[^\p{Script=Han}]+$/u, command.name);
    assert.ok(command.examples.length > 0 && command.examples.every((example) => example.startsWith(command.name)), command.name);
    for (const { code } of exits) assert.ok(help.includes(`${code} `), command.name);
    for (const [name, option] of Object.entries(command.options ?? {})) assert.match(`${option.zh}${option.en}`, /\p{Script=Han}.*[a-z]/u, `${command.name} --${name}`);
  }
  assert.equal(new Set(commands.map(({ name }) => name)).size, commands.length);
});

test("a call is read with its options before, between and after its arguments, and what does not fit is refused", () => {
  const command: Command = { name: "try", zh: "试", en: "try", arguments: [{ name: "A", required: true, zh: "甲", en: "a" }], options: { set: { value: "K=V", many: true, zh: "设", en: "s" }, by: { value: "HOW", choices: ["x", "y"], zh: "按", en: "b" }, flag: { zh: "旗", en: "f" } }, examples: ["try 1"], run: async () => {} };
  const parsed = parseCall(command, ["--set", "a=1", "one", "--flag", "--set=b=2=3"]);
  assert.deepEqual([parsed.arguments, parsed.options.get("set"), parsed.options.has("flag")], [["one"], ["a=1", "b=2=3"], true]);
  assert.deepEqual(parseCall(command, ["--", "--one"]).arguments, ["--one"]);
  for (const [words, code] of [[["--no", "x"], "usage.option"], [["one", "--set"], "usage.value"], [["one", "--by", "z"], "usage.choice"], [[], "usage.missing"], [["one", "two"], "usage.too_many"]] as const)
    assert.throws(() => parseCall(command, words), (error: unknown) => error instanceof Refusal && error.code === code, words.join(" "));
});

test("a CSV cell is quoted where it must be, and one that a spreadsheet would compute is told to be text", () => {
  assert.equal(csvLine(["plain", 'say "hi", ok', "-12.50", "=1+1", "@cmd", "-x"]), `plain,"say ""hi"", ok",-12.50,'=1+1,'@cmd,'-x`);
});

test("a voucher is printed as a story writes it", () => {
  const terminal = openTerminal({ out: { write: () => {} } });
  const line = { summary: "s", currency: "CNY", rate: "1", amountOriginal: "0" };
  const printed = storyVoucher({
    id: "v1", number: "记-1", series: "记", period: "2026-03", date: "2026-03-05", summary: "冲回暂估", attachments: 1, sources: [{ document: "wms:goodsReceipt/GR-1", lineId: "1", quantity: "1", amount: "1" }], rule: "P4a@1", block: 1, preparedBy: "a", reviewedBy: "b", postedBy: "a", postedAt: "", reversalOf: "2026-02/记-9",
    lines: [{ ...line, account: "1403", debit: "-200.00", credit: "0.00", dimensions: { item: "STEEL" } }, { ...line, account: "2202.02", debit: "0.00", credit: "-200.00", dimensions: { counterparty: "S01" } }],
  }, (code) => (code === "1403" ? "原材料" : "暂估应付款"), terminal);
  assert.equal(printed, [
    "then   voucher 记-1  2026-03-05  reverses 2026-02/记-9   # 冲回暂估  附件 1  P4a@1  wms:goodsReceipt/GR-1",
    "         1403     原材料      借  -200.00  item STEEL",
    "         2202.02  暂估应付款  贷  -200.00  counterparty S01",
  ].join("\n"));
});

test("help, version and mistakes answer without a store, with their own exit codes", async () => {
  assert.deepEqual([(await tieout(["--help"])).code, (await tieout(["post", "--help"])).code, (await tieout([])).code, (await tieout(["book"])).code], [0, 0, 2, 2]);
  assert.match((await tieout(["--version"])).out, /^\d+\.\d+\.\d+\n$/);
  const wrong = await tieout(["bok", "list"]);
  assert.deepEqual([wrong.code, wrong.out], [2, ""]);
  assert.match(wrong.err, /usage\.command.*\n.*book list/s);
  assert.deepEqual([(await tieout(["post"])).code, (await tieout(["balances", "--by", "colour"])).code, (await tieout(["vouchers", "--colour"])).code], [2, 2, 2]);
});

test("the way from an empty folder to proven books", async () => {
  const none = await tieout(["vouchers"]);
  assert.deepEqual([none.code, /usage\.no_book/.test(none.err)], [2, true]);
  const made = await tieout(["book", "create", "B1", "--pack", "cas-general", "--currency", "CNY", "--from", "2026-03", "--set", "costing=fifo", "--json"]);
  assert.deepEqual([made.code, json<{ settings: { costing: string } }>(made).settings.costing], [0, "fifo"]);
  assert.equal((await tieout(["book", "create", "B1", "--pack", "cas-general", "--from", "2026-03"])).code, 1);

  await writeFile(join(folder, "masters.json"), JSON.stringify(masters));
  await writeFile(join(folder, "receipts.jsonl"), `${text([receipt("GR-1")])}{broken\n${text([receipt("GR-2"), { ...receipt("GR-3"), supplier: "S99" }])}`);
  const posted = await tieout(["post", "masters.json", "receipts.jsonl", "--json"]);
  const { results, summary } = json<{ results: { row: number; state: string; vouchers: string[]; reasons: { code: string }[] }[]; summary: Record<string, number> }>(posted);
  assert.equal(posted.code, 1); // something was refused and parked
  assert.deepEqual(results.map(({ row, state, vouchers, reasons }) => [row, state, vouchers[0] ?? reasons[0]?.code ?? ""]), [[1, "posted", ""], [2, "posted", ""], [3, "posted", "记-1"], [4, "refused", "document.not_json"], [5, "posted", "记-2"], [6, "parked", "masterdata.unknown"]]);
  assert.deepEqual(summary, { received: 6, posted: 4, waiting: 0, parked: 1, duplicate: 0, refused: 1, vouchers: 2, released: 0 });
  const shown = await tieout(["post", "-", "--dry-run"], text([receipt("GR-4"), { ...receipt("GR-5"), supplier: "S98" }]));
  assert.match(shown.out, /挂起 parked.*S98.*下一步 next.*试算/s);

  const vouchers = await tieout(["vouchers", "--period", "2026-03", "--format", "json"]);
  assert.deepEqual(json<{ number: string }[]>(vouchers).map(({ number }) => number), ["记-1", "记-2"]);
  assert.match((await tieout(["vouchers", "--period", "2026-03"])).out, /then {3}voucher 记-1 {2}2026-03-05/);
  assert.match((await tieout(["vouchers", "--format", "csv"])).out, /^period,number,date.*\n2026-03,记-1,2026-03-05/);
  assert.deepEqual(json<{ account: string; closingDebit: string }[]>(await tieout(["balances", "--json"])).map(({ account, closingDebit }) => [account, closingDebit]), [["1403", "400.00"], ["2202.02", "0.00"]]);
  assert.match((await tieout(["statement", "balance-sheet"])).out, /资产总计 Total assets +400\.00/);
  for (const words of [["ledger", "1403", "--detail"], ["open-items"], ["estimates"], ["stock"], ["trace", "goodsReceipt/GR-1"], ["completeness"], ["documents", "--state", "parked"], ["rules", "show"], ["book", "show", "B1"], ["rules", "explain", "2026-03/记-1"]]) {
    const answer = await tieout(words);
    assert.deepEqual([answer.code, answer.err], [0, ""], words.join(" "));
    json(await tieout([...words, "--json"]));
  }
  const verified = await tieout(["verify", "--json"]);
  assert.deepEqual([verified.code, json<{ isWhole: boolean; findings: unknown[] }>(verified).isWhole], [0, true]);
  assert.equal((await tieout(["close", "--period", "2026-03"])).code, 1); // something is parked
});

test("a story is played in a database of its own, and the first difference is shown", async () => {
  const story = (amount: string): string => `# 入库\nbook   B1  pack cas-general  currency CNY  from 2026-03\ngiven  item STEEL  category rawMaterial\ngiven  supplier S01\ngiven  goodsReceipt GR-1  2026-03-05  supplier S01\n         line 1  item STEEL  quantity 10  price 20.00\nthen   voucher 记-1  2026-03-05\n         1403      借   ${amount}\n         2202.02   贷   ${amount}  supplier S01\n`;
  await writeFile(join(folder, "right.story"), story("200.00"));
  await writeFile(join(folder, "wrong.story"), story("210.00"));
  const right = await tieout(["story", "right.story"]);
  assert.deepEqual([right.code, right.out], [0, "ok right.story\n1 passed, 0 failed\n"]);
  const wrong = await tieout(["story", "right.story", "wrong.story"]);
  assert.equal(wrong.code, 1);
  assert.match(wrong.out, /not ok wrong\.story.*210\.00.*200\.00.*1 passed, 1 failed/s);
  assert.deepEqual(json<{ code: string }[]>(await tieout(["book", "list", "--json"])).map(({ code }) => code), ["B1"]);
});

test("two processes that post the same file at once post each document once", async () => {
  await writeFile(join(folder, "many.jsonl"), text(Array.from({ length: 400 }, (_, index) => receipt(`M-${index}`))));
  const both = await Promise.all([1, 2].map(() => tieout(["post", "many.jsonl", "--book", "B1", "--json", "--problems-only"])));
  assert.deepEqual(both.map(({ code }) => code), [0, 0], both.map(({ err }) => err).join());
  const summaries = both.map((ran) => json<{ summary: Record<string, number> }>(ran).summary);
  assert.deepEqual(summaries.reduce((sum, { posted = 0 }) => sum + posted, 0), 400);
  assert.deepEqual(summaries.reduce((sum, { duplicate = 0 }) => sum + duplicate, 0), 400);
  assert.equal((await tieout(["verify", "--book", "B1"])).code, 0);
});

test("an unreachable store has its own exit code, and neither answer nor log holds the password", async () => {
  const child = spawn("env", ["DATABASE_URL=postgres://nobody:secret@127.0.0.1:1/none", process.execPath, program, "book", "list", "--json"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  const code = await new Promise((resolve) => child.on("close", resolve));
  const { error } = JSON.parse(out) as { error: { code: string; zh: string } };
  assert.deepEqual([code, error.code], [3, "store.unreachable"]);
  assert.doesNotMatch(out, /secret/);
  const log = await readFile(join(folder, ".tieout", "tieout.log"), "utf8");
  assert.ok(log.includes(/编号 (\w+)/.exec(error.zh)?.[1] ?? "?"));
  assert.doesNotMatch(log, /secret/);
});

test("while the server runs, a program posts with its key and the command line works on the same store; the server stops when it is told", async () => {
  const server = spawn(process.execPath, [program, "serve", "--port", "0", "--no-demo"], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  const url = await new Promise<string>((resolve, reject) => {
    server.on("exit", () => reject(new Error(printed)));
    server.stdout.on("data", (chunk: Buffer) => {
      printed += chunk.toString("utf8");
      const found = /停止 stop/.test(printed) && /http:\/\/127\.0\.0\.1:\d+/.exec(printed);
      if (found) resolve(found[0]);
    });
  });
  after(() => server.kill("SIGKILL"));
  assert.equal((await fetch(`${url}/api/v1/books/B1/documents`, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(receipt("HTTP-0")) })).status, 401);
  const { secret } = json<{ secret: string }>(await tieout(["key", "create", "ERP", "--book", "B1", "--scope", "documents:post", "--json"]));
  const headers = { "content-type": "application/json", authorization: `Bearer ${secret}` };
  const posted = await fetch(`${url}/api/v1/books/B1/documents`, { method: "POST", headers, body: JSON.stringify(receipt("HTTP-1")) });
  assert.equal(((await posted.json()) as { summary: { posted: number } }).summary.posted, 1);
  const ran = await tieout(["post", "-", "--book", "B1", "--json"], text([receipt("HTTP-1"), receipt("CLI-1")]));
  assert.deepEqual(json<{ results: { state: string }[] }>(ran).results.map(({ state }) => state), ["duplicate", "posted"]);
  const again = await fetch(`${url}/api/v1/books/B1/documents`, { method: "POST", headers, body: JSON.stringify([receipt("CLI-1"), receipt("HTTP-2")]) });
  assert.deepEqual(((await again.json()) as { results: { state: string }[] }).results.map(({ state }) => state), ["duplicate", "posted"]);
  server.removeAllListeners("exit");
  server.kill("SIGTERM");
  assert.equal(await new Promise((resolve) => server.on("exit", resolve)), 0);
  assert.equal((await tieout(["verify", "--book", "B1"])).code, 0);
});
