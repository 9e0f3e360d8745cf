import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { Value } from "typebox/value";
import { fixedClock, silentLog, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Read, type Sample } from "../acceptance.ts";
import { FlowFault, type Inbound, type Received, type States } from "../connector.ts";
import { openSoap } from "./client.ts";
import { soapEndpoint, type SoapEndpointConfig } from "./endpoint.ts";
import { soap, type SoapConfig } from "./soap.ts";
import { xmlDanger, xmlText } from "./xml.ts";

const ctx = { now: systemClock, log: silentLog };
const read = (config: SoapConfig, states: States = new Map()): Promise<Read> => readSource(soap, config, states, { ctx, quietMs: 100, acks: true });

const wsdl = (address: string): string => `<?xml version="1.0"?><wsdl:definitions xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:tns="urn:erp" targetNamespace="urn:erp">
<wsdl:types><xsd:schema targetNamespace="urn:erp" elementFormDefault="qualified">
<xsd:simpleType name="Money"><xsd:restriction base="xsd:decimal"><xsd:fractionDigits value="2"/></xsd:restriction></xsd:simpleType>
<xsd:complexType name="Line"><xsd:sequence><xsd:element name="sku" type="xsd:string"/><xsd:element name="quantity" type="xsd:decimal"/></xsd:sequence></xsd:complexType>
<xsd:complexType name="Order"><xsd:sequence><xsd:element name="id" type="xsd:long"/><xsd:element name="name" type="xsd:string"/><xsd:element name="amount" type="tns:Money"/><xsd:element name="changed" type="xsd:dateTime"/><xsd:element name="ratio" type="xsd:double" minOccurs="0"/><xsd:element name="note" type="xsd:string" minOccurs="0" nillable="true"/><xsd:element name="done" type="xsd:boolean" minOccurs="0"/><xsd:element name="line" type="tns:Line" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType>
<xsd:element name="GetOrders"><xsd:complexType><xsd:sequence><xsd:element name="since" type="xsd:dateTime" minOccurs="0"/><xsd:element name="filter" minOccurs="0"><xsd:complexType><xsd:sequence><xsd:element name="company" type="xsd:string"/><xsd:element name="least" type="xsd:decimal"/></xsd:sequence></xsd:complexType></xsd:element><xsd:element name="page" type="xsd:int" minOccurs="0"/></xsd:sequence></xsd:complexType></xsd:element>
<xsd:element name="GetOrdersResponse"><xsd:complexType><xsd:sequence><xsd:element name="orders" minOccurs="0"><xsd:complexType><xsd:sequence><xsd:element name="order" type="tns:Order" minOccurs="0" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element></xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema></wsdl:types>
<wsdl:message name="In"><wsdl:part name="parameters" element="tns:GetOrders"/></wsdl:message><wsdl:message name="Out"><wsdl:part name="parameters" element="tns:GetOrdersResponse"/></wsdl:message>
<wsdl:portType name="P"><wsdl:operation name="GetOrders"><wsdl:input message="tns:In"/><wsdl:output message="tns:Out"/></wsdl:operation></wsdl:portType>
<wsdl:binding name="B" type="tns:P"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/><wsdl:operation name="GetOrders"><soap:operation soapAction="urn:erp/GetOrders"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output></wsdl:operation></wsdl:binding>
<wsdl:service name="S"><wsdl:port name="Port" binding="tns:B"><soap:address location="${address}"/></wsdl:port></wsdl:service></wsdl:definitions>`;

const envelope = (body: string): string => `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>${body}</s:Body></s:Envelope>`;
const answerOf = (orders: string): string => envelope(`<GetOrdersResponse xmlns="urn:erp"><orders>${orders}</orders></GetOrdersResponse>`);
const fault = (code: string, text: string): string => envelope(`<s:Fault><faultcode>s:${code}</faultcode><faultstring>${text}</faultstring></s:Fault>`);

type Answer = { readonly status?: number; readonly body: string };

async function serve(answer: (request: { readonly body: string; readonly headers: IncomingHttpHeaders; readonly path: string }) => Answer): Promise<{ url: string; requests: string[]; close: () => Promise<void> }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => {
      const url = `http://${request.headers.host}/erp`;
      const reply = request.method === "GET" && request.url === "/erp?wsdl" ? { body: wsdl(url) } : answer({ body, headers: request.headers, path: request.url ?? "" });
      if (request.method === "POST") requests.push(body);
      response.writeHead(reply.status ?? 200, { "content-type": "text/xml; charset=utf-8" });
      response.end(reply.body);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests,
    close: () => new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}
const stream = { operation: "GetOrders", request: { page: "{page}", since: "{since}" }, records: "orders.order", key: ["id"] };

acceptSource({
  source: soap,
  make: async () => {
    let rows: (Sample & { readonly changed: string })[] = [];
    let tick = 0;
    const server = await serve(({ body, headers, path }) => {
      if (path !== "/erp") return { status: 404, body: "no" };
      if (headers.authorization !== `Basic ${Buffer.from("u:right").toString("base64")}`) return { status: 401, body: "who?" };
      const page = Number(/page>(\d+)</.exec(body)?.[1]);
      const since = /since>([^<]+)</.exec(body)?.[1] ?? "";
      const found = rows.filter(({ changed }) => changed >= since).sort((a, b) => (a.changed < b.changed ? -1 : 1)).slice((page - 1) * 10, page * 10);
      return { body: answerOf(found.map(({ id, name, amount, changed }) => `<order><id>${id}</id><name>${xmlText(name)}</name><amount>${amount}</amount><changed>${changed}</changed></order>`).join("")) };
    });
    const config: SoapConfig = { wsdl: `${server.url}/erp?wsdl`, auth: { is: "basic", user: "u", password: "right" }, streams: { orders: { ...stream, cursor: { field: "changed", format: "moment", overlap: 2 }, paging: { is: "page", size: 10 } } } };
    const put = (samples: readonly Sample[]): Promise<void> => {
      for (const sample of samples) rows = [...rows.filter(({ id }) => id !== sample.id), { ...sample, changed: `2026-03-01T00:00:${String(tick++).padStart(2, "0")}Z` }];
      return Promise.resolve();
    };
    return {
      config, stream: "orders", insert: put, update: put, close: server.close,
      broken: {
        auth: { ...config, auth: { is: "basic" as const, user: "u", password: "wrong" } },
        network: { ...config, wsdl: "http://127.0.0.1:1/erp?wsdl" },
        config: { ...config, wsdl: `${server.url}/nothing?wsdl` },
      },
    };
  },
});

test("a SOAP decimal keeps its digits and elements go in the WSDL's order", async (t) => {
  const server = await serve(() => ({ body: answerOf("<order><id>9007199254740993</id><name>00123</name><amount>12345678901234567.89</amount><changed>2026-03-05T08:00:00+08:00</changed><ratio>0.10</ratio><note xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"true\"/><done>true</done><line><sku>A</sku><quantity>1.50</quantity></line></order>") }));
  t.after(server.close);
  const request = { page: "1", filter: { least: "12345678901234567.89", company: "青禾 & 子" }, since: "2026-03-01T00:00:00Z" };
  const found = await read({ wsdl: `${server.url}/erp?wsdl`, streams: { orders: { ...stream, request } } });
  assert.deepEqual(found.records[0]?.row, { id: "9007199254740993", name: "00123", amount: "12345678901234567.89", changed: "2026-03-05T08:00:00+08:00", ratio: "0.10", note: null, done: true, line: [{ sku: "A", quantity: "1.50" }] });
  assert.match(server.requests[0] ?? "", /<since>2026-03-01T00:00:00Z<\/since><filter><company>青禾 &amp; 子<\/company><least>12345678901234567\.89<\/least><\/filter><page>1<\/page>/);
});

test("an element that the WSDL does not know is refused before anything is sent; ready XML goes as it is", async (t) => {
  const server = await serve(() => ({ body: answerOf("") }));
  t.after(server.close);
  const config: SoapConfig = { wsdl: `${server.url}/erp?wsdl`, streams: { orders: { ...stream, request: { filter: { compani: "x" } } } } };
  assert.deepEqual((await soap.check(config, ctx)).map(({ failure, problem }) => [failure, problem.code, problem.facts.element]), [["config", "soap.no_element", "filter.compani"]]);
  assert.equal(server.requests.length, 0);
  await read({ ...config, streams: { orders: { ...stream, xml: '<x:Odd xmlns:x="urn:odd" since="{since}">{page}</x:Odd>', cursor: { field: "changed", format: "moment", start: "2026-03-01T00:00:00Z" } } } });
  assert.match(server.requests[0] ?? "", /<soap:Body><x:Odd xmlns:x="urn:odd" since="2026-03-01T00:00:00Z">1<\/x:Odd><\/soap:Body>/);
});

test("a Client fault is definite, a Server fault may pass, a failed login is neither, and an error without SOAP is HTTP's", async (t) => {
  let answer: Answer = { body: "" };
  const server = await serve(() => answer);
  t.after(server.close);
  const client = await openSoap({ wsdl: `${server.url}/erp?wsdl` }, ctx);
  const cases: [Answer, string, string][] = [
    [{ status: 500, body: fault("Client", "period closed") }, "config", "soap.fault"],
    [{ status: 500, body: fault("Server", "deadlock") }, "network", "soap.fault_server"],
    [{ status: 500, body: envelope('<s:Fault xmlns:w="urn:w"><faultcode>w:FailedAuthentication</faultcode><faultstring>no</faultstring></s:Fault>') }, "auth", "soap.login_refused"],
    [{ status: 400, body: '<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><e:Fault><e:Code><e:Value>e:Sender</e:Value></e:Code><e:Reason><e:Text xml:lang="en">bad date</e:Text></e:Reason></e:Fault></e:Body></e:Envelope>' }, "config", "soap.fault"],
    [{ status: 500, body: "<html>proxy</html>" }, "network", "rest.server_error"],
    [{ status: 403, body: "" }, "permission", "rest.forbidden"],
    [{ body: `<!DOCTYPE x [<!ENTITY y "z">]>${answerOf("")}` }, "config", "soap.doctype"],
    [{ body: answerOf(`${"<a>".repeat(100)}${"</a>".repeat(100)}`) }, "config", "soap.too_deep"],
    [{ body: "<s:Envelope><broken" }, "config", "soap.unreadable"],
  ];
  for (const [given, failure, code] of cases) {
    answer = given;
    await assert.rejects(client.call("GetOrders", { fields: {} }), (error) => error instanceof FlowFault && (assert.deepEqual([error.failure, error.problem.code], [failure, code], given.body), true));
  }
  client.close();
});

test("a UsernameToken goes with each request, the password never as it is where a digest is asked for", async (t) => {
  const server = await serve(() => ({ body: answerOf("") }));
  t.after(server.close);
  await read({ wsdl: `${server.url}/erp?wsdl`, auth: { is: "wsSecurity", user: "u", password: "s3cret-word", digest: true }, streams: { orders: { ...stream, request: {} } } });
  const [sent = ""] = server.requests;
  assert.ok(!sent.includes("s3cret-word"));
  const part = (name: string): string => new RegExp(`<w[a-z]+:${name}[^>]*>([^<]*)<`).exec(sent.slice(sent.indexOf("UsernameToken")))?.[1] ?? "";
  assert.equal(part("Password"), createHash("sha1").update(Buffer.concat([Buffer.from(part("Nonce"), "base64"), Buffer.from(`${part("Created")}s3cret-word`)])).digest("base64"));
});

// ---- the endpoint -----------------------------------------------------------------------------------------------------

const endpoint: SoapEndpointConfig = {
  address: "https://tieout.example/in/soap",
  streams: {
    orders: {
      key: ["number"], at: "changed",
      fields: [
        { name: "number", isRequired: true }, { name: "total", type: "decimal", isRequired: true }, { name: "changed", type: "moment" }, { name: "urgent", type: "boolean" },
        { name: "line", isList: true, fields: [{ name: "sku", isRequired: true }, { name: "quantity", type: "decimal", isRequired: true }] },
      ],
    },
  },
};
const inbound = (body: string | Buffer, headers: Record<string, string> = {}): Inbound => ({ method: "POST", path: "/in/soap", query: {}, headers: { "content-type": "text/xml", host: "tieout.example", ...headers }, body: Buffer.from(body) });
const push = (record: string, header = ""): string => `<?xml version="1.0"?><s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>${header}</s:Header><s:Body><t:pushOrders xmlns:t="urn:tieout:inbound">${record}</t:pushOrders></s:Body></s:Envelope>`;
const order = "<t:record><t:number>SO-1</t:number><t:total>12345678901234567.89</t:total><t:changed>2026-03-05T08:00:00+08:00</t:changed><t:line><t:sku>A&amp;B&#33;</t:sku><t:quantity>1.50</t:quantity></t:line><t:line><t:sku>C</t:sku><t:quantity>2</t:quantity></t:line></t:record>";
const receive = (body: string | Buffer, config: SoapEndpointConfig = endpoint, headers: Record<string, string> = {}): Promise<Received> => soapEndpoint.receive(config, inbound(body, headers), ctx);
const codeIn = ({ reply }: Received): string => /<code>([^<]*)</.exec(reply.body)?.[1] ?? "accepted";

test("its configuration is closed to unknown fields, and a key that may be missing is found by the check", async () => {
  assert.ok(Value.Check(soapEndpoint.config, endpoint));
  assert.ok(!Value.Check(soapEndpoint.config, { ...endpoint, unheardOf: 1 }));
  assert.deepEqual(await soapEndpoint.check(endpoint, ctx), []);
  const loose: SoapEndpointConfig = { ...endpoint, streams: { orders: { key: ["nr"], fields: [{ name: "nr" }] } } };
  assert.deepEqual((await soapEndpoint.check(loose, ctx)).map(({ problem }) => problem.code), ["soap.key_optional"]);
});

test("a pushed record comes out with its digits, its entities and its lines; the reply says how many", async () => {
  const { messages, reply, fault: unkept } = await receive(push(order));
  assert.deepEqual(messages.map((message) => message.is === "record" && [message.stream, message.key, message.op, message.at, message.row]), [["orders", "SO-1", "u", "2026-03-05T00:00:00.000Z", { number: "SO-1", total: "12345678901234567.89", changed: "2026-03-05T08:00:00+08:00", line: [{ sku: "A&B!", quantity: "1.50" }, { sku: "C", quantity: "2" }] }]]);
  assert.match(reply.body, /<t:accepted>1<\/t:accepted>/);
  assert.deepEqual([unkept?.status, unkept?.headers?.["retry-after"]], [503, "30"]);
  assert.match(unkept?.body ?? "", /faultcode>s:Server<.*soap\.not_kept/);
});

test("a push that does not keep to the WSDL is answered with a fault in both languages that names the place", async () => {
  const cases: [string, string][] = [
    [push("<record><total>1</total><number>1</number></record>"), "soap.element_missing"],
    [push("<record><number>1</number><total>1</total><urgent>1</urgent><changed>2026-03-05T08:00:00Z</changed></record>"), "soap.element_order"],
    [push("<record><number>1</number><total>1</total><total>2</total></record>"), "soap.element_repeated"],
    [push("<record><number>1</number><total>1</total><color>red</color></record>"), "soap.element_unknown"],
    [push("<record><number>1</number><total>1,5</total></record>"), "soap.value"],
    [push("<record><number>1</number><total>1e3</total></record>"), "soap.value"],
    [push("<record><number>1</number><total>1</total><line><quantity>1</quantity><sku>A</sku></line></record>"), "soap.element_missing"],
    [push(order).replaceAll("pushOrders", "pushNothing"), "soap.no_operation"],
    [`<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]>${push(order)}`, "soap.doctype"],
    [push(`${"<a>".repeat(60)}${"</a>".repeat(60)}`), "soap.too_deep"],
    [push("<record><number>1</record>"), "soap.not_soap"],
    ["{}", "soap.not_soap"],
    ["", "soap.not_soap"],
  ];
  for (const [body, code] of cases) {
    const received = await receive(body);
    assert.deepEqual([codeIn(received), received.messages.length, received.reply.status], [code, 0, 500], body);
    assert.match(received.reply.body, /<faultstring>[^<]*\p{Script=Han}[^<]*\/[^<]*[a-z]/u);
  }
  assert.equal(codeIn(await receive(push(order), { ...endpoint, bodyMegabytesMax: 0.0001 })), "soap.too_large");
  const twelve = await soapEndpoint.receive(endpoint, inbound(push("<x/>"), { "content-type": "application/soap+xml" }), ctx);
  assert.deepEqual([twelve.reply.status, twelve.reply.contentType], [400, "application/soap+xml; charset=utf-8"]);
});

test("GBK is read as the declaration says", async () => {
  const [before = "", after = ""] = push("<record><number>#</number><total>1</total></record>").replace('"1.0"', '"1.0" encoding="GBK"').split("#");
  const { messages } = await receive(Buffer.concat([Buffer.from(before), Buffer.from([0xb1, 0xb1, 0xbe, 0xa9]), Buffer.from(after)]));
  assert.equal(messages[0]?.is === "record" && messages[0].key, "北京");
});

test("a login is asked for: basic, or a token that is fresh and used once", async () => {
  const basic: SoapEndpointConfig = { ...endpoint, auth: { is: "basic", user: "u", password: "p" } };
  assert.equal(codeIn(await receive(push(order), basic)), "soap.denied");
  assert.equal(codeIn(await receive(push(order), basic, { authorization: `Basic ${Buffer.from("u:p").toString("base64")}` })), "accepted");

  const token: SoapEndpointConfig = { ...endpoint, auth: { is: "wsSecurity", user: "u", password: "p" } };
  const security = (password: string, created: string): string => {
    const digest = createHash("sha1").update(Buffer.concat([Buffer.from("bm9uY2U=", "base64"), Buffer.from(created + password)])).digest("base64");
    return `<w:Security xmlns:w="urn:w"><w:UsernameToken><w:Username>u</w:Username><w:Password Type="x#PasswordDigest">${digest}</w:Password><w:Nonce>bm9uY2U=</w:Nonce><w:Created>${created}</w:Created></w:UsernameToken></w:Security><a:MessageID xmlns:a="urn:a">urn:uuid:7</a:MessageID>`;
  };
  const at = { now: fixedClock("2026-03-05T08:00:00Z"), log: silentLog };
  const one = (header: string): Promise<Received> => soapEndpoint.receive(token, inbound(push(order, header)), at);
  const good = await one(security("p", "2026-03-05T08:01:00Z"));
  assert.deepEqual([codeIn(good), good.once], ["accepted", ["nonce bm9uY2U=", "message urn:uuid:7"]]);
  assert.equal(codeIn(await one(security("wrong", "2026-03-05T08:01:00Z"))), "soap.denied");
  assert.equal(codeIn(await one(security("p", "2026-03-05T07:50:00Z"))), "soap.stale");
  assert.equal(codeIn(await one("")), "soap.denied");
});

test("a client made from the generated WSDL pushes in any order of its fields, and is understood", async (t) => {
  const kept: Received[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const url = URL.parse(request.url ?? "/", "http://x") as URL;
      void soapEndpoint.receive({ ...endpoint, address: `http://${request.headers.host}/in/soap` }, { method: request.method ?? "", path: url.pathname, query: Object.fromEntries(url.searchParams), headers: request.headers as Record<string, string>, body: Buffer.concat(parts) }, ctx).then((received) => {
        kept.push(received);
        response.writeHead(received.reply.status, { "content-type": received.reply.contentType });
        response.end(received.reply.body);
      });
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  t.after(() => new Promise<void>((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  }));
  const client = await openSoap({ wsdl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/in/soap?wsdl` }, ctx);
  assert.deepEqual(await client.call("pushOrders", { fields: { record: [{ total: "12345678901234567.89", number: "北京 <1>", line: [{ quantity: "1.50", sku: "A" }] }] } }), { accepted: 1 });
  assert.deepEqual(kept.flatMap(({ messages }) => messages.map((message) => message.is === "record" && message.row)), [{ number: "北京 <1>", total: "12345678901234567.89", line: [{ sku: "A", quantity: "1.50" }] }]);
  await assert.rejects(client.call("pushOrders", { fields: { record: [{ number: "1" }] } }), (error) => error instanceof FlowFault && error.problem.code === "soap.fault");
  client.close();
});

test("what is dangerous in XML is seen wherever it stands, and what only looks so is not", () => {
  assert.equal(xmlDanger("<a><!-- <!DOCTYPE x> --><![CDATA[<!DOCTYPE y>]]><b/></a>"), undefined);
  assert.equal(xmlDanger("<?xml version='1.0'?>\n<!DOCTYPE a><a/>"), "doctype");
  assert.equal(xmlDanger("<a>".repeat(41)), "depth");
  assert.equal(xmlDanger("<a/>".repeat(500_001)), "elements");
});
