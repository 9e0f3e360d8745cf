/**
 * 查差异: every search that can tell why business, books and finance system differ, in the order in which one explains another. What one search has
 * explained, a later one does not report again.
 */
import { type Book, loadAccounts } from "../../books/index.ts";
import { amountOf, kinds, readDocument } from "../../documents/index.ts";
import { type Ctx, elapsedMs, type Problem, renderProblem } from "../../platform/index.ts";
import { compileRuleSet, type CompiledRuleSet, interpretEntries, loadRuleVersion, readRows, readRuleSet } from "../../rules/index.ts";
import { convert, exponentOf, parseDecimal, RATE_SCALE } from "../../values/index.ts";
import { verify, whyVoucher } from "../../vouchers/index.ts";
import type { CauseId, Finding } from "../causes.ts";
import { searchFinance } from "./finance.ts";
import * as store from "./findings.store.ts";
import { compareSides, documentsApart, type DocumentSides, type Ledger, ledgersOf } from "./sides.ts";
import * as sides from "./sides.store.ts";

export type Search = { readonly findings: readonly Finding[]; readonly sides: readonly sides.Side[]; readonly vouchers: number; readonly milliseconds: Readonly<Record<string, number>> };

export type SearchOptions = {
  /** Read every voucher and hold it against its seal. Default; without it edits inside the database are not looked for. */
  readonly seals?: boolean | undefined;
  /** A delivery that waits no longer than this is not a difference. */
  readonly graceMinutes?: number | undefined;
};

/** A delivery on its way is not a difference for so long. */
export const graceMinutes = 15;

export async function searchBooks(ctx: Ctx, book: Book, options: SearchOptions = {}): Promise<Search> {
  const milliseconds: Record<string, number> = {};
  const timed = async <T>(what: string, work: () => Promise<T>): Promise<T> => {
    const since = elapsedMs();
    const result = await work();
    milliseconds[what] = Math.trunc(elapsedMs() - since);
    return result;
  };
  const ledgers = await ledgersOf(ctx.db, book);
  const controlled = new Set(ledgers.filter(({ roles }) => roles === undefined).flatMap(({ accounts }) => accounts));
  const found: Finding[] = [];
  const explained = new Set<string>();
  const add = (finding: Finding): void => {
    found.push(finding);
    for (const one of [...(finding.documents ?? []), ...(finding.vouchers ?? [])]) explained.add(one);
  };
  await timed("documents", async () => { for (const one of await withoutVoucher(ctx, book)) add(one); });
  await timed("drafts", async () => { for (const one of await drafts(ctx, book, controlled)) add(one); });
  await timed("manual", async () => { for (const one of await manual(ctx, book, [...controlled])) add(one); });
  const sealed = options.seals === false ? { findings: [], vouchers: 0 } : await timed("seals", () => edited(ctx, book));
  for (const one of sealed.findings) add(one);
  await timed("bankAccounts", async () => { for (const one of await bankAccounts(ctx, book)) found.push(one); });
  await timed("periods", async () => { for (const one of await otherPeriods(ctx, book)) add(one); });
  for (const one of await amountsWithoutQuantity(ctx, book)) found.push(one);
  const compared = await timed("sides", async () => {
    const result = await compareSides(ctx.db, book, ledgers);
    for (const one of await sidesApart(ctx, book, ledgers, result.apart, explained)) add(one);
    return result;
  });
  await timed("finance", async () => { for (const one of await searchFinance(ctx, book, options.graceMinutes ?? graceMinutes)) found.push(one); });
  return { findings: found, sides: compared.sides, vouchers: sealed.vouchers, milliseconds };
}

// Documents without voucher: 1, 2, 3, 12 -------------------------------------------------------------------------------

async function withoutVoucher(ctx: Ctx, book: Book): Promise<Finding[]> {
  const rows = [...(await store.findOpenDocuments(ctx.db, book.bookId)), ...(await store.findWithoutVoucher(ctx.db, book.bookId))];
  const named = await ownersOf(ctx, book, rows.map(({ documentId }) => documentId));
  return rows.map((row): Finding => {
    const { credit, amount } = baseOf(row.body, book);
    const reasons = (row.reasons ?? []).map((reason) => renderProblem(reason));
    const opening = row.reasons?.find(({ code, facts }) => code === "clearing.over" && isBefore(String(facts.target ?? ""), named.openings));
    const over = opening === undefined ? undefined : apartOf(opening, book);
    return {
      cause: opening ? "openingDiffers" : missingCause(row.kind, credit), fingerprint: `document|${row.document}`, subject: row.document, party: row.party, period: row.period, documents: [row.document], business: over?.wanted ?? amount, books: over?.open ?? null,
      amount: over ? over.wanted - over.open : amount, since: row.date, owner: named.owner(row.documentId), facts: { kind: row.kind, state: row.state, reasons, rests: linkedOf(row.body) },
    };
  });
}

/** Documents that it rests on, as it names them. What these lack is explained by it. */
function linkedOf(body: string): string[] {
  const { source, links = [], lines = [] } = JSON.parse(body) as { readonly source?: string; readonly links?: readonly { readonly to: string }[]; readonly lines?: readonly { readonly links?: readonly { readonly to: string }[] }[] };
  return [...new Set([...links, ...lines.flatMap((line) => line.links ?? [])].map(({ to }) => `${to.split("/")[0]?.includes(":") ? "" : `${source}:`}${to.split("/").slice(0, 2).join("/")}`))].slice(0, 50);
}

const returns: ReadonlySet<string> = new Set(["goodsReturn", "shipmentReturn"]);
const costs: ReadonlySet<string> = new Set(["costAdjustment", "costRun"]);
const missingCause = (kind: string, credit: boolean): CauseId => (costs.has(kind) ? "adjustmentWithoutVoucher" : credit || returns.has(kind) ? "returnWithoutVoucher" : "noVoucher");

/** What collects or pays more than an opening item holds: the other side's balance is another one. */
const isBefore = (target: string, openings: ReadonlySet<string>): boolean => openings.has(target.slice(target.indexOf(":") + 1));
function apartOf({ facts }: Problem, book: Book): { wanted: bigint; open: bigint } {
  const money = (value: unknown): bigint => parseDecimal(String(value ?? "0"), exponentOf(book.currency)) ?? 0n;
  return { wanted: money(facts.wanted), open: money(facts.open) };
}

/** A document's sum in base currency, as far as it says one, and whether it is red. */
function baseOf(body: string, book: Book): { credit: boolean; amount: bigint } {
  const { document } = readDocument(JSON.parse(body), book.code, book.currency);
  const minor = document === undefined ? null : amountOf(document);
  if (!document || minor === null) return { credit: (JSON.parse(body) as { credit?: boolean }).credit === true, amount: 0n };
  const rate = document.rate ?? 10n ** BigInt(RATE_SCALE);
  return { credit: document.credit === true, amount: document.currency === book.currency ? minor : convert(minor, document.currency, book.currency, rate) };
}

async function ownersOf(ctx: Ctx, book: Book, ids: readonly bigint[]): Promise<{ owner: (id: bigint) => string; row: (id: bigint) => sides.DocumentRow | undefined; openings: ReadonlySet<string> }> {
  const rows = new Map((ids.length === 0 ? [] : await sides.findDocuments(ctx.db, book.bookId, [...new Set(ids)])).map((row) => [row.documentId, row]));
  const openings = new Set((await store.findOpeningItems(ctx.db, book.bookId)).map(({ document }) => document));
  return { owner: (id) => rows.get(id)?.owner ?? "", row: (id) => rows.get(id), openings };
}

// Vouchers: 4, 5, 6, 11 --------------------------------------------------------------------------------------------------

async function drafts(ctx: Ctx, book: Book, controlled: ReadonlySet<string>): Promise<Finding[]> {
  return (await store.findDrafts(ctx.db, book.bookId)).map((row): Finding => {
    const own = row.kind === "manualVoucher" ? row.lines.filter(({ account }) => controlled.has(account)) : [];
    const sum = (lines: typeof row.lines): bigint => lines.reduce((total, line) => total + (line.side === "debit" ? BigInt(line.amount) : 0n), 0n);
    const amount = own.length > 0 ? own.reduce((most, { amount: one }) => (abs(BigInt(one)) > abs(most) ? BigInt(one) : most), 0n) : sum(row.lines);
    return {
      cause: own.length > 0 ? "manualOnControlled" : "notPosted", fingerprint: `draft|${row.draft}`, subject: row.document, account: (own[0] ?? row.lines[0])?.account ?? "", party: row.party, period: row.period, documents: [row.document],
      business: own.length > 0 ? null : amount, books: null, amount, since: row.date, owner: "", facts: { kind: row.kind, draft: String(row.draft), preparedBy: row.preparedBy, state: "draft" },
    };
  });
}

async function manual(ctx: Ctx, book: Book, controlled: readonly string[]): Promise<Finding[]> {
  const lines = await store.findManualLines(ctx.db, book.bookId, controlled);
  return [...Map.groupBy(lines, ({ documentId }) => documentId).values()].map((own): Finding => {
    const first = own[0] as store.ManualLine;
    const most = own.reduce((one, other) => (abs(other.amount) > abs(one.amount) ? other : one), first);
    // Taking back the estimate of a receipt leaves goods in stock that nobody is owed for, or the other way round.
    const isEstimate = first.correction === "reverse" && ["goodsReceipt", "openingBalance"].includes(first.correctedKind) && own.some(({ account }) => account.startsWith("2202.02"));
    return {
      cause: isEstimate ? "estimateOpen" : "manualOnControlled", fingerprint: `manual|${first.document}`, subject: isEstimate ? first.corrects : first.voucher, account: most.account, party: most.party, item: most.item, period: first.period, documents: [first.document], vouchers: [...new Set([...own.map(({ voucher }) => voucher), ...(isEstimate ? [first.corrects] : [])])],
      business: 0n, books: most.amount, amount: -most.amount, since: first.date, owner: "", facts: { preparedBy: first.preparedBy, corrects: first.corrects, lines: own.map(({ account, party, item, amount }) => ({ account, of: party || item, amount: String(amount) })) },
    };
  });
}

/** Blocks whose seal no longer holds, and in them the vouchers that their rule does not make as they stand. */
async function edited(ctx: Ctx, book: Book): Promise<{ findings: Finding[]; vouchers: number }> {
  const proof = await verify(ctx, book);
  const blocks = proof.findings.filter(({ code }) => code === "verify.block_vouchers_changed").map(({ facts }) => ({ first: BigInt(String(facts.first)), last: BigInt(String(facts.last)) }));
  const alone = new Set(proof.findings.filter(({ code }) => code === "verify.voucher_unbalanced" || code === "verify.voucher_total").map(({ where }) => String(where)));
  const versions = new Map<number, CompiledRuleSet | undefined>();
  const findings: Finding[] = [];
  for (const { first, last } of blocks) {
    const vouchers = await store.findSealed(ctx.db, book.bookId, first, last);
    const suspects: store.SealedVoucher[] = [];
    for (const voucher of vouchers) if (alone.has(voucher.voucher) || !(await isAsDerived(ctx, book, voucher, versions))) suspects.push(voucher);
    const wrong: { voucher: store.SealedVoucher; derived: boolean }[] = [];
    for (const voucher of suspects) if (!(await whyVoucher(ctx, book, voucher.voucher)).isEqual) wrong.push({ voucher, derived: true });
    // Nothing by account: then it is a summary, a dimension or a date. Every voucher of the block is worked out again, byte for byte.
    if (wrong.length === 0 && BigInt(vouchers.length) === last - first + 1n) for (const voucher of vouchers) if (!(await whyVoucher(ctx, book, voucher.voucher)).isEqual) wrong.push({ voucher, derived: true });
    const named = await ownersOf(ctx, book, wrong.map(({ voucher }) => voucher.documentId));
    for (const { voucher } of wrong) {
      const was = await derivedOf(ctx, book, voucher, versions);
      const accounts = [...new Set([...was.keys(), ...Object.keys(voucher.lines)])].filter((account) => (was.get(account) ?? 0n) !== BigInt(voucher.lines[account] ?? "0"));
      const moved = accounts.reduce((most, account) => { const by = (was.get(account) ?? 0n) - BigInt(voucher.lines[account] ?? "0"); return abs(by) > abs(most) ? by : most; }, 0n);
      const account = accounts[0] ?? "";
      const document = named.row(voucher.documentId)?.document;
      findings.push({
        cause: "voucherEdited", fingerprint: `sealed|${voucher.voucher}`, subject: voucher.voucher, account, party: named.row(voucher.documentId)?.party ?? "", period: voucher.period, documents: document === undefined ? [] : [document], vouchers: [voucher.voucher], business: was.get(account) ?? 0n, books: BigInt(voucher.lines[account] ?? "0"),
        amount: moved, since: voucher.date, owner: "", facts: { accounts: accounts.map((one) => ({ account: one, was: String(was.get(one) ?? 0n), is: voucher.lines[one] ?? "0" })) },
      });
    }
  }
  return { findings, vouchers: proof.vouchers };
}

async function derivedOf(ctx: Ctx, book: Book, voucher: store.SealedVoucher, versions: Map<number, CompiledRuleSet | undefined>): Promise<Map<string, bigint>> {
  const sums = new Map<string, bigint>();
  for (const event of voucher.events) {
    if (!versions.has(event.version)) {
      const { ruleSet, problems } = readRuleSet((await loadRuleVersion(ctx.db, book, event.version)).body);
      versions.set(event.version, problems.length > 0 ? undefined : compileRuleSet(ruleSet, event.version));
    }
    const rule = versions.get(event.version)?.byId.get(event.rule)?.rule;
    const { document } = readDocument(JSON.parse(event.body), book.code, book.currency, "header");
    if (!rule || !document) continue;
    for (const { side, account, amount } of interpretEntries(rule, document, readRows(event.facts), book.settings)) sums.set(account, (sums.get(account) ?? 0n) + (side === "debit" ? amount : -amount));
  }
  return sums;
}

async function isAsDerived(ctx: Ctx, book: Book, voucher: store.SealedVoucher, versions: Map<number, CompiledRuleSet | undefined>): Promise<boolean> {
  const was = await derivedOf(ctx, book, voucher, versions);
  return [...new Set([...was.keys(), ...Object.keys(voucher.lines)])].every((account) => (was.get(account) ?? 0n) === BigInt(voucher.lines[account] ?? "0"));
}

// Accounts of master records: 7, 8 -----------------------------------------------------------------------------------------

async function bankAccounts(ctx: Ctx, book: Book): Promise<Finding[]> {
  const cash = [...(await loadAccounts(ctx.db, book)).values()].filter(({ code, postable }) => postable && /^(1001|1002|1012)/.test(code)).map(({ code }) => code);
  const findings: Finding[] = [];
  for (const row of await store.findBankPostings(ctx.db, book.bookId, cash, book.currency)) {
    // Lines from before the record got its account were right when they were posted.
    const isLater = row.version > 1 && !(await store.hasPostedSince(ctx.db, book.bookId, row.bankAccount, row.account, row.changedAt)).has;
    const named = await ownersOf(ctx, book, row.documents);
    // A voucher by hand moved all of it to where it belongs, and nothing came since.
    if (row.balance === 0n && named.row(row.documents[0] ?? 0n)?.kind === "manualVoucher") continue;
    findings.push({
      cause: isLater ? "masterChanged" : "templateAccount", fingerprint: `bankAccount|${row.bankAccount}|${row.account}`, subject: `bankAccount:${row.bankAccount}`, account: row.account, documents: row.documents.flatMap((id) => named.row(id)?.document ?? []), vouchers: row.vouchers,
      business: 0n, books: row.balance, amount: row.balance === 0n ? row.moved : -row.balance, since: row.firstOn, facts: { expected: row.expected, isForeign: row.isForeign, lines: String(row.lines), rules: row.rules, changedAt: row.changedAt },
    });
  }
  return findings;
}

// Periods: 9 ------------------------------------------------------------------------------------------------------------------

async function otherPeriods(ctx: Ctx, book: Book): Promise<Finding[]> {
  const late = await store.findOtherPeriods(ctx.db, book.bookId);
  const papers = Object.keys(kinds).filter((kind) => !["openingBalance", "budget", "creditLimit", "manualVoucher", "salesOrder", "purchaseOrder", "purchaseRequisition"].includes(kind));
  const ahead = await store.findDatedAhead(ctx.db, book.bookId, papers);
  const named = await ownersOf(ctx, book, [...late, ...ahead].map(({ documentId }) => documentId));
  return [
    ...[...Map.groupBy(late, ({ documentId }) => documentId).values()].map((own): Finding => {
      const row = own[0] as store.OtherPeriod;
      const total = own.reduce((sum, one) => sum + one.total, 0n);
      return { cause: "otherPeriod", fingerprint: `period|${row.document}`, subject: row.document, party: row.party, period: row.period, documents: [row.document], vouchers: own.map(({ voucher }) => voucher), business: total, books: 0n, amount: total, since: row.date, owner: named.owner(row.documentId), facts: { kind: row.kind, period: row.period, postedIn: row.postedIn } };
    }),
    ...ahead.map((row): Finding => {
      const { amount } = baseOf(row.body, book);
      return { cause: "datedAhead", fingerprint: `ahead|${row.document}`, subject: row.document, party: row.party, period: row.period, documents: [row.document], business: amount, books: null, amount, since: row.date, owner: named.owner(row.documentId), facts: { kind: row.kind, cameIn: row.cameIn } };
    }),
  ];
}

// Stock: 14 --------------------------------------------------------------------------------------------------------------------

async function amountsWithoutQuantity(ctx: Ctx, book: Book): Promise<Finding[]> {
  const pools = await store.findEmptyPools(ctx.db, book.bookId);
  const named = await ownersOf(ctx, book, pools.flatMap(({ documents }) => documents));
  return pools.map((row): Finding => ({
    cause: "amountWithoutQuantity", fingerprint: `pool|${row.pool}`, subject: `item:${row.item}`, item: row.item, documents: row.documents.flatMap((id) => named.row(id)?.document ?? []), business: 0n, books: row.amount, amount: -row.amount, since: row.since, facts: { pool: row.pool },
  }));
}

// What the two sides of an account say: 5, 9, 10, 11, 12, 13 ---------------------------------------------------------------------

async function sidesApart(ctx: Ctx, book: Book, ledgers: readonly Ledger[], apart: Parameters<typeof documentsApart>[3], explained: ReadonlySet<string>): Promise<Finding[]> {
  const documents = settled(await documentsApart(ctx.db, book, ledgers, apart), new Map((await store.findSettling(ctx.db, book.bookId)).map(({ documentId, of }) => [Number(documentId), Number(of)])));
  const named = await ownersOf(ctx, book, documents.map(({ documentId }) => BigInt(documentId)));
  const told = [...Map.groupBy(documents, ({ documentId }) => documentId).values()].flatMap((own) => {
    const document = named.row(BigInt((own[0] as DocumentSides).documentId));
    const key = document?.document ?? `#${(own[0] as DocumentSides).documentId}`;
    const vouchers = [...new Set(own.flatMap((one) => one.vouchers))];
    return explained.has(key) || vouchers.some((voucher) => explained.has(voucher)) ? [] : [{ own, document, key, vouchers }];
  });
  // A manual voucher and the one that takes it back leave nothing between them.
  const placeOf = (one: DocumentSides): string => `${one.ledger.id} ${one.account} ${one.of}`;
  const byHand = new Map<string, bigint>();
  const isByHand = ({ own, document }: (typeof told)[number]): boolean => (document?.kind ?? own[0]?.kind) === "manualVoucher";
  for (const one of told.filter(isByHand).flatMap(({ own }) => own)) byHand.set(placeOf(one), (byHand.get(placeOf(one)) ?? 0n) + one.business - one.books);
  return told.flatMap((one): Finding[] => {
    const { own, document, key, vouchers } = one;
    if (isByHand(one) && own.every((part) => byHand.get(placeOf(part)) === 0n)) return [];
    const most = own.reduce((one, other) => (abs(other.business - other.books) > abs(one.business - one.books) ? other : one));
    const sign = most.ledger.side === "debit" ? 1n : -1n;
    return [{
      cause: causeOfSides(document?.kind ?? most.kind, most, own), fingerprint: `sides|${key}`, subject: key, account: most.account, ...(most.ledger.id === "stock" ? { item: most.of } : { party: most.of }), period: most.businessPeriods[0] ?? most.booksPeriods[0] ?? document?.period ?? "", documents: [key], vouchers,
      business: sign * most.business, books: sign * most.books, amount: sign * (most.business - most.books), since: document?.date ?? ctx.now().toISOString().slice(0, 10), owner: document?.owner ?? "",
      facts: { kind: document?.kind ?? most.kind, parts: own.map((one) => ({ ledger: one.ledger.id, account: one.account, of: one.of, business: String(one.business), books: String(one.books) })) },
    }];
  });
}

/** A voucher that puts a document's books right is compared as a part of that document; what is even then is no difference. */
function settled(documents: readonly DocumentSides[], of: ReadonlyMap<number, number>): DocumentSides[] {
  if (of.size === 0) return [...documents];
  const targets = new Set(of.values());
  const [others, theirs] = [documents.filter(({ documentId }) => !of.has(documentId) && !targets.has(documentId)), documents.filter(({ documentId }) => of.has(documentId) || targets.has(documentId))];
  return [...others, ...[...Map.groupBy(theirs, (one) => `${one.ledger.id} ${one.account} ${one.of} ${of.get(one.documentId) ?? one.documentId}`).values()].flatMap((own) => {
    const first = own.find(({ documentId }) => targets.has(documentId)) ?? (own[0] as DocumentSides);
    const business = own.reduce((sum, one) => sum + one.business, 0n), books = own.reduce((sum, one) => sum + one.books, 0n);
    const isWhole = own.some(({ documentId }) => of.has(documentId)) && business === books;
    return isWhole ? [] : [{ ...first, documentId: of.get(first.documentId) ?? first.documentId, business, books, vouchers: [...new Set(own.flatMap(({ vouchers }) => vouchers))].sort() }];
  })];
}

function causeOfSides(kind: string, most: DocumentSides, own: readonly DocumentSides[]): CauseId {
  if (kind === "openingBalance") return "openingDiffers";
  if (kind === "manualVoucher") return "manualOnControlled";
  if (own.every(({ business, books }) => business === books)) return "otherPeriod";
  if (kind === "costInvoice" && most.ledger.id === "stock" && most.business === 0n) return "freightFirst";
  if (most.ledger.id === "estimate" && own.every(({ ledger }) => ledger.id === "estimate" || ledger.id === "stock")) return "estimateOpen";
  if (most.vouchers.length === 0) return missingCause(kind, most.business < 0n);
  return "amountDiffers";
}

const abs = (value: bigint): bigint => (value < 0n ? -value : value);
