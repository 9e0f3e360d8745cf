/** What a person does to documents that are open: try them again as they are, or correct one, as a new version that says who changed it and why. */
import type { Book } from "../../books/index.ts";
import { readOpenBodies, showDocument } from "../../documents/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { type DocumentResult, postDocuments, type PostSummary } from "../../vouchers/index.ts";

export type Decided = { readonly summary: PostSummary; readonly results: readonly DocumentResult[] };

/** A document that has been settled meanwhile is left alone. Refuses: what findDocument refuses. */
export async function retryDocuments(ctx: Ctx, book: Book, references: readonly string[]): Promise<Decided> {
  return post(ctx, book, await readOpenBodies(ctx, book, references), false);
}

export type Correction = { readonly of: string; readonly body: Readonly<Record<string, unknown>>; readonly reason: string; readonly dryRun?: boolean | undefined };

/**
 * The corrected document is posted as the version after the newest. The record of its source stays as it came; who corrected it, and why,
 * stands in `extra` of the new version. Refuses: document.no_reason, document.other_identity, what findDocument refuses.
 */
export async function correctDocument(ctx: Ctx, book: Book, { of, body, reason, dryRun }: Correction): Promise<Decided> {
  if (reason.trim() === "") refuse("document.no_reason");
  const shown = await showDocument(ctx, book, of);
  const was = shown.body as Readonly<Record<string, unknown>>;
  for (const name of ["schema", "source", "sourceId"]) if (body[name] !== undefined && body[name] !== was[name]) refuse("document.other_identity", { document: shown.document, field: name }, `/${name}`);
  const newest = Math.max(...shown.versions.map(({ version }) => version));
  const extra = { ...(isObject(body.extra) ? body.extra : {}), correction: { by: ctx.actor.id, reason: reason.trim(), at: ctx.now().toISOString() } };
  return post(ctx, book, [{ ...body, schema: was.schema, source: was.source, sourceId: was.sourceId, sourceVersion: newest + 1, extra }], dryRun === true);
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => value !== null && typeof value === "object" && !Array.isArray(value);

async function post(ctx: Ctx, book: Book, inputs: readonly unknown[], dryRun: boolean): Promise<Decided> {
  const results: DocumentResult[] = [];
  const { summary } = await postDocuments(ctx, book.code, inputs, { dryRun, onResult: (result) => void results.push(result) });
  return { summary, results };
}
