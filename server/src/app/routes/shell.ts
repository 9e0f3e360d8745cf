/** What the frame of the web app shows on every page: counts of the menu, whose turn it is, the search. */
import { Type } from "@fastify/type-provider-typebox";
import { type Duty, type Sight } from "../../access/index.ts";
import { loadBook } from "../../books/index.ts";
import { kinds, masterKinds } from "../../documents/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { BookParams, errors } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import { indexNames, type NameIndex, searchNames } from "../name-search.ts";
import * as store from "../shell.store.ts";

const tags = ["system"];
const todoWords = {
  parked: { zh: "处理挂起的单据", en: "Parked documents to decide", duty: "documents.decide", to: "documents/parked" },
  drafts: { zh: "审核凭证", en: "Vouchers to review", duty: "vouchers.review", to: "vouchers/review" },
  rules: { zh: "批准规则版本", en: "Rule versions to approve", duty: "rules.approve", to: "rules" },
  deadLetters: { zh: "处理死信", en: "Dead letters to decide", duty: "flows.manage", to: "connectors/dead-letters" },
  deliveries: { zh: "处理送达", en: "Deliveries to decide", duty: "deliveries.decide", to: "delivery" },
  payments: { zh: "批准付款批次", en: "Payments to approve", duty: "payments.approve", to: "reconciliation/payments?view=batches" },
  supplierAccounts: { zh: "批准收款账户变更", en: "Changed accounts of suppliers to approve", duty: "payments.approve", to: "reconciliation/payments?view=accounts" },
  alerts: { zh: "认领预警", en: "Alerts to acknowledge", duty: "alerts.read", to: "reconciliation/alerts?mine=1" },
} as const satisfies Record<string, { readonly zh: string; readonly en: string; readonly duty: Duty; readonly to: string }>;
const Found = Type.Object({ kind: Type.String(), zh: Type.String(), en: Type.String(), title: Type.String(), note: Type.String(), to: Type.String({ description: "网页地址,账簿之后的部分 Where it is in the web app, below the book" }) });
const found = 8;

export function shellRoutes(api: Http, ctx: Ctx): void {
  /** Prepared names of a book by what they were prepared from. */
  const indexes = new Map<number, { readonly stamp: string; readonly index: NameIndex }>();
  const namesOf = async (bookId: number): Promise<NameIndex> => {
    const stamp = await store.stampOfNames(ctx.db, bookId);
    const kept = indexes.get(bookId);
    if (kept?.stamp === stamp) return kept.index;
    const index = indexNames(await store.findNames(ctx.db, bookId));
    indexes.set(bookId, { stamp, index });
    return index;
  };
  const may = (sight: Sight, duty: Duty): boolean => sight.duties.has(duty);

  const Counts = Object.fromEntries(["todo", "documents", "parked", "masterdata", "drafts", "ruleDrafts", "vouchers", "sources", "deadLetters", "deliveries"].map((name) => [name, Type.Integer()]));
  api.get("/books/:book/counts", { config: { asks: "signedIn" }, schema: { tags, summary: "菜单旁的计数 Counts beside the menu", params: BookParams, response: { 200: Type.Object(Counts), ...errors } } }, async (request) => {
    const acting = actorOf(ctx, request);
    const { sight } = request;
    const none = { todo: 0, documents: 0, parked: 0, masterdata: 0, drafts: 0, ruleDrafts: 0, vouchers: 0, sources: 0, deadLetters: 0, deliveries: 0 };
    if (sight.duties.size === 0) return none;
    const { bookId } = await loadBook(acting.db, request.params.book);
    if (sight.scopes !== null) return { ...none, ...(may(sight, "documents.read") ? { parked: Number((await store.countOpenDocuments(acting.db, bookId)).parked) } : {}) };
    const counts = await store.countShell(acting.db, bookId);
    const todo = (await store.findTodo(acting.db, bookId, acting.actor.id)).filter((row) => row.kind in todoWords && may(sight, todoWords[row.kind as keyof typeof todoWords].duty));
    const shown = (duty: Duty, n: bigint): number => (may(sight, duty) ? Number(n) : 0);
    return {
      todo: todo.reduce((sum, row) => sum + Number(row.count), 0), documents: shown("documents.read", counts.documents), parked: shown("documents.decide", counts.parked), masterdata: shown("masterdata.read", counts.masterdata), drafts: shown("vouchers.review", counts.drafts),
      ruleDrafts: shown("rules.read", counts.ruleDrafts), vouchers: shown("vouchers.read", counts.vouchers), sources: shown("flows.read", counts.sources), deadLetters: shown("flows.read", counts.deadLetters), deliveries: shown("deliveries.read", counts.deliveries),
    };
  });

  api.get("/books/:book/todo", {
    config: { asks: "signedIn" }, schema: { tags, summary: "轮到我的事 What waits for me", params: BookParams, response: { 200: Type.Array(Type.Object({ kind: Type.String(), zh: Type.String(), en: Type.String(), count: Type.Integer(), oldestAt: Type.Union([Type.String(), Type.Null()]), to: Type.String() })), ...errors } },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    if (request.sight.duties.size === 0 || request.sight.scopes !== null) return [];
    const rows = await store.findTodo(acting.db, (await loadBook(acting.db, request.params.book)).bookId, acting.actor.id);
    return rows.flatMap(({ kind, count, oldestAt }) => {
      const { duty, ...words } = todoWords[kind as keyof typeof todoWords];
      return may(request.sight, duty) ? [{ kind, ...words, count: Number(count), oldestAt }] : [];
    });
  });

  api.get("/books/:book/search", {
    config: { asks: "signedIn" }, schema: { tags, summary: "搜索单据、凭证、主数据 Search documents, vouchers and master data", params: BookParams, querystring: Type.Object({ text: Type.String({ minLength: 1, maxLength: 100 }) }, { additionalProperties: false }), response: { 200: Type.Array(Found), ...errors } },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const { sight } = request;
    if (sight.duties.size === 0) return [];
    const { bookId } = await loadBook(acting.db, request.params.book);
    const text = request.query.text.trim();
    const documents = may(sight, "documents.read") ? await store.searchDocuments(acting.db, bookId, text, found) : [];
    const numbered = /^(?:(\p{L}{1,6})\s*[-—－字]?\s*)?0*(\d{1,9})(?:号)?$/u.exec(text);
    const vouchers = numbered && may(sight, "vouchers.read") && sight.scopes === null ? await store.searchVouchers(acting.db, bookId, numbered[1] ?? null, Number(numbered[2]), found) : [];
    // Of a part of the book only its own parties may be named: those with one find them through their documents.
    const names = may(sight, "masterdata.read") && sight.scopes === null ? searchNames(await namesOf(bookId), text, found) : [];
    const kindWords = (kind: string): { zh: string; en: string } => (kinds as Readonly<Record<string, { zh: string; en: string }>>)[kind] ?? (masterKinds as Readonly<Record<string, { zh: string; en: string }>>)[kind] ?? { zh: kind, en: kind };
    return [
      ...vouchers.map((row) => ({ kind: "voucher", zh: "凭证", en: "Voucher", title: `${row.series}-${row.number}`, note: `${row.date} ${row.summary}`, to: `vouchers/${row.period}/${encodeURIComponent(`${row.series}-${row.number}`)}` })),
      ...documents.map((row) => ({ kind: row.kind, zh: kindWords(row.kind).zh, en: kindWords(row.kind).en, title: row.sourceId, note: `${row.date} ${row.party}`, to: `documents/one?of=${encodeURIComponent(`${row.source}:${row.kind}/${row.sourceId}`)}` })),
      ...names.map((name) => ({ kind: name.kind, zh: kindWords(name.kind).zh, en: kindWords(name.kind).en, title: name.zh, note: name.code, to: `masterdata/${name.kind}/${encodeURIComponent(name.code)}` })),
    ];
  });
}
