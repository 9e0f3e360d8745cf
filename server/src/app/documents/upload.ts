/** 上传: a file becomes documents. First it is read and shown with everything that is wrong, row by row, and nothing is kept; then it is posted. */
import type { Book } from "../../books/index.ts";
import { readWhole, type WholeFile } from "../../connectors/index.ts";
import { readDocument } from "../../documents/index.ts";
import { masterKindOf, readMaster } from "../../masterdata/index.ts";
import { type Ctx, type Problem, refuse, renderProblem, type RenderedProblem } from "../../platform/index.ts";
import { type DocumentResult, postDocuments, type PostSummary } from "../../vouchers/index.ts";
import { guessPlan, lineKey, mappingOf, type Plan, type Target, targetsOf } from "./upload-plan.ts";

export const uploadMegabytesMax = 10;
export const uploadRowsMax = 5_000;
const sampleRows = 20;

export type Upload = { readonly name: string; /** base64 */ readonly content: string; readonly plan?: Plan | undefined; /** Guess anew for this kind. */ readonly kind?: string | undefined; readonly sheet?: string | undefined };
export type RowProblem = { /** line 7, row 7, record 2: where in the file. */ readonly place: string; readonly document: string; readonly problem: RenderedProblem };
export type Previewed = {
  readonly name: string; readonly format: string; readonly encoding: string; readonly columns: readonly string[]; readonly sample: readonly (readonly string[])[]; readonly rows: number;
  /** null: the file holds documents in our own form already. */
  readonly plan: Plan | null; readonly targets: readonly Target[]; readonly hasLines: boolean; readonly linksTo: readonly string[];
  readonly documents: number; readonly problems: readonly RowProblem[]; readonly summary: PostSummary; readonly results: readonly DocumentResult[];
};
export type Uploaded = { readonly summary: PostSummary; readonly results: readonly DocumentResult[] };

/** Works everything out and keeps nothing. Refuses: upload.*, schema.kind_unknown, mapping.*. */
export async function previewUpload(ctx: Ctx, book: Book, upload: Upload): Promise<Previewed> {
  const file = await readUpload(upload);
  const own = isOwnForm(file);
  const plan = own ? null : (upload.plan ?? guessPlan(upload.name, { columns: file.fields, rows: file.rows.slice(0, 200).map(({ row }) => row) }, upload.kind));
  const made = plan === null ? ownDocuments(file) : plan.id === "" ? { documents: [], places: [], problems: [] } : mapRows(file, plan);
  const problems = [...file.problems.map((problem) => ({ place: problem.where ?? "", document: "", problem: renderProblem(problem) })), ...made.problems, ...(plan?.id === "" ? [{ place: "", document: "", problem: renderProblem({ code: "upload.no_id", facts: {} }) }] : [])];
  // What the mapping lets through is read as posting would read it; what that refuses is said at its row, and not posted in trial.
  const sound = made.documents.flatMap((document, at) => {
    const wrong = problemsOf(document, book);
    problems.push(...wrong.map((problem) => ({ place: made.places[at] ?? "", document: idOf(document), problem: renderProblem(problem) })));
    return wrong.length > 0 ? [] : [document];
  });
  const { summary, results } = await post(ctx, book, sound, true);
  const about = plan === null ? { targets: [], hasLines: false, linksTo: [] } : targetsOf(plan.kind);
  return {
    name: upload.name, format: file.format, encoding: file.encoding, columns: file.fields, sample: file.rows.slice(0, sampleRows).map(({ row }) => file.fields.map((field) => textOf(row[field]))), rows: file.rows.length,
    plan, ...about, documents: made.documents.length, problems: problems.slice(0, 1_000), summary, results: results.filter(({ state }) => state !== "posted").slice(0, 200),
  };
}

/** Posts what the preview showed. With anything wrong in the file nothing is posted, so that a corrected file can be sent whole. Refuses: upload.*, mapping.*. */
export async function postUpload(ctx: Ctx, book: Book, upload: Upload): Promise<Uploaded> {
  const file = await readUpload(upload);
  const made = isOwnForm(file) ? ownDocuments(file) : mapRows(file, upload.plan ?? refuse("upload.no_id"));
  const wrong = file.problems.length + made.problems.length + made.documents.filter((document) => problemsOf(document, book).length > 0).length;
  if (wrong > 0) refuse("upload.problems", { problems: wrong });
  return post(ctx, book, made.documents, false);
}

/** Refuses: upload.large, upload.type, upload.many, upload.blank. */
async function readUpload({ name, content, sheet }: Upload): Promise<WholeFile> {
  const bytes = Buffer.from(content, "base64");
  if (bytes.length > uploadMegabytesMax * 1_048_576) refuse("upload.large", { max: uploadMegabytesMax, got: Math.ceil(bytes.length / 1_048_576) });
  if (bytes.length === 0) refuse("upload.empty");
  const file = (await readWhole(name, bytes, { rowsMax: uploadRowsMax, sheet })) ?? refuse("upload.type", { name });
  if (file.isCut) refuse("upload.many", { max: uploadRowsMax });
  if (file.rows.length === 0 && file.problems.length === 0) refuse("upload.blank", { name });
  return file;
}

const isOwnForm = (file: WholeFile): boolean => (file.format === "json" || file.format === "jsonl") && file.rows.length > 0 && file.rows.every(({ row }) => typeof row.schema === "string" && row.schema.startsWith("tieout/"));

type Made = { readonly documents: readonly Readonly<Record<string, unknown>>[]; readonly places: readonly string[]; readonly problems: readonly RowProblem[] };

/** Numbers were read as text; where the form wants a number or a truth value it is one again. */
const ownDocuments = (file: WholeFile): Made => ({ documents: file.rows.map(({ row }) => ({ ...row, ...(typeof row.attachments === "string" && /^\d{1,7}$/.test(row.attachments) ? { attachments: Number(row.attachments) } : {}) })), places: file.rows.map(({ place }) => place), problems: [] });

/** Rows of one number are one document, wherever they stand. */
function mapRows(file: WholeFile, plan: Plan): Made {
  const mapping = mappingOf(plan, file.fields);
  const groups = Map.groupBy(file.rows, ({ row, place }) => textOf(row[plan.id]).trim() || `\0${place}`);
  const documents: Readonly<Record<string, unknown>>[] = [], places: string[] = [], problems: RowProblem[] = [];
  for (const [id, rows] of groups) {
    const [first] = rows;
    if (!first) continue;
    const lines = rows.map(({ row }, at) => ({ ...normalised(row), [lineKey]: String(at + 1) }));
    const record = { stream: "rows", key: id, op: "c" as const, row: { ...normalised(first.row), lines } };
    const mapped = mapping.map(record);
    documents.push(...mapped.documents);
    places.push(...mapped.documents.map(() => first.place));
    problems.push(...mapped.problems.map((problem) => ({ place: placeOf(problem, rows.map(({ place }) => place)), document: id.startsWith("\0") ? "" : id, problem: renderProblem({ ...problem, facts: plainFacts(problem.facts) }) })));
  }
  return { documents, places, problems };
}

/** Of a line the row that it stands in. */
const placeOf = ({ facts }: Problem, places: readonly string[]): string => {
  const line = /lines\[(\d+)\]/.exec(Object.values(facts).map(String).join(" "))?.[1];
  return places[line === undefined ? 0 : Number(line)] ?? places[0] ?? "";
};
const plainFacts = (facts: Problem["facts"]): Problem["facts"] => Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, typeof value === "string" ? value.replace(/^lines\[\d+\]\./, "").replace(/^'(.*)'$/, "$1") : value]));

/** A spreadsheet's day with a time of zero is a day; a rate may carry its sign of per cent. */
const normalised = (row: Readonly<Record<string, unknown>>): Record<string, unknown> => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, typeof value !== "string" ? value : value.replace(/^(\d{4}-\d{2}-\d{2})[T ]00:00(:00(\.0+)?)?$/, "$1").replace(/^(\d+(?:\.\d+)?)\s*%$/, "$1").replace(/^[¥￥]\s*/, "")]));
const textOf = (value: unknown): string => (value === null || value === undefined ? "" : typeof value === "object" ? JSON.stringify(value) : String(value));
const idOf = (document: Readonly<Record<string, unknown>>): string => textOf(document.sourceId);

function problemsOf(document: Readonly<Record<string, unknown>>, book: Book): readonly Problem[] {
  const master = masterKindOf(document);
  return master ? (readMaster(document, master).problems ?? []) : (readDocument(document, book.code, book.currency).problems ?? []);
}

async function post(ctx: Ctx, book: Book, documents: readonly unknown[], dryRun: boolean): Promise<Uploaded> {
  const results: DocumentResult[] = [];
  const { summary } = await postDocuments(ctx, book.code, documents, { dryRun, onResult: (result) => void results.push(result) });
  return { summary, results };
}
