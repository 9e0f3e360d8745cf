/**
 * Records are processed again from the inbox: first as a report of what would differ, then by landing those again that differ. A
 * replayed record is a new row that names the old one, so that every document still has one cause.
 */
import type { Book } from "../../books/index.ts";
import { findWayIn, type Flow, flows as store, inbox, landAgain, type Row, type WaysIn, waysIn } from "../../connectors/index.ts";
import { type Ctx, refuse, renderProblem, type RenderedProblem } from "../../platform/index.ts";
import { readLatest } from "./flows.store.ts";
import { mapperOf } from "./mapper.ts";
import { contentOf, nameOf } from "./process.ts";

export type Difference = {
  readonly seq: string;
  readonly stream: string;
  readonly key: string;
  readonly document: string;
  readonly change: "new" | "changed" | "same" | "problem" | "ignored";
  /** Fields whose values differ. */
  readonly fields: readonly { readonly path: string; readonly before: string; readonly after: string }[];
  readonly problems: readonly RenderedProblem[];
};
export type ReplayReport = { readonly flow: string; readonly records: number; readonly counts: Readonly<Record<Difference["change"], number>>; readonly differences: readonly Difference[]; readonly landed: number };
export type ReplayOptions = {
  readonly selection: inbox.Selection;
  /** rebuild lands what differs again. */
  readonly mode: "dry-run" | "rebuild";
  /** A definition that is not in force yet: to see its effect before it is applied. Only for a dry run. */
  readonly candidate?: Flow;
  readonly ways?: WaysIn;
};

const PAGE = 1_000;
const LISTED_MAX = 1_000;

/** Refuses: replay.nothing. */
export async function replayFlow(ctx: Ctx, book: Book, flow: Flow, options: ReplayOptions): Promise<ReplayReport> {
  const using = options.mode === "dry-run" ? (options.candidate ?? flow) : flow;
  const mapper = mapperOf(ctx, using, await findWayIn(options.ways ?? waysIn, using.definition.connector));
  const counts: Record<Difference["change"], number> = { new: 0, changed: 0, same: 0, problem: 0, ignored: 0 };
  const differences: Difference[] = [];
  const { landedSeq: upTo } = await store.readStatus(ctx.db, book.bookId, flow.flow); // what a rebuild lands is not replayed in turn
  let records = 0, landed = 0;
  for (let after = 0n; ; ) {
    const rows = await inbox.selectRows(ctx.db, book.bookId, flow.flow, options.selection, mapper.supersedes, after, upTo, PAGE);
    if (rows.length === 0) break;
    after = rows.at(-1)?.seq ?? after;
    records += rows.length;
    await mapper.prepare();
    const mapped = rows.map((row) => (row.body === null && row.op !== "d" ? undefined : mapper.map({ stream: row.stream, key: row.key, op: row.op, row: parse(row.body), before: parse(row.before), position: row.position, at: row.happenedAt })));
    const names = mapped.flatMap((one) => one?.documents ?? []).flatMap((document) => nameOf(document) ?? []);
    const latest = new Map((await readLatest(ctx.db, book.bookId, names)).map((one) => [one.document, JSON.parse(one.body) as Readonly<Record<string, unknown>>]));
    const wanted: inbox.InboxShown[] = [];
    for (const [index, row] of rows.entries()) {
      const found = compare(row, mapped[index], latest);
      for (const difference of found) {
        counts[difference.change]++;
        if (difference.change !== "same" && difference.change !== "ignored" && differences.length < LISTED_MAX) differences.push(difference);
      }
      if (found.some(({ change }) => change === "new" || change === "changed")) wanted.push(row);
    }
    if (options.mode === "rebuild" && wanted.length > 0) landed += await landAgain(ctx, { bookId: book.bookId, flow: flow.flow, flowVersion: flow.version }, wanted);
  }
  if (records === 0) refuse("replay.nothing");
  return { flow: flow.flow, records, counts, differences, landed };
}

function compare(row: inbox.InboxShown, mapped: ReturnType<ReturnType<typeof mapperOf>["map"]> | undefined, latest: ReadonlyMap<string, Readonly<Record<string, unknown>>>): Difference[] {
  const common = { seq: String(row.seq), stream: row.stream, key: row.key };
  if (!mapped) return [{ ...common, document: "", change: "ignored", fields: [], problems: [] }];
  if (mapped.problems.length > 0) return [{ ...common, document: "", change: "problem", fields: [], problems: mapped.problems.map((problem) => renderProblem(problem)) }];
  if (mapped.documents.length === 0) return [{ ...common, document: "", change: "ignored", fields: [], problems: [] }];
  return mapped.documents.map((document): Difference => {
    const name = nameOf(document);
    const key = name ? `${name.source}:${name.kind}/${name.sourceId}` : "";
    const before = latest.get(key);
    if (!before) return { ...common, document: key, change: name?.isMaster === true ? "same" : "new", fields: [], problems: [] };
    if (contentOf(before) === contentOf(document)) return { ...common, document: key, change: "same", fields: [], problems: [] };
    const fields = differing({ ...before, sourceVersion: 0 }, { ...document, sourceVersion: 0 }, "");
    return { ...common, document: key, change: fields.length === 0 ? "same" : "changed", fields, problems: [] };
  });
}

/** Leaves that differ, by their paths. */
function differing(before: unknown, after: unknown, path: string): { path: string; before: string; after: string }[] {
  if (isContainer(before) && isContainer(after)) {
    return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => differing(before[name], after[name], `${path}/${name}`));
  }
  const [was, is] = [text(before), text(after)];
  return was === is ? [] : [{ path, before: was, after: is }];
}
const isContainer = (value: unknown): value is Readonly<Record<string, unknown>> => value !== null && typeof value === "object";
const text = (value: unknown): string => (value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value));
const parse = (body: string | null): Row | null => (body === null ? null : (JSON.parse(body) as Row));
