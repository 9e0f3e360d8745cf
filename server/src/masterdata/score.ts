/** 数据质量: for each domain and system, how complete, right, unique, fresh and connected its records are. Worked out on request, never while somebody looks. */
import type { Book } from "../books/index.ts";
import { type Ctx, momentOf } from "../platform/index.ts";
import { domains, domainWords, fieldWords } from "./domain.ts";
import * as store from "./score.store.ts";
import { breachesOf, rulesOf } from "./standard.ts";

type Words = { readonly zh: string; readonly en: string };
type Share = { readonly part: number; readonly of: number };
export type Score = {
  readonly domain: string; readonly domainWords: Words; readonly system: string; readonly records: number; readonly completeness: Share; readonly validity: Share; readonly uniqueness: Share; readonly timeliness: Share; readonly mapped: Share;
  readonly worst: readonly (Words & { readonly field: string; readonly problem: "missing" | "invalid"; readonly records: number; readonly example: string })[]; readonly countedAt: string;
};

export async function readScores(ctx: Ctx, book: Book): Promise<Score[]> {
  const place = new Map(domains.map(({ name }, at) => [name, at]));
  return (await store.findScores(ctx.db, book.bookId)).sort((a, b) => (place.get(a.domain) ?? 99) - (place.get(b.domain) ?? 99) || (a.system < b.system ? -1 : 1)).map((row) => {
    const share = (part: bigint, of: bigint): Share => ({ part: Number(part), of: Number(of) });
    return {
      domain: row.domain, domainWords: domainWords(row.domain), system: row.system, records: Number(row.records), completeness: share(row.filled, row.fields), validity: share(row.right, row.checked), uniqueness: share(row.alone, row.records), timeliness: share(row.recent, row.records), mapped: share(row.mapped, row.records),
      worst: row.worst.map((one) => ({ ...one, ...(one.field === "code" ? { zh: "编码", en: "Code" } : fieldWords(row.domain, one.field)) })), countedAt: row.countedAt,
    };
  });
}

/** Reads every record once, in pages, and writes what it counted. */
export async function rebuildScores(ctx: Ctx, book: Book): Promise<void> {
  const at = ctx.now().toISOString();
  const yearAgo = momentOf(at);
  yearAgo.setFullYear(yearAgo.getFullYear() - 1);
  const counted = new Map<string, Counted>();
  for (const { name: domain, fields } of domains) {
    const rules = await rulesOf(ctx.db, book.bookId, domain);
    const wanted = new Set([...fields.filter(({ isWanted }) => isWanted).map(({ name }) => name), ...rules.filter(({ isRequired }) => isRequired).map(({ field }) => field)]);
    for (let after = 0n, isMore = true; isMore; ) {
      const rows = await store.findRecordsOf(ctx.db, book.bookId, domain, after, pageSize);
      isMore = rows.length === pageSize;
      after = rows.at(-1)?.recordId ?? after;
      for (const row of rows) {
        const key = `${domain}\u001f${row.system}`;
        const sum = counted.get(key) ?? { records: 0, fields: 0, filled: 0, checked: 0, right: 0, alone: 0, recent: 0, mapped: 0, worst: new Map() };
        counted.set(key, sum);
        sum.records++;
        if (!row.isRepeated) sum.alone++;
        if (momentOf(row.changedAt) >= yearAgo) sum.recent++;
        if (row.isShared || row.isMapped) sum.mapped++;
        for (const field of wanted) {
          sum.fields++;
          if ((field === "code" ? row.code : (row.payload[field] ?? "")) !== "") sum.filled++;
          else fail(sum, field, "missing", row.code);
        }
        const own = rules.filter(({ system, isRequired }) => !isRequired && (system === "" || system === row.system));
        const breaches = breachesOf(own, { domain, system: row.system, code: row.code, fields: row.payload });
        sum.checked += own.filter(({ field }) => (field === "code" ? row.code : (row.payload[field] ?? "")) !== "").length;
        sum.right += own.filter(({ field }) => (field === "code" ? row.code : (row.payload[field] ?? "")) !== "").length - breaches.length;
        for (const { field } of breaches) fail(sum, field, "invalid", row.code);
      }
    }
  }
  await ctx.db.transaction(async (db) => {
    await store.clearScores(db, book.bookId);
    for (const [key, sum] of counted) {
      const [domain = "", system = ""] = key.split("\u001f");
      const worst = [...sum.worst.values()].sort((a, b) => b.records - a.records || (a.field < b.field ? -1 : 1)).slice(0, 5);
      await store.addScore(db, book.bookId, domain, system, { ...sum, worst }, at);
    }
  });
}
const pageSize = 5_000;

type Failing = { readonly field: string; readonly problem: "missing" | "invalid"; records: number; readonly example: string };
type Counted = { records: number; fields: number; filled: number; checked: number; right: number; alone: number; recent: number; mapped: number; readonly worst: Map<string, Failing> };
function fail({ worst }: Counted, field: string, problem: Failing["problem"], example: string): void {
  const known = worst.get(`${field} ${problem}`);
  if (known) known.records++;
  else worst.set(`${field} ${problem}`, { field, problem, records: 1, example });
}
