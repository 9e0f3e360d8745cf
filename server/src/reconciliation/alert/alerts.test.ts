import assert from "node:assert/strict";
import { createServer, type IncomingHttpHeaders } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import { type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { SMTPServer } from "smtp-server";
import { createUser, type Principal, principalOfAll, principalOfUser } from "../../access/index.ts";
import { registerAll } from "../../app/registry.ts";
import { createBook, loadBook } from "../../books/index.ts";
import { type Ctx, momentAfter, momentOf, silentLog } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { acknowledgeAlert, type AlertDefinition, type Figures, listAlertRules, listAlerts, listChannels, saveAlertRule, saveChannel, sendWaiting, setSupplierAccount, showAlert, snoozeAlert, testChannel, tryAlertRule, watchBook } from "../index.ts";
import { webhookSignature } from "./channel.ts";
import { shippedRules } from "./rule.ts";

registerAll();
const store = await testStore();
const dataDir = await mkdtemp(join(tmpdir(), "tieout-alerts-"));
after(async () => { await store.close(); await rm(dataDir, { recursive: true }); });
/** 10:00 in China, and then as far on as a test says. */
let now = momentOf("2026-03-31T02:00:00Z");
const as = (id: string): Ctx => ({ db: store, actor: { id }, now: () => now, log: silentLog, dataDir });
const ctx = as("chen");
const pass = (minutes: number): void => void (now = momentAfter(now, minutes * 60_000));
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
const book = await loadBook(store, "B1");
const grant = (role: string, scope: { employees: string[]; departments: null; regions: null } | null = null) => [{ role, book: "B1", scope }];
await createUser(ctx, { login: "boss", name: "Boss", grants: [{ role: "owner", book: "*", scope: null }] });
await createUser(ctx, { login: "lead", name: "Lead", grants: grant("controller") });
await createUser(ctx, { login: "seller@example.com", name: "Seller", employee: "E1", grants: grant("sales", { employees: ["E1"], departments: null, regions: null }) });
await createUser(ctx, { login: "other", name: "Other", employee: "E2", grants: grant("sales", { employees: ["E2"], departments: null, regions: null }) });
const sale = (id: string, customer: string, net: string, dueDate: string) => ({ schema: "tieout/salesInvoice@1", source: "erp", sourceId: id, date: "2026-03-02", dueDate, customer, invoiceNumber: id, lines: [{ lineId: "1", description: "服务", category: "service", quantity: "1", amountNet: net, taxRate: "0.06" }] });
const { results } = await postDocuments(ctx, "B1", [
  { schema: "tieout/customer@1", source: "erp", sourceId: "C1", name: { zh: "白榆商贸" }, salesperson: "E1" }, { schema: "tieout/customer@1", source: "erp", sourceId: "C2", name: { zh: "恒润环保" } }, { schema: "tieout/supplier@1", source: "erp", sourceId: "S1", name: { zh: "远泰钢铁" }, buyer: "E1" },
  sale("F1", "C1", "2000.00", "2026-03-10"), sale("F2", "C2", "10.00", "2026-03-10"),
]);
assert.deepEqual(results.filter(({ state }) => state !== "posted").map(({ document, reasons }) => [document, reasons]), []);
let margin = 2_000n;
const figures: Figures = { metric: async () => [{ subject: "I1", label: "泵", value: margin }], lowestCash: async () => ({ balance: 100_000_000n, on: "2026-06-01" }) };
const rule = (wanted: Partial<AlertDefinition>): AlertDefinition => ({ rule: "overdue", zh: "客户逾期", en: "Customer overdue", measure: "overdueReceivable", params: {}, is: "above", line: "1000", margin: "100", afterMinutes: 0, repeatMinutes: 0, escalateMinutes: 30, everyMinutes: 1, quiet: null, isUrgent: false, callsOwner: true, roles: ["controller"], channels: [], language: "both", ...wanted });
// Only what a test looks at may ring.
for (const { definition } of shippedRules()) await saveAlertRule(ctx, book, definition, false);
const principal = async (login: string): Promise<Principal> => (await principalOfUser(ctx, login)) ?? assert.fail(`no ${login}`);
const inbox = async (login: string): Promise<string[]> => (await store.query<{ title: string }>("select message -> 'zh' ->> 'title' as title from reconciliation.alert_send where channel = 'inApp' and recipient = $1 order by send_no", [login])).map(({ title }) => title);

test("the shipped rules cover what finance watches, and each of them can be kept as it is", async () => {
  assert.deepEqual(new Set((await listAlertRules(ctx, book)).map(({ measure }) => measure)), new Set(["stockNegative", "stockIdle", "stockCover", "cashForecast", "overdueReceivable", "creditUse", "bankUnmatched", "deliveryStuck", "sourceSilent", "estimateAge", "margin", "duplicateInvoice", "accountChanged"]));
  for (const wanted of [{ line: "x" }, { margin: "-1" }, { quiet: { from: "25:00", to: "07:00" } }, { roles: [], callsOwner: false }, { channels: ["nowhere"] }, { rule: "Bad Name" }]) await assert.rejects(saveAlertRule(ctx, book, rule(wanted), true), { code: "alert.rule_invalid" });
});

test("every measure reads a real book without a mistake", async () => {
  for (const { definition } of shippedRules()) assert.ok((await tryAlertRule(ctx, book, definition, figures)).subjects >= 0, definition.rule);
  assert.deepEqual((await tryAlertRule(ctx, book, rule({}), figures)).first.map(({ label, value, isCrossed, employee }) => [label, value, isCrossed, employee]), [["白榆商贸", "2120.00", true, "E1"], ["恒润环保", "10.60", false, ""]]);
});

test("the salesperson of the customer is called first, the role when nobody answers, and once however many look", async () => {
  await saveAlertRule(ctx, book, rule({}), true);
  const looked = await Promise.all([watchBook(ctx, book, figures), watchBook(ctx, book, figures), watchBook(ctx, book, figures)]);
  assert.deepEqual([looked.reduce((sum, { rings }) => sum + rings, 0), looked.flatMap(({ problems }) => problems)], [1, []]);
  assert.deepEqual([await inbox("seller@example.com"), await inbox("lead")], [["预警：客户逾期 白榆商贸"], []]);
  pass(31);
  await watchBook(ctx, book, figures);
  assert.deepEqual([await inbox("lead"), await inbox("boss"), await inbox("other")], [["预警升级：客户逾期 白榆商贸"], [], []]);
});

test("whom it called may acknowledge it, nobody else may see it, and what was done is kept", async () => {
  const [seller, other, lead] = [await principal("seller@example.com"), await principal("other"), await principal("lead")];
  const [alert] = await listAlerts(as(seller.id), book, seller, {});
  assert.deepEqual([alert?.label, alert?.value, alert?.line, alert?.state], ["白榆商贸", "2120.00", "1000.00", "open"]);
  const no = alert?.alertNo ?? "";
  assert.deepEqual(await listAlerts(as(other.id), book, other, {}), []);
  await assert.rejects(acknowledgeAlert(as(other.id), book, other, no, ""), { code: "alert.unknown" });
  await assert.rejects(snoozeAlert(as(lead.id), book, lead, no, 1, ""), { code: "alert.minutes" });
  await snoozeAlert(as(lead.id), book, lead, no, 60, "客户承诺今天付");
  await acknowledgeAlert(as(seller.id), book, seller, no, "已电话催收");
  await assert.rejects(acknowledgeAlert(as(lead.id), book, lead, no, ""), { code: "alert.state" });
  assert.deepEqual((await showAlert(as(lead.id), book, lead, no)).events.map(({ what, by, to, note }) => [what, by, to, note]), [["opened", "system", "user:seller@example.com", ""], ["escalated", "system", "role:controller", ""], ["snoozed", "lead", "", "60 min. 客户承诺今天付"], ["acknowledged", "seller@example.com", "", "已电话催收"]]);
  pass(120);
  assert.equal((await watchBook(ctx, book, figures)).rings, 0);
  await postDocuments(ctx, "B1", [{ schema: "tieout/bankAccount@1", source: "fin", sourceId: "BA1", name: { zh: "工行" }, currency: "CNY", account: "1002", number: "6222000000000000011" }, { schema: "tieout/cashReceipt@1", source: "fin", sourceId: "CR1", date: "2026-03-31", customer: "C1", bankAccount: "BA1", amount: "2120.00", links: [{ to: "erp:salesInvoice/F1", amount: "2120.00" }] }]);
  assert.equal((await watchBook(ctx, book, figures)).rings, 1);
  assert.deepEqual((await listAlerts(as(lead.id), book, lead, { state: "closed" })).map(({ label, acknowledgedBy }) => [label, acknowledgedBy]), [["白榆商贸", "seller@example.com"]]);
  assert.deepEqual(await listAlerts(as(lead.id), book, lead, {}), []);
});

test("nobody is told a figure that they may not see", async () => {
  await saveAlertRule(ctx, book, rule({ rule: "margin", zh: "毛利低", en: "Low margin", measure: "margin", is: "below", line: "0.05", margin: "0.01", callsOwner: false, roles: ["cashier"] }), true);
  await createUser(ctx, { login: "cash", name: "Cash", grants: grant("cashier") });
  await watchBook(ctx, book, figures);
  const [{ message } = assert.fail("nothing rang")] = await store.query<{ message: { zh: { lines: string[] }; en: { lines: string[] } } }>("select message from reconciliation.alert_send where recipient = 'cash'");
  assert.deepEqual([message.zh.lines[0], message.en.lines[0]], ["毛利率越过了线，数值不可见", "Gross margin crossed its line; the figure is hidden"]);
  const cash = await principal("cash");
  assert.deepEqual((await listAlerts(as("cash"), book, cash, {})).map(({ rule: of, value, worst, line }) => [of, value, worst, line]), [["margin", null, null, null]]);
  assert.deepEqual((await listAlerts(ctx, book, principalOfAll("chen"), { rule: "margin" })).map(({ value, line }) => [value, line]), [["0.2%", "5%"]]);
  margin = 70_000n;
  await watchBook(ctx, book, figures);
});

test("a changed account of a supplier rings at once with who may approve it", async () => {
  await saveAlertRule(ctx, book, rule({ rule: "account", zh: "收款账户变更", en: "Account changed", measure: "accountChanged", line: "0", margin: "0", callsOwner: false, roles: ["controller"], isUrgent: true, quiet: { from: "00:00", to: "23:59" } }), true);
  await setSupplierAccount(ctx, book, { supplier: "S1", name: "远泰", number: "6222000000000000101", bank: "102100099996", reason: "来函变更" });
  await watchBook(ctx, book, figures);
  assert.equal((await inbox("lead")).at(-1), "预警：收款账户变更 远泰钢铁");
});

// Channels ---------------------------------------------------------------------------------------------------------------

test("mail goes through a real server, signed in, once; what is refused for now is tried again with the same id", async () => {
  const mails: { readonly to: string[]; readonly text: string }[] = [];
  let isBusy = true;
  const server = new SMTPServer({
    authOptional: false, disabledCommands: ["STARTTLS"], allowInsecureAuth: true, onAuth: (auth, _session, done) => (auth.username === "tieout" && auth.password === "geheim" ? done(null, { user: "tieout" }) : done(new Error("no"))),
    onData(stream, session, done) {
      let text = "";
      stream.on("data", (chunk: Buffer) => void (text += chunk.toString()));
      stream.on("end", () => {
        if (isBusy) {
          isBusy = false;
          return done(Object.assign(new Error("busy"), { responseCode: 451 }));
        }
        mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), text });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.server.address() as AddressInfo;
  try {
    await saveChannel(ctx, book, { channel: "mail", kind: "smtp", config: { host: "127.0.0.1", port, user: "tieout", from: "tieout@example.com", domain: "example.org" }, secret: { password: "geheim" }, isOn: true });
    assert.ok(!JSON.stringify(await listChannels(ctx, book)).includes("geheim"));
    assert.equal((await store.owner.query("select 1 from reconciliation.alert_channel where encode(sealed, 'escape') like '%geheim%'")).length, 0);
    await saveAlertRule(ctx, book, rule({ rule: "by-mail", zh: "小额逾期", en: "Small overdue", line: "5", margin: "0", callsOwner: false, roles: ["controller"], channels: ["mail"] }), true);
    await watchBook(ctx, book, figures);
    assert.deepEqual(await sendWaiting(ctx, { publicUrl: "https://tieout.example" }), { sent: 0, later: 1, failed: 0 });
    assert.deepEqual(await sendWaiting(ctx, { publicUrl: "https://tieout.example" }), { sent: 0, later: 0, failed: 0 });
    pass(5);
    assert.deepEqual(await sendWaiting(ctx, { publicUrl: "https://tieout.example" }), { sent: 1, later: 0, failed: 0 });
    pass(5);
    assert.deepEqual(await sendWaiting(ctx, { publicUrl: "https://tieout.example" }), { sent: 0, later: 0, failed: 0 });
    assert.deepEqual(mails.map(({ to }) => to), [["lead@example.org"]]);
    assert.match(mails[0]?.text ?? "", /Message-ID: <alert-\d+-\d+@tieout>/i);
  } finally {
    await new Promise<void>((resolve) => server.close(resolve));
  }
});

/** A server that keeps what it was sent and answers as it is told. */
async function listening(answer: () => { readonly status: number; readonly body: string }): Promise<{ readonly url: string; readonly got: { readonly url: string; readonly headers: IncomingHttpHeaders; readonly body: string }[]; close(): Promise<void> }> {
  const got: { url: string; headers: IncomingHttpHeaders; body: string }[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => void (body += chunk.toString()));
    request.on("end", () => {
      got.push({ url: request.url ?? "", headers: request.headers, body });
      const { status, body: said } = answer();
      response.writeHead(status).end(said);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, got, close: () => new Promise((resolve) => { server.closeAllConnections(); server.close(() => resolve()); }) };
}

test("a webhook is signed over its time and body; each robot is asked in its own form and believed only as it answers", async () => {
  const answers = new Map([["hook", { status: 200, body: "" }], ["wecom", { status: 200, body: '{"errcode":0}' }], ["dingtalk", { status: 200, body: '{"errcode":310000,"errmsg":"sign not match"}' }], ["feishu", { status: 200, body: '{"code":11232}' }]]);
  const servers = new Map<string, Awaited<ReturnType<typeof listening>>>();
  for (const [name, answer] of answers) servers.set(name, await listening(() => answer));
  try {
    for (const [name, server] of servers) await saveChannel(ctx, book, { channel: name, kind: name === "hook" ? "webhook" : (name as "wecom"), config: {}, secret: { url: `${server.url}/send?access_token=geheim`, secret: "SEC-demo" }, isOn: true });
    await assert.rejects(saveChannel(ctx, book, { channel: "bad", kind: "webhook", config: {}, secret: { url: "file:///etc/passwd" }, isOn: true }), { code: "alert.channel_invalid" });
    for (const name of servers.keys()) await testChannel(ctx, book, principalOfAll("chen"), name);
    assert.deepEqual(await sendWaiting(ctx, { publicUrl: undefined }), { sent: 2, later: 1, failed: 1 });
    const [hook] = servers.get("hook")?.got ?? [];
    assert.equal(hook?.headers["tieout-signature"], webhookSignature("SEC-demo", String(hook?.headers["tieout-timestamp"]), hook?.body ?? ""));
    assert.equal((JSON.parse(hook?.body ?? "{}") as { id?: string }).id, hook?.headers["tieout-id"]);
    assert.match(servers.get("dingtalk")?.got[0]?.url ?? "", /access_token=geheim&timestamp=\d{13}&sign=/);
    assert.deepEqual([...servers].slice(1).map(([name, { got }]) => [name, Object.keys(JSON.parse(got[0]?.body ?? "{}") as object).sort()]), [["wecom", ["markdown", "msgtype"]], ["dingtalk", ["at", "markdown", "msgtype"]], ["feishu", ["content", "msg_type", "sign", "timestamp"]]]);
    const shown = JSON.stringify(await listChannels(ctx, book));
    assert.ok(!shown.includes("geheim") && !shown.includes("SEC-demo"));
    assert.match(shown, /answered 310000/);
    // A robot is asked at half of what it allows in a minute; the rest waits.
    for (let i = 0; i < 14; i++) await testChannel(ctx, book, principalOfAll("chen"), "wecom");
    const { sent, later } = await sendWaiting(ctx, { publicUrl: undefined });
    assert.deepEqual([sent, later], [9, 5]);
    pass(2);
    assert.equal((await sendWaiting(ctx, { publicUrl: undefined })).sent, 5);
  } finally {
    for (const server of servers.values()) await server.close();
  }
});

test("a sender that dies between taking and sending loses nothing, one that dies after sending sends the same id, and two never send one message", async () => {
  const server = await listening(() => ({ status: 200, body: "" }));
  try {
    await saveChannel(ctx, book, { channel: "hook", kind: "webhook", config: {}, secret: { url: server.url }, isOn: true });
    pass(60);
    await sendWaiting(ctx, { publicUrl: undefined });
    server.got.length = 0;
    await testChannel(ctx, book, principalOfAll("chen"), "hook");
    // It was handed over, and the process died before it could say so.
    const dies = { publicUrl: undefined, post: async (...asked: Parameters<NonNullable<Parameters<typeof sendWaiting>[1]["post"]>>): Promise<never> => { await fetch(...asked); return new Promise<never>(() => {}); } };
    void sendWaiting(ctx, dies);
    while (server.got.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
    assert.deepEqual(await sendWaiting(ctx, { publicUrl: undefined }), { sent: 0, later: 0, failed: 0 });
    pass(2);
    const both = await Promise.all([sendWaiting(ctx, { publicUrl: undefined }), sendWaiting(ctx, { publicUrl: undefined })]);
    assert.equal(both.reduce((sum, { sent }) => sum + sent, 0), 1);
    assert.equal(server.got.length, 2);
    assert.equal(new Set(server.got.map(({ headers }) => headers["tieout-id"])).size, 1);
  } finally {
    await server.close();
  }
});

test("a watcher that dies before its commit has rung nothing, and the next one rings once", async () => {
  await saveAlertRule(ctx, book, rule({ rule: "killed", zh: "中断", en: "Killed", line: "5", margin: "0", callsOwner: false, roles: ["controller"] }), true);
  const before = (await inbox("lead")).length;
  const dying: Ctx = { ...ctx, db: { ...store, transaction: (work) => store.transaction(async (db) => { await work(db); throw new Error("killed"); }) } };
  const { problems } = await watchBook(dying, book, figures);
  assert.ok(problems.some((one) => one.rule === "killed"));
  assert.equal((await inbox("lead")).length, before);
  await watchBook(ctx, book, figures);
  await watchBook(ctx, book, figures);
  assert.deepEqual((await inbox("lead")).slice(before).filter((title) => title.includes("中断")), ["预警：中断 恒润环保"]);
});
