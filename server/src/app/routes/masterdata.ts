/** 主数据 over HTTP: kinds, codes, one code with its sources and its use, and what is missing. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Book, loadAccounts, loadBook } from "../../books/index.ts";
import { listMasterKinds, listMasters, listMissingMasters, listTheseMasters, type MasterField, showMaster } from "../../masterdata/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { formatMoney, formatTrimmed, parseMoney, QUANTITY_SCALE } from "../../values/index.ts";
import { readOpenItems } from "../../vouchers/index.ts";
import { BookParams, errors, PageQuery } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";
import * as use from "../masterdata-use.store.ts";
import { masterdataDeskRoutes } from "./masterdata-desk.ts";
import { indexNames, type NameIndex, searchNames } from "../name-search.ts";
import * as shell from "../shell.store.ts";

const tags = ["masterdata"];
const Words = Type.Object({ zh: Type.String(), en: Type.String() });
const FieldView = Type.Object({ name: Type.String(), zh: Type.String(), en: Type.String(), value: Type.Union([Type.String(), Type.Null()], { description: "无权查看为空 null where it may not be seen" }), of: Type.Union([Type.String(), Type.Null()]) });
const Listed = { kind: Type.String(), kindWords: Words, code: Type.String(), zh: Type.String(), en: Type.String(), sources: Type.Array(Type.String()), fields: Type.Array(FieldView), version: Type.Integer(), changedAt: Type.String(), isDisputed: Type.Boolean() };
const Nullable = Type.Union([Type.String(), Type.Null()]);
const Used = Type.Object({
  vouchers: Type.Integer(), documents: Type.Integer(), openItems: Type.Integer(), openBase: Nullable,
  accounts: Type.Array(Type.Object({ account: Type.String(), zh: Type.String(), en: Type.String(), debit: Nullable, credit: Nullable, balance: Nullable })),
  stock: Type.Array(Type.Object({ pool: Type.String(), quantity: Type.String(), amount: Nullable })),
}, { description: "无权查看全账簿时部分为空 Parts are empty for whoever sees a part of the book" });

/** Under which name the accounts carry a kind. */
const dimensionOf: Readonly<Record<string, string>> = { customer: "counterparty", supplier: "counterparty", employee: "counterparty", item: "item", department: "department", project: "project", warehouse: "warehouse", region: "region", bankAccount: "bankAccount" };
const found = 200;

export function masterdataRoutes(api: Http, ctx: Ctx): void {
  masterdataDeskRoutes(api, ctx);
  const bookOf = (request: { readonly params: { readonly book: string } }): Promise<Book> => loadBook(ctx.db, request.params.book);

  /** Prepared names of a book by what they were prepared from; a part of the book is read anew for each. */
  const indexes = new Map<number, { readonly stamp: string; readonly index: NameIndex }>();
  const namesOf = async (request: FastifyRequest, bookId: number): Promise<NameIndex> => {
    if (request.sight.scopes !== null) return indexNames(await shell.findNames(actorOf(ctx, request).db, bookId));
    const stamp = await shell.stampOfNames(ctx.db, bookId);
    const kept = indexes.get(bookId);
    if (kept?.stamp === stamp) return kept.index;
    const index = indexNames(await shell.findNames(ctx.db, bookId));
    indexes.set(bookId, { stamp, index });
    return index;
  };
  const masked = <F extends { readonly kind: string; readonly fields: readonly MasterField[] }>(request: FastifyRequest, one: F): F =>
    (request.sight.columns.has("bank") ? one : { ...one, fields: one.fields.map((field) => (isBankNumber(one.kind, field.name) ? { ...field, value: null as unknown as string } : field)) });

  api.get("/books/:book/masterdata/kinds", {
    config: { asks: "masterdata.read" }, schema: { tags, summary: "主数据类别与数量 Kinds of master data and how many codes each has", params: BookParams, response: { 200: Type.Object({ kinds: Type.Array(Type.Object({ kind: Type.String(), zh: Type.String(), en: Type.String(), codes: Type.Integer(), changedAt: Nullable })), missing: Type.Integer() }), ...errors } },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await bookOf(request);
    const [kinds, missing] = [await listMasterKinds(acting, book), await listMissingMasters(acting, book)];
    return { kinds, missing: missing.length };
  });

  api.get("/books/:book/masterdata", {
    config: { asks: "masterdata.read" }, schema: {
      tags, summary: "主数据:按类别,或按代码、名称、拼音查找 Master data of a kind, or found by code, name or pinyin", params: BookParams,
      querystring: Type.Object({ kind: Type.Optional(Type.String({ maxLength: 40 })), text: Type.Optional(Type.String({ maxLength: 100 })), ...PageQuery }, { additionalProperties: false }), response: { 200: Type.Array(Type.Object({ ...Listed, cursor: Type.String() })), ...errors },
    },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await bookOf(request);
    const { kind, text = "", after, limit } = request.query;
    if (text.trim() !== "") {
      if (after !== undefined) return []; // the best are answered at once
      const names = await namesOf(request, book.bookId);
      return (await listTheseMasters(acting, book, searchNames(names, text.trim(), Math.min(limit ?? found, found), kind === undefined || kind === "" ? undefined : kind))).map((one) => masked(request, one));
    }
    return (await listMasters(acting, book, { kind: kind === undefined || kind === "" ? "customer" : kind, after, limit: limit ?? 100 })).map((one) => masked(request, one));
  });

  api.get("/books/:book/masterdata/missing", {
    config: { asks: "masterdata.read" }, schema: {
      tags, summary: "单据已用、主数据缺失的编码 Codes that documents name and no source has sent", params: BookParams,
      response: { 200: Type.Array(Type.Object({ problem: Type.String(), kind: Type.String(), kindWords: Words, code: Type.String(), source: Type.String(), unit: Type.String(), alike: Type.Array(Type.String()), documents: Type.Integer(), since: Type.String(), example: Type.String() })), ...errors },
    },
  }, async (request) => listMissingMasters(actorOf(ctx, request), await bookOf(request)));

  api.get("/books/:book/masterdata/:kind/:code", {
    config: { asks: "masterdata.read" }, schema: {
      tags, summary: "一个编码:各来源、版本与用处 One code: what each source says, and where it is used", params: Type.Object({ book: Type.String(), kind: Type.String({ maxLength: 40 }), code: Type.String({ maxLength: 200 }) }),
      response: { 200: Type.Object({ ...Listed, disputed: Type.Array(Type.String()), used: Used, records: Type.Array(Type.Object({ source: Type.String(), version: Type.Integer(), changedAt: Type.String(), name: Words, fields: Type.Array(FieldView), units: Type.Array(Type.Object({ unit: Type.String(), quantity: Type.String() })) })) }), ...errors },
    },
  }, async (request) => {
    const acting = actorOf(ctx, request);
    const book = await bookOf(request);
    const { kind, code } = request.params;
    const shown = await showMaster(acting, book, kind, code);
    return { ...masked(request, shown), records: shown.records.map((record) => ({ ...record, fields: masked(request, { kind, fields: record.fields }).fields })), used: await usedOf(acting, book, request, kind, code) };
  });
}

const isBankNumber = (kind: string, name: string): boolean => (kind === "bankAccount" && name === "number") || /bank/i.test(name);

async function usedOf(acting: Ctx, book: Book, { sight }: FastifyRequest, kind: string, code: string) {
  const isParty = kind === "customer" || kind === "supplier" || kind === "employee";
  const openItems = isParty ? await readOpenItems(acting, book, { party: code }) : [];
  // What customers owe counts up for a customer; what we owe, for a supplier or an employee.
  const own = kind === "customer" ? "receivable" : "payable";
  const openBase = openItems.reduce((sum, item) => sum + (item.side === own ? 1n : -1n) * (parseMoney(item.openBase, book.currency) ?? 0n), 0n);
  const documents = isParty ? Number((await use.countDocumentsOfParty(acting.db, book.bookId, code)).documents) : 0;
  const nothing = { vouchers: 0, documents, accounts: [], stock: [] };
  const open = { openItems: openItems.length, openBase: openItems.length === 0 ? null : formatMoney(openBase, book.currency) };
  const dimension = dimensionOf[kind];
  if (sight.scopes !== null || dimension === undefined || !sight.duties.has("books.read")) return { ...nothing, ...open };
  const rows = await use.findAccountsOf(acting.db, book.bookId, { [dimension]: code });
  const counted = rows.length === 0 ? { vouchers: 0n, documents: 0n } : await use.countVouchersOf(acting.db, book.bookId, rows.map(({ account }) => account), [...new Set(rows.flatMap(({ sets }) => sets))]);
  const chart = await loadAccounts(acting.db, book);
  const money = (amount: bigint): string => formatMoney(amount, book.currency);
  const isShown = (account: string): boolean => (sight.columns.has("cost") || kind !== "item") && (sight.columns.has("salary") || !account.startsWith("2211")) && (sight.columns.has("bank") || kind !== "bankAccount");
  return {
    ...open, vouchers: Number(counted.vouchers), documents: isParty ? documents : Number(counted.documents),
    accounts: rows.map(({ account, debit, credit }) => ({ account, zh: chart.get(account)?.zh ?? "", en: chart.get(account)?.en ?? "", ...(isShown(account) ? { debit: money(debit), credit: money(credit), balance: money(debit - credit) } : { debit: null, credit: null, balance: null }) })),
    stock: kind !== "item" ? [] : (await use.findPoolsOf(acting.db, book.bookId, code)).map(({ pool, quantity, amount }) => ({ pool, quantity: formatTrimmed(quantity, QUANTITY_SCALE), amount: sight.columns.has("cost") ? money(amount) : null })),
  };
}
