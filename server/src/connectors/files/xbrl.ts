/** 电子凭证 of the Ministry of Finance: an XBRL instance with one context, so that each fact is its name and its text. Recognised by the code of its taxonomy; the date in it changes. */
import type { Json, Row } from "../connector.ts";
import { Broken, type FileItem, type LocalFile } from "./local-file.ts";
import { isRow } from "./json.ts";
import { xmlRecords } from "./xml.ts";

export async function* xbrlReports(file: LocalFile): AsyncGenerator<FileItem> {
  for await (const { row, namespaces, place } of xmlRecords(file, { record: "xbrl", lists: ["InformationOfReconcileDetailsTuple"] })) {
    const taxonomy = [...namespaces.values()].flatMap((uri) => /^https?:\/\/xbrl\.mof\.gov\.cn\/taxonomy\/([\d-]+)\/(\w+)$/.exec(uri) ?? []);
    const [, date = "", code = ""] = taxonomy;
    if (code === "") throw new Broken({ code: "file.no_record", facts: { name: file.name, record: "http://xbrl.mof.gov.cn/taxonomy/…" } });
    yield { is: "row", row: { taxonomy: code, taxonomyDate: date, ...(factsOf(row) as Row) }, place };
  }
}

const framework = new Set(["schemaRef", "context", "unit", "@schemaLocation"]);

/** Facts without their references to the one context and unit. */
function factsOf(tree: Json): Json {
  if (Array.isArray(tree)) return tree.map((one: Json) => factsOf(one));
  if (!isRow(tree)) return tree;
  const entries = Object.entries(tree).filter(([name]) => !name.startsWith("@") && !framework.has(name));
  if (entries.length === 0) return "";
  const [only] = entries;
  if (entries.length === 1 && only?.[0] === "#text") return only[1];
  return Object.fromEntries(entries.map(([name, value]) => [name, factsOf(value)]));
}
