/** 待判: pairs that may be one thing, the most worth a decision first, each with both records side by side and what every field says. */
import type { Book } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import type { OpenValue } from "./arrive.ts";
import { domainOf, domainWords, fieldWords } from "./domain.ts";
import { goldenText } from "./golden.ts";
import * as store from "./golden.store.ts";
import * as match from "./match.store.ts";
import type { Payload } from "./survivorship.ts";

type Words = { readonly zh: string; readonly en: string };
type Side = { readonly golden: string; readonly record: string; readonly system: string; readonly code: string; readonly name: string; readonly payload: Payload; readonly sources: number };
export type PairShown = {
  readonly no: string; readonly domain: string; readonly domainWords: Words; readonly weight: string; readonly uncertainty: string; readonly openValue: bigint; readonly foundAt: string; readonly hard: string | null; /** They are one already: does the record still belong there? */ readonly isDoubt: boolean; readonly prior: number;
  readonly byField: readonly (Words & { readonly field: string; readonly level: string; readonly bits: number })[]; readonly one: Side; readonly other: Side; readonly cursor: string;
};

/** Open pairs of a domain or of all. Refuses: masterdata.domain_unknown. */
export async function listQueue(ctx: Ctx, book: Book, { domain, after, limit = 50 }: { readonly domain?: string | undefined; readonly after?: string | undefined; readonly limit?: number | undefined }): Promise<PairShown[]> {
  if (domain !== undefined && !domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  const [, priority, no] = /^([\d.]{1,40})_(\d{1,18})$/.exec(after ?? "") ?? [];
  return pairsOf(ctx, book, await match.findQueue(ctx.db, book.bookId, domain ?? null, priority === undefined || no === undefined ? null : { priority, no: BigInt(no) }, limit));
}

/** Open pairs of one golden record. */
export const listPairsOf = async (ctx: Ctx, book: Book, goldenId: bigint): Promise<PairShown[]> => pairsOf(ctx, book, await match.findCandidatesOf(ctx.db, book.bookId, goldenId));

async function pairsOf(ctx: Ctx, book: Book, rows: readonly match.CandidateRow[]): Promise<PairShown[]> {
  const records = new Map((await match.findCandidateRecords(ctx.db, book.bookId, [...new Set(rows.flatMap(({ recordId, otherRecord }) => [recordId, otherRecord]))])).map((row) => [row.recordId, row]));
  const goldens = new Map((await store.findGoldens(ctx.db, book.bookId, [...new Set([...records.values()].map(({ rootId }) => rootId))])).map((row) => [row.goldenId, row]));
  const sideOf = (id: bigint): Side | undefined => {
    const record = records.get(id), golden = record && goldens.get(record.rootId);
    return record && golden ? { golden: goldenText(golden.goldenId), record: String(id), system: record.system, code: record.code, name: golden.name, payload: record.payload, sources: golden.sources } : undefined;
  };
  return rows.flatMap((row) => {
    const one = sideOf(row.recordId), other = sideOf(row.otherRecord);
    if (!one || !other || (one.golden === other.golden) !== row.isDoubt) return [];
    return [{
      no: String(row.candidateNo), domain: row.domain, domainWords: domainWords(row.domain), weight: row.weight, uncertainty: row.uncertainty, openValue: row.openValue, foundAt: row.foundAt, hard: row.waterfall.hard ?? null, isDoubt: row.isDoubt, prior: row.waterfall.prior,
      byField: row.waterfall.byField.filter(({ level }) => level !== "missing").map((one) => ({ ...one, ...featureWords(row.domain, one.field) })), one, other, cursor: `${row.priority}_${row.candidateNo}`,
    }];
  });
}

const parts: Readonly<Record<string, Words>> = { brand: { zh: "字号", en: "brand" }, region: { zh: "地区", en: "region" }, trade: { zh: "行业", en: "trade" }, branch: { zh: "分支", en: "branch" }, form: { zh: "组织形式", en: "form" } };
/** A feature is a field, or a part of a company's name. */
function featureWords(domain: string, feature: string): Words {
  const [field = "", part] = feature.split(/[:.]/);
  const words = fieldWords(domain, field);
  const more = part === undefined ? undefined : (parts[part] ?? { zh: part, en: part });
  return more ? { zh: `${words.zh}·${more.zh}`, en: `${words.en}, ${more.en}` } : words;
}

export const countQueue = async (ctx: Ctx, book: Book): Promise<{ readonly domain: string; readonly open: number; readonly openValue: bigint }[]> => (await match.countQueue(ctx.db, book.bookId)).map(({ domain, open, openValue }) => ({ domain, open: Number(open), openValue }));

/** Open values move with the documents: the first pairs of the queue are weighed anew. */
export async function rankQueue(ctx: Ctx, book: Book, openValue: OpenValue, limit = 200): Promise<void> {
  for (const pair of await listQueue(ctx, book, { limit })) await match.setOpenValue(ctx.db, book.bookId, BigInt(pair.no), await openValue(book, pair.domain, [pair.one.code, pair.other.code]));
}

/** Keys that too many records share: they say nothing, and are not followed. */
export const listGenericKeys = async (ctx: Ctx, book: Book) => (await match.findGeneric(ctx.db, book.bookId)).map(({ rows, ...key }) => ({ ...key, rows: Number(rows) }));
