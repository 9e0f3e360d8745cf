import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { at, type Json, parseExact, textAt } from "../../connectors/index.ts";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptTarget, sampleDelivery } from "../acceptance.ts";
import type { Delivery, Target } from "../target.ts";
import { Unfit } from "./outcome.ts";
import { type RestConfig, restIdempotentTarget, restSearchableTarget, restTarget } from "./rest.ts";
import { soapBodyOf, type SoapConfig, soapIdempotentTarget, soapSearchableTarget, soapTarget } from "./soap.ts";
import { type Answered, type Asked, openStandIn } from "./stand-ins/stand-in.ts";
import { compileJson, compileText, scopeOf } from "./template.ts";

const ctx = { now: systemClock, log: silentLog, flow: "test" };
const tooMany = { is: "answer", status: 429, headers: { "retry-after": "7" }, json: {} } as const;
const known = ["1122", "6001", "222101"];

// A small ledger over REST: HTTP 200 with its own flag, an optional key, a search that finds by part of a word. ------------------

const body: Json = {
  externalNo: "{delivery.reference}", date: "{voucher.date}", type: "{voucher.series}", number: "{=voucher.no}",
  entries: { $each: "voucher.lines", do: { account: "{line.account}", text: "{line.summary}", debit: "{=line.debit?}", credit: "{=line.credit?}", customer: "{line.dimensions.customer?}" } },
};
const reply = { success: { path: "code", equals: ["200", 0] }, duplicate: { path: "code", equals: ["DUPLICATE"] }, message: "message", id: "data.voucherId", number: "data.billCode" };
const found = { success: { path: "code", equals: ["200"] }, rows: "data", key: "externalNo", id: "voucherId", number: "billCode" };

type Kept = { readonly externalNo: string; readonly key: string; readonly body: string };
async function ledger(deduplicates: boolean) {
  const kept: Kept[] = [];
  const refusals: Json[] = [];
  let tokens = 0;
  function answer({ method, path, query, headers, body }: Asked): Answered {
    if (path === "/token") {
      tokens += 1;
      return { json: { access_token: `t${tokens}`, expires_in: 3600 } };
    }
    if (headers.authorization !== undefined && headers.authorization !== `Bearer t${tokens}`) return { status: 401, json: {} };
    if (method === "GET") return { json: { code: "200", data: kept.filter(({ externalNo }) => externalNo.startsWith((query.get("no") ?? "").slice(0, 8))).map(({ externalNo }, index) => ({ externalNo, voucherId: `v${index}`, billCode: `${index + 1}` })) } };
    const voucher = parseExact(body);
    const entries = (at(voucher, "entries") ?? []) as readonly Json[];
    const unknown = entries.find((entry) => !known.includes(textAt(entry, "account") ?? ""));
    if (unknown !== undefined) return { json: { code: "404", message: `科目 ${textAt(unknown, "account") ?? ""} 不存在` } };
    const [key, externalNo] = [String(headers["idempotency-key"] ?? ""), textAt(voucher, "externalNo") ?? ""];
    if (deduplicates && kept.some((one) => one.key === key)) return { status: 200, json: { code: "DUPLICATE", message: `${externalNo} exists` } };
    kept.push({ externalNo, key, body });
    return { json: { code: "200", message: null, data: { voucherId: `v${kept.length}`, billCode: String(kept.length) } } };
  }
  const standIn = await openStandIn(answer, ({ method, path }) => method === "POST" && path !== "/token");
  return { ...standIn, kept, refusals, tokens: () => tokens, endToken: () => void (tokens += 1) };
}

const restSystem = (deduplicates: boolean, more: object) => async () => {
  const standIn = await ledger(deduplicates);
  const configAt = (port: number): RestConfig => ({ url: `http://127.0.0.1:${port}/api`, path: "vouchers/{voucher.period}", body, reply, ping: "vouchers", ...more });
  return { standIn, config: configAt(standIn.port), port: standIn.port, configAt, write: "externalNo", tooMany: () => standIn.fail(tooMany), close: standIn.close, standing: ({ reference }: Delivery) => standIn.kept.filter(({ externalNo }) => externalNo === reference).length };
};
acceptTarget({ name: "rest", target: restTarget, lacks: ["readBack"], make: restSystem(false, {}) });
acceptTarget({ name: "rest-idempotent", target: restIdempotentTarget, lacks: ["readBack"], make: restSystem(true, { keyHeader: "Idempotency-Key" }) });
acceptTarget({ name: "rest-searchable", target: restSearchableTarget, lacks: ["readBack"], make: restSystem(false, { search: "vouchers?no={delivery.reference}", found }) });

const only = async (target: Target<RestConfig>, more: object, answered: Answered) => {
  const system = await restSystem(false, more)();
  system.standIn.fail({ is: "answer", ...answered });
  const session = await target.open(system.config, 1n, ctx);
  const [outcome] = await session.deliver([sampleDelivery(1)], 5000);
  await system.close();
  return outcome !== undefined && "problem" in outcome ? [outcome.is, outcome.problem.code] : [outcome?.is];
};

test("REST: each answer is told as what it proves", async () => {
  const { reference } = sampleDelivery(1);
  for (const [answered, wanted] of [
    [{ json: { code: "404", message: "no" } }, ["rejected", "target.refused"]],
    [{ json: { code: 0 } }, ["applied"]],
    [{ json: { code: "DUPLICATE", message: `${reference} exists` } }, ["duplicate"]],
    [{ json: { code: "DUPLICATE", message: "another exists" } }, ["rejected", "target.refused"]],
    [{ status: 409, json: { code: "DUPLICATE", message: `${reference} exists` } }, ["duplicate"]],
    [{ status: 422, json: { message: "no" } }, ["rejected", "target.refused"]],
    [{ status: 401, json: {} }, ["notSent", "target.login_refused"]],
    [{ status: 403, json: {} }, ["notSent", "target.forbidden"]],
    [{ status: 404, text: "" }, ["notSent", "target.not_found"]],
    [{ status: 302, headers: { location: "/login" }, text: "" }, ["notSent", "target.not_found"]],
    [{ status: 429, json: {} }, ["notSent", "target.rate_limited"]],
    [{ status: 408, json: {} }, ["unknown", "target.server_error"]],
    [{ status: 500, json: {} }, ["unknown", "target.server_error"]],
    [{ status: 503, json: {} }, ["unknown", "target.server_error"]],
    [{ text: "<html>please log in</html>" }, ["unknown", "target.reply"]],
    [{ json: { other: 1 } }, ["unknown", "target.reply"]],
  ] as const) assert.deepEqual(await only(restTarget, {}, answered), wanted, JSON.stringify(answered));
});

test("REST: a name that does not resolve, a closed port and one that no browser would open were not sent", async () => {
  const gone = await openStandIn(() => ({}), () => false);
  await gone.close();
  for (const url of ["http://no-such-host.invalid/api", "http://127.0.0.1:1/api", gone.url]) {
    const session = await restTarget.open({ url, body, reply }, 1n, ctx);
    const outcomes = await session.deliver([sampleDelivery(1), sampleDelivery(2)], 5000);
    assert.deepEqual(outcomes.map((outcome) => "problem" in outcome && `${outcome.is} ${outcome.problem.code}`), ["notSent target.unreachable", "notSent target.unreachable"]);
    assert.deepEqual((await restTarget.check({ url, body, reply, ping: "x" }, ctx)).map(({ failure }) => failure), ["network"]);
  }
});

test("REST: amounts are written digit for digit, empty sides and missing dimensions are left out", async () => {
  const system = await restSystem(false, {})();
  const session = await restTarget.open(system.config, 1n, ctx);
  await session.deliver([sampleDelivery(5)], 5000);
  const { reference } = sampleDelivery(5);
  assert.equal(system.standIn.kept[0]?.body, `{"externalNo":"${reference}","date":"2025-03-31","type":"记","number":5,"entries":[{"account":"1122","text":"销售商品","debit":11300.00,"customer":"0007"},{"account":"6001","text":"销售商品","credit":10000.00},{"account":"222101","text":"销项税额","credit":1300.00}]}`);
  await system.close();
});

test("REST: an OAuth2 token is fetched once; one that ended is fetched anew for the next try; a secret is in no problem", async () => {
  const system = await restSystem(false, {})();
  const config: RestConfig = { ...system.config, auth: { is: "oauth2", tokenUrl: `${system.standIn.url}/token`, clientId: "id", clientSecret: "very secret" } };
  const session = await restTarget.open(config, 1n, ctx);
  assert.deepEqual((await session.deliver([sampleDelivery(1), sampleDelivery(2)], 5000)).map(({ is }) => is), ["applied", "applied"]);
  assert.equal(system.standIn.tokens(), 1);
  system.standIn.endToken();
  const [refused] = await session.deliver([sampleDelivery(3)], 5000);
  assert.equal(refused?.is === "notSent" && refused.problem.code, "target.login_refused");
  assert.ok(!JSON.stringify(refused).includes("very secret"));
  assert.equal((await session.deliver([sampleDelivery(3)], 5000))[0]?.is, "applied");
  const failing = await restTarget.open({ ...config, auth: { is: "oauth2", tokenUrl: "http://127.0.0.1:1/token", clientId: "id2", clientSecret: "very secret" } }, 1n, ctx);
  const [unsent] = await failing.deliver([sampleDelivery(4)], 5000);
  assert.equal(unsent?.is, "notSent", "a token that cannot be had means that nothing was sent");
  await system.close();
});

test("REST: a search whose answer cannot be read throws instead of finding nothing", async () => {
  const system = await restSystem(false, { search: "vouchers?no={delivery.reference}", found: { ...found, rows: "elsewhere" } })();
  const session = await restSearchableTarget.open(system.config, 1n, ctx);
  await assert.rejects(session.probe([sampleDelivery(1)]), { name: "FlowFault" });
  await system.close();
});

test("templates say where they are wrong, and what they miss", () => {
  const scope = scopeOf(sampleDelivery(1));
  assert.equal(compileText("{{{voucher.number}}}")(scope), "{记-1}");
  assert.equal(compileText("{each voucher.lines}<a>{line.account}{line.dimensions.customer?}</a>{end}")(scope), "<a>11220007</a><a>6001</a><a>222101</a>");
  assert.throws(() => compileText("{voucher.nothing}")(scope), (error: unknown) => error instanceof Unfit && error.problem.code === "target.template_gap" && error.problem.facts.path === "voucher.nothing");
  for (const wrong of ["{", "{a", "{end}", "{each voucher.lines}x", "{a b=c}"]) assert.throws(() => compileText(wrong), (error: unknown) => error instanceof Unfit && error.problem.code === "target.template", wrong);
  assert.throws(() => compileJson("a {=voucher.no}"), Unfit);
  assert.throws(() => compileJson("{=voucher.number}")(scope), Unfit);
  assert.deepEqual(compileJson({ a: "{voucher.x?}", b: [{ c: "{voucher.x?}" }, 1], d: "{voucher.isRed}" })(scope), { b: [1], d: false });
});

for (const [name, template, tax] of [
  ["yonbip-addvoucher.json", "yonbip", "22210102"], ["tplus-doc-create.json", "tplus", ""],
] as const) {
  test(`the shipped template for ${template} fills the fields of the documented sample`, async () => {
    const { body } = JSON.parse(await readFile(new URL(`./templates/${template}.json`, import.meta.url), "utf8")) as { body: Json };
    const theirs = JSON.parse(await readFile(new URL(`./samples/${name}`, import.meta.url), "utf8")) as Json;
    const delivery = sampleDelivery(27, { accounts: ["1122", "6001", tax === "" ? "222101" : tax] });
    const ours = parseExact(JSON.stringify(compileJson(body)(scopeOf(delivery))));
    const missing = pathsOf(ours).filter((path) => !pathsOf(theirs).includes(path));
    assert.deepEqual(missing, [], "fields that the documentation does not have");
  });
}

/** Every path in a value, list items as one. */
function pathsOf(value: Json, under = ""): string[] {
  if (Array.isArray(value)) return [...new Set((value as readonly Json[]).flatMap((one) => pathsOf(one, `${under}[]`)))];
  if (value === null || typeof value !== "object") return [under];
  return Object.entries(value as { readonly [name: string]: Json }).flatMap(([name, one]) => pathsOf(one, `${under}.${name}`));
}

// The same ledger over SOAP. ---------------------------------------------------------------------------------------------------------

const wsdl = (port: number): string => `<?xml version="1.0"?>
<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:ledger" targetNamespace="urn:ledger" name="Ledger">
<types><xsd:schema targetNamespace="urn:ledger" elementFormDefault="qualified">
 <xsd:complexType name="Entry"><xsd:sequence><xsd:element name="account" type="xsd:string"/><xsd:element name="text" type="xsd:string"/><xsd:element name="debit" type="xsd:decimal" minOccurs="0"/><xsd:element name="credit" type="xsd:decimal" minOccurs="0"/></xsd:sequence></xsd:complexType>
 <xsd:element name="AddVoucher"><xsd:complexType><xsd:sequence><xsd:element name="externalNo" type="xsd:string"/><xsd:element name="key" type="xsd:string"/><xsd:element name="date" type="xsd:date"/><xsd:element name="entry" type="t:Entry" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
 <xsd:element name="AddVoucherResponse"><xsd:complexType><xsd:sequence><xsd:element name="code" type="xsd:string"/><xsd:element name="message" type="xsd:string"/><xsd:element name="id" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
 <xsd:element name="FindVoucher"><xsd:complexType><xsd:sequence><xsd:element name="externalNo" type="xsd:string"/></xsd:sequence></xsd:complexType></xsd:element>
 <xsd:element name="FindVoucherResponse"><xsd:complexType><xsd:sequence><xsd:element name="row" type="xsd:string" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema></types>
<message name="AddIn"><part name="parameters" element="t:AddVoucher"/></message><message name="AddOut"><part name="parameters" element="t:AddVoucherResponse"/></message>
<message name="FindIn"><part name="parameters" element="t:FindVoucher"/></message><message name="FindOut"><part name="parameters" element="t:FindVoucherResponse"/></message>
<portType name="LedgerPort"><operation name="AddVoucher"><input message="t:AddIn"/><output message="t:AddOut"/></operation><operation name="FindVoucher"><input message="t:FindIn"/><output message="t:FindOut"/></operation></portType>
<binding name="LedgerBinding" type="t:LedgerPort"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
 <operation name="AddVoucher"><soap:operation soapAction="urn:ledger#Add"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>
 <operation name="FindVoucher"><soap:operation soapAction="urn:ledger#Find"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="Ledger"><port name="LedgerPort" binding="t:LedgerBinding"><soap:address location="http://127.0.0.1:${port}/soap"/></port></service>
</definitions>`;

const envelope = (inner: string): string => `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${inner}</soapenv:Body></soapenv:Envelope>`;
const fault = (code: string, message: string): Answered => ({ status: 500, text: envelope(`<soapenv:Fault><faultcode>soapenv:${code}</faultcode><faultstring>${message}</faultstring></soapenv:Fault>`) });
/** Elements out of the order of the schema are refused, as strict services do. */
const inOrder = /^<[\w:]*AddVoucher[^>]*><[\w:]*externalNo>[^<]*<\/[\w:]*externalNo><[\w:]*key>[^<]*<\/[\w:]*key><[\w:]*date>[^<]*<\/[\w:]*date>(?:<[\w:]*entry><[\w:]*account>[^<]*<\/[\w:]*account><[\w:]*text>[^<]*<\/[\w:]*text>(?:<[\w:]*debit>[^<]*<\/[\w:]*debit>)?(?:<[\w:]*credit>[^<]*<\/[\w:]*credit>)?<\/[\w:]*entry>)+<\/[\w:]*AddVoucher>$/;

async function soapLedger(deduplicates: boolean) {
  const kept: { readonly externalNo: string; readonly key: string; readonly xml: string }[] = [];
  function answer({ method, path, headers, body }: Asked): Answered {
    if (method === "GET") return path === "/ledger.wsdl" ? { text: wsdl(Number(headers.host?.split(":")[1])) } : { status: 404, text: "" };
    const request = soapBodyOf({ status: 200, headers: new Headers(), text: body });
    if (headers.soapaction?.includes("Find")) return { text: envelope(`<FindVoucherResponse xmlns="urn:ledger"><code>0</code>${kept.filter(({ externalNo }) => externalNo === textAt(request, "FindVoucher.externalNo")).map(({ externalNo }) => `<row><no>${externalNo}</no><id>9</id></row>`).join("")}</FindVoucherResponse>`) };
    const inner = /<(?:\w+:)?Body>([\s\S]*)<\/(?:\w+:)?Body>/.exec(body)?.[1]?.replace(/>\s+</g, "><").trim() ?? "";
    if (!inOrder.test(inner)) return fault("Client", `unexpected element in ${inner.slice(0, 200).replace(/[<>&]/g, "|")}`);
    const entries = at(request, "AddVoucher.entry") as readonly Json[];
    const unknown = entries.find((entry) => !known.includes(textAt(entry, "account") ?? ""));
    if (unknown !== undefined) return fault("Client", `account ${textAt(unknown, "account") ?? ""} is unknown`);
    const [externalNo, key] = [textAt(request, "AddVoucher.externalNo") ?? "", textAt(request, "AddVoucher.key") ?? ""];
    if (deduplicates && kept.some((one) => one.key === key)) return fault("Client", `duplicate of ${externalNo}`);
    kept.push({ externalNo, key, xml: inner });
    return { text: envelope(`<AddVoucherResponse xmlns="urn:ledger"><code>0</code><message/><id>${kept.length}</id></AddVoucherResponse>`) };
  }
  const standIn = await openStandIn(answer, ({ headers }) => headers.soapaction?.includes("Add") === true);
  return { ...standIn, kept };
}

// Deliberately out of order: the WSDL puts it right.
const message: Json = { entry: { $each: "voucher.lines", do: { credit: "{line.credit?}", debit: "{line.debit?}", text: "{line.summary}", account: "{line.account}" } }, date: "{voucher.date}", key: "{delivery.id}", externalNo: "{delivery.reference}" };
const soapReply = { success: { path: "AddVoucherResponse.code", equals: ["0"] }, id: "AddVoucherResponse.id" };
const soapSystem = (deduplicates: boolean, more: object = {}) => async () => {
  const standIn = await soapLedger(deduplicates);
  const configAt = (port: number): SoapConfig => ({ wsdl: `http://127.0.0.1:${port}/ledger.wsdl`, url: `http://127.0.0.1:${port}/soap`, write: { operation: "AddVoucher", message }, reply: soapReply, ...more });
  return { standIn, config: configAt(standIn.port), port: standIn.port, configAt, write: "AddVoucher", tooMany: () => standIn.fail(tooMany), close: standIn.close, standing: ({ reference }: Delivery) => standIn.kept.filter(({ externalNo }) => externalNo === reference).length };
};
acceptTarget({ name: "soap", target: soapTarget, lacks: ["readBack"], make: soapSystem(false), many: 50 });
acceptTarget({ name: "soap-idempotent", target: soapIdempotentTarget, lacks: ["readBack"], make: soapSystem(true), many: 50 });
acceptTarget({ name: "soap-searchable", target: soapSearchableTarget, lacks: ["readBack"], many: 50, make: soapSystem(false, { search: { operation: "FindVoucher", message: { externalNo: "{delivery.reference}" } }, found: { success: { path: "FindVoucherResponse.code", equals: ["0"] }, rows: "FindVoucherResponse.row", key: "no", id: "id" } }) });

test("SOAP: a Client fault was not done, a Server fault may have been, and what is no SOAP is not understood", async () => {
  for (const [answered, wanted] of [
    [fault("Client", "wrong"), ["rejected", "target.refused"]], [fault("Client.Validation", "wrong"), ["rejected", "target.refused"]], [fault("Server", "broken"), ["unknown", "target.server_error"]],
    [{ status: 500, text: envelope("<soapenv:Fault><soapenv:Code><soapenv:Value>soapenv:Sender</soapenv:Value></soapenv:Code><soapenv:Reason><soapenv:Text>wrong</soapenv:Text></soapenv:Reason></soapenv:Fault>") }, ["rejected", "target.refused"]],
    [{ text: "<html/>" }, ["unknown", "target.reply"]], [{ text: `<!DOCTYPE a [<!ENTITY b "c">]>${envelope("<AddVoucherResponse><code>0</code></AddVoucherResponse>")}` }, ["unknown", "target.reply"]],
    [{ text: envelope("<AddVoucherResponse><code>7</code><message>no</message></AddVoucherResponse>") }, ["rejected", "target.refused"]],
  ] as const) {
    const system = await soapSystem(false)();
    system.standIn.fail({ is: "answer", ...answered });
    const [outcome] = await (await soapTarget.open(system.config, 1n, ctx)).deliver([sampleDelivery(1)], 5000);
    assert.deepEqual(outcome && "problem" in outcome ? [outcome.is, outcome.problem.code] : outcome, wanted);
    await system.close();
  }
});

test("SOAP: decimals keep their digits, and an envelope of the flow's own is the way out", async () => {
  const xml = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><AddVoucher xmlns="urn:ledger"><externalNo>{delivery.reference}</externalNo><key>k</key><date>{voucher.date}</date>{each voucher.lines}<entry><account>{line.account}</account><text>{line.summary}</text><debit>{line.debit}</debit><credit>{line.credit}</credit></entry>{end}</AddVoucher></s:Body></s:Envelope>';
  for (const write of [{ operation: "AddVoucher", message }, { xml, soapAction: "urn:ledger#Add" }]) {
    const system = await soapSystem(false)();
    const delivery = sampleDelivery(1) as Delivery & { readonly purpose: "voucher" };
    const lines = delivery.voucher.lines.map((line) => ({ ...line, summary: "A & B <c>", ...(line.debit === "0.00" ? {} : { debit: "12345678901234567.89" }) }));
    const [outcome] = await (await soapTarget.open({ ...system.config, write }, 1n, ctx)).deliver([{ ...delivery, voucher: { ...delivery.voucher, lines } }], 5000);
    assert.equal(outcome?.is, "applied", JSON.stringify(outcome));
    assert.match(system.standIn.kept[0]?.xml ?? "", /debit>12345678901234567\.89</);
    assert.match(system.standIn.kept[0]?.xml ?? "", /text>A &amp; B &lt;c(?:&gt;|>)</);
    await system.close();
  }
});

test("SOAP: a WSDL that cannot be read and an operation that it does not have are wrong definitions", async () => {
  const system = await soapSystem(false)();
  for (const wrong of [{ wsdl: `${system.standIn.url}/nothing.wsdl` }, { write: { operation: "Nothing" } }]) assert.deepEqual((await soapTarget.check({ ...system.config, ...wrong } as SoapConfig, ctx)).map(({ failure }) => failure), ["config"]);
  await system.close();
});
