import assert from "node:assert/strict";
import { createWriteStream } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { after, before, test } from "node:test";
import * as xlsx from "@e965/xlsx";
import iconv from "iconv-lite";
import { ZipFile } from "yazl";
import type { Message, Row } from "../connector.ts";
import type { StreamConfig } from "./format.ts";
import { identify } from "./local-file.ts";
import { readOneFile } from "./reading.ts";
import { dateText, numberText } from "./xlsx.ts";

let folder = "";
before(async () => void (folder = await mkdtemp(join(tmpdir(), "tieout-formats-"))));
after(() => rm(folder, { recursive: true, force: true }));

type Result = { readonly rows: readonly Row[]; readonly keys: readonly string[]; readonly bad: readonly (Message & { readonly is: "bad" })[]; readonly failed: string | undefined; readonly fields: readonly string[] };

async function readPath(path: string, stream: object): Promise<Result> {
  const messages: Message[] = [];
  let failed: string | undefined;
  let fields: readonly string[] = [];
  for await (const step of readOneFile(await identify(path, basename(path)), null, "s", { pattern: "*", key: ["@record"], ...stream } as StreamConfig, 0)) {
    if (step.is === "message") messages.push(step.message);
    if (step.is === "failed") failed = step.problem.code;
    if (step.is === "fields") fields = step.fields;
  }
  const records = messages.filter((message) => message.is === "record");
  return { rows: records.map(({ row }) => row ?? {}), keys: records.map(({ key }) => key), bad: messages.filter((message) => message.is === "bad"), failed, fields };
}

async function read(name: string, content: string | Buffer, stream: object): Promise<Result> {
  const path = join(folder, name);
  await writeFile(path, content);
  return readPath(path, stream);
}

const sample = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname;
/** A bank's export or another ready format, with the key it brings itself. */
const readSample = (name: string, format: string): Promise<Result> => readPath(sample(name), { format, key: undefined });

// ---- CSV --------------------------------------------------------------------------------------------------------------

const chinese = "单号,客户,金额\nSO-1,白榆商贸有限公司,1130.00\nSO-2,青禾「𠮷」贸易,0.10\n";
const chineseRows = [{ 单号: "SO-1", 客户: "白榆商贸有限公司", 金额: "1130.00" }, { 单号: "SO-2", 客户: "青禾「𠮷」贸易", 金额: "0.10" }];

test("a GBK file, a GB 18030 file and UTF-8 with and without a mark are all read right", async () => {
  const common = chinese.replace("「𠮷」", "");
  assert.deepEqual((await read("gbk.csv", iconv.encode(common, "gbk"), { format: "csv" })).rows, [chineseRows[0], { ...chineseRows[1], 客户: "青禾贸易" }]);
  assert.deepEqual((await read("gb18030.csv", iconv.encode(chinese, "gb18030"), { format: "csv" })).rows, chineseRows);
  assert.deepEqual((await read("utf8.csv", chinese, { format: "csv" })).rows, chineseRows);
  assert.deepEqual((await read("mark.csv", `\uFEFF${chinese}`, { format: "csv" })).rows, chineseRows);
});

test("a UTF-8 file that is torn inside a character is reported there and not read as GB 18030", async () => {
  const whole = Buffer.from(chinese);
  const { rows, bad, failed } = await read("torn.csv", whole.subarray(0, whole.indexOf("青禾") + 4), { format: "csv" });
  assert.deepEqual(rows, [chineseRows[0]]);
  assert.equal(failed, "file.encoding");
  assert.equal(bad[0]?.position, "torn.csv line 3");
  assert.deepEqual(bad[0]?.bytes, whole.subarray(whole.indexOf("SO-2"), whole.indexOf("青禾") + 4));
});

test("a line with a wrong number of columns is one bad record with its bytes, and the others arrive", async () => {
  const { rows, bad, failed } = await read("poison.csv", iconv.encode("a,b\n1,一\n2,二,三\n3,三\n", "gbk"), { format: "csv" });
  assert.deepEqual(rows, [{ a: "1", b: "一" }, { a: "3", b: "三" }]);
  assert.deepEqual(bad.map(({ problem, bytes, position }) => [problem.code, bytes.toString("hex"), position]), [["file.columns", iconv.encode("2,二,三\n", "gbk").toString("hex"), "poison.csv line 3"]]);
  assert.equal(failed, undefined);
});

test("a half-written CSV file gives what is whole; the rest is one bad record with bytes and place", async () => {
  const cut = await read("cut.csv", "a,b,c\n1,2,3\n4,5,6\n7,8", { format: "csv" });
  assert.deepEqual([cut.rows.length, cut.failed, cut.bad[0]?.bytes.toString(), cut.bad[0]?.position], [2, "file.unfinished", "7,8", "cut.csv line 4"]);
  const quote = await read("quote.csv", 'a,b\n1,"x\ny"\n2,"open\n3,4\n', { format: "csv" });
  assert.deepEqual([quote.rows, quote.failed, quote.bad[0]?.bytes.toString(), quote.bad[0]?.position], [[{ a: "1", b: "x\ny" }], "file.unfinished", '2,"open\n3,4\n', "quote.csv line 4"]);
});

test("a file that does not fit its format is given up after a hundred bad lines", async () => {
  const { bad, failed } = await read("other.csv", `a,b\n${"1;2;3\n".repeat(500)}`, { format: "csv" });
  assert.deepEqual([bad.length, failed], [101, "file.too_many_bad"]);
});

test("columns without a name are kept where they hold something, and no name hides another", async () => {
  const { rows, fields } = await read("names.csv", "摘要,摘要,,\n甲,乙,,\n丙,丁,戊,\n", { format: "csv" });
  assert.deepEqual(rows, [{ 摘要: "甲", "摘要#2": "乙" }, { 摘要: "丙", "摘要#2": "丁", "#3": "戊" }]);
  assert.deepEqual(fields, ["摘要", "摘要#2"]);
});

test("a record without its key is a bad record", async () => {
  const { bad, rows } = await read("key.csv", "no,x\n1,a\n,b\n", { format: "csv", key: ["no"] });
  assert.deepEqual([rows.length, bad[0]?.problem.code, bad[0]?.problem.where], [1, "file.no_key_value", "line 3"]);
});

// ---- banks ------------------------------------------------------------------------------------------------------------

const orders = "单号,客户,行,数量\n";
const group = { format: "csv", key: undefined, group: { by: ["单号"] } };

test("adjacent rows of one document become one record with its lines, known by what they are gathered by", async () => {
  const { rows, keys, fields } = await read("orders.csv", `${orders}A,甲,1,2\nA,甲,2,3.50\nB,乙,1,1\n`, group);
  assert.deepEqual(keys, ["A", "B"]);
  assert.deepEqual(fields, ["单号", "客户", "行", "数量", "lines"]);
  assert.deepEqual(rows[0], { 单号: "A", 客户: "甲", 行: "1", 数量: "2", lines: [{ 单号: "A", 客户: "甲", 行: "1", 数量: "2" }, { 单号: "A", 客户: "甲", 行: "2", 数量: "3.50" }] });
});

test("a broken row spoils the documents that it may belong to, as one bad record, and no other", async () => {
  const inside = await read("inside.csv", `${orders}A,甲,1,2\nB,乙,1,1\nB,乙,2\nB,乙,3,1\nC,丙,1,1\nD,丁,1,1\n`, group);
  assert.deepEqual([inside.keys, inside.bad.length, inside.bad[0]?.problem.code, inside.bad[0]?.position], [["A", "C", "D"], 1, "file.columns", "inside.csv line 3"]);
  assert.match(inside.bad[0]?.bytes.toString() ?? "", /"行":"1"[\s\S]*\nB,乙,2\n[\s\S]*"行":"3"/);
  // Whether a row at the border was the last of one or the first of the other, nobody can say.
  const border = await read("border.csv", `${orders}A,甲,1,2\nB,乙,1,1\n乙,2\nC,丙,1,1\nC,丙,2,1\nD,丁,1,1\n`, group);
  assert.deepEqual([border.keys, border.bad.length], [["A", "D"], 1]);
});

test("the document in which a file breaks off is not taken for a whole one", async () => {
  const { keys, bad, failed } = await read("broken-off.csv", `${orders}A,甲,1,2\nB,乙,1,1\nB,乙,2,"1`, group);
  assert.deepEqual([keys, bad.length, failed], [["A"], 1, "file.unfinished"]);
  assert.match(bad[0]?.bytes.toString() ?? "", /"行":"1"[\s\S]*B,乙,2,"1/);
});

test("rows of one document that stand apart, a document without number, and a column that is not there are told", async () => {
  const apart = await read("apart.csv", `${orders}A,甲,1,2\nB,乙,1,1\nA,甲,2,3\nA,甲,3,3\n,丙,1,1\nD,丁,1,1\n`, group);
  assert.deepEqual([apart.keys, apart.bad.map(({ problem }) => problem.code)], [["A", "B", "D"], ["file.apart", "file.no_key_value"]]);
  assert.equal((await read("no-column.csv", `${orders}A,甲,1,2\n`, { ...group, group: { by: ["订单"] } })).failed, "file.no_header");
});

test("a document with too many lines is one bad record, and the next arrives", async () => {
  const { keys, bad } = await read("long.csv", `${orders}${Array.from({ length: 20_001 }, (_, at) => `A,甲,${at},1\n`).join("")}B,乙,1,1\n`, group);
  assert.deepEqual([keys, bad.map(({ problem }) => problem.code)], [["B"], ["file.too_large"]]);
});

test("the exports of six banks and payment companies are read with their keys, titles and totals left out", async () => {
  const wanted: Record<string, readonly [file: string, keys: readonly string[], column: string, values: readonly string[]]> = {
    icbc: ["icbc-corp.csv", ["2025-03-30 10:21:05|11300.00||61300.00|32002000000000000002|0", "2025-03-31 15:02:40||500.00|60800.00|32003000000000000003|0"], "对方单位", ["白榆商贸有限公司", "快达物流有限公司"]],
    ccb: ["ccb-corp.csv", ["32001000000000000001|1001-320000000A1", "32001000000000000001|1002-320000000A2"], "贷方发生额(收入)", ["11300.00", "0.00"]],
    boc: ["boc-corp.csv", ["900000001||20250330|11300.00", "900000002||20250331|-500.00"], "付款人名称", ["白榆商贸有限公司", "青禾贸易有限公司"]],
    cmb: ["cmb-corp.csv", ["20250330|C00000000001", "20250331|C00000000002"], "收(付)方名称", ["白榆商贸有限公司", "快达物流有限公司"]],
    abc: ["abc-corp.csv", ["2025-03-30 10:21:05|11300.00||61300.00|32002000000000000002", "2025-03-31 15:02:40||500.00|60800.00|32003000000000000003"], "对方户名", ["白榆商贸有限公司", "快达物流有限公司"]],
    "alipay-personal": ["alipay-personal.csv", ["2025033100001", "2025033100001_A1"], "收/支", ["支出", "不计收支"]],
    "alipay-merchant": ["alipay-merchant.csv", ["300000001", "300000002"], "支出金额(-元)", ["0.00", "-3.39"]],
    "wechat-personal": ["wechat-personal.csv", ["4200000000000000000009|支付成功"], "金额(元)", ["¥36.00"]],
    "wechat-merchant": ["wechat-merchant.csv", ["4200000000000000000001|", "4200000000000000000001|50300000000000000001"], "手续费", ["3.39000", "-0.60000"]],
  };
  for (const [format, [file, keys, column, values]] of Object.entries(wanted)) {
    const result = await readSample(file, format);
    assert.deepEqual([result.bad, result.failed], [[], undefined], format);
    assert.deepEqual(result.keys, keys, format);
    assert.deepEqual(result.rows.map((row) => row[column]), values, format);
  }
});

test("a WeChat bill whose lines do not make its totals says so", async () => {
  const text = (await readFile(sample("wechat-merchant.csv"), "utf8")).replace("`2.79000", "`2.80000");
  const { bad } = await read("wechat.csv", text, { format: "wechat-merchant", key: undefined });
  assert.deepEqual(bad.map(({ problem }) => problem), [{ code: "statement.totals", facts: { name: "wechat.csv", what: "手续费总金额", sum: "2.79", total: "2.80000" } }]);
});

test("an ICBC file without its header is refused as a whole", async () => {
  const { failed, bad } = await read("none.csv", iconv.encode("[HISTORYDETAIL]\r\n没有表头\r\n", "gbk"), { format: "icbc", key: undefined });
  assert.deepEqual([failed, bad.length], ["file.no_header", 1]);
});

// ---- statements -------------------------------------------------------------------------------------------------------

test("camt.053 of versions 2 and 8 and MT940 give the same statement", async () => {
  const results = await Promise.all([readSample("camt053-02.xml", "camt053"), readSample("camt053-08.xml", "camt053"), readSample("mt940.sta", "mt940")]);
  const [two, eight, mt] = results.map(({ rows }) => rows[0] as Row & { entries: readonly Row[] });
  for (const { bad, rows, keys } of results) assert.deepEqual([bad, rows.length, keys[0]?.slice(0, 22)], [[], 1, "DE02120300000000202051"]);
  const essence = (row: typeof two): unknown => [row?.opening, row?.closing, row?.currency, row?.entries.map((entry) => [entry["key"], entry["bankReference"], entry["bookedOn"], entry["reference"]])];
  assert.deepEqual(essence(two), ["50000.00", "60800.00", "EUR", [["DE02120300000000202051|AS0001", "AS0001", "2025-03-31", "SO-2025-0188"], ["DE02120300000000202051|AS0002", "AS0002", "2025-03-31", "PAY-2025-0031"]]]);
  assert.deepEqual([essence(eight), essence(mt)], [essence(two), essence(two)]);
  assert.deepEqual([two, eight, mt].map((row) => row?.entries.map(({ amount }) => amount)), [["11300.00", "-500.00"], ["11300.00", "-500.00"], ["11300.00", "-500.00"]]);
  assert.deepEqual([two, eight, mt].map((row) => row?.entries.map(({ counterparty }) => counterparty)), [["Baiyu Trading", "Kuaida Logistics"], ["Baiyu Trading", "Kuaida Logistics"], ["Baiyu Trading", ""]]);
});

test("a camt statement that does not add up, or a batch whose parts do not, is a bad record; what is not booked does not count", async () => {
  const text = await readFile(sample("camt053-02.xml"), "utf8");
  const pending = await read("pending.xml", text.replace("<Sts>BOOK</Sts>", "<Sts>PDNG</Sts>"), { format: "camt053", key: undefined });
  assert.equal(pending.bad[0]?.problem.code, "statement.balance");
  const added = await read("added.xml", text.replace("</Stmt>", '<Ntry><Amt Ccy="EUR">9</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>INFO</Sts></Ntry></Stmt>'), { format: "camt053", key: undefined });
  assert.deepEqual([added.bad, (added.rows[0]?.["notBooked"] as readonly unknown[]).length], [[], 1]);
  const parts = "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">200</Amt></TxAmt></AmtDtls></TxDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">299.99</Amt></TxAmt></AmtDtls></TxDtls>";
  const batch = await read("batch.xml", text.replace(/<TxDtls><Refs><EndToEndId>PAY.*?<\/TxDtls>/s, parts), { format: "camt053", key: undefined });
  assert.deepEqual(batch.bad[0]?.problem, { code: "statement.batch", facts: { statement: "20250331-001", entry: 2, sum: "-499.99", total: "-500.00" }, where: "record 1" });
});

test("MT940 over New Year, reversals and a page that is missing", async () => {
  const page = (entries: string, closing: string): string => `:20:S\r\n:25:A\r\n:28C:1/1\r\n:60F:C241230EUR100,\r\n${entries}:62F:C241231EUR${closing}\r\n-\r\n`;
  const { rows, bad } = await read("year.sta", page(":61:2412310102RC30,5NTRFNONREF\r\n:61:2412311230RD10,NTRFX//B1\r\n:86:first\r\nsecond\r\n", "79,5"), { format: "mt940", key: undefined });
  assert.deepEqual(bad, []);
  assert.deepEqual((rows[0]?.["entries"] as readonly Row[]).map(({ amount, bookedOn, isReversal, summary }) => [amount, bookedOn, isReversal, summary]), [["-30.5", "2025-01-02", true, ""], ["10", "2024-12-30", true, "firstsecond"]]);
  const half = await read("half.sta", ":20:S\r\n:25:A\r\n:60F:C241230EUR100,\r\n", { format: "mt940", key: undefined });
  assert.equal(half.failed, "file.unfinished");
});

// ---- XML --------------------------------------------------------------------------------------------------------------

test("electronic invoices, XBRL vouchers and UBL documents come as trees with their keys", async () => {
  const blue = await readSample("einvoice-blue.xml", "einvoice");
  assert.deepEqual(blue.keys, ["25322000000000000188"]);
  assert.deepEqual(((blue.rows[0]?.["EInvoiceData"] as Row)["IssuItemInformation"] as readonly Row[]).map(({ Amount, TaxRate }) => [Amount, TaxRate]), [["10000.00", "0.13"]]);
  assert.deepEqual((await readSample("einvoice-red.xml", "einvoice")).bad, []);

  const bank = await readSample("bkrs.xml", "xbrl");
  assert.deepEqual([bank.keys, bank.rows[0]?.["taxonomy"], bank.rows[0]?.["Currency"]], [["32001000000000000001|2025|03"], "bkrs", "CNY"]);
  assert.deepEqual((bank.rows[0]?.["InformationOfReconcileDetailsTuple"] as readonly Row[]).map(({ TransactionAmount }) => TransactionAmount), ["11300.00", "500.00"]);
  for (const name of ["rai.xml", "einv.xml"]) assert.equal((await readSample(name, "xbrl")).keys.length, 1, name);

  const ubl = await Promise.all(["ubl-invoice.xml", "ubl-creditnote.xml", "ubl-order.xml", "ubl-despatchadvice.xml"].map((name) => readSample(name, "ubl")));
  assert.deepEqual(ubl.map(({ keys }) => keys.length), [1, 1, 1, 1]);
  assert.deepEqual(ubl[2]?.keys, ["91320000TEST00001X|Order|SO-2025-0188"]);
  assert.deepEqual(((ubl[2]?.rows[0]?.["OrderLine"] as readonly Row[])[0]?.["LineItem"] as Row)["Quantity"], { "@unitCode": "C62", "#text": "20" });
});

test("an XML file in GBK is read by its declaration; repeated elements are arrays, numbers stay text", async () => {
  const { rows } = await read("gbk.xml", iconv.encode('<?xml version="1.0" encoding="GBK"?>\n<r xmlns:x="u"><x:单 号="1&amp;2"><行>一</行><行><![CDATA[<二>]]></行><额>12345678901234567.89</额></x:单></r>', "gbk"), { format: "xml", record: "单" });
  assert.deepEqual(rows, [{ "@号": "1&2", 行: ["一", "<二>"], 额: "12345678901234567.89" }]);
});

test("XML with a DTD is refused, and so are entities that are not of XML", async () => {
  const bomb = '<?xml version="1.0"?><!DOCTYPE r [<!ENTITY a "aaaa"><!ENTITY x SYSTEM "file:///etc/passwd">]><r>&x;</r>';
  assert.deepEqual(pick(await read("dtd.xml", bomb, { format: "xml" })), [0, "xml.dtd"]);
  assert.deepEqual(pick(await read("entity.xml", "<r>&x;</r>", { format: "xml" })), [0, "file.broken"]);
});

test("torn, crossed and bottomless XML is refused; records before the break are given", async () => {
  assert.deepEqual(pick(await read("torn.xml", "<r><a>1</a><a>2</a><a>3", { format: "xml", record: "a" })), [2, "file.unfinished"]);
  assert.deepEqual(pick(await read("crossed.xml", "<r><a>1</a><b><c></b></c></r>", { format: "xml", record: "a" })), [1, "file.broken"]);
  assert.deepEqual(pick(await read("deep.xml", "<a>".repeat(200), { format: "xml" })), [0, "file.too_large"]);
  assert.deepEqual(pick(await read("none.xml", "<r/>", { format: "xml", record: "a" })), [0, "file.no_record"]);
});

const pick = ({ rows, failed }: Result): readonly [number, string | undefined] => [rows.length, failed];

test("an XML record is the same wherever the file is cut into pieces", async () => {
  const text = `<r>${Array.from({ length: 4_000 }, (_, n) => `<a id="${n}">值&lt;${n}<!-- > --><b c='>'/></a>`).join("")}</r>`;
  const { rows } = await read("pieces.xml", text, { format: "xml", record: "a" });
  assert.equal(rows.length, 4_000);
  assert.deepEqual(rows[3_999], { "@id": "3999", b: { "@c": ">" }, "#text": "值<3999" });
});

// ---- JSON -------------------------------------------------------------------------------------------------------------

test("JSON and JSON lines keep the digits of numbers", async () => {
  const lines = await read("a.jsonl", '{"n":12345678901234567.89,"t":"x"}\n\n{"n":0.10,"ok":true,"none":null}\nnonsense\n{"n":1e400}\n', { format: "jsonl" });
  assert.deepEqual(lines.rows, [{ n: "12345678901234567.89", t: "x" }, { n: "0.10", ok: true, none: null }, { n: "1e400" }]);
  assert.deepEqual(lines.bad.map(({ bytes, position }) => [bytes.toString(), position]), [["nonsense", "a.jsonl line 4"]]);
  assert.deepEqual((await read("a.json", '[{"n":1.10},\n {"s":"],{\\"[" , "l":[1,{"x":2}]}]', { format: "json" })).rows, [{ n: "1.10" }, { s: '],{"[', l: ["1", { x: "2" }] }]);
  assert.deepEqual((await read("b.json", '{"meta":{"items":[0]},"data":{"items":[{"n":1},{"n":2}]},"more":[3]}', { format: "json", record: "data.items" })).rows, [{ n: "1" }, { n: "2" }]);
  assert.deepEqual((await read("c.json", '{"n":[1]}', { format: "json" })).rows, [{ n: ["1"] }]);
});

test("torn JSON gives the whole records before the break", async () => {
  assert.deepEqual(pick(await read("torn.json", '[{"n":1},{"n":2},{"n"', { format: "json" })), [2, "file.unfinished"]);
  assert.deepEqual(pick(await read("torn.jsonl", '{"n":1}\n{"n":', { format: "jsonl" })), [1, "file.unfinished"]);
});

// ---- workbooks --------------------------------------------------------------------------------------------------------

const sheetHead = '<?xml version="1.0" encoding="UTF-8"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">';
const parts = (sheet: string): Record<string, string> => ({
  "xl/workbook.xml": '<workbook xmlns:r="x"><sheets><sheet name="隐藏" sheetId="1" state="hidden" r:id="rId9"/><sheet name="数据" sheetId="2" r:id="rId1"/></sheets></workbook>',
  "xl/_rels/workbook.xml.rels": '<Relationships><Relationship Id="rId1" Target="worksheets/sheet1.xml"/><Relationship Id="rId9" Target="/xl/worksheets/sheet1.xml"/></Relationships>',
  "xl/styles.xml": '<styleSheet><numFmts><numFmt numFmtId="164" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/><numFmt numFmtId="165" formatCode="&quot;day&quot; 0.00 [Red]"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="22"/><xf numFmtId="165"/></cellXfs></styleSheet>',
  "xl/sharedStrings.xml": "<sst><si><t>单号</t></si><si><r><t>金</t></r><r><t>额</t></r><rPh><t>jine</t></rPh></si><si><t>日期</t></si><si><t>备注_x000D_</t></si></sst>",
  "xl/worksheets/sheet1.xml": sheet,
});

async function zip(name: string, files: Readonly<Record<string, string | Readable>>): Promise<string> {
  const archive = new ZipFile();
  for (const [path, content] of Object.entries(files)) {
    if (typeof content === "string") archive.addBuffer(Buffer.from(content), path);
    else archive.addReadStream(content, path);
  }
  archive.end();
  await pipeline(archive.outputStream, createWriteStream(join(folder, name)));
  return join(folder, name);
}

const header = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c><c r="C1" t="s"><v>2</v></c><c r="D1" t="inlineStr"><is><t>备注</t></is></c></row>';

test("a workbook gives exact decimals, dates by their style, stored results of formulas, and ignores a wrong dimension", async () => {
  const sheet = `${sheetHead}<dimension ref="A1:A1"/><sheetData>${header}
    <row r="2"><c r="A2" t="inlineStr"><is><t>00123</t></is></c><c r="B2"><v>12345678901234567.89</v></c><c r="C2" s="1"><v>45747</v></c><c r="D2" t="str"><f>A2&amp;"x"</f><v>00123x</v></c></row>
    <row r="4"><c r="A4" t="s"><v>0</v></c><c r="B4"><f>SUM(B2)</f><v>0.10000000000000001</v></c><c r="C4" s="2"><v>45747.5</v></c></row>
    <row><c t="b"><v>1</v></c><c s="4"><v>1.2E-3</v></c><c s="3"><v>59.999988425925928</v></c><c t="e"><v>#N/A</v></c></row>
  </sheetData></worksheet>`;
  const { rows, bad, failed } = await readPath(await zip("exact.xlsx", parts(sheet)), { format: "xlsx" });
  assert.deepEqual([bad, failed], [[], undefined]);
  assert.deepEqual(rows, [
    { 单号: "00123", 金额: "12345678901234567.89", 日期: "2025-03-31", 备注: "00123x" },
    { 单号: "单号", 金额: "0.1", 日期: "2025-03-31T12:00:00", 备注: "" },
    { 单号: "true", 金额: "0.0012", 日期: "1900-02-28T23:59:59", 备注: "#N/A" },
  ]);
});

test("figures and dates of workbooks", () => {
  assert.deepEqual(["1130.0999999999999", "0.1", "1.0E+2", "-2.5e-7", "100", "12345678901234567.89", "123456789012345678"].map(numberText), ["1130.1", "0.1", "100", "-0.00000025", "100", "12345678901234567.89", "123456789012345678"]);
  assert.deepEqual([["1", false], ["59", false], ["61", false], ["45747", false], ["44285", true], ["0.5", false], ["45747.999999", false]].map(([text, is1904]) => dateText(text as string, is1904 as boolean)), ["1900-01-01", "1900-02-28", "1900-03-01", "2025-03-31", "2025-03-31", "12:00:00", "2025-04-01"]);
});

test("a formula that was never calculated is a bad record, not a blank", async () => {
  const sheet = `${sheetHead}<sheetData>${header}<row r="2"><c r="A2" t="inlineStr"><is><t>1</t></is></c><c r="B2"><f>1+1</f></c></row></sheetData></worksheet>`;
  const { bad, rows } = await readPath(await zip("formula.xlsx", parts(sheet)), { format: "xlsx" });
  assert.deepEqual([rows.length, bad[0]?.problem.facts["cell"]], [0, "B2"]);
});

test("a zip bomb is refused before it is unpacked, and one that lies about its size while it is", async () => {
  const zeros = (count: number): Readable => Readable.from((function* () { for (let n = 0; n < count; n += 1) yield Buffer.alloc(1_048_576, 32); })());
  const bomb = await zip("bomb.xlsx", { ...parts(""), "xl/worksheets/sheet1.xml": zeros(40) });
  assert.equal((await readPath(bomb, { format: "xlsx" })).failed, "file.too_large");

  const liar = await zip("liar.xlsx", { ...parts(""), "xl/worksheets/sheet1.xml": `${sheetHead}<sheetData>${header}${" ".repeat(400_000)}</sheetData></worksheet>` });
  const bytes = await readFile(liar);
  const directory = bytes.lastIndexOf("xl/worksheets/sheet1.xml") - 46;
  bytes.writeUInt32LE(2_000, directory + 24);
  const { failed, bad } = await read("liar.xlsx", bytes, { format: "xlsx" });
  assert.equal(failed, "file.broken");
  assert.match(String(bad[0]?.problem.facts["cause"]), /too many bytes|size/i);
});

test("a torn workbook, one with a DTD and one without the sheet are refused", async () => {
  const sheet = `${sheetHead}<sheetData>${header}</sheetData></worksheet>`;
  const whole = await zip("whole.xlsx", parts(sheet));
  assert.equal((await read("half.xlsx", (await readFile(whole)).subarray(0, 600), { format: "xlsx" })).failed, "file.broken");
  assert.equal((await readPath(await zip("dtd.xlsx", parts(`<!DOCTYPE x [<!ENTITY a "b">]>${sheet}`)), { format: "xlsx" })).failed, "file.broken");
  assert.equal((await readPath(whole, { format: "xlsx", sheet: "没有" })).failed, "xlsx.no_sheet");
});

test("an old .xls workbook reads like an .xlsx, in a thread of its own", async () => {
  const book = xlsx.utils.book_new();
  const sheet = xlsx.utils.aoa_to_sheet([["单号", "金额", "日期"], ["00123", 1130.1, 45747], ["SO-2", 0.1, 45747.5]]);
  for (const cell of ["C2", "C3"]) (sheet[cell] as xlsx.CellObject).z = "yyyy-mm-dd";
  xlsx.utils.book_append_sheet(book, sheet, "数据");
  const path = join(folder, "old.xls");
  await writeFile(path, xlsx.write(book, { type: "buffer", bookType: "biff8" }) as Buffer);
  assert.deepEqual((await readPath(path, { format: "xls" })).rows, [{ 单号: "00123", 金额: "1130.1", 日期: "2025-03-31" }, { 单号: "SO-2", 金额: "0.1", 日期: "2025-03-31T12:00:00" }]);
  assert.equal((await read("not.xls", Buffer.concat([Buffer.from("D0CF11E0A1B11AE1", "hex"), Buffer.alloc(600)]), { format: "xls" })).failed, "file.broken");
  assert.equal((await read("text.xls", "单号\n1\n", { format: "xls" })).failed, "file.broken");
});
