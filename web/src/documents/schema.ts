/** The form of a kind, as the server publishes it: names and labels of fields, what they hold, which are needed. */
import { useApi } from "../app/api.ts";
import type { Words } from "../ui/text.ts";

type Property = { readonly type?: string; readonly description?: string; readonly enum?: readonly string[]; readonly format?: string; readonly const?: string; readonly items?: { readonly properties?: Readonly<Record<string, Property>>; readonly required?: readonly string[] }; readonly anyOf?: readonly unknown[] };
type Schema = { readonly title: string; readonly properties: Readonly<Record<string, Property>>; readonly required: readonly string[] };

export type FormField = { readonly name: string; readonly words: Words; readonly isRequired: boolean; readonly of: readonly string[]; readonly holds: "text" | "date" | "flag" | "count" };
export type Form = { readonly header: readonly FormField[]; readonly line: readonly FormField[] | null; /** Kinds that links may point at; null where there are none. */ readonly links: boolean };

/** Fields that are no field of the form: identity, structure. */
const structure = new Set(["schema", "book", "source", "sourceId", "sourceVersion", "lines", "links", "extra", "units"]);

export function useForm(kind: string | null): Form | undefined {
  const schema = useApi<Schema>(kind === null ? null : `/api/schemas/${kind}`, { keep: true }).data;
  return schema === undefined ? undefined : formOf(schema);
}

function formOf({ properties, required }: Schema): Form {
  const line = properties.lines?.items;
  return { header: fieldsOf(properties, required), line: line?.properties === undefined ? null : fieldsOf(line.properties, line.required ?? []).filter(({ name }) => name !== "lineId"), links: properties.links !== undefined };
}

const fieldsOf = (properties: Readonly<Record<string, Property>>, required: readonly string[]): FormField[] => Object.entries(properties).filter(([name]) => !structure.has(name)).map(([name, property]) => ({
  name, words: wordsOf(property.description ?? name), isRequired: required.includes(name), of: property.enum ?? [], holds: property.format === "date" ? "date" : property.type === "boolean" ? "flag" : property.type === "integer" ? "count" : "text",
}));

/** "数量 · Quantity in `unit`": the part before a semicolon is the label. */
function wordsOf(description: string): Words {
  const at = description.indexOf(" · ");
  return at < 0 ? { zh: description, en: description } : { zh: description.slice(0, at), en: (description.slice(at + 3).split(/[;:,(]/)[0] ?? "").trim() };
}

export const labelOf = (fields: readonly FormField[] | null | undefined, name: string): Words => fields?.find((field) => field.name === name)?.words ?? moreWords[name] ?? { zh: name, en: name };
const moreWords: Readonly<Record<string, Words>> = { lineId: { zh: "行号", en: "Line" }, links: { zh: "关联", en: "Links" }, lines: { zh: "单据行", en: "Lines" }, extra: { zh: "来源的其他字段", en: "Other fields of the source" } };

/** Path of a difference, "lines.1.quantity", in words. */
export function pathWords(form: Form | undefined, path: string): Words {
  const parts = path.split(".");
  if (parts[0] === "lines" && parts.length > 2) {
    const label = labelOf(form?.line, parts[2] ?? "");
    return { zh: `第 ${parts[1]} 行 ${label.zh}`, en: `Line ${parts[1]} ${label.en}` };
  }
  return parts[0] === "extra" ? { zh: parts.slice(1).join("."), en: parts.slice(1).join(".") } : labelOf(form?.header, parts[0] ?? path);
}
