import assert from "node:assert/strict";
import { appendFile, mkdir, mkdtemp, readdir, readFile, rename, rm, unlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import iconv from "iconv-lite";
import { registerRefusals, silentLog, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Sample, statesOf } from "../acceptance.ts";
import type { Message, States } from "../connector.ts";
import { type FolderConfig, folderSource } from "./folder.ts";
import { fileRefusals } from "./refusals.ts";

registerRefusals([fileRefusals]);
const ctx = { now: systemClock, log: silentLog };

async function makeFolder(after: "move" | "keep") {
  const directory = await mkdtemp(join(tmpdir(), "tieout-folder-"));
  const config: FolderConfig = { directory, settled: "0s", after, streams: { orders: { pattern: "orders-*.csv", format: "csv", key: ["id"] } } };
  let columns = ["id", "name", "amount"];
  let files = 0;
  const write = (samples: readonly Sample[]): Promise<void> => {
    const cell = (value: string): string => (/[",\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
    const line = (sample: Sample): string => columns.map((column) => cell(String({ ...sample, extra: "" }[column as "id"] ?? ""))).join(",");
    return writeFile(join(directory, `orders-${String((files += 1)).padStart(3, "0")}.csv`), iconv.encode([columns.join(","), ...samples.map(line), ""].join("\r\n"), "gb18030"));
  };
  return {
    config, stream: "orders", insert: write, update: write,
    broken: { config: { ...config, directory: join(directory, "missing") } },
    addColumn: async (name: string) => void columns.push(name),
    renameColumn: async (from: string, to: string) => {
      columns = columns.map((column) => (column === from ? to : column));
      await write([]);
    },
    dropColumn: async (name: string) => void (columns = columns.filter((column) => column !== name)),
    types: async () => {
      await writeFile(join(directory, "orders-types.csv"), iconv.encode('id,整数,小数,日期,空\n1,9223372036854775807,12345678901234567.89,2025-03-31,\n"2",-0,"1,234.50",,"  x"\n', "gbk"));
      return { config, stream: "orders", rows: [{ id: "1", 整数: "9223372036854775807", 小数: "12345678901234567.89", 日期: "2025-03-31", 空: "" }, { id: "2", 整数: "-0", 小数: "1,234.50", 日期: "", 空: "  x" }] };
    },
    fill: (count: number, bytesEach: number) => writeFile(join(directory, "orders-many.csv"), `id,name,amount\n${Array.from({ length: count }, (_, at) => `${at},${"x".repeat(bytesEach)},1.05`).join("\n")}\n`),
    close: () => rm(directory, { recursive: true, force: true }),
  };
}

acceptSource({ source: folderSource, make: () => makeFolder("keep"), samples: 1_300 });
acceptSource({ source: { ...folderSource, name: "folder that moves" }, make: async () => ({ ...(await makeFolder("move")), fill: undefined }), samples: 600, keepsState: false });

// ---- what a folder does beyond that -----------------------------------------------------------------------------------

type Opened = { readonly directory: string; readonly config: FolderConfig; readonly put: (name: string, text: string | Buffer) => Promise<void>; readonly ls: (folder?: string) => Promise<string[]>; readonly read: (states?: States, acks?: boolean) => ReturnType<typeof readSource> };

const on = (title: string, work: (opened: Opened) => Promise<void>, streams: FolderConfig["streams"] = { rows: { pattern: "*.csv", format: "csv", key: ["no"] } }): void =>
  void test(title, async () => {
    const directory = await mkdtemp(join(tmpdir(), "tieout-folder-"));
    const config: FolderConfig = { directory, streams, settled: "0s" };
    try {
      await work({
        directory, config,
        put: (name, text) => writeFile(join(directory, name), text),
        ls: async (folder = ".") => (await readdir(join(directory, folder), { withFileTypes: true }).catch(() => [])).filter((entry) => entry.isFile()).map(({ name }) => name).sort(),
        read: (states = new Map(), acks = true) => readSource(folderSource, config, states, { ctx, quietMs: 0, acks }),
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });

const numbered = (count: number): string => `no,name\n${Array.from({ length: count }, (_, at) => `${at + 1},一${at}\n`).join("")}`;
const keysOf = (messages: readonly Message[]): string[] => messages.flatMap((message) => (message.is === "record" ? [message.key] : []));

on("a file is moved only when its last record is in the inbox", async ({ config, put, ls }) => {
  await put("a.csv", numbered(1_200));
  const reading = await folderSource.open(config, new Map(), ctx);
  const left: number[] = [];
  for await (const message of reading.messages) {
    if (message.is !== "state") continue;
    left.push((await ls()).length);
    await reading.ack(message.scope, message.state);
  }
  await reading.close();
  assert.deepEqual(left, [1, 1, 1]);
  assert.deepEqual([await ls(), await ls("done")], [[], ["a.csv"]]);
});

on("an import that is killed at any state goes on with the next record, none missing and none twice", async ({ put, read, ls }) => {
  await put("a.csv", numbered(1_100));
  await put("b.csv", numbered(700).replace("no,name", "no,name").replaceAll("一", "二"));
  const whole = await read(new Map(), false);
  const cuts = whole.messages.flatMap(({ is }, at) => (is === "state" ? [at] : []));
  assert.ok(cuts.length >= 3);
  for (const cut of cuts) {
    const { messages } = await read(statesOf(whole.messages.slice(0, cut + 1)), false);
    assert.deepEqual([...keysOf(whole.messages.slice(0, cut + 1)), ...keysOf(messages)], keysOf(whole.messages), `after message ${cut}`);
  }
  // Killed between the last commit and the move: nothing is sent again, and the files are moved now.
  const rest = await read(statesOf(whole.messages));
  assert.deepEqual(keysOf(rest.messages), []);
  assert.deepEqual([await ls(), await ls("done")], [[], ["a.csv", "b.csv"]]);
});

on("the same content under another name is recognised by its hash, also when it comes later", async ({ put, read, ls }) => {
  await put("a.csv", numbered(3));
  await put("copy.csv", numbered(3));
  const first = await read();
  assert.equal(first.records.length, 3);
  await put("again.csv", numbered(3));
  await put("a.csv", numbered(4));
  const second = await read(first.states);
  assert.deepEqual(keysOf(second.messages), ["1", "2", "3", "4"]);
  assert.deepEqual((await ls("done")).map((name) => name.replace(/~.{8}/, "~")), ["a.csv", "again.csv", "a~.csv", "copy.csv"].sort());
});

on("a half-written file gives its whole records and goes to failed/ with the reason beside it", async ({ put, read, ls, directory }) => {
  await put("a.csv", "no,name\n1,一\n2");
  const { records, messages } = await read();
  const bad = messages.flatMap((message) => (message.is === "bad" ? [message] : []));
  assert.deepEqual([records.length, bad.map(({ bytes, position, problem }) => [bytes.toString(), position, problem.code])], [1, [["2", "a.csv line 3", "file.unfinished"]]]);
  assert.deepEqual([await ls(), await ls("failed")], [[], ["a.csv", "a.csv.reason.txt"]]);
  const reason = await readFile(join(directory, "failed/a.csv.reason.txt"), "utf8");
  assert.match(reason, /文件 a\.csv 在中途断开 \(line 3\)/);
  assert.match(reason, /The file a\.csv ends in the middle/);
});

on("a failed file that is put back is tried again", async ({ put, read, directory, ls }) => {
  await put("a.csv", "no,name\n1,一\n2");
  const { states } = await read();
  await rename(join(directory, "failed/a.csv"), join(directory, "a.csv"));
  await appendFile(join(directory, "a.csv"), ",二\n");
  assert.deepEqual(keysOf((await read(states)).messages), ["1", "2"]);
  assert.deepEqual(await ls(), []);
});

on("a file that goes away or is replaced while it is taken in is told, never forgotten", async ({ put, read, directory }) => {
  await put("a.csv", numbered(1_100));
  const whole = await read(new Map(), false);
  const first = statesOf(whole.messages.slice(0, whole.messages.findIndex(({ is }) => is === "state") + 1));
  await put("a.csv", "no,name\n7,x\n");
  const replaced = await read(first, false);
  assert.deepEqual(replaced.messages.flatMap((message) => (message.is === "bad" ? [message.problem.code, String(message.problem.facts["record"])] : message.is === "record" ? [message.key] : [])), ["file.vanished", "500", "7"]);
  await unlink(join(directory, "a.csv"));
  const gone = await read(first, false);
  assert.deepEqual(gone.messages.flatMap((message) => (message.is === "bad" ? [message.problem.code] : [])), ["file.vanished"]);
});

on("a file that still grows is left until it has settled", async ({ put, config, directory, ls }) => {
  await put("whole.csv", numbered(2));
  await put("growing.csv", "no,name\n");
  const growing = setInterval(() => void appendFile(join(directory, "growing.csv"), "9,x\n"), 20);
  const { records } = await readSource(folderSource, { ...config, settled: "300ms" }, new Map(), { ctx, quietMs: 0, acks: true });
  clearInterval(growing);
  assert.deepEqual(records.map(({ position }) => position), ["whole.csv line 2", "whole.csv line 3"]);
  assert.deepEqual(await ls(), ["growing.csv"]);
});

on("files of several streams, other files and folders lie side by side", async ({ put, read, directory, ls }) => {
  await put("a.csv", numbered(1));
  await put("inv.xml", await readFile(new URL("fixtures/einvoice-blue.xml", import.meta.url)));
  await put("notes.txt", "");
  await mkdir(join(directory, "sub.csv"));
  assert.deepEqual((await read()).records.map(({ stream, key }) => [stream, key]), [["rows", "1"], ["invoices", "25322000000000000188"]]);
  assert.deepEqual(await ls(), ["notes.txt"]);
}, { rows: { pattern: "*.csv", format: "csv", key: ["no"] }, invoices: { pattern: "*.xml", format: "einvoice" } });

on("a stream without a key is refused before anything is read", async ({ config, read }) => {
  assert.deepEqual((await folderSource.check(config, ctx)).map(({ failure, problem }) => [failure, problem.code]), [["config", "file.key"]]);
  await assert.rejects(read(), { name: "FlowFault" });
}, { rows: { pattern: "*.csv", format: "csv" } });
