/** 演示公司: a book and a year of documents, posted as a real company's would be. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type Book, createBook } from "../books/index.ts";
import { type Ctx, elapsedMs } from "../platform/index.ts";
import { demoBook, type DemoOptions, generateDemo, type PlantedDefect } from "./demo/index.ts";
import { postDocuments, type PostSummary } from "../vouchers/index.ts";

export type DemoMade = { readonly book: Book; readonly summary: PostSummary; readonly defects: readonly PlantedDefect[]; /** Where the list of defects stands; "" without a data folder. */ readonly defectsFile: string; readonly seconds: number };

/** Refuses: book.exists. The planted defects are listed in <dataDir>/demo/<book>-defects.json, beside the books and not in them. */
export async function createDemo(ctx: Ctx, options: DemoOptions, onDocument?: (count: number) => void): Promise<DemoMade> {
  const since = elapsedMs();
  const book = await createBook(ctx, { code: options.book, name: "演示公司", pack: demoBook.pack, currency: demoBook.currency, from: options.from, settings: demoBook.settings });
  let defects: readonly PlantedDefect[] = [];
  function* records(): Generator<unknown> {
    defects = yield* generateDemo(options);
  }
  const { summary } = await postDocuments(ctx, book.code, records(), { onResult: () => onDocument?.(1) });
  return { book, summary, defects, defectsFile: await keepDefects(ctx, book, defects), seconds: (elapsedMs() - since) / 1000 };
}

async function keepDefects(ctx: Ctx, book: Book, defects: readonly PlantedDefect[]): Promise<string> {
  if (ctx.dataDir === undefined) return "";
  const folder = join(ctx.dataDir, "demo");
  await mkdir(folder, { recursive: true });
  const file = join(folder, `${book.code}-defects.json`);
  await writeFile(file, `${JSON.stringify(defects, null, 2)}\n`);
  return file;
}
