/**
 * A listing, page by page, in each way that APIs page. What moves between two pages is noticed: by a total that changes, by a key that
 * comes twice, and with offsets by asking for the last row of each page again at the head of the next. A chain of links that comes
 * back to where it was is stopped.
 */
import { FlowFault, type Json, type Row, type StreamShape } from "../connector.ts";
import { momentAt, pointOf, writtenPoint } from "./cursor.ts";
import { shapeOf, type Item, type Page } from "./feed.ts";
import { jsonOf, type Http, type HttpAnswer } from "./http.ts";
import { at, isObject, keyOf, textAt } from "../json.ts";
import type { RestStream } from "./rest.ts";

export type Figures = { readonly since?: string | undefined; readonly size?: string | undefined; readonly page?: string | undefined; readonly offset?: string | undefined; readonly next?: string | undefined };
type List = { readonly stream: string; readonly path: string; readonly method: "GET" | "POST"; readonly query: Readonly<Record<string, string>>; readonly body: Json | undefined; readonly records: string; readonly paging: NonNullable<RestStream["paging"]> };
type Answered = { readonly rows: readonly Json[]; readonly document: Json; readonly answer: HttpAnswer };

const sizeDefault = 100;
const sizeOf = (paging: List["paging"]): number => ("size" in paging ? paging.size : undefined) ?? sizeDefault;

/** Throws FlowFault with rest.no_records, rest.loop, rest.not_ordered, and what the exchange throws. */
export async function* listPages(http: Http, stream: string, definition: RestStream, since: bigint | undefined): AsyncGenerator<Page> {
  const list = listOf(stream, definition);
  if (list.paging.is === "page" || list.paging.is === "offset") yield* countedPages(http, list, definition, since);
  else yield* linkedPages(http, list, definition.key, sinceText(definition, since), (row, position) => itemOf(http, stream, definition, row, position));
  if (definition.deletes?.is === "list") {
    const { path, query = {}, records = list.records } = definition.deletes;
    yield* linkedPages(http, { stream, path, method: "GET", query, body: undefined, records, paging: { is: "link" } }, [], sinceText(definition, since), (row, position) => goneOf(stream, definition, row, position));
  }
}

/** The first page and what its records look like, for a look. */
export async function firstRows(http: Http, stream: string, definition: RestStream): Promise<{ readonly rows: readonly Json[]; readonly shape: StreamShape }> {
  const list = listOf(stream, definition);
  const start = definition.cursor?.start;
  const first = list.paging.is === "page" ? String(list.paging.first ?? 1) : undefined;
  const { rows, answer } = await ask(http, list, { since: start, size: String(sizeOf(list.paging)), page: first, offset: "0" });
  return { rows, shape: shapeIn(list, definition.key, answer) };
}

function listOf(stream: string, { path, method = "GET", query = {}, body, records, paging = { is: "none" } }: RestStream): List {
  return { stream, path, method, query, body: body as Json | undefined, records: records ?? (paging.is === "odata" ? "value" : ""), paging };
}

/** Pages by number or offset. A source that answers in order is asked again from its last row instead, where no page can shift. */
async function* countedPages(http: Http, list: List, definition: RestStream, since: bigint | undefined): AsyncGenerator<Page> {
  const { paging } = list;
  const isOffset = paging.is === "offset";
  const first = paging.is === "page" ? (paging.first ?? 1) : 0;
  const totalPath = paging.is === "page" || paging.is === "offset" ? paging.total : undefined;
  let from = sinceText(definition, since);
  let place = first;
  let head: string | undefined;
  let total: string | undefined;
  let before: readonly string[] = [];
  let keys = new Set<string>();
  for (;;) {
    const isFirst = place === first;
    // Some answer "not found" for the page after the last one.
    const answered = await ask(http, list, { since: from, size: String(sizeOf(paging)), page: String(place), offset: String(place) }, isFirst ? [] : [404]);
    const { rows, document, answer } = answered;
    // The row that was asked for again is gone, so everything behind it has moved up.
    if (rows.length === 0 && head !== undefined) yield { items: [], isShifted: true };
    if (rows.length === 0) return;
    const items = rows.map((row, index) => itemOf(http, list.stream, definition, row, `${answer.place}#${isOffset ? place + index : `${place}.${index}`}`));
    const here = items.map(({ key }) => key);
    // And some repeat the last page for ever.
    if (here.length === before.length && here.every((key, index) => key === before[index])) return;
    const news = head !== undefined && here[0] === head ? here.slice(1) : here;
    const totalNow = totalPath === undefined ? undefined : textAt(document, totalPath);
    const isShifted = (head !== undefined && here[0] !== head) || (total !== undefined && total !== totalNow) || news.some((key) => key !== "" && keys.has(key));
    yield { items, isShifted, shape: () => shapeIn(list, definition.key, answer) };

    keys = keys.union(new Set(here));
    const end = orderedEnd(list, definition, rows, from);
    if (end !== undefined && end !== from) {
      [from, place, head, total, before, keys] = [end, first, undefined, undefined, [], new Set()];
      continue;
    }
    if (news.length === 0 || (totalNow !== undefined && keys.size >= Number(totalNow))) return;
    total = totalNow;
    before = here;
    head = isOffset && rows.length > 1 ? here.at(-1) : undefined;
    place += isOffset ? Math.max(1, rows.length - 1) : 1;
  }
}

/** Where a source that promised order stands at the end of a page; undefined without the promise. Throws FlowFault with rest.not_ordered. */
function orderedEnd(list: List, { cursor }: RestStream, rows: readonly Json[], from: string | undefined): string | undefined {
  if (cursor?.isOrdered !== true) return undefined;
  let end = from === undefined ? undefined : pointOf(cursor.format, from);
  let told = from;
  for (const row of rows) {
    const value = at(row, cursor.field);
    const point = pointOf(cursor.format, value);
    if (point === undefined) continue;
    if (end !== undefined && point < end) throw new FlowFault("config", { code: "rest.not_ordered", facts: { stream: list.stream, field: cursor.field } });
    end = point;
    // In the source's own writing, with all its digits; only OData 2 writes what it does not read.
    told = String(value).startsWith("/") ? writtenPoint(cursor.format, point) : String(value);
  }
  return told;
}

/** Pages of which each names the next, or that stand alone. */
async function* linkedPages(http: Http, list: List, key: readonly string[], since: string | undefined, itemAt: (row: Json, position: string) => Item): AsyncGenerator<Page> {
  const { paging } = list;
  const visited = new Set<string>();
  let figures: Figures = { since, size: String(sizeOf(paging)) };
  let link: string | undefined;
  for (let page = 1; ; page++) {
    const { rows, document, answer } = await ask(http, link === undefined ? list : { ...list, path: link, query: {}, method: "GET" }, figures);
    yield { items: rows.map((row, index) => itemAt(row, `${answer.place}#${page}.${index}`)), ...(key.length > 0 ? { shape: () => shapeIn(list, key, answer) } : { isAside: true }) };
    const next = nextOf(paging, document, answer);
    if (next === undefined) return;
    if (visited.has(next)) throw new FlowFault("config", { code: "rest.loop", facts: { stream: list.stream, url: answer.place, pages: page } });
    visited.add(next);
    if (paging.is === "cursor") figures = { ...figures, next };
    else link = next;
  }
}

function nextOf(paging: List["paging"], document: Json, answer: HttpAnswer): string | undefined {
  if (paging.is === "cursor") return textAt(document, paging.next);
  const linked = (link: string | undefined): string | undefined => (link === undefined ? undefined : (URL.parse(link, answer.place)?.href ?? link));
  if (paging.is === "odata") return linked(["@odata.nextLink", "odata.nextLink", "d.__next"].map((path) => textAt(document, path)).find((found) => found !== undefined));
  if (paging.is === "link") return linked(/<([^>]*)>[^,]*;\s*rel="?next"?/i.exec(answer.headers.get("link") ?? "")?.[1]);
  return undefined;
}

/** Numbers as numbers, for once: the only way to know an integer from a decimal here. */
function shapeIn(list: List, key: readonly string[], answer: HttpAnswer): StreamShape {
  const rows = at(JSON.parse(answer.body.toString("utf8")) as Json, list.records);
  return shapeOf(list.stream, key, Array.isArray(rows) ? rows : []);
}

/** Asks for one page; an accepted error status is an empty one. */
async function ask(http: Http, list: List, figures: Figures, accept: readonly number[] = []): Promise<Answered> {
  const query = filled(list.query, figures) as Record<string, string>;
  const body = list.method === "POST" && list.body !== undefined ? JSON.stringify(filled(list.body, figures)) : undefined;
  const answer = await http.send({
    method: list.method, path: list.path, query, body, accept,
    headers: { ...(body === undefined ? {} : { "content-type": "application/json" }), ...(list.paging.is === "odata" ? { prefer: `odata.maxpagesize=${sizeOf(list.paging)}` } : {}) },
  });
  if (answer.status > 299) return { rows: [], document: null, answer };
  const document = answer.status === 204 ? [] : jsonOf(answer);
  const rows = answer.status === 204 ? [] : at(document, list.records);
  if (!Array.isArray(rows)) throw new FlowFault("config", { code: "rest.no_records", facts: { stream: list.stream, path: list.records || "/", url: answer.place }, where: `/streams/${list.stream}/records` });
  return { rows: rows as readonly Json[], document, answer };
}

/** Puts the figures in. What names a figure that is not known is left out, so that a first reading simply does not say since when. */
export function filled(template: Json, figures: Figures): Json | undefined {
  if (typeof template === "string") {
    const names = [...template.matchAll(/\{(since|size|page|offset|next)\}/g)].map((match) => match[1] as keyof Figures);
    if (names.some((name) => figures[name] === undefined)) return undefined;
    return names.reduce((text, name) => text.replaceAll(`{${name}}`, figures[name] as string), template);
  }
  if (Array.isArray(template)) return (template as readonly Json[]).map((entry) => filled(entry, figures)).filter((entry) => entry !== undefined);
  if (!isObject(template)) return template;
  return Object.fromEntries(Object.entries(template).flatMap(([name, entry]) => {
    const value = filled(entry, figures);
    return value === undefined ? [] : [[name, value]];
  }));
}

const sinceText = ({ cursor }: RestStream, point: bigint | undefined): string | undefined => (cursor && point !== undefined ? writtenPoint(cursor.format, point) : undefined);

function itemOf(http: Http, stream: string, definition: RestStream, row: Json, position: string): Item {
  const { cursor, deletes, detail } = definition;
  const key = keyOf(definition.key, row);
  if (key === undefined || !isObject(row)) return unkeyed(stream, definition.key, row, position);
  const told = cursor ? at(row, cursor.field) : undefined;
  const place = { key, position: typeof told === "string" || typeof told === "number" ? String(told) : position, point: cursor ? pointOf(cursor.format, told) : undefined, at: momentOfCursor(definition, told), mark: row };
  if (deletes?.is === "flag" && String(at(row, deletes.field)) === deletes.value) return { is: "gone", before: row, ...place };
  return { is: "row", row, ...place, ...(detail === undefined ? {} : { whole: () => wholeOf(http, stream, definition, detail, row, { is: "row", row, ...place }) }) };
}

async function wholeOf(http: Http, stream: string, definition: RestStream, detail: string, listed: Row, item: Item & { readonly is: "row" }): Promise<Item> {
  const path = detail.replace(/\{([^{}]+)\}/g, (_, name: string) => encodeURIComponent(textAt(listed, name) ?? ""));
  const answer = await http.send({ path, accept: [404, 410] });
  const row = answer.status > 299 ? undefined : at(jsonOf(answer), definition.detailRecord ?? "");
  // Gone since, or a template that is wrong for every record: a person can tell the two apart, we cannot.
  if (!isObject(row)) return { is: "bad", key: item.key, bytes: bytesOf(listed), position: item.position, problem: { code: "rest.no_detail", facts: { stream, key: item.key, url: answer.place, status: answer.status } } };
  return { ...item, row };
}

function goneOf(stream: string, { cursor, deletes }: RestStream, row: Json, position: string): Item {
  if (deletes?.is !== "list") throw new TypeError("only a list of deletions names what is gone");
  const key = keyOf(deletes.key, row);
  if (key === undefined) return unkeyed(stream, deletes.key, row, position);
  const told = deletes.field === undefined ? undefined : at(row, deletes.field);
  return { is: "gone", key, mark: row, position, point: cursor ? pointOf(cursor.format, told) : undefined, at: momentOfCursor({ cursor }, told) };
}

const unkeyed = (stream: string, key: readonly string[], row: Json, position: string): Item => ({ is: "bad", key: "", bytes: bytesOf(row), position, problem: { code: "rest.no_key", facts: { stream, key: key.join(", ") }, where: position } });

const bytesOf = (row: Json): Buffer => Buffer.from(JSON.stringify(row));

/** When a record changed there, if its cursor says so beyond doubt. */
function momentOfCursor({ cursor }: Pick<RestStream, "cursor">, told: Json | undefined): string | null {
  if (!cursor || cursor.format === "integer" || cursor.format === "datetime" || cursor.format === "date") return null;
  const point = pointOf(cursor.format, told);
  return point === undefined ? null : momentAt(point / 1000n);
}
