/** 模型与校准: which weights a book works with, how a book learns its own, and how the answers of people correct what they are worth. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, elapsedMs, refuse } from "../platform/index.ts";
import { answersMin, type Block, calibrate, type Calibration, uncertaintyOf } from "./calibration.ts";
import { domainOf, domains } from "./domain.ts";
import * as match from "./match.store.ts";
import { autoFrom, learnFrom, type Model, reviewFrom, seedModel, usualAutoFrom, usualReviewFrom } from "./weigh.ts";

type Words = { readonly zh: string; readonly en: string };

/** The newest a book has with the newest calibration of it, read again when there is a newer one; else the one from a made set. */
const keptModels = new WeakMap<Db, Map<string, { readonly model: Model; readonly stamp: string; at: number }>>();
export async function modelOf(db: Db, bookId: number, domain: string): Promise<Model> {
  const key = `${bookId} ${domain}`;
  const kept = keptModels.get(db) ?? new Map<string, { readonly model: Model; readonly stamp: string; at: number }>();
  keptModels.set(db, kept);
  const own = kept.get(key);
  if (own && elapsedMs() - own.at < lookAgainMs) return own.model;
  const { version, calibrationNo } = await match.findNewest(db, bookId, domain), stamp = `${version} ${calibrationNo}`;
  if (own?.stamp === stamp) {
    own.at = elapsedMs();
    return own.model;
  }
  const row = version === 0 ? undefined : await match.findModel(db, bookId, domain);
  const calibration = calibrationNo === null ? null : ((await match.findCalibration(db, bookId, domain, version))?.body ?? null);
  const model: Model = row ? { version, learnedOn: row.learnedOn, data: row.body, calibration } : { ...seedModel(domain), calibration };
  kept.set(key, { model, stamp, at: elapsedMs() });
  return model;
}
/** Another process may have learned a newer one. */
const lookAgainMs = 10_000;

/** Learns the weights from the book's own records. Refuses: masterdata.too_few_records. */
export async function learnModelOf(ctx: Ctx, book: Book, domainName: string): Promise<{ readonly version: number; readonly records: number }> {
  const domain = domainOf(domainName);
  if (!domain?.match) return refuse("masterdata.domain_unknown", { domain: domainName });
  const rows = await match.samplePayloads(ctx.db, book.bookId, domainName, sampleMax);
  if (rows.length < recordsMin) refuse("masterdata.too_few_records", { domain: domainName, domainZh: domain.zh, records: rows.length, min: recordsMin });
  const version = (await match.findNewest(ctx.db, book.bookId, domainName)).version + 1;
  await match.addModel(ctx.db, book.bookId, domainName, version, learnFrom(domain, rows.map(({ payload }) => payload)), `${rows.length} records`, ctx.now().toISOString());
  keptModels.get(ctx.db)?.clear();
  return { version, records: rows.length };
}
const recordsMin = 2_000, sampleMax = 50_000;

/**
 * Corrects the thresholds of every kind whose pairs people have answered often enough, and again when a tenth more answers have come: pairs that a
 * person decided and has not taken back, and what joined by itself, with what was taken out again. Open pairs are ordered anew. Answers the kinds.
 */
export async function calibrateModels(ctx: Ctx, book: Book, from = answersMin): Promise<string[]> {
  const done: string[] = [];
  for (const { name: domain } of domains) {
    const model = await modelOf(ctx.db, book.bookId, domain);
    const answers = await match.countAnswers(ctx.db, book.bookId, domain, model.version);
    const known = await match.findCalibration(ctx.db, book.bookId, domain, model.version);
    if (answers < from || (known && answers < known.answers * 1.1)) continue;
    const answered = await match.findAnswered(ctx.db, book.bookId, domain, model.version);
    const calibration = calibrate(answered, { autoFrom: usualAutoFrom(model, domain), reviewFrom: usualReviewFrom });
    await ctx.db.transaction(async (db) => {
      await match.addCalibration(db, book.bookId, domain, model.version, answers, calibration, ctx.now().toISOString());
      for (const { candidateNo, weight } of await match.findOpenWeights(db, book.bookId, domain, model.version)) await match.setUncertainty(db, book.bookId, candidateNo, uncertaintyOf(calibration, weight));
    });
    done.push(domain);
  }
  if (done.length > 0) keptModels.get(ctx.db)?.clear();
  return done;
}

export type ModelShown = {
  readonly domain: string; readonly domainWords: Words; readonly version: number; readonly learnedOn: string; /** How many answers there are, and how many a calibration needs. */ readonly answers: number; readonly answersMin: number;
  readonly autoFrom: number; readonly reviewFrom: number; readonly usualAutoFrom: number; readonly usualReviewFrom: number; readonly calibratedAt: string | null; readonly blocks: readonly Block[];
};
/** What every kind is weighed by, from which weight on records join by themselves, and what people's answers say of it. */
export async function listModels(ctx: Ctx, book: Book): Promise<ModelShown[]> {
  const shown: ModelShown[] = [];
  for (const { name: domain, zh, en } of domains) {
    const model = await modelOf(ctx.db, book.bookId, domain);
    const known = await match.findCalibration(ctx.db, book.bookId, domain, model.version);
    shown.push({
      domain, domainWords: { zh, en }, version: model.version, learnedOn: model.learnedOn, answers: await match.countAnswers(ctx.db, book.bookId, domain, model.version), answersMin,
      autoFrom: autoFrom(model, domain), reviewFrom: reviewFrom(model), usualAutoFrom: usualAutoFrom(model, domain), usualReviewFrom, calibratedAt: known?.madeAt ?? null, blocks: (known?.body as Calibration | undefined)?.blocks ?? [],
    });
  }
  return shown;
}
