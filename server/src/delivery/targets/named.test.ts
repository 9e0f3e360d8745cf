import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptTarget, sampleDelivery } from "../acceptance.ts";
import { compareStanding } from "../delivery.ts";
import { checkDefinition } from "../open.ts";
import type { Delivery, VoucherOut } from "../target.ts";
import { type KingdeeCloudConfig, kingdeeCloudTarget, saveBody } from "./kingdee-cloud.ts";
import { moreTargets } from "./more.ts";
import { odooTarget, type OdooTargetConfig } from "./odoo.ts";
import { kingdeeCloudStandIn } from "./stand-ins/kingdee-cloud.ts";
import { odooStandIn } from "./stand-ins/odoo.ts";
import { openStandIn } from "./stand-ins/stand-in.ts";
import { yonyouU8StandIn } from "./stand-ins/yonyou-u8.ts";
import { addBody, yonyouU8Target, type YonyouU8Config } from "./yonyou-u8.ts";

const ctx = { now: systemClock, log: silentLog, flow: "test" };
const known = ["1122", "6001", "222101", "2221.01.02", "22210102"];
const tooMany = { is: "answer", status: 429, headers: { "retry-after": "7" }, json: {} } as const;
const voucherOf = (delivery: Delivery): VoucherOut => (delivery as Delivery & { readonly purpose: "voucher" }).voucher;

const kingdee = async () => {
  const standIn = await kingdeeCloudStandIn({ accounts: known });
  const { acctId, user, password } = standIn.login;
  const configAt = (port: number): KingdeeCloudConfig => ({ url: `http://127.0.0.1:${port}/K3Cloud`, acctId, login: { is: "password", user, password }, accountBook: "001", organization: "100", groups: { 记: "PRE001" }, voidField: "FInvalid" });
  return { standIn, config: configAt(standIn.port), port: standIn.port, configAt, write: "DynamicFormService.Save", tooMany: () => standIn.fail(tooMany), close: standIn.close, standing: ({ reference }: Delivery) => standIn.vouchers.filter(({ entries }) => entries[0]?.busNo === reference).length };
};
acceptTarget({ name: "kingdee-cloud", target: kingdeeCloudTarget, make: kingdee });

const u8 = async () => {
  const standIn = await yonyouU8StandIn({ accounts: known });
  const configAt = (port: number): YonyouU8Config => ({ url: `http://127.0.0.1:${port}`, ...standIn.login });
  return { standIn, config: configAt(standIn.port), port: standIn.port, configAt, write: "voucher_ex/add", tooMany: () => standIn.fail(tooMany), close: standIn.close, standing: ({ reference }: Delivery) => standIn.vouchers.filter((one) => one.reference === reference).length };
};
acceptTarget({ name: "yonyou-u8", target: yonyouU8Target, make: u8 });

const odoo = (protocol: "jsonrpc" | "json2", write = "line_ids") => async () => {
  const standIn = await odooStandIn({ accounts: known, journals: ["MISC"], partners: ["0007"] });
  const configAt = (port: number): OdooTargetConfig => ({ url: `http://127.0.0.1:${port}`, protocol, ...standIn.login, journals: { "*": "MISC" } });
  return { standIn, config: configAt(standIn.port), port: standIn.port, configAt, write, tooMany: () => standIn.fail(tooMany), close: standIn.close, standing: ({ reference }: Delivery) => standIn.moves.filter(({ ref, state }) => ref === reference && state === "posted").length };
};
acceptTarget({ name: "odoo, JSON-RPC", target: odooTarget, make: odoo("jsonrpc"), many: 60 });
acceptTarget({ name: "odoo, JSON-2", target: odooTarget, make: odoo("json2"), many: 60 });
// The second of the two calls may break as well as the first.
acceptTarget({ name: "odoo, JSON-RPC, posting", target: odooTarget, make: odoo("jsonrpc", "action_post"), many: 5 });
acceptTarget({ name: "odoo, JSON-2, posting", target: odooTarget, make: odoo("json2", "action_post"), many: 5 });

const sample = async (name: string): Promise<string> => readFile(new URL(`./samples/${name}`, import.meta.url), "utf8");
const asSample = (taxAccount: string): VoucherOut => {
  const voucher = voucherOf(sampleDelivery(27, { accounts: ["1122", "6001", taxAccount] }));
  return { ...voucher, lines: voucher.lines.map((line) => ({ ...line })) };
};

test("a Kingdee Save has the fields, order and form of the documented sample", async () => {
  const [form, data] = JSON.parse(await sample("kingdee-gl-voucher-save.json")) as [string, string];
  const { config, close } = await kingdee();
  const ours = JSON.parse(saveBody(config, asSample("2221.01.02"), "QH-V-20250331-000027")) as { Model: { FEntity: Record<string, unknown>[] } };
  const theirs = JSON.parse(data) as typeof ours;
  assert.equal(form, "GL_VOUCHER");
  for (const [index, entry] of theirs.Model.FEntity.entries()) {
    assert.deepEqual(Object.keys(ours.Model.FEntity[index] ?? {}), Object.keys(entry));
    for (const name of ["FEXPLANATION", "FDetailID"]) delete entry[name], delete ours.Model.FEntity[index]?.[name];
  }
  assert.deepEqual(ours, theirs);
  assert.deepEqual(Object.keys(ours.Model), Object.keys(theirs.Model));
  await close();
});

test("figures keep their digits on the way to Kingdee, also those that no float can hold", async () => {
  const { config, close } = await kingdee();
  const voucher = asSample("222101");
  const lines = voucher.lines.map((line, index) => ({ ...line, debit: index === 0 ? "99999999999999.99" : "0.00", credit: index === 0 ? "0.00" : index === 1 ? "99999999999999.98" : "0.01" }));
  const body = saveBody(config, { ...voucher, lines }, "R");
  assert.match(body, /"FDEBIT":99999999999999\.99/);
  await close();
});

test("a Kingdee session that is lost before or after a Save was done leads to one voucher", async () => {
  for (const wasDone of [false, true]) {
    const system = await kingdee();
    const session = await kingdeeCloudTarget.open(system.config, 1n, ctx);
    system.standIn.loseSession(wasDone);
    const delivery = sampleDelivery(1);
    const [outcome] = await session.deliver([delivery], 5000);
    assert.equal(outcome?.is, wasDone ? "duplicate" : "applied");
    assert.equal(system.standing(delivery), 1);
    assert.equal(system.standIn.logIns(), 2);
    await system.close();
  }
});

test("a Kingdee session that ended on time is renewed for sending and for searching", async () => {
  const system = await kingdee();
  const session = await kingdeeCloudTarget.open(system.config, 1n, ctx);
  system.standIn.endSessions();
  const delivery = sampleDelivery(1);
  assert.equal((await session.deliver([delivery], 5000))[0]?.is, "applied");
  system.standIn.endSessions();
  assert.equal((await session.probe([delivery]))[0]?.is, "found");
  await system.close();
});

test("Kingdee takes all three ways to log in, and a wrong one is an auth failure", async () => {
  const { standIn, config, close } = await kingdee();
  const { user, appId, appSecret } = standIn.login;
  for (const login of [{ is: "appSecret", user, appId, appSecret }, { is: "sign", user, appId, appSecret }] as const) assert.deepEqual(await kingdeeCloudTarget.check({ ...config, login }, ctx), []);
  const failures = await kingdeeCloudTarget.check({ ...config, login: { is: "appSecret", user, appId, appSecret: "wrong one" } }, ctx);
  assert.deepEqual(failures.map(({ failure, problem }) => [failure, problem.code]), [["auth", "target.login_refused"]]);
  assert.ok(!JSON.stringify(failures).includes("wrong one"));
  const elsewhere = await kingdeeCloudTarget.check({ ...config, url: "http://127.0.0.1:1/K3Cloud" }, ctx);
  assert.deepEqual(elsewhere.map(({ failure }) => failure), ["network"]);
  await close();
});

test("two vouchers under one reference in Kingdee are reported as several", async () => {
  const system = await kingdee();
  const session = await kingdeeCloudTarget.open(system.config, 1n, ctx);
  const delivery = sampleDelivery(1);
  await session.deliver([delivery], 5000);
  await session.deliver([delivery], 5000); // Save knows no repetition
  assert.equal(system.standing(delivery), 2);
  assert.equal((await session.probe([delivery]))[0]?.is, "several");
  await system.close();
});

test("an amount that was changed in Kingdee, a void and a deletion are seen at read-back", async () => {
  const system = await kingdee();
  const session = await kingdeeCloudTarget.open(system.config, 1n, ctx);
  const deliveries = [1, 2, 3, 4].map((no) => sampleDelivery(no));
  await session.deliver(deliveries, 5000);
  const [, changed, voided] = system.standIn.vouchers;
  if (changed) changed.entries = changed.entries.map((entry, index) => (index === 0 ? { ...entry, debit: "11300.01" } : entry));
  if (voided) voided.isVoid = true;
  system.standIn.vouchers.pop();
  const standing = new Map((await session.readBack?.(deliveries) ?? []).map((one) => [one.reference, one]));
  const kinds = deliveries.map((delivery) => {
    const theirs = standing.get(delivery.reference);
    return theirs === undefined ? "missing" : compareStanding(voucherOf(delivery), theirs)?.kind ?? "same";
  });
  assert.deepEqual(kinds, ["same", "changed", "voided", "missing"]);
  await system.close();
});

test("a Kingdee code or currency that the definition does not know is refused with its name, and nothing is sent", async () => {
  const system = await kingdee();
  const session = await kingdeeCloudTarget.open(system.config, 1n, ctx);
  const delivery = sampleDelivery(1) as Delivery & { readonly purpose: "voucher" };
  const [series, dimension] = await session.deliver([{ ...delivery, voucher: { ...delivery.voucher, series: "转" } }, { ...delivery, voucher: { ...delivery.voucher, lines: delivery.voucher.lines.map((line) => ({ ...line, dimensions: { 区域: "01" } })) } }], 5000);
  assert.deepEqual(series?.is === "rejected" && series.problem.facts, { kind: "groups", code: "转", system: "金蝶云星空" });
  assert.deepEqual(dimension?.is === "rejected" && dimension.problem.facts.code, "区域");
  assert.equal(system.standIn.vouchers.length, 0);
  await system.close();
});

test("a U8 voucher has the fields, order and form of the documented sample", async () => {
  const theirs = JSON.parse(await sample("u8-openapi-voucher-ex-add.json")) as { voucher_ex: { entry: object[] } };
  const system = await u8();
  const ours = JSON.parse(addBody(system.config, asSample("22210102"), "QH-V-20250331-000027")) as typeof theirs;
  assert.deepEqual(ours, theirs);
  assert.equal(JSON.stringify(ours), JSON.stringify(theirs));
  await system.close();
});

test("U8: a token that ended on the way leads to one voucher; CDM vouchers cannot be edited, and a void is seen at read-back", async () => {
  const system = await u8();
  const session = await yonyouU8Target.open(system.config, 1n, ctx);
  const delivery = sampleDelivery(1);
  system.standIn.endTokens();
  assert.equal((await session.deliver([delivery], 5000))[0]?.is, "applied");
  assert.equal(system.standing(delivery), 1);
  assert.match(system.standIn.editAtScreen(delivery.reference), /只能作废/);
  const tokenUrl = new URL(`${system.config.url}/system/token`);
  for (const [name, value] of [["from_account", system.config.fromAccount], ["app_key", system.config.appKey], ["app_secret", system.config.appSecret]] as const) tokenUrl.searchParams.set(name, value);
  const { token } = (await (await fetch(tokenUrl)).json()) as { token: { id: string } };
  const cancel = new URL(`${system.config.url}/api/voucher/cancel`);
  for (const [name, value] of [["from_account", system.config.fromAccount], ["to_account", system.config.toAccount], ["app_key", system.config.appKey], ["token", token.id], ["id", delivery.reference]] as const) cancel.searchParams.set(name, value);
  assert.equal(((await (await fetch(cancel)).json()) as { errcode: string }).errcode, "0");
  const [standing] = (await session.readBack?.([delivery])) ?? [];
  assert.equal(standing?.isVoid, true);
  await system.close();
});

test("U8 refuses an external number without CDM, and both of tradeid and biz_id", async () => {
  const { standIn, config, close } = await u8();
  const tokenUrl = `${config.url}/system/token?from_account=${config.fromAccount}&app_key=${config.appKey}&app_secret=${encodeURIComponent(config.appSecret)}`;
  const { token } = (await (await fetch(tokenUrl)).json()) as { token: { id: string } };
  const query = `from_account=${config.fromAccount}&to_account=${config.toAccount}&app_key=${config.appKey}&token=${token.id}`;
  const body = addBody(config, asSample("22210102"), "R-1");
  const add = async (more: string, text: string): Promise<string> => ((await (await fetch(`${config.url}/api/voucher_ex/add?${query}${more}`, { method: "POST", body: text })).json()) as { errcode: string }).errcode;
  assert.equal(await add("&biz_id=R-1", body.replace('"CDM"', '"GL"')), "30002");
  assert.equal(await add("&biz_id=R-1&tradeid=1", body), "20010");
  assert.equal(standIn.vouchers.length, 0);
  await close();
});

test("U8: a summary or code that is too long is refused with its place, never cut", async () => {
  const system = await u8();
  const session = await yonyouU8Target.open(system.config, 1n, ctx);
  const delivery = sampleDelivery(1, { accounts: ["1122", "6001", "2221010200000000"] });
  const [outcome] = await session.deliver([delivery], 5000);
  assert.deepEqual(outcome?.is === "rejected" && [outcome.problem.code, outcome.problem.where, outcome.problem.facts.max], ["target.too_long", "lines[2]", 15]);
  await system.close();
});

for (const protocol of ["jsonrpc", "json2"] as const) {
  test(`Odoo, ${protocol}: a draft that was left behind is posted by the search, not made again`, async () => {
    const system = await odoo(protocol)();
    const session = await odooTarget.open({ ...system.config, post: false }, 1n, ctx);
    const delivery = sampleDelivery(1);
    await session.deliver([delivery], 5000); // only the first of the two calls
    assert.equal(system.standIn.moves[0]?.state, "draft");
    const [probe] = await (await odooTarget.open(system.config, 2n, ctx)).probe([delivery]);
    assert.equal(probe?.is === "found" && probe.acknowledgement.targetState, "posted");
    assert.equal(system.standIn.moves.length, 1);
    await system.close();
  });

  test(`Odoo, ${protocol}: an entry that cannot be posted leaves no draft`, async () => {
    const system = await odoo(protocol)();
    system.standIn.lockedUpTo = "2025-03-31";
    const session = await odooTarget.open(system.config, 1n, ctx);
    const [outcome] = await session.deliver([sampleDelivery(1)], 5000);
    assert.equal(outcome?.is, "rejected");
    assert.match(String(outcome?.is === "rejected" && outcome.problem.facts.message), /prior to and inclusive of/);
    assert.deepEqual(system.standIn.moves, []);
    await system.close();
  });
}

test("Odoo: a wrong key is an auth failure, and does not appear in it", async () => {
  for (const protocol of ["jsonrpc", "json2"] as const) {
    const system = await odoo(protocol)();
    const failures = await odooTarget.check({ ...system.config, apiKey: "wrong key" }, ctx);
    assert.deepEqual(failures.map(({ failure, problem }) => [failure, problem.code]), [["auth", "target.login_refused"]]);
    assert.ok(!JSON.stringify(failures).includes("wrong key"));
    await system.close();
  }
});

test("an Odoo create has the fields and form of the documented sample", async () => {
  const theirs = (JSON.parse(await sample("odoo-json2.json")) as { request: { body: { vals_list: { ref: string; line_ids: [number, number, Record<string, unknown>][] }[] } } }).request.body;
  const bodies: string[] = [];
  const answers: Readonly<Record<string, object[]>> = { "account.account": [{ id: 11, code: "1122" }, { id: 52, code: "6001" }, { id: 61, code: "222101" }], "account.journal": [{ id: 3, code: "MISC" }], "res.partner": [{ id: 7, ref: "0007" }] };
  const standIn = await openStandIn(({ path, body }) => {
    const [, , , model = "", method = ""] = path.split("/");
    if (method === "create") bodies.push(body);
    return { json: method === "create" ? [431] : method === "action_post" ? false : answers[model] ?? [] };
  }, () => false);
  const session = await odooTarget.open({ url: standIn.url, protocol: "json2", database: "qinghe", apiKey: "key", journals: { 记: "MISC" } }, 1n, ctx);
  await session.deliver([{ ...sampleDelivery(27), reference: "QH-V-20250331-000027" }], 5000);
  const ours = JSON.parse(bodies[0] ?? "{}") as typeof theirs;
  for (const { line_ids } of [...ours.vals_list, ...theirs.vals_list]) for (const [, , line] of line_ids) delete line.name;
  assert.deepEqual(ours, theirs);
  assert.match(bodies[0] ?? "", /"debit":11300\.00/);
  await standIn.close();
});

test("the stand-ins fail when they are told to: before, after, and late", async () => {
  for (const [failing, kept] of [[{ is: "cutBefore" }, 0], [{ is: "cutAfter" }, 1], [{ is: "lateAfter", ms: 400 }, 1]] as const) {
    const system = await kingdee();
    const session = await kingdeeCloudTarget.open(system.config, 1n, ctx);
    system.standIn.fail(failing);
    const [outcome] = await session.deliver([sampleDelivery(1)], 200);
    assert.deepEqual([outcome?.is, system.standIn.vouchers.length], ["unknown", kept]);
    await system.close();
  }
});

test("every target here has a name of its own, and its definition passes the check of flows", async () => {
  const targets = new Map(moreTargets.map((target) => [target.name, target]));
  assert.equal(targets.size, moreTargets.length);
  const systems = [[kingdeeCloudTarget, await kingdee()], [yonyouU8Target, await u8()], [odooTarget, await odoo("json2")()]] as const;
  for (const [{ name }, { config, close }] of systems) {
    assert.deepEqual(checkDefinition({ flow: "f", book: "B1", deliver: "vouchers", to: { connector: name, ...config } }, targets), []);
    assert.notDeepEqual(checkDefinition({ flow: "f", book: "B1", deliver: "vouchers", to: { connector: name, ...config, surplus: 1 } }, targets), []);
    await close();
  }
  for (const template of ["yonbip", "tplus"]) {
    const to = JSON.parse(await readFile(new URL(`./templates/${template}.json`, import.meta.url), "utf8")) as { connector: string };
    assert.deepEqual(checkDefinition({ flow: "f", book: "B1", deliver: "vouchers", to }, targets), []);
  }
});
