/**
 * 业务与账簿: both sides of every controlled account, by party or item and period. The business side is added up from what documents did to the
 * sub-ledgers and from what their rules were given, the books side from balances; neither is made from the other. Where a cell differs, and only there,
 * both sides are added up by document, so that the difference has names.
 */
import { type Book, loadAccounts } from "../../books/index.ts";
import type { Db, Store } from "../../platform/index.ts";
import * as store from "./sides.store.ts";

export type LedgerId = "stock" | "receivable" | "payable" | "prepayment" | "advance" | "estimate" | "revenue" | "cost" | "outputTax" | "inputTax";

export type Ledger = {
  readonly id: LedgerId;
  readonly accounts: readonly string[];
  /** The dimensions that name a row; none where the ledger is compared as a whole. */
  readonly by: readonly string[];
  /** An amount of this side counts as +. */
  readonly side: "debit" | "credit";
  /** Only vouchers of these kinds of document count; of the others the ledger has no business side. */
  readonly kinds?: readonly string[];
  readonly roles?: readonly string[];
};

/** Documents that make what the account holds: what they take back is shown as less increase, as red vouchers do. */
const increasing: ReadonlySet<string> = new Set(["salesInvoice", "supplierInvoice", "costInvoice", "freightBill", "consignmentList", "assetAcquisition", "openingBalance", "goodsReceipt", "goodsReturn", "shipment"]);

export async function ledgersOf(db: Db, book: Book): Promise<Ledger[]> {
  const accounts = [...(await loadAccounts(db, book)).values()].filter(({ postable }) => postable);
  const below = (...codes: readonly string[]): string[] => accounts.filter(({ code }) => codes.some((one) => code === one || code.startsWith(`${one}.`))).map(({ code }) => code);
  const party = ["counterparty", "employee"];
  const ledgers: Ledger[] = [
    { id: "stock", accounts: accounts.filter(({ type, carries }) => type === "asset" && [...(carries.dimensions ?? []), ...(carries.optional ?? [])].includes("warehouse")).map(({ code }) => code), by: ["item"], side: "debit" },
    { id: "receivable", accounts: below("1122"), by: party, side: "debit" },
    { id: "prepayment", accounts: below("1123"), by: party, side: "debit" },
    { id: "payable", accounts: below("2202").filter((code) => !code.startsWith("2202.02")), by: party, side: "credit" },
    { id: "estimate", accounts: below("2202.02"), by: party, side: "credit" },
    { id: "advance", accounts: below("2203", "2204"), by: party, side: "credit" },
    { id: "revenue", accounts: accounts.filter(({ code, type }) => type === "income" && /^(6001|6051|5001|5051)/.test(code)).map(({ code }) => code), by: [], side: "credit", kinds: ["salesInvoice", "consignmentList"], roles: ["revenue"] },
    { id: "cost", accounts: accounts.filter(({ code, type }) => type === "expense" && /^(6401|5401)/.test(code)).map(({ code }) => code), by: [], side: "debit", kinds: ["salesInvoice", "consignmentList"], roles: ["cost", "freightCost"] },
    { id: "outputTax", accounts: below("2221.01.02"), by: [], side: "credit", kinds: ["salesInvoice"], roles: ["tax"] },
    { id: "inputTax", accounts: below("2221.01.01", "2221.08"), by: [], side: "debit", kinds: ["supplierInvoice", "costInvoice", "freightBill", "expenseClaim", "assetAcquisition"], roles: ["tax"] },
  ];
  return ledgers.filter((ledger) => ledger.accounts.length > 0 && isKept(book, ledger));
}

/** Revenue, cost and tax have their figures with the invoice; a book that takes them elsewhere is compared by its open items and stock. */
const isKept = (book: Book, { roles }: Ledger): boolean => roles === undefined || (book.settings.revenueAt === "invoice" && book.settings.taxpayer === "general");

export type Move = { readonly ledger: LedgerId; readonly account: string; readonly of: string; readonly period: string; readonly documentId: number; readonly kind: string; /** In the ledger's own direction. */ readonly amount: bigint; /** Shown as increase, whatever its sign; else as decrease. */ readonly isIncrease: boolean };

/** What every document in force did to the ledgers, one pass over the events. */
export async function eachMove(db: Store, book: Book, ledgers: readonly Ledger[], take: (move: Move) => void): Promise<number> {
  const byAccount = new Map(ledgers.filter(({ roles }) => roles === undefined).flatMap((ledger) => ledger.accounts.map((account) => [account, ledger] as const)));
  const estimate = ledgers.find(({ id }) => id === "estimate");
  const flows = ledgers.filter(({ roles }) => roles !== undefined);
  const holders = new Map<string, { readonly account: string; readonly party: string; readonly kind: string }>();
  for await (const [document = "", line = "", what = "", account = "", party = "", kind = ""] of rowsOf(db.copyOut(store.holders(book.bookId)))) holders.set(`${document}/${what}/${line}`, { account, party, kind });
  const kinds = [...new Set(flows.flatMap((flow) => flow.kinds ?? []))];
  let read = 0;
  for await (const [document = "", kind = "", period = "", facts = "", effects = ""] of rowsOf(db.copyOut(store.events(book.bookId, kinds)))) {
    read++;
    const documentId = Number(document);
    for (const effect of effects === "" ? [] : effects.split("\u001e")) {
      if (!effect.startsWith("h\u001f")) continue;
      const parts = effect.split("\u001f");
      const what = parts[2] as string;
      if (what !== "open" && what !== "estimate" && what !== "advanceTax") continue;
      const base = figure(parts[4]) - figure(parts[6]);
      if (base === 0n) continue;
      const of = holders.get(`${parts[1]}/${what}/${parts[8] ?? ""}`);
      if (of === undefined) continue;
      if (what === "estimate") {
        // What a return holds is owed back: it stands against the estimate.
        if (estimate) take({ ledger: "estimate", account: estimate.accounts[0] as string, of: of.party, period, documentId, kind, amount: of.kind === "goodsReturn" ? -base : base, isIncrease: increasing.has(kind) || base > 0n });
        continue;
      }
      // The tax part of an advance stands on the tax account; its open item holds the whole.
      const open = what === "open" ? of : holders.get(`${parts[1]}/open/${parts[8] ?? ""}`);
      const ledger = open && byAccount.get(open.account);
      if (open && ledger && (what === "open" || ledger.id === "advance")) take({ ledger: ledger.id, account: open.account, of: open.party, period, documentId, kind, amount: what === "open" ? base : -base, isIncrease: increasing.has(kind) || base > 0n });
    }
    if (facts !== "") for (const flow of flows) if (flow.kinds?.includes(kind)) {
      const amount = sumOfRoles(facts, flow.roles ?? []);
      if (amount !== 0n) take({ ledger: flow.id, account: flow.accounts[0] as string, of: "", period, documentId, kind, amount, isIncrease: true });
    }
  }
  return read;
}

/** Rows are role|line|amount|…; see the stage rules. */
function sumOfRoles(facts: string, roles: readonly string[]): bigint {
  let sum = 0n;
  for (let at = facts.startsWith("~") ? 1 : 0; at < facts.length; ) {
    const end = facts.indexOf(";", at);
    const stop = end < 0 ? facts.length : end;
    const first = facts.indexOf("|", at);
    if (roles.includes(facts.slice(at, first))) {
      const second = facts.indexOf("|", first + 1);
      const third = facts.indexOf("|", second + 1);
      sum += BigInt(facts.slice(second + 1, third < 0 || third > stop ? stop : third));
    }
    at = stop + 1;
  }
  return sum;
}

const figure = (text: string | undefined): bigint => (text === undefined || text === "" ? 0n : BigInt(text));

/** Rows of COPY's text; what is asked here has no control characters of COPY's own in it but those that are escaped. */
export async function* rowsOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<string[], void, undefined> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    const end = bytes.lastIndexOf(10);
    rest = Buffer.from(bytes.subarray(end + 1));
    if (end < 0) continue;
    for (const line of bytes.toString("utf8", 0, end).split("\n")) yield line.includes("\\") ? line.split("\t").map((cell) => cell.replace(/\\(.)/gs, (_, code: string) => escapes[code] ?? code)) : line.split("\t");
  }
}
const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", f: "\f", v: "\v" };

export type Compared = { readonly sides: readonly store.Side[]; /** Cells whose closing differs, whatever the period. */ readonly apart: readonly { readonly ledger: Ledger; readonly account: string; readonly of: string; readonly business: bigint; readonly books: bigint }[]; readonly documents: number };

/** Adds up both sides of everything. */
export async function compareSides(db: Store, book: Book, ledgers: readonly Ledger[]): Promise<Compared> {
  type Cell = { ledger: Ledger; account: string; of: string; period: string; businessIn: bigint; businessOut: bigint; booksIn: bigint; booksOut: bigint };
  const cells = new Map<string, Cell>();
  const byId = new Map(ledgers.map((ledger) => [ledger.id, ledger]));
  const cell = (ledger: Ledger, account: string, of: string, period: string): Cell => {
    const key = `${ledger.id}|${account}|${of}|${period}`;
    let found = cells.get(key);
    if (!found) cells.set(key, (found = { ledger, account, of, period, businessIn: 0n, businessOut: 0n, booksIn: 0n, booksOut: 0n }));
    return found;
  };
  const stock = byId.get("stock");
  const flows = ledgers.filter(({ kinds }) => kinds !== undefined);
  // Each is one pass of the database by itself; they run beside each other.
  const [documents, moved, stockRows, booksRows] = await Promise.all([
    eachMove(db, book, ledgers, (move) => {
      const own = cell(byId.get(move.ledger) as Ledger, move.account, move.of, move.period);
      if (move.isIncrease) own.businessIn += move.amount;
      else own.businessOut -= move.amount;
    }),
    flows.length === 0 ? [] : store.sumBooksOfKinds(db, book.bookId, flows.flatMap(({ accounts }) => accounts), [...new Set(flows.flatMap(({ kinds = [] }) => kinds))]),
    stock === undefined ? [] : store.sumStock(db, book.bookId),
    Promise.all(ledgers.map(({ kinds, accounts, by }) => (kinds === undefined ? store.sumBooks(db, book.bookId, accounts, by) : []))),
  ]);
  // An item stands on the account that its books moved most; both sides are shown there.
  const homes = new Map<string, { account: string; turnover: bigint }>();
  for (const [at, ledger] of ledgers.entries()) {
    const { kinds } = ledger;
    const rows = kinds === undefined ? (booksRows[at] ?? []) : moved.filter(({ account, kind }) => kinds.includes(kind) && ledger.accounts.includes(account));
    const turnovers = new Map<string, bigint>();
    if (ledger === stock) for (const { account, of, debit, credit } of rows) {
      const turnover = (turnovers.get(`${account}|${of}`) ?? 0n) + abs(debit) + abs(credit);
      turnovers.set(`${account}|${of}`, turnover);
      const home = homes.get(of);
      if (home === undefined || home.account === account || turnover > home.turnover) homes.set(of, { account, turnover });
    }
    for (const { account, of, period, debit, credit } of rows) {
      const own = cell(ledger, ledger === stock ? (homes.get(of)?.account ?? account) : ledger.kinds === undefined && ledger.id !== "estimate" ? account : (ledger.accounts[0] as string), of, period);
      own.booksIn += ledger.side === "debit" ? debit : credit;
      own.booksOut += ledger.side === "debit" ? credit : debit;
    }
  }
  if (stock) for (const { item, period, type, amount } of stockRows) {
    const own = cell(stock, homes.get(item)?.account ?? (stock.accounts[0] as string), item, period);
    if (type === "in") own.businessIn += amount;
    else own.businessOut -= amount;
  }
  const closings = new Map<string, { ledger: Ledger; account: string; of: string; business: bigint; books: bigint; isApart: boolean }>();
  for (const one of [...cells.values()].sort((a, b) => (a.period < b.period ? -1 : a.period > b.period ? 1 : 0))) {
    const key = `${one.ledger.id}|${one.account}|${one.of}`;
    let sum = closings.get(key);
    if (!sum) closings.set(key, (sum = { ledger: one.ledger, account: one.account, of: one.of, business: 0n, books: 0n, isApart: false }));
    sum.business += one.businessIn - one.businessOut;
    sum.books += one.booksIn - one.booksOut;
    // Two mistakes that cancel each other at the end, or one that only crosses a period, are mistakes all the same.
    if (sum.business !== sum.books) sum.isApart = true;
  }
  return { sides: [...cells.values()].map(({ ledger, ...rest }) => ({ ledger: ledger.id, ...rest })), apart: [...closings.values()].filter(({ isApart }) => isApart), documents };
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);

export type DocumentSides = { readonly ledger: Ledger; readonly account: string; readonly of: string; readonly documentId: number; readonly kind: string; readonly business: bigint; readonly books: bigint; readonly businessPeriods: readonly string[]; readonly booksPeriods: readonly string[]; readonly vouchers: readonly string[] };

/** The documents behind cells that differ: both sides of each, where they are not equal in amount or in period. */
export async function documentsApart(db: Store, book: Book, ledgers: readonly Ledger[], apart: Compared["apart"]): Promise<DocumentSides[]> {
  if (apart.length === 0) return [];
  const wanted = new Set(apart.map(({ ledger, account, of }) => `${ledger.id}|${account}|${of}`));
  type Both = { ledger: Ledger; account: string; of: string; documentId: number; kind: string; business: Map<string, bigint>; books: Map<string, bigint>; vouchers: Set<string> };
  const found = new Map<string, Both>();
  const both = (ledger: Ledger, account: string, of: string, documentId: number, kind: string): Both => {
    const key = `${ledger.id}|${account}|${of}|${documentId}`;
    let one = found.get(key);
    if (!one) found.set(key, (one = { ledger, account, of, documentId, kind, business: new Map(), books: new Map(), vouchers: new Set() }));
    return one;
  };
  const add = (into: Map<string, bigint>, period: string, amount: bigint): void => void into.set(period, (into.get(period) ?? 0n) + amount);
  const byId = new Map(ledgers.map((ledger) => [ledger.id, ledger]));
  await eachMove(db, book, ledgers.filter(({ id }) => apart.some(({ ledger }) => ledger.id === id)), (move) => {
    if (wanted.has(`${move.ledger}|${move.account}|${move.of}`)) add(both(byId.get(move.ledger) as Ledger, move.account, move.of, move.documentId, move.kind).business, move.period, move.amount);
  });
  for (const ledger of ledgers) {
    const cells = apart.filter((one) => one.ledger === ledger);
    if (cells.length === 0) continue;
    const of = ledger.by.length === 0 ? null : cells.map((one) => one.of);
    const homes = new Map(cells.map((one) => [one.of, one.account]));
    if (ledger.id === "stock") for (const move of await store.findStockMoves(db, book.bookId, of ?? [])) add(both(ledger, homes.get(move.of) as string, move.of, Number(move.documentId), "").business, move.period, move.amount);
    for (const move of await store.findLineMoves(db, book.bookId, ledger.accounts, ledger.by, of, ledger.kinds ?? null)) {
      const account = ledger.id === "stock" || ledger.id === "estimate" || ledger.kinds !== undefined ? (homes.get(move.of) ?? (ledger.accounts[0] as string)) : move.account;
      if (!wanted.has(`${ledger.id}|${account}|${move.of}`)) continue;
      const one = both(ledger, account, move.of, Number(move.documentId), move.kind);
      if (one.kind === "") one.kind = move.kind;
      add(one.books, move.period, ledger.side === "debit" ? move.amount : -move.amount);
      one.vouchers.add(move.voucher);
    }
  }
  const sum = (of: Map<string, bigint>): bigint => [...of.values()].reduce((total, amount) => total + amount, 0n);
  return [...found.values()].flatMap((one) => {
    const periods = new Set([...one.business.keys(), ...one.books.keys()]);
    if (![...periods].some((period) => (one.business.get(period) ?? 0n) !== (one.books.get(period) ?? 0n))) return [];
    const moved = (of: Map<string, bigint>): string[] => [...of].filter(([, amount]) => amount !== 0n).map(([period]) => period).sort();
    return [{ ledger: one.ledger, account: one.account, of: one.of, documentId: one.documentId, kind: one.kind, business: sum(one.business), books: sum(one.books), businessPeriods: moved(one.business), booksPeriods: moved(one.books), vouchers: [...one.vouchers].sort() }];
  });
}
