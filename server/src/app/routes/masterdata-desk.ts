/** 主数据的管理 over HTTP: golden records and what each system says, the queue, decisions, change requests, standards, trees, units, scores, sheets. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Book, loadBook } from "../../books/index.ts";
import {
  addStandard, aliasKinds, codeChecks, countQueue, domainOf, domains, domainWords, dropStandard, dropUnitFactor, endNode, goldenNo, goldenText, growTree, learnModelOf, listGenericKeys, listModels, listPairsOf, listPolicies, listPublications, listQueue, listRequests, listStandards, listSubscriptions, listTrees,
  listUnitFactors, matchArrival, placeNode, previewMerge, previewUnmerge, readScores, readTree, rebuildScores, rejectRequest, resolveCode, searchGolden, showGolden, type StewardAct, subscribe, suggestMeanings, takeArrivals, unsubscribe,
} from "../../masterdata/index.ts";
import { flows } from "../../connectors/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { formatMoney } from "../../values/index.ts";
import { forgetWriters } from "../../vouchers/index.ts";
import { BookParams, errors, PageQuery } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { actOnMaster, addUnitOnMaster, approveOnMaster, effectOf, keepByPolicy, openValueIn } from "../masterdata/desk.ts";
import { type MasterTail, openMasterTail } from "../masterdata/tail.ts";
import { exportMasters, importMasters, previewMasters } from "../masterdata/workbook.ts";

const tags = ["masterdata"];
const text = (maxLength = 200) => Type.String({ maxLength });
const some = (maxLength = 200) => Type.Optional(text(maxLength));
const Day = Type.Optional(Type.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" }));
const Reason = Type.String({ maxLength: 500, description: "原因,留在决定记录中 Why; it stays with the decision" });
const done = { 200: Type.Unknown(), ...errors };
const GoldenParams = Type.Object({ book: Type.String(), golden: text(30) });
const NoParams = Type.Object({ book: Type.String(), no: text(30) });
const of = <N extends string>(act: N, more: Readonly<Record<string, ReturnType<typeof text>>> = {}) => Type.Object({ act: Type.Literal(act), ...more }, { additionalProperties: false });
const flag = Type.Optional(Type.Boolean());
const Act = Type.Union([
  Type.Object({ act: Type.Literal("merge"), into: text(30), from: text(30), candidate: some(30) }, { additionalProperties: false }), Type.Object({ act: Type.Literal("unmerge"), golden: text(30), keepApart: flag }, { additionalProperties: false }), Type.Object({ act: Type.Literal("split"), record: text(30), keepApart: flag }, { additionalProperties: false }),
  of("different", { candidate: text(30) }), Type.Object({ act: Type.Literal("keepTogether"), record: text(30), other: text(30), candidate: some(30) }, { additionalProperties: false }), of("keepApart", { record: text(30), other: text(30) }), of("pin", { golden: text(30), field: text(60), value: text(500) }), of("unpin", { golden: text(30), field: text(60) }),
  Type.Object({ act: Type.Literal("map"), domain: text(40), system: text(60), company: some(60), code: text(), golden: text(30), from: Day }, { additionalProperties: false }), Type.Object({ act: Type.Literal("suspend"), golden: some(30), mapping: some(30) }, { additionalProperties: false }), Type.Object({ act: Type.Literal("resume"), golden: some(30), mapping: some(30) }, { additionalProperties: false }),
  Type.Object({ act: Type.Literal("alias"), golden: text(30), kind: Type.Union(aliasKinds.map((kind) => Type.Literal(kind))), text: text(300), from: Day, to: Day }, { additionalProperties: false }), of("dropAlias", { alias: text(30) }), of("takeBack", { decision: text(30) }), of("introduce", { golden: text(30) }),
  Type.Object({ act: Type.Literal("create"), domain: text(40), code: text(), fields: Type.Record(text(60), text(500)) }, { additionalProperties: false }),
]);

export function masterdataDeskRoutes(api: Http, ctx: Ctx): void {
  const bookOf = (request: { readonly params: { readonly book: string } }): Promise<Book> => loadBook(ctx.db, request.params.book);
  /** Golden records join what several systems say: whoever sees a part of the book does not see them. Refuses: access.part. */
  const whole = (request: FastifyRequest): Ctx => (request.sight.scopes === null ? actorOf(ctx, request) : refuse("access.part"));
  const hides = (request: FastifyRequest, domain: string) => (field: string): boolean => !request.sight.columns.has("bank") && (/bank/i.test(field) || (domain === "bankAccount" && field === "number"));
  const hide = (request: FastifyRequest, domain: string, payload: Readonly<Record<string, string>>): Record<string, string | null> => Object.fromEntries(Object.entries(payload).map(([field, value]) => [field, hides(request, domain)(field) ? null : value]));

  // The tail runs where the server listens: a server without a port, as in tests, takes in what it is told to.
  let tail: MasterTail | undefined;
  api.addHook("onListen", async () => void (tail = openMasterTail(ctx)));
  api.addHook("onClose", async () => tail?.close());

  // Found and shown ----------------------------------------------------------------------------------------------------------------

  api.get("/books/:book/masterdata/domains", { config: { asks: "masterdata.read" }, schema: { tags, summary: "主数据域:字段、待判、申请 Domains: fields, open pairs, requests", params: BookParams, response: done } }, async (request) => {
    const acting = whole(request), book = await bookOf(request);
    const queue = new Map((await countQueue(acting, book)).map((one) => [one.domain, one]));
    return {
      domains: domains.map(({ name, zh, en, fields, match }) => ({ domain: name, zh, en, fields, isWeighed: match !== undefined, open: queue.get(name)?.open ?? 0, openValue: formatMoney(queue.get(name)?.openValue ?? 0n, book.currency) })),
      open: [...queue.values()].reduce((sum, { open }) => sum + open, 0), requests: (await listRequests(acting, book, "open")).length, checks: codeChecks,
    };
  });
  api.get("/books/:book/masterdata/golden", {
    config: { asks: "masterdata.read" }, schema: {
      tags, summary: "黄金记录:按编码、名称、拼音、统一社会信用代码跨系统查找 Golden records, found across systems by code, name, pinyin or USCC", params: BookParams,
      querystring: Type.Object({ text: some(100), domain: some(40), state: some(20), ...PageQuery }, { additionalProperties: false }), response: done,
    },
  }, async (request) => {
    const acting = whole(request);
    const { after, text: wanted, ...query } = request.query;
    if (after !== undefined && (wanted ?? "").trim() !== "") return []; // the best are answered at once
    return searchGolden(acting, await bookOf(request), { ...query, text: wanted, after });
  });
  api.get("/books/:book/masterdata/golden/:golden", { config: { asks: "masterdata.read" }, schema: { tags, summary: "一条黄金记录:各来源、取值规则、对照、决定 One golden record: sources side by side, where each value comes from, mappings, decisions", params: GoldenParams, response: done } }, async (request) => {
    const shown = await showGolden(whole(request), await bookOf(request), request.params.golden);
    const hidden = hides(request, shown.domain);
    return { ...shown, fields: shown.fields.map((field) => (hidden(field.field) ? { ...field, value: null, said: field.said.map((one) => ({ ...one, value: null })) } : field)), members: shown.members.map((member) => ({ ...member, payload: hide(request, shown.domain, member.payload) })), pins: shown.pins.map((pin) => (hidden(pin.field) ? { ...pin, value: null } : pin)), decisions: shown.decisions.map((one) => (request.sight.columns.has("bank") ? one : { ...one, body: {} })) };
  });
  api.get("/books/:book/masterdata/golden/:golden/effect", { config: { asks: "masterdata.read" }, schema: { tags, summary: "变更影响:未清单据、科目、规则 What a change touches: open documents, accounts, rules", params: GoldenParams, response: done } }, async (request) => {
    const effect = await effectOf(whole(request), await bookOf(request), request.params.golden);
    return request.sight.duties.has("books.read") && request.sight.columns.has("cost") ? effect : { ...effect, openValue: null, accounts: effect.accounts.map((one) => ({ ...one, balance: null })) };
  });
  api.get("/books/:book/masterdata/golden/:golden/pairs", { config: { asks: "masterdata.read" }, schema: { tags, summary: "一条黄金记录的待判对 Open pairs of one golden record", params: GoldenParams, response: done } },
    async (request) => pairViews(request, await listPairsOf(whole(request), await bookOf(request), goldenNo(request.params.golden)), await bookOf(request)));
  api.get("/books/:book/masterdata/queue", { config: { asks: "masterdata.read" }, schema: { tags, summary: "待判,按不确定程度×未清金额 Pairs to decide, by uncertainty × open value", params: BookParams, querystring: Type.Object({ domain: some(40), ...PageQuery }, { additionalProperties: false }), response: done } },
    async (request) => pairViews(request, await listQueue(whole(request), await bookOf(request), { domain: request.query.domain === "" ? undefined : request.query.domain, after: request.query.after, limit: request.query.limit }), await bookOf(request)));
  const pairViews = (request: FastifyRequest, pairs: Awaited<ReturnType<typeof listQueue>>, book: Book) =>
    pairs.map(({ openValue, ...pair }) => ({ ...pair, openValue: request.sight.columns.has("cost") || pair.domain !== "item" ? formatMoney(openValue, book.currency) : null, one: { ...pair.one, payload: hide(request, pair.domain, pair.one.payload) }, other: { ...pair.other, payload: hide(request, pair.domain, pair.other.payload) } }));
  api.get("/books/:book/masterdata/resolve", {
    config: { asks: "masterdata.read" }, schema: { tags, summary: "某系统的编码在某日的含义 What a code of a system means on a day", params: BookParams, querystring: Type.Object({ domain: text(40), system: text(60), company: some(60), code: text(), on: Day }, { additionalProperties: false }), response: done },
  }, async (request) => resolveCode(whole(request), await bookOf(request), request.query));
  api.get("/books/:book/masterdata/suggest", {
    config: { asks: "masterdata.read" }, schema: { tags, summary: "未映射的编码最可能指哪条黄金记录 What an unmapped code most likely means", params: BookParams, querystring: Type.Object({ domain: text(40), code: text() }, { additionalProperties: false }), response: done },
  }, async (request) => suggestMeanings(whole(request), await bookOf(request), request.query));
  api.post("/books/:book/masterdata/match", {
    config: { asks: "masterdata.read", act: "none" }, schema: { tags, summary: "一条记录像谁,不保存 What one record would be, keeping nothing", params: BookParams, body: Type.Object({ domain: text(40), system: some(60), code: some(), fields: Type.Record(text(60), text(1_000)) }, { additionalProperties: false }), response: done },
  }, async (request) => {
    const { domain, system = "", code = "", fields } = request.body;
    return (await matchArrival(whole(request), await bookOf(request), { domain, system, company: "", code, payload: fields })).map(({ rootId, otherRecord, waterfall, isSure }) => ({ golden: goldenText(rootId), record: String(otherRecord), ...waterfall, isSure }));
  });
  api.get("/books/:book/masterdata/preview", {
    config: { asks: "masterdata.read" }, schema: { tags, summary: "合并或撤销合并之后的样子 What a merge, or taking one back, would make", params: BookParams, querystring: Type.Object({ into: some(30), from: some(30), unmerge: some(30) }, { additionalProperties: false }), response: done },
  }, async (request) => {
    const acting = whole(request), book = await bookOf(request), { into, from, unmerge } = request.query;
    const preview = unmerge !== undefined ? await previewUnmerge(acting, book, unmerge) : await previewMerge(acting, book, into ?? "", from ?? "");
    return { ...preview, after: preview.after.map((side) => ({ ...side, fields: side.fields.map((field) => (hides(request, preview.domain)(field.field) ? { ...field, value: null } : field)) })) };
  });

  // Decided ------------------------------------------------------------------------------------------------------------------------

  api.post("/books/:book/masterdata/acts", {
    config: { asks: "masterdata.edit", act: { name: "masterdata.decided", object: (request) => ({ kind: "masterdata", id: objectOf(request.body) }), after: (request, answer) => ({ with: (request.body as { act?: unknown }).act, ...(answer as object) }) } },
    schema: { tags, summary: "主数据的决定:合并、撤销、拆出、映射、停用等;需四眼时成为申请 A decision: merge, take back, split, map, suspend …; a request where a second person must agree", params: BookParams, body: Type.Object({ act: Act, reason: Reason }, { additionalProperties: false }), response: done },
  }, async (request) => actOnMaster(whole(request), await bookOf(request), request.body.act as StewardAct, request.body.reason));
  api.get("/books/:book/masterdata/requests", { config: { asks: "masterdata.read" }, schema: { tags, summary: "变更申请 Change requests", params: BookParams, querystring: Type.Object({ state: some(20) }, { additionalProperties: false }), response: done } },
    async (request) => (await listRequests(whole(request), await bookOf(request), request.query.state)).map((one) => ({ ...one, isOwn: one.askedBy === request.principal?.id })));
  api.post("/books/:book/masterdata/requests/:no/approve", { config: { asks: "masterdata.edit", act: { name: "masterdata.approved" } }, schema: { tags, summary: "批准变更申请 Approve a change request", params: NoParams, body: Type.Object({ note: some(500) }, { additionalProperties: false }), response: done } },
    async (request) => approveOnMaster(whole(request), await bookOf(request), request.params.no, request.body.note ?? ""));
  api.post("/books/:book/masterdata/requests/:no/reject", { config: { asks: "masterdata.edit", act: { name: "masterdata.rejected" } }, schema: { tags, summary: "拒绝或撤回变更申请 Reject a change request, or withdraw one's own", params: NoParams, body: Type.Object({ note: text(500) }, { additionalProperties: false }), response: done } }, async (request) => {
    await rejectRequest(whole(request), await bookOf(request), request.params.no, request.body.note);
    return { no: request.params.no };
  });

  // Kept by ------------------------------------------------------------------------------------------------------------------------

  api.get("/books/:book/masterdata/policies", { config: { asks: "masterdata.read" }, schema: { tags, summary: "各域的来源信任、自动合并、四眼 Trust of sources, merging by itself, four eyes, by domain", params: BookParams, response: done } }, async (request) => listPolicies(whole(request), await bookOf(request), domains.map(({ name }) => name)));
  api.put("/books/:book/masterdata/policies/:domain", {
    config: { asks: "masterdata.edit", act: { name: "masterdata.policyChanged", before: async (of, request) => (await listPolicies(of, await loadBook(of.db, (request.params as { book: string }).book), [(request.params as { domain: string }).domain]))[0], after: (request) => request.body } },
    schema: {
      tags, summary: "设定一个域的来源信任、自动合并、四眼、严格 Set trust, merging, four eyes and strictness of a domain", params: Type.Object({ book: Type.String(), domain: text(40) }),
      body: Type.Object({ trust: Type.Array(text(60), { maxItems: 30 }), fields: Type.Optional(Type.Record(text(60), Type.Object({ rule: Type.Optional(Type.Union([Type.Literal("recent"), Type.Literal("frequent"), Type.Literal("longest")])), trust: Type.Optional(Type.Array(text(60), { maxItems: 30 })) }, { additionalProperties: false }))), autoMerge: Type.Boolean(), fourEyes: Type.Boolean(), strict: Type.Boolean() }, { additionalProperties: false }), response: done,
    },
  }, async (request) => {
    const acting = whole(request), book = await bookOf(request), { domain } = request.params;
    if (!domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
    return (await keepByPolicy(acting, book, { domain, ...request.body, fields: request.body.fields ?? {} })).policy;
  });
  api.get("/books/:book/masterdata/standards", { config: { asks: "masterdata.read" }, schema: { tags, summary: "编码规范 Code standards", params: BookParams, response: done } }, async (request) => listStandards(whole(request), await bookOf(request)));
  api.post("/books/:book/masterdata/standards", {
    config: { asks: "masterdata.edit", act: { name: "masterdata.standardAdded", after: (request) => request.body } },
    schema: { tags, summary: "添加编码规范 Add a code standard", params: BookParams, body: Type.Object({ domain: text(40), system: some(60), field: text(60), pattern: some(80), check: some(30), isRequired: flag, zh: text(200), en: text(200) }, { additionalProperties: false }), response: done },
  }, async (request) => addStandard(whole(request), await bookOf(request), request.body));
  api.delete("/books/:book/masterdata/standards/:no", { config: { asks: "masterdata.edit", act: { name: "masterdata.standardDropped" } }, schema: { tags, summary: "删除编码规范 Remove a code standard", params: NoParams, response: done } }, async (request) => {
    await dropStandard(whole(request), await bookOf(request), request.params.no);
    return { no: request.params.no };
  });
  api.get("/books/:book/masterdata/trees", { config: { asks: "masterdata.read" }, schema: { tags, summary: "层级 Trees", params: BookParams, response: done } }, async (request) => listTrees(whole(request), await bookOf(request)));
  const TreeParams = Type.Object({ book: Type.String(), tree: text(60) });
  api.get("/books/:book/masterdata/trees/:tree", { config: { asks: "masterdata.read" }, schema: { tags, summary: "某日的层级 A tree as it stands on a day", params: TreeParams, querystring: Type.Object({ on: Day }, { additionalProperties: false }), response: done } },
    async (request) => readTree(whole(request), await bookOf(request), request.params.tree, request.query.on ?? ctx.now().toISOString().slice(0, 10)));
  api.put("/books/:book/masterdata/trees/:tree/nodes/:node", {
    config: { asks: "masterdata.edit", act: { name: "masterdata.nodePlaced", after: (request) => request.body } },
    schema: { tags, summary: "放置或移动节点 Put a node into a tree, or move it", params: Type.Object({ book: Type.String(), tree: text(60), node: text(120) }), body: Type.Object({ zh: text(200), en: some(200), parent: some(120), golden: some(30), from: Day }, { additionalProperties: false }), response: done },
  }, async (request) => {
    await placeNode(whole(request), await bookOf(request), { tree: request.params.tree, node: request.params.node, ...request.body });
    return { node: request.params.node };
  });
  api.delete("/books/:book/masterdata/trees/:tree/nodes/:node", { config: { asks: "masterdata.edit", act: { name: "masterdata.nodeEnded" } }, schema: { tags, summary: "自某日移出层级 Take a node out of a tree from a day on", params: Type.Object({ book: Type.String(), tree: text(60), node: text(120) }), querystring: Type.Object({ from: Day }, { additionalProperties: false }), response: done } }, async (request) => {
    await endNode(whole(request), await bookOf(request), request.params.tree, request.params.node, request.query.from ?? ctx.now().toISOString().slice(0, 10));
    return { node: request.params.node };
  });
  api.post("/books/:book/masterdata/trees/:tree/grow", { config: { asks: "masterdata.edit", act: { name: "masterdata.treeGrown" } }, schema: { tags, summary: "按记录所写的上级或分组生成层级 Make a tree from what records say of their parents or groups", params: TreeParams, response: done } }, async (request) => growTree(whole(request), await bookOf(request), request.params.tree));
  api.get("/books/:book/masterdata/units", { config: { asks: "masterdata.read" }, schema: { tags, summary: "单位换算 Unit conversions", params: BookParams, querystring: Type.Object({ golden: some(30) }, { additionalProperties: false }), response: done } }, async (request) => listUnitFactors(whole(request), await bookOf(request), request.query.golden));
  api.post("/books/:book/masterdata/units", {
    config: { asks: "masterdata.edit", act: { name: "masterdata.unitAdded", after: (request) => request.body } }, schema: { tags, summary: "添加单位换算 Add a unit conversion", params: BookParams, body: Type.Object({ golden: some(30), from: text(40), to: text(40), factor: text(60), validFrom: Day }, { additionalProperties: false }), response: done },
  }, async (request) => {
    const acting = whole(request), book = await bookOf(request);
    return addUnitOnMaster(acting, book, request.body);
  });
  api.delete("/books/:book/masterdata/units/:no", { config: { asks: "masterdata.edit", act: { name: "masterdata.unitDropped" } }, schema: { tags, summary: "删除单位换算 Remove a unit conversion", params: NoParams, response: done } }, async (request) => {
    const book = await bookOf(request);
    await dropUnitFactor(whole(request), book, request.params.no);
    await forgetWriters(ctx.db, book);
    return { no: request.params.no };
  });

  // Measured, carried in and out ---------------------------------------------------------------------------------------------------

  api.get("/books/:book/masterdata/scores", { config: { asks: "masterdata.read" }, schema: { tags, summary: "数据质量,按域与系统 Data quality by domain and system", params: BookParams, response: done } }, async (request) => readScores(whole(request), await bookOf(request)));
  api.post("/books/:book/masterdata/scores/rebuild", { config: { asks: "masterdata.read", act: "none" }, schema: { tags, summary: "重新计算数据质量 Work data quality out again", params: BookParams, response: done } }, async (request) => {
    const acting = whole(request), book = await bookOf(request);
    while ((await takeArrivals(acting, book, { openValue: openValueIn(ctx) })) > 0);
    await rebuildScores(acting, book);
    return readScores(acting, book);
  });
  api.get("/books/:book/masterdata/generic-keys", { config: { asks: "masterdata.read" }, schema: { tags, summary: "过于普遍、不再使用的键 Keys that too many records share, which are not followed", params: BookParams, response: done } }, async (request) => listGenericKeys(whole(request), await bookOf(request)));
  api.get("/books/:book/masterdata/models", { config: { asks: "masterdata.read" }, schema: { tags, summary: "匹配模型:阈值与按人的回答校准 Models of matching: thresholds, and what people's answers say of them", params: BookParams, response: done } }, async (request) => listModels(whole(request), await bookOf(request)));
  api.post("/books/:book/masterdata/models/:domain/learn", { config: { asks: "masterdata.edit", act: { name: "masterdata.modelLearned" } }, schema: { tags, summary: "用本账簿的记录学习权重 Learn the weights from the book's own records", params: Type.Object({ book: Type.String(), domain: text(40) }), response: done } }, async (request) => learnModelOf(whole(request), await bookOf(request), request.params.domain));
  api.get("/books/:book/masterdata/sheet/:domain", {
    config: { asks: "masterdata.read", act: { name: "list.exported", object: (request) => ({ kind: "list", id: `masterdata ${(request.params as { domain: string }).domain}` }), after: (request) => request.query } },
    schema: { tags, summary: "导出主数据 Master data as a sheet", params: Type.Object({ book: Type.String(), domain: text(40) }), querystring: Type.Object({ format: Type.Optional(Type.Union([Type.Literal("csv"), Type.Literal("xlsx")])), language: Type.Optional(Type.Union([Type.Literal("zh"), Type.Literal("en")])) }, { additionalProperties: false }), response: { ...errors } },
  }, async (request, reply) => {
    const { format = "xlsx", language = "zh" } = request.query, { domain } = request.params;
    const { type, body } = exportMasters(whole(request), await bookOf(request), domain, { format, language, hidden: hides(request, domain) });
    return reply.type(type).header("content-disposition", `attachment; filename*=UTF-8''${encodeURIComponent(`${domainWords(domain)[language]}.${format}`)}`).send(body);
  });
  const file = { name: text(200), content: Type.String(), domain: text(40), system: Type.String({ maxLength: 60, description: "行内未写系统时用它 For rows that name no system" }) };
  const File = Type.Object(file, { additionalProperties: false });
  const Taken = Type.Object({ ...file, take: Type.Optional(Type.Union([Type.Literal("all"), Type.Literal("right")], { description: "all：有一行不合规就都不收；right：只收没有问题的行 all: nothing is kept when a row is wrong; right: rows without a problem are taken" })) }, { additionalProperties: false });
  api.post("/books/:book/masterdata/import/preview", { config: { asks: "masterdata.edit", act: "none" }, schema: { tags, summary: "预览导入文件,不保存 Preview a file, keep nothing", params: BookParams, body: File, response: done } }, async (request) => previewMasters(whole(request), await bookOf(request), request.body));
  api.post("/books/:book/masterdata/import", { config: { asks: "masterdata.edit", act: { name: "masterdata.imported", object: (request) => ({ kind: "file", id: (request.body as { name?: string } | undefined)?.name ?? "" }) } }, schema: { tags, summary: "导入主数据 Import master data", params: BookParams, body: Taken, response: done } }, async (request) => importMasters(whole(request), await bookOf(request), request.body));

  // Published ----------------------------------------------------------------------------------------------------------------------

  const Wanted = Type.Object({ target: text(60), domain: text(40), wants: Type.Union([Type.Literal("golden"), Type.Literal("mapping")]) }, { additionalProperties: false });
  api.get("/books/:book/masterdata/publications", { config: { asks: "masterdata.read" }, schema: { tags, summary: "发布:订阅与已发 Who is told of golden records, and what they were told", params: BookParams, response: done } }, async (request) => {
    const acting = whole(request), book = await bookOf(request);
    return { subscriptions: await listSubscriptions(acting, book), publications: await listPublications(acting, book), targets: (await flows.listFlows(ctx.db, book.bookId)).filter(({ direction }) => direction === "out").map(({ flow }) => flow) };
  });
  api.post("/books/:book/masterdata/subscriptions", { config: { asks: "masterdata.edit", act: { name: "masterdata.subscribed", after: (request) => request.body } }, schema: { tags, summary: "向一条送达流发布黄金记录或对照 Publish golden records or mappings to a delivery flow", params: BookParams, body: Wanted, response: done } }, async (request) => {
    const acting = whole(request), book = await bookOf(request), { target } = request.body;
    if (!(await flows.listFlows(ctx.db, book.bookId)).some(({ flow, direction }) => flow === target && direction === "out")) refuse("masterdata.target_unknown", { target });
    await subscribe(acting, book, request.body);
    return request.body;
  });
  api.delete("/books/:book/masterdata/subscriptions", { config: { asks: "masterdata.edit", act: { name: "masterdata.unsubscribed", after: (request) => request.query } }, schema: { tags, summary: "停止发布 Stop publishing", params: BookParams, querystring: Wanted, response: done } }, async (request) => {
    await unsubscribe(whole(request), await bookOf(request), request.query);
    return request.query;
  });
}

const objectOf = (body: unknown): string => {
  const { act } = (body ?? {}) as { readonly act?: Readonly<Record<string, unknown>> };
  return [act?.act, act?.golden ?? act?.into ?? act?.code ?? act?.record ?? act?.candidate ?? act?.mapping ?? act?.decision ?? ""].map(String).join(" ").trim();
};
