/**
 * The named systems end to end: what the golden tests of a mapping are given is put into a stand-in of the system, read by its source with
 * the streams that are shipped, and mapped. The same documents must come of it, so that source and mapping never drift apart.
 */
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { test } from "node:test";
import { readSource } from "../../connectors/acceptance.ts";
import type { Json, RecordMessage, Row, Source } from "../../connectors/index.ts";
import { erpnext, type ErpnextConfig, erpnextStreams } from "../../connectors/erpnext/index.ts";
import { type ErpnextDocument, standInKey, startErpnextStandIn } from "../../connectors/erpnext/stand-in.ts";
import { odoo, type OdooConfig, odooStreams } from "../../connectors/odoo/index.ts";
import { odoo18, type OdooRow, standInLogin, startOdooStandIn } from "../../connectors/odoo/stand-in.ts";
import { pointOf } from "../../connectors/rest/cursor.ts";
import { compileMapping, type GoldenCase, goldenPathOf, lookupsOf, type Mapping, readDocument, readGolden, readMappingText } from "../../documents/index.ts";
import { masterKindOf, readMaster } from "../../masterdata/index.ts";
import { silentLog, systemClock } from "../../platform/index.ts";

const ctx = { now: systemClock, log: silentLog };

async function shipped(name: string): Promise<{ mapping: Mapping; cases: readonly GoldenCase[] }> {
  const { text, files, path } = await readMappingText(name);
  return { mapping: compileMapping(text, files), cases: readGolden(await readFile(goldenPathOf(path), "utf8")) };
}

const recordsOf = async <Config>(source: Source<Config>, config: Config): Promise<readonly RecordMessage[]> => (await readSource(source, config, new Map(), { ctx, quietMs: 100, acks: true })).records;

function sameDocuments(mapping: Mapping, wanted: GoldenCase, records: readonly RecordMessage[]): void {
  const [record] = records.filter(({ key }) => key === wanted.record.key);
  assert.ok(record, `${wanted.title}: the source did not bring ${wanted.record.key}`);
  const { documents, problems, ignored } = mapping.map({ ...record, before: null }, lookupsOf(wanted.lookups));
  assert.deepEqual(problems, [], wanted.title);
  assert.deepEqual(documents, wanted.documents ?? [], wanted.title);
  assert.equal(ignored ?? "", wanted.ignored ?? "", wanted.title);
  for (const document of documents) {
    const master = masterKindOf(document);
    assert.deepEqual((master ? readMaster(document, master) : readDocument(document, "", "CNY")).problems ?? [], [], wanted.title);
  }
}

test("what Odoo answers, read by the shipped streams, becomes the documents that the mapping promises", async (t) => {
  const { mapping, cases } = await shipped("odoo");
  const readable = cases.filter(({ record, problems }) => record.op !== "d" && problems === undefined);
  assert.deepEqual([...new Set(readable.map(({ record }) => record.stream))].sort(), Object.keys(odooStreams).sort());
  const standIn = await startOdooStandIn();
  t.after(standIn.close);
  Object.assign(standIn.fields, odoo18);
  const config: OdooConfig = { url: standIn.url, ...standInLogin, streams: Object.fromEntries(Object.keys(odooStreams).map((stream) => [stream, "ready"])) };
  for (const one of readable) {
    for (const model of Object.keys(odoo18)) standIn.rows[model] = [];
    const { model, lines = {} } = odooStreams[one.record.stream] as NonNullable<(typeof odooStreams)[string]>;
    putApart(standIn.rows, model, one.record.row as Row, lines, String((one.record.row as Row).write_date));
    sameDocuments(mapping, one, await recordsOf(odoo, { ...config, streams: { [one.record.stream]: "ready" } }));
  }
  assert.deepEqual(await odoo.check(config, ctx), []);
});

type Lines = Readonly<Record<string, { readonly model: string; readonly parent?: string; readonly lines?: Lines }>>;
/** A golden record holds lines in place of ids; Odoo keeps each with its own model. */
function putApart(rows: Record<string, OdooRow[]>, model: string, row: Row, lines: Lines, writtenAt: string): number {
  const own: Record<string, Json> = {};
  for (const [field, value] of Object.entries(row)) {
    if (field === "write_date" || value === false) continue;
    assert.ok(field === "id" || Object.hasOwn(odoo18[model] as object, field), `${model} has no ${field}`);
    const line = lines[field] ?? lines[`${field}?`];
    own[field] = Array.isArray(value) && line ? value.map((inner) => putApart(rows, line.model, line.parent === undefined ? (inner as Row) : { ...(inner as Row), [line.parent]: row.id as Json }, line.lines ?? {}, writtenAt)) : Array.isArray(value) ? value.map((inner: Json) => (inner as Row | null)?.id ?? inner) : value;
  }
  rows[model]?.push({ ...own, id: Number(row.id), writtenAt: pointOf("datetime", writtenAt) ?? 0n } as OdooRow);
  return Number(row.id);
}

test("what ERPNext answers, read by the shipped streams, becomes the documents that the mapping promises", async (t) => {
  const { mapping, cases } = await shipped("erpnext");
  const standIn = await startErpnextStandIn();
  t.after(standIn.close);
  for (const one of cases) {
    const stream = erpnextStreams[one.record.stream];
    assert.ok(stream, `no stream ${one.record.stream} is shipped`);
    standIn.documents[stream.doctype] = [{ docstatus: 0, ...JSON.parse(JSON.stringify(one.record.row), (_, value: unknown) => (typeof value === "string" && /^-?\d+\.\d+$/.test(value) ? `float:${value}` : value)) } as ErpnextDocument];
    const config: ErpnextConfig = { url: standIn.url, ...standInKey, utcOffset: "+08:00", streams: { [one.record.stream]: stream } };
    const records = await recordsOf(erpnext, config);
    if ((one.record.row as Row).docstatus === 0 && stream.filters) assert.deepEqual(records, [], "a draft stays out by the filter");
    else sameDocuments(mapping, one, records);
  }
});
