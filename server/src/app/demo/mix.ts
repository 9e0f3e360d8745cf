/** A stream of exactly so many documents for benches: the demo's shapes and shares, with few master data. */
import { masterKinds } from "../../documents/index.ts";
import { generateDemo } from "./generate.ts";
import { type DemoRecord, divide, kindIn, money } from "./record.ts";

export type MixOptions = {
  readonly seed: number;
  /** Business documents after the opening balance. */
  readonly documents: number;
  readonly book: string;
  /** Default 2026-01. */
  readonly from?: string;
  /** false leaves out the runs of a month end (cost run, closing vouchers …), which read the whole book. */
  readonly monthEnd?: boolean;
};

const sizes = { items: 200, customers: 200, suppliers: 100 };
/**
 * The scale whose year is a little longer than what is asked for. The more documents fall on so few customers and suppliers,
 * the more their invoices and payments merge; and below a tenth the monthly documents would outweigh the rest.
 */
const scaleFor = (documents: number): number => Math.max(0.12, documents / (documents > 120_000 ? 36_000 : 44_000));

/** Yields master records, one openingBalance, then exactly `documents` documents of one year; none is planted to fail. */
export function* generateMix({ seed, documents, book, from = "2026-01", monthEnd = true }: MixOptions): Generator<DemoRecord> {
  let left = documents;
  const demo = generateDemo({ seed, book, from, monthEnd, sizes, months: 12, scale: scaleFor(documents), defects: false });
  for (const record of demo) {
    const isDocument = isBusinessDocument(record);
    if (isDocument && left === 0) break;
    if (isDocument) left -= 1;
    yield record;
  }
  if (left > 0) throw new RangeError(`the mix ended ${left} documents early`);
}

const isBusinessDocument = (record: DemoRecord): boolean => !Object.hasOwn(masterKinds, kindIn(record)) && kindIn(record) !== "openingBalance";

export type Mix = {
  readonly documents: number;
  readonly masters: number;
  readonly lines: number;
  readonly linksPerDocument: string;
  readonly linesPerDocument: string;
  /** Revised, cancelled, or arriving before what they point at. */
  readonly outOfOrderPercent: string;
  readonly byKind: Readonly<Record<string, { readonly documents: number; readonly sharePercent: string; readonly linesPerDocument: string }>>;
};

/** What a stream is made of: how many of each kind, with how many lines. Keeps one entry per document, so it is for inspection, not for the hot path. */
export function mixOf(records: Iterable<DemoRecord>): Mix {
  const kinds = new Map<string, { documents: number; lines: number }>();
  const seen = new Set<string>();
  let documents = 0, masters = 0, lines = 0, links = 0, outOfOrder = 0;
  for (const record of records) {
    const kind = kindIn(record);
    if (Object.hasOwn(masterKinds, kind)) {
      masters += 1;
      continue;
    }
    documents += 1;
    const many = record.lines?.length ?? 0;
    const count = kinds.get(kind) ?? { documents: 0, lines: 0 };
    kinds.set(kind, { documents: count.documents + 1, lines: count.lines + many });
    lines += many;
    let isEarly = (record.sourceVersion ?? 1) > 1;
    for (const link of [...(record.links ?? []), ...(record.lines ?? []).flatMap((line) => line.links ?? [])]) {
      links += 1;
      const [head, id] = link.to.split("/") as [string, string];
      if (!seen.has(`${head}/${id}`) && !id.startsWith("O")) isEarly = true;
    }
    if (isEarly) outOfOrder += 1;
    seen.add(`${record.source}:${kind}/${record.sourceId}`);
  }
  const per = (part: number, whole: number): string => (whole === 0 ? "0.00" : money(divide(part * 100, whole)));
  return {
    documents, masters, lines, linksPerDocument: per(links, documents), linesPerDocument: per(lines, documents), outOfOrderPercent: per(outOfOrder * 100, documents),
    byKind: Object.fromEntries([...kinds].sort(([, a], [, b]) => b.documents - a.documents).map(([kind, count]) => [kind, { documents: count.documents, sharePercent: per(count.documents * 100, documents), linesPerDocument: per(count.lines, count.documents) }])),
  };
}
