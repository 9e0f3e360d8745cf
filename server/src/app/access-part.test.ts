/** P9: whoever has a part of a book never sees a row or a column that is not theirs, on whatever path; and the database alone keeps to that as well. */
import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { type Column, columnNames, type Duty, dutyNames, type Principal, restrictedStore, type RowScope } from "../access/index.ts";
import { createBook, loadBook } from "../books/index.ts";
import { type Ctx, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { postDocuments } from "../vouchers/index.ts";
import { buildHttp } from "./http.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
const ctx: Ctx = { db: store, actor: { id: "server" }, now: systemClock, log: silentLog };
await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03", group: "B1" });
await createBook(ctx, { code: "B2", pack: "cas-general", currency: "CNY", from: "2026-03", group: "B2" });
const book = await loadBook(store, "B1");

// Eight customers, three suppliers. Every id carries the code of its party, so that a foreign one shows in any text.
type Party = { readonly code: string; readonly kind: "customer" | "supplier"; readonly who: string | undefined; readonly department: string | undefined; readonly region: string | undefined; readonly source: string };
const party = (code: string, kind: Party["kind"], who?: string, department?: string, region?: string, source = "erp"): Party => ({ code, kind, who, department, region, source });
const parties: readonly Party[] = [
  party("CUST-A", "customer", "E1", "D1", "R1"), party("CUST-B", "customer", "E1", "D1", "R2"), party("CUST-C", "customer", "E2", "D1", "R1"), party("CUST-D", "customer", "E2", "D2", "R2"), party("CUST-E", "customer", "E3", "D2", "R1"),
  party("CUST-F", "customer", "E3", "D2"), party("CUST-G", "customer", undefined, "D1", "R1"), party("CUST-H", "customer"),
  party("SUPP-I", "supplier", "E1", "D3", "R1"), party("SUPP-J", "supplier", "E4", "D3", "R2"),
  party("CUST-A", "customer", "E1", "D1", "R1", "crm"), party("CUST-C", "customer", "E3", "D1", "R1", "crm"), // one code in two sources, with another salesperson in the second
  party("CUST-B", "supplier", "E4", "D3", "R2"), // a customer who also supplies, and is somebody else's as that
];
const codes = [...new Set(parties.map(({ code }) => code))];
const customers = codes.filter((code) => code.startsWith("CUST"));
const suppliers = ["SUPP-I", "SUPP-J", "CUST-B"];
const secretPrice = "7.77", secretCost = "3.33", secretBank = "BANK-OF-SECRETS";
const common = { source: "erp" };
const line = (more: object = {}) => ({ lineId: "1", item: "STEEL", quantity: "2", price: "20.00", taxRate: "0.13", ...more });
const given = [
  { schema: "tieout/item@1", ...common, sourceId: "STEEL", category: "merchandise" }, { schema: "tieout/bankAccount@1", ...common, sourceId: secretBank, currency: "CNY", account: "1002", number: "6222020200112233445" },
  ...["E1", "E2", "E3", "E4"].map((code) => ({ schema: "tieout/employee@1", ...common, sourceId: code, name: code })),
  ...parties.map(({ code, kind, who, department, region, source }) => ({ schema: `tieout/${kind}@1`, source, sourceId: code, name: `name of ${code}`, ...(who === undefined ? {} : { [kind === "customer" ? "salesperson" : "buyer"]: who }), ...(department === undefined ? {} : { department }), ...(region === undefined ? {} : { region }) })),
  ...suppliers.map((code) => ({ schema: "tieout/goodsReceipt@1", ...common, sourceId: `GR-${code}`, date: "2026-03-02", supplier: code, lines: [line({ quantity: "100", price: secretPrice, taxRate: undefined })] })),
  ...suppliers.map((code) => ({ schema: "tieout/supplierInvoice@1", ...common, sourceId: `PI-${code}`, date: "2026-03-09", supplier: code, lines: [line({ quantity: "10", price: secretPrice, links: [{ to: `goodsReceipt/GR-${code}/1`, quantity: "10" }] })] })),
  ...customers.flatMap((code) => [
    { schema: "tieout/salesOrder@1", ...common, sourceId: `SO-${code}`, date: "2026-03-03", customer: code, lines: [line()] },
    { schema: "tieout/shipment@1", ...common, sourceId: `SH-${code}`, date: "2026-03-05", customer: code, lines: [line({ cost: secretCost, links: [{ to: `salesOrder/SO-${code}/1`, quantity: "2" }] })] },
    { schema: "tieout/salesInvoice@1", ...common, sourceId: `SI-${code}`, date: "2026-03-06", customer: code, lines: [line({ links: [{ to: `shipment/SH-${code}/1`, quantity: "2" }] })] },
    { schema: "tieout/cashReceipt@1", ...common, sourceId: `CR-${code}`, date: "2026-03-08", customer: code, bankAccount: secretBank, amount: "10.00", links: [{ to: `salesInvoice/SI-${code}`, amount: "10.00" }] },
  ]),
  // From one customer to another: it speaks of both.
  { schema: "tieout/settlement@1", ...common, sourceId: "ST-CUST-A-CUST-D", date: "2026-03-12", customer: "CUST-A", type: "receivableToReceivable", toParty: "CUST-D", amount: "5.00", links: [{ to: "salesInvoice/SI-CUST-A", amount: "5.00" }] },
  { schema: "tieout/settlement@1", ...common, sourceId: "ST-CUST-A-CUST-C", date: "2026-03-12", customer: "CUST-A", type: "receivableToReceivable", toParty: "CUST-C", amount: "5.00", links: [{ to: "salesInvoice/SI-CUST-A", amount: "5.00" }] },
  { schema: "tieout/manualVoucher@1", ...common, sourceId: "MV-OF-NOBODY", date: "2026-03-20", lines: [{ lineId: "1", account: "6602", debit: "9.00", summary: "x", department: "D1" }, { lineId: "2", account: "1001", credit: "9.00", summary: "x" }] },
];
await postDocuments(ctx, "B1", given);
await postDocuments(ctx, "B2", given.map((one) => ({ ...one, ...("sourceId" in one ? { name: "in the other book" } : {}) })).filter((one) => ["item", "employee", "customer", "supplier"].includes(one.schema.slice(7, -2))));
type Kept = { readonly source: string; readonly kind: string; readonly sourceId: string; readonly party: string; readonly state: string };
const kept = await store.query<Kept>("select source, kind, source_id as \"sourceId\", party, state from documents.document where book_id = $1", [book.bookId]);
const names = kept.map(({ kind, sourceId }) => `${kind}/${sourceId}`);

let grants: Principal["grants"] = [];
const principal: Principal = { kind: "user", id: "zhao", name: "赵雷", get grants() { return grants; } };
const server = await buildHttp(ctx, { principal });
await server.ready();
after(async () => {
  await server.close();
  await store.close();
});
const get = async (url: string): Promise<{ readonly status: number; readonly text: string; readonly body: unknown }> => {
  const answer = await server.inject({ method: "GET", url: `/api/v1/books/B1${url}`, headers: { host: "127.0.0.1:4380" } });
  return { status: answer.statusCode, text: answer.body, body: /^[[{]/.test(answer.body) ? JSON.parse(answer.body) as unknown : undefined };
};
const give = (scopes: readonly RowScope[], columns: readonly Column[] = columnNames, duties: readonly Duty[] = dutyNames): void => {
  grants = scopes.map((scope) => ({ role: "part", zh: "部分", en: "Part", duties, columns, needsScope: true, book: "B1", scope }));
};

/** What the words of the promise say, told apart from how the database does it. */
function visibleTo(scopes: readonly RowScope[]): Set<string> {
  const isSeen = ({ who, department, region }: Party): boolean => scopes.some((scope) =>
    (scope.employees === null || (who !== undefined && scope.employees.includes(who))) && (scope.departments === null || (department !== undefined && scope.departments.includes(department))) && (scope.regions === null || (region !== undefined && scope.regions.includes(region))));
  return new Set(codes.filter((code) => parties.filter((one) => one.code === code).every(isSeen)));
}
const isDocumentSeen = (visible: ReadonlySet<string>, { sourceId, party: code }: Pick<Kept, "sourceId" | "party">): boolean => visible.has(code) && (!sourceId.startsWith("ST-") || visible.has(sourceId.slice("ST-CUST-A-".length)));
/** A text in which a foreign party, or one of its documents, is named. */
function assertNothingForeign(text: string, visible: ReadonlySet<string>, where: string): void {
  for (const code of codes) if (!visible.has(code)) assert.ok(!text.includes(code), `${where} names ${code}: ${text.slice(Math.max(0, text.indexOf(code) - 100), text.indexOf(code) + 60)}`);
  assert.ok(!text.includes("MV-OF-NOBODY") && !text.includes("in the other book"), `${where} names what is of nobody, or of another book`);
}

const part = (...values: string[]): fc.Arbitrary<readonly string[] | null> => fc.option(fc.subarray(values), { nil: null, freq: 2 });
const anyScope: fc.Arbitrary<RowScope> = fc.record({ employees: part("E1", "E2", "E3", "E4", "E9"), departments: part("D1", "D2", "D3"), regions: part("R1", "R2") });
const anyScopes = fc.array(anyScope, { minLength: 1, maxLength: 3 });

const numRuns = 60;
test("the invented book is one in which everybody sees something, and nobody everything", () => {
  assert.ok(kept.length >= 40, String(kept.length));
  assert.deepEqual([...visibleTo([{ employees: ["E1"], departments: null, regions: null }])], ["CUST-A", "SUPP-I"]); // B is E4's supplier too
  assert.deepEqual([...visibleTo([{ employees: ["E2", "E3"], departments: null, regions: ["R1"] }])], ["CUST-C", "CUST-E"]);
  assert.equal(visibleTo([{ employees: null, departments: null, regions: null }]).size, codes.length);
});

test("lists show the rows of visible parties, all of them and nothing else", () =>
  fc.assert(fc.asyncProperty(anyScopes, fc.record({ kind: fc.option(fc.constantFrom("salesOrder", "salesInvoice", "goodsReceipt", "settlement"), { nil: undefined }), party: fc.option(fc.constantFrom(...codes, ""), { nil: undefined }) }), async (scopes, filter) => {
    give(scopes);
    const visible = visibleTo(scopes);
    const query = new URLSearchParams(Object.entries(filter).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]))).toString();
    const { status, text, body } = await get(`/documents?${query}`);
    assert.equal(status, 200, text);
    if (!filter.party) assertNothingForeign(text, visible, "documents");
    const expected = kept.filter((one) => one.state !== "superseded" && isDocumentSeen(visible, one) && (filter.kind === undefined || one.kind === filter.kind) && (filter.party === undefined || one.party === filter.party)).map(({ sourceId }) => sourceId).sort();
    assert.deepEqual((body as { sourceId: string }[]).map(({ sourceId }) => sourceId).sort(), expected);
  }), { numRuns }));

test("a document, its trace and its search answer for visible ones, and for others as if they did not exist", () =>
  fc.assert(fc.asyncProperty(anyScopes, fc.constantFrom(...names), async (scopes, name) => {
    give(scopes);
    const visible = visibleTo(scopes);
    const [, sourceId = ""] = name.split("/");
    const isSeen = isDocumentSeen(visible, kept.find((one) => one.sourceId === sourceId) as Kept);
    for (const url of [`/documents/one?of=${encodeURIComponent(name)}`, `/trace?of=${encodeURIComponent(name)}`]) {
      const { status, text } = await get(url);
      assert.equal(status, isSeen ? 200 : 404, `${url}: ${text.slice(0, 300)}`);
      if (isSeen) assertNothingForeign(text, visible, url);
      else assertNothingForeign(text.replaceAll(name, ""), visible, url);
    }
    const found = await get(`/search?text=${encodeURIComponent(sourceId)}`);
    assert.deepEqual([found.status, (found.body as unknown[]).length > 0], [200, isSeen]);
  }), { numRuns }));

test("open items, counts and every other reading keep to the part, or are refused", () =>
  fc.assert(fc.asyncProperty(anyScopes, async (scopes) => {
    give(scopes);
    const visible = visibleTo(scopes);
    const items = await get("/open-items");
    assert.equal(items.status, 200, items.text);
    const owing = new Set((items.body as { party: string }[]).map((item) => item.party));
    assert.deepEqual([...owing].filter((code) => customers.includes(code)).sort(), customers.filter((code) => visible.has(code)).sort());
    for (const url of readingsOf()) {
      const { status, text } = await get(url);
      assert.ok(status < 500, `${url}: ${status} ${text}`);
      if (status < 400) assertNothingForeign(text, visible, url);
    }
  }), { numRuns: 15 }));

test("hidden columns are in no answer", () =>
  fc.assert(fc.asyncProperty(fc.subarray([...columnNames]), fc.boolean(), async (columns, isPart) => {
    give([{ employees: null, departments: null, regions: null }], columns);
    if (!isPart) grants = grants.map((grant) => ({ ...grant, scope: null }));
    for (const name of names) {
      for (const url of [`/documents/one?of=${encodeURIComponent(name)}`, `/trace?of=${encodeURIComponent(name)}`]) {
        const { text } = await get(url);
        const lines = JSON.stringify(documentsIn(JSON.parse(text)) ?? null);
        if (!columns.includes("cost")) assert.ok(!lines.includes(secretPrice) && !lines.includes(secretCost), `${url}: ${lines.slice(0, 600)}`);
        if (!columns.includes("bank")) assert.ok(!lines.includes(secretBank), `${url}: ${lines.slice(0, 600)}`);
      }
    }
  }), { numRuns: 4 }));
/** Vouchers have their own rule for figures. */
const documentsIn = (answer: unknown): unknown => {
  const { body, nodes } = answer as { body?: unknown; nodes?: { node: string }[] };
  return body ?? nodes?.filter(({ node }) => node === "document");
};

/** It goes on for ever; to somebody with a part of the book it only says that something changed. */
const live = "/api/v1/books/{book}/live";
/** Every reading of the API that names no more than the book. */
function readingsOf(): string[] {
  const { paths } = server.swagger() as { paths: Record<string, Record<string, unknown>> };
  return Object.entries(paths).filter(([path, methods]) => "get" in methods && path.startsWith("/api/v1/books/{book}/") && path.split("{").length === 2 && path !== live).map(([path]) => path.slice("/api/v1/books/{book}".length));
}

test("somebody with a part of the book can do nothing but read it", async () => {
  give([{ employees: null, departments: null, regions: null }]);
  for (const [url, payload] of [["/documents", given[0]], ["/documents/retry", { documents: [] }], ["/periods/2026-03/close", undefined], ["/rules", { text: "", effectiveOn: "2026-03-01" }]] as const) {
    const answer = await server.inject({ method: "POST", url: `/api/v1/books/B1${url}`, headers: { host: "127.0.0.1:4380" }, ...(payload === undefined ? {} : { payload: payload as object }) });
    assert.deepEqual([answer.statusCode, (JSON.parse(answer.body) as { error: { code: string } }).error.code], [403, "access.denied"], url);
  }
  for (const url of ["/balances", "/vouchers", "/verify", "/flows", "/deliveries"]) assert.equal((await get(url)).status, 403, url);
});

test("a role for the whole book does not widen what another role gives for a part", async () => {
  const whole = { role: "it", zh: "信息", en: "IT", duties: ["flows.read", "masterdata.read"] as Duty[], columns: [], needsScope: false, book: "B1", scope: null };
  give([{ employees: ["E1"], departments: null, regions: null }], [], ["documents.read", "boards.read"]);
  grants = [...grants, whole];
  assertNothingForeign((await get("/documents")).text, new Set(["CUST-A", "SUPP-I"]), "documents");
  assert.equal((await get("/flows")).status, 200);
  assert.deepEqual((await get("/search?text=SO-CUST-C")).body, []);
});

// The second wall by itself ------------------------------------------------------------------------------------------------

/** As a statement that asks nothing would run, with a limit on nothing. */
const raw = (scopes: readonly RowScope[], statement: string): Promise<Record<string, unknown>[]> => restrictedStore(store, book.bookId, scopes).query(statement);
const tables = await store.owner.query<{ name: string }>("select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname not in ('pg_catalog', 'information_schema') union all select format('%I.%I', schemaname, viewname) from pg_views where schemaname not in ('pg_catalog', 'information_schema')");

test("the database alone shows no foreign row of any table", () =>
  fc.assert(fc.asyncProperty(anyScopes, async (scopes) => {
    const visible = visibleTo(scopes);
    const open: string[] = [];
    for (const { name } of tables) {
      const rows = await raw(scopes, `select t::text as row from ${name} t`).catch((error: unknown) => { assert.equal((error as { code?: string }).code, "access.part", name); return undefined; });
      if (rows === undefined) continue;
      open.push(name);
      assertNothingForeign(JSON.stringify(rows), visible, name);
      assert.ok(!JSON.stringify(rows).includes("6222020200112233445"), `${name} shows a bank account`);
    }
    assert.ok(open.includes("documents.document") && !open.includes("vouchers.voucher") && !open.includes("access.user") && !open.includes("connectors.secret"));
    const documents = await raw(scopes, "select source_id as id from documents.document order by 1");
    assert.deepEqual(documents.map(({ id }) => id), kept.filter((one) => isDocumentSeen(visible, one)).map(({ sourceId }) => sourceId).sort());
  }), { numRuns: 20 }));

test("without scopes, and for another book's number, the database shows nothing", async () => {
  assert.deepEqual(await raw([], "select from documents.document"), []);
  assert.deepEqual(await restrictedStore(store, 999, [{ employees: null, departments: null, regions: null }]).query("select from documents.document"), []);
});

test("through the wall nothing is written, copied or kept open", async () => {
  const wall = restrictedStore(store, book.bookId, [{ employees: null, departments: null, regions: null }]);
  for (const statement of ["delete from documents.document", "update documents.document set party = ''", "insert into masterdata.record select * from masterdata.record", "create table documents.x ()", "select set_config('x', 'y', false) from vouchers.voucher"]) await assert.rejects(wall.query(statement), { code: "access.part" }, statement);
  for (const act of [() => wall.exec("select 1"), () => wall.copyIn("documents.document", ""), () => wall.begin(), () => wall.connect(), () => wall.sendAll([])]) await assert.rejects(async () => act(), { code: "access.part" });
  assert.throws(() => wall.copyOut("select 1"), { code: "access.part" });
  assert.throws(() => wall.url, { code: "access.part" });
  await assert.rejects(wall.transaction((db) => db.exec("select 1")), { code: "access.part" });
  assert.deepEqual(await wall.transaction(async (db) => (await db.one<{ role: string }>("select current_user as role")).role), "tieout_restricted");
  assert.equal((await store.one<{ role: string }>("select current_user as role")).role, "tieout_app");
});
