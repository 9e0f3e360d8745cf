/** Every transfer from the record in its source to the acknowledgement of the finance system, found by whatever name it has on the way. */
import type { Book } from "../../books/index.ts";
import type { Ctx } from "../../platform/index.ts";
import { findPlaces, readSteps, searchPlaces, type Step } from "./flows.store.ts";

export type Transfer = Omit<Step, "seq" | "version" | "voucherId"> & { readonly seq: string; readonly version: number | null };

const PLACES_MAX = 200;

/** `text`: a record's key, a document's id or reference, or a voucher as 2026-03/记-7; failing that, a part of a key. */
export async function findTransfers(ctx: Pick<Ctx, "db">, book: Book, text: string, limit = PLACES_MAX): Promise<Transfer[]> {
  const voucher = /^(\d{4}-\d{2})\/(.+)-(\d{1,9})$/.exec(text);
  let places = await findPlaces(ctx.db, book.bookId, text, voucher ? { period: voucher[1] as string, series: voucher[2] as string, number: Number(voucher[3]) } : null, limit);
  if (places.length === 0 && text !== "") places = await searchPlaces(ctx.db, book.bookId, text, limit);
  return places.length === 0 ? [] : (await readSteps(ctx.db, book.bookId, places)).map(({ seq, version, voucherId: _, ...step }) => ({ ...step, seq: String(seq), version: version === null ? null : Number(version) }));
}
