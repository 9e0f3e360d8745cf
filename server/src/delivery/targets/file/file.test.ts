import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { read, utils } from "@e965/xlsx";
import { parse } from "csv-parse/sync";
import iconv from "iconv-lite";
import { silentLog, systemClock } from "../../../platform/index.ts";
import { acceptTarget, sampleDelivery } from "../../acceptance.ts";
import type { Delivery, Target, VoucherLineOut, VoucherOut } from "../../target.ts";
import { batchOf } from "./folder.ts";
import { kingdeeK3Target } from "./kingdee-k3.ts";
import { csvFileTarget, xlsxFileTarget } from "./table.ts";
import { yonyouEaiTarget } from "./yonyou-eai.ts";
import { yonyouV800Target } from "./yonyou-v800.ts";

const ctx = { now: systemClock, log: silentLog, flow: "B1/files" };
const sample = (name: string): Promise<Buffer> => readFile(new URL(`../samples/${name}`, import.meta.url));
const columns = [{ name: "日期", value: "{voucher.date}", type: "date" }, { name: "凭证号", value: "{voucher.number}" }, { name: "摘要", value: "{line.summary}" }, { name: "科目", value: "{line.account}" }, { name: "借方", value: "{line.debit?}", type: "number" }, { name: "贷方", value: "{line.credit?}", type: "number" }, { name: "参考", value: "{delivery.reference}" }] as const;

const folderOf = (): Promise<string> => mkdtemp(join(tmpdir(), "tieout-files-"));
const filesIn = async (folder: string): Promise<string[]> => (await readdir(folder)).filter((name) => name !== ".tieout").sort();

const targets = [
  [kingdeeK3Target, {}, (bytes: Buffer) => utils.sheet_to_csv(read(bytes).Sheets.Page1 ?? {})], [yonyouV800Target, {}, (bytes: Buffer) => iconv.decode(bytes, "gbk")], [yonyouEaiTarget, { sender: "100" }, (bytes: Buffer) => bytes.toString()],
  [csvFileTarget, { columns }, (bytes: Buffer) => bytes.toString()], [xlsxFileTarget, { columns }, (bytes: Buffer) => utils.sheet_to_csv(Object.values(read(bytes).Sheets)[0] ?? {})],
] as const;
for (const [one, own, textOf] of targets) {
  const target = one as unknown as Target<object>;
  acceptTarget({
    name: target.name, target, refuses: false, lacks: ["network", "readBack"], fences: true,
    async make() {
      const folder = await folderOf();
      return {
        config: { folder, ...own },
        async standing({ reference }: Delivery) {
          const texts = await Promise.all((await filesIn(folder)).map(async (file) => textOf(await readFile(join(folder, file)))));
          return texts.filter((text) => text.includes(reference)).length;
        },
        close: () => rm(folder, { recursive: true }),
      };
    },
  });
}

type Voucher = Delivery & { readonly purpose: "voucher" };
/** The voucher of the documented samples. */
function sampled(taxAccount: string, change: (line: VoucherLineOut, index: number) => Partial<VoucherLineOut> = () => ({}), head: Partial<VoucherOut> = {}): Voucher {
  const delivery = sampleDelivery(27, { accounts: ["1122", "6001", taxAccount] }) as Voucher;
  return { ...delivery, reference: "QH-V-20250331-000027", voucher: { ...delivery.voucher, ...head, lines: delivery.voucher.lines.map((line, index) => ({ ...line, ...change(line, index) })) } };
}

async function written(target: Target<never>, own: object, deliveries: readonly Delivery[]): Promise<Buffer> {
  const folder = await folderOf();
  try {
    const session = await (target as unknown as Target<object>).open({ folder, ...own }, 1n, ctx);
    const outcomes = await session.deliver(deliveries, 5000);
    assert.deepEqual(outcomes.map((outcome) => ("problem" in outcome ? outcome.problem : outcome.is)), deliveries.map(() => "applied"));
    const [file = "", ...others] = await filesIn(folder);
    assert.deepEqual(others, []);
    return await readFile(join(folder, file));
  } finally {
    await rm(folder, { recursive: true });
  }
}
async function refusal(target: Target<never>, own: object, delivery: Delivery) {
  const folder = await folderOf();
  const session = await (target as unknown as Target<object>).open({ folder, ...own }, 1n, ctx);
  const [outcome] = await session.deliver([delivery], 5000);
  assert.deepEqual(await filesIn(folder), []);
  await rm(folder, { recursive: true });
  return outcome?.is === "rejected" ? outcome.problem : undefined;
}

test("V800 is the documented sample byte for byte, and with our reference only its summary differs", async () => {
  const theirs = await sample("u8-t3-import-v800.txt");
  assert.deepEqual(await written(yonyouV800Target, { reference: false }, [sampled("22210102")]), theirs);
  const ours = iconv.decode(await written(yonyouV800Target, {}, [sampled("22210102")]), "gbk");
  assert.equal(ours, iconv.decode(theirs, "gbk").replace("销售商品,1122", "销售商品 QH-V-20250331-000027,1122"));
});

test("V800: commas and quotes of a summary become full-width, red stays negative, dimensions stand in their fields", async () => {
  const delivery = sampled("22210102", (_, index) => (index === 0 ? { summary: '采购 "A",二级', debit: "-11300.00", dimensions: { department: "01", project: "P9" } } : index === 1 ? { credit: "-10000.00" } : { credit: "-1300.00" }));
  const [, first = ""] = iconv.decode(await written(yonyouV800Target, { reference: false }, [delivery]), "gbk").split("\r\n");
  assert.equal(first, "2025-03-31,记,27,1,采购 ，A，二级,1122,-11300.00,0,0,0,0,李晓,,,,01,,,,,P9");
});

test("V800 refuses with its place what GBK, a field or a figure cannot hold", async () => {
  const emoji = await refusal(yonyouV800Target, {}, sampled("22210102", (_, index) => (index === 1 ? { summary: "收款😀" } : {})));
  assert.deepEqual([emoji?.code, emoji?.facts.text, emoji?.facts.encoding, emoji?.where], ["target.unmappable", "😀", "GBK", "lines[1]"]);
  const account = await refusal(yonyouV800Target, {}, sampled("2221010299999999"));
  assert.deepEqual([account?.code, account?.facts.field, account?.where], ["target.too_long", "科目编码", "lines[2]"]);
  const comma = await refusal(yonyouV800Target, {}, sampled("2221,01"));
  assert.deepEqual([comma?.code, comma?.where], ["target.unmappable", "lines[2]"]);
  const amount = await refusal(yonyouV800Target, {}, sampled("22210102", () => ({ debit: "123456789012345.00" })));
  assert.equal(amount?.code, "target.figure");
});

test("EAI XML is the documented sample byte for byte", async () => {
  const [theirs, delivery] = [(await sample("u8-eai-voucher.xml")).toString("utf8"), sampled("22210102")];
  const ours = (await written(yonyouEaiTarget, { sender: "100" }, [delivery])).toString("utf8");
  assert.equal(ours.trimEnd(), theirs.replace("20250331000027", batchOf([delivery.deliveryId])).trimEnd());
});

test("EAI XML escapes what XML must, and refuses what it cannot hold", async () => {
  const ours = (await written(yonyouEaiTarget, { sender: "100" }, [sampled("22210102", () => ({ summary: `A&B <"1">` }))])).toString("utf8");
  assert.match(ours, /<abstract>A&amp;B &lt;&quot;1&quot;&gt;<\/abstract>/);
  assert.equal((await refusal(yonyouEaiTarget, { sender: "100" }, sampled("22210102", () => ({ summary: "\u0001" }))))?.code, "target.unmappable");
});

test("the K/3 workbook has the sheets, columns and cells of the documented sample", async () => {
  const workbook = read(await written(kingdeeK3Target, {}, [sampled("2221.01.02")]), { cellNF: true });
  assert.deepEqual(workbook.SheetNames, ["Page1", "t_Schema"]);
  for (const [sheet, file] of [["Page1", "k3-voucher-page1.csv"], ["t_Schema", "k3-voucher-tschema.csv"]] as const) {
    const ours = utils.sheet_to_json<string[]>(workbook.Sheets[sheet] ?? {}, { header: 1, raw: false, defval: "" });
    assert.deepEqual(ours, parse(await sample(file), { bom: true }) as string[][]);
  }
  const debit = workbook.Sheets.Page1?.K2;
  assert.deepEqual([debit?.t, debit?.v], ["n", 11300]);
});

test("the K/3 variant with 37 columns has 汇率类型 before 汇率; each voucher has its serial, each line its number", async () => {
  const workbook = read(await written(kingdeeK3Target, { rateType: "公司汇率" }, [sampled("2221.01.02"), sampleDelivery(28)]));
  const [head = [], ...rows] = utils.sheet_to_json<string[]>(workbook.Sheets.Page1 ?? {}, { header: 1, raw: false, defval: "" });
  assert.equal(head.length, 37);
  assert.deepEqual(head.slice(30, 32), ["汇率类型", "汇率"]);
  const at = (name: string): string[] => rows.map((row) => row[head.indexOf(name)] ?? "");
  assert.deepEqual(at("汇率类型"), Array(6).fill("公司汇率"));
  assert.deepEqual(at("序号"), ["1", "1", "1", "2", "2", "2"]);
  assert.deepEqual(at("分录序号"), ["0", "1", "2", "0", "1", "2"]);
});

test("K/3: foreign money, red and a long amount", async () => {
  const foreign = sampled("2221.01.02", (line) => ({ currency: "USD", amountOriginal: "-1.00", rate: "7.1234", ...(line.debit === "0.00" ? { credit: "-7.12" } : { debit: "-7.12" }) }));
  const [head = [], first = []] = utils.sheet_to_json<string[]>(read(await written(kingdeeK3Target, {}, [foreign])).Sheets.Page1 ?? {}, { header: 1, raw: false, defval: "" });
  assert.deepEqual(["币别代码", "原币金额", "借方", "贷方", "汇率"].map((name) => first[head.indexOf(name)]), ["USD", "-1.00", "-7.12", "0", "7.1234"]);
  assert.equal((await refusal(kingdeeK3Target, {}, sampled("2221.01.02", () => ({ debit: "99999999999999.99" }))))?.code, "target.figure");
  assert.equal((await refusal(kingdeeK3Target, {}, sampled("2221.01.02", () => ({ dimensions: { customer: "1", department: "2" } }))))?.code, "target.setting_missing");
});

test("CSV: formulas are made inert, figures stay figures, quotes and separators are quoted, and gaps are empty", async () => {
  const delivery = sampled("22210102", (_, index) => ({ summary: ['=HYPERLINK("http://x")', "-2+3", "甲,乙"][index] as string, ...(index === 0 ? { debit: "-11300.00" } : {}) }));
  const rows = (await written(csvFileTarget, { columns }, [delivery])).toString("utf8").split("\r\n");
  assert.deepEqual(rows, [
    "日期,凭证号,摘要,科目,借方,贷方,参考", `2025-03-31,记-27,"'=HYPERLINK(""http://x"")",1122,-11300.00,,QH-V-20250331-000027`,
    "2025-03-31,记-27,'-2+3,6001,,10000.00,QH-V-20250331-000027", '2025-03-31,记-27,"甲,乙",22210102,,1300.00,QH-V-20250331-000027', "",
  ]);
});

test("CSV in GBK, with a mark for Excel, and of documents", async () => {
  assert.match(iconv.decode(await written(csvFileTarget, { columns, encoding: "gbk" }, [sampled("22210102")]), "gbk"), /^日期,/);
  const marked = await written(csvFileTarget, { columns: [{ name: "单号", value: "{document.number}" }], bom: true }, [{ deliveryId: "d1", reference: "R1", payloadHash: "", attempt: 1, purpose: "writeback", document: { number: "SO-1" } }]);
  assert.equal(marked.toString("utf8"), "\uFEFF单号\r\nSO-1\r\n");
  assert.equal((await refusal(csvFileTarget, { columns, encoding: "gbk" }, sampled("22210102", () => ({ summary: "€😀" }))))?.facts.text, "😀");
  assert.equal((await refusal(csvFileTarget, { columns: [{ name: "部门", value: "{line.dimensions.department}" }] }, sampled("22210102")))?.code, "target.template_gap");
});

test("xlsx: numbers and dates are cells of their kind, codes stay text, formulas are text", async () => {
  const sheet = read(await written(xlsxFileTarget, { columns, sheet: "凭证" }, [sampled("22210102", () => ({ summary: "=1+1" }))]), { cellNF: true, cellFormula: true }).Sheets.凭证;
  assert.deepEqual([sheet?.A2?.t, sheet?.A2?.w], ["n", "2025-03-31"]);
  assert.deepEqual([sheet?.D2?.t, sheet?.D2?.v], ["s", "1122"]);
  assert.deepEqual([sheet?.E2?.t, sheet?.E2?.v, sheet?.E2?.w], ["n", 11300, "11300.00"]);
  assert.deepEqual([sheet?.C2?.t, sheet?.C2?.v, sheet?.C2?.f], ["s", "'=1+1", undefined]);
});

test("one batch is one file; sending it again, in any composition, adds no file and no voucher", async () => {
  const folder = await folderOf();
  const config = { folder, prefix: "凭证" };
  const [a, b, c] = [sampleDelivery(1), sampleDelivery(2), sampleDelivery(3)];
  const first = await yonyouV800Target.open(config, 1n, ctx);
  assert.deepEqual((await first.deliver([a, b], 5000)).map(({ is }) => is), ["applied", "applied"]);
  const second = await yonyouV800Target.open(config, 2n, ctx);
  assert.deepEqual((await second.deliver([c, b, a], 5000)).map(({ is }) => is), ["applied", "duplicate", "duplicate"]);
  const files = await filesIn(folder);
  assert.deepEqual(files, [`凭证-${batchOf([a.deliveryId, b.deliveryId])}.txt`, `凭证-${batchOf([c.deliveryId])}.txt`].sort());
  const texts = await Promise.all(files.map(async (file) => iconv.decode(await readFile(join(folder, file)), "gbk")));
  for (const { reference } of [a, b, c]) assert.equal(texts.join("").split(reference).length, 2);
  // An importer took the files away: they are still not delivered again.
  for (const file of files) await rm(join(folder, file));
  const third = await yonyouV800Target.open(config, 3n, ctx);
  assert.deepEqual((await third.deliver([a, b, c], 5000)).map(({ is }) => is), ["duplicate", "duplicate", "duplicate"]);
  assert.deepEqual(await filesIn(folder), []);
  await rm(folder, { recursive: true });
});

test("after a crash, what was listed is finished and what was not is dropped", async () => {
  for (const wasListed of [true, false]) {
    const folder = await folderOf();
    const delivery = sampleDelivery(1);
    const file = `tieout-${batchOf([delivery.deliveryId])}.txt`;
    await (await yonyouV800Target.open({ folder }, 1n, ctx)).deliver([delivery], 5000);
    // Back to the moment before the file appeared.
    const [own = ""] = await readdir(join(folder, ".tieout"));
    await writeFile(join(folder, ".tieout", own, `${file}.draft`), await readFile(join(folder, file)));
    await rm(join(folder, file));
    if (!wasListed) await rm(join(folder, ".tieout", own, `${file}.list.json`));
    const session = await yonyouV800Target.open({ folder }, 2n, ctx);
    assert.deepEqual(await filesIn(folder), wasListed ? [file] : []);
    assert.deepEqual((await session.deliver([delivery], 5000)).map(({ is }) => is), [wasListed ? "duplicate" : "applied"]);
    assert.deepEqual(await filesIn(folder), [file]);
    await rm(folder, { recursive: true });
  }
});

test("a foreign file under our name is not overwritten, and a folder that is not there is a wrong definition", async () => {
  const folder = await folderOf();
  const delivery = sampleDelivery(1);
  const file = join(folder, `tieout-${batchOf([delivery.deliveryId])}.txt`);
  await writeFile(file, "somebody else's");
  const session = await yonyouV800Target.open({ folder }, 1n, ctx);
  const [outcome] = await session.deliver([delivery], 5000);
  assert.equal(outcome?.is === "rejected" && outcome.problem.code, "target.file_differs");
  assert.equal(await readFile(file, "utf8"), "somebody else's");
  await writeFile(join(folder, "plain"), "");
  for (const wrong of ["plain", "no such folder"]) {
    const failures = await yonyouV800Target.check({ folder: join(folder, wrong) }, ctx);
    assert.deepEqual(failures.map(({ failure, problem }) => [failure, problem.code]), [["config", "target.folder"]]);
  }
  await rm(folder, { recursive: true });
});
