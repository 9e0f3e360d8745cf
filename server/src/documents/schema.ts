/** The public form of each kind as JSON Schema (draft 2020-12), derived from kinds.ts, so that the two cannot disagree. */
import { commonHeader, commonLine, type Field, kindOf, kinds, masterKinds, type MasterKind } from "./kinds.ts";

export type JsonSchema = { readonly [key: string]: unknown };

export type SchemaName = { readonly kind: string; readonly schema: string; readonly zh: string; readonly en: string; readonly is: "document" | "master" };

/** Every kind that may be sent. */
export const schemaNames = (): SchemaName[] => [
  ...Object.entries(kinds).map(([kind, { zh, en }]) => ({ kind, schema: `tieout/${kind}@1`, zh, en, is: "document" as const })),
  ...Object.entries(masterKinds).map(([kind, { zh, en }]) => ({ kind, schema: `tieout/${kind}@1`, zh, en, is: "master" as const })),
];

/** The schema of one kind of document or master record; undefined when there is no such kind. */
export function schemaOf(kind: string): JsonSchema | undefined {
  if (Object.hasOwn(masterKinds, kind)) return masterSchema(kind as MasterKind);
  return kindOf(kind) === undefined ? undefined : documentSchema(kind);
}

const describe = (zh: string, en: string): string => `${zh} · ${en}`;
const text = (zh: string, en: string, maxLength: number): JsonSchema => ({ type: "string", minLength: 1, maxLength, description: describe(zh, en) });

const decimal = (decimals: number, isSigned = false): string => `^${isSigned ? "-?" : ""}\\d{1,18}(\\.\\d{1,${decimals}})?$`;

const forms: Record<Field["type"], JsonSchema> = {
  text: { type: "string", minLength: 1, maxLength: 500 },
  code: { type: "string", minLength: 1, maxLength: 100 },
  date: { type: "string", format: "date", pattern: "^\\d{4}-\\d{2}-\\d{2}$" },
  period: { type: "string", pattern: "^\\d{4}-(0[1-9]|1[0-2])$" },
  quantity: { type: "string", pattern: decimal(6), examples: ["60"] },
  price: { type: "string", pattern: decimal(6), examples: ["10.50"] },
  taxRate: { type: "string", pattern: "^(0(\\.\\d{1,6})?|1(\\.0{1,6})?)$", examples: ["0.13"] },
  rate: { type: "string", pattern: decimal(10), examples: ["7.10"] },
  money: { type: "string", pattern: decimal(4), examples: ["949.20"] },
  signed: { type: "string", pattern: decimal(4, true), examples: ["-949.20"] },
  flag: { type: "boolean" },
  count: { type: "integer", minimum: 0, maximum: 1_000_000 },
};

const fieldSchema = (field: Field): JsonSchema => ({ ...forms[field.type], ...(field.of ? { enum: field.of } : {}), description: describe(field.zh, field.en) });
const fieldSchemas = (fields: Readonly<Record<string, Field>>): Record<string, JsonSchema> => Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, fieldSchema(field)]));
const required = (fields: Readonly<Record<string, Field>>): string[] => Object.entries(fields).filter(([, field]) => field.required).map(([name]) => name);

const extra: JsonSchema = { type: "object", description: describe("未映射的来源字段,原样保留", "Unmapped fields of the source, kept as they are") };

const identity = (kind: string): Record<string, JsonSchema> => ({
  schema: { const: `tieout/${kind}@1`, description: describe("格式与版本", "Form and its version") },
  book: text("账簿", "Book; default the one it is sent to", 40),
  source: { ...text("来源系统", "Source system", 40), pattern: "^[^:/\\s]+$" },
  sourceId: text("来源单据号,与版本同为身份:同一对永不重复入账", "Id in the source; with the version it is the identity that never counts twice", 120),
  sourceVersion: { type: ["integer", "string"], minimum: 0, pattern: "^\\d{1,15}$", default: 1, description: describe("来源版本,修改后加大", "Version in the source; raise it with each change") },
});

const linksSchema = (linksTo: readonly string[]): JsonSchema => ({
  type: "array",
  description: describe("关联", `Links to: ${linksTo.join(", ")}`),
  items: {
    type: "object",
    properties: {
      to: { type: "string", pattern: `^([^:/\\s]+:)?(${linksTo.join("|")})/.+$`, description: describe("[来源:]种类/单据号[/行号]", "[source:]kind/sourceId[/lineId]; the source defaults to the document's own") },
      quantity: { ...forms.quantity, description: describe("关联数量", "Linked quantity; with one link the line's") },
      amount: { ...forms.money, description: describe("关联金额", "Linked amount in the document's currency") },
    },
    required: ["to"],
    additionalProperties: false,
  },
});

function documentSchema(name: string): JsonSchema {
  const kind = kindOf(name);
  if (!kind) throw new RangeError(`no kind ${name}`);
  const header = { ...commonHeader, ...kind.header };
  const line = { ...commonLine, ...kind.line };
  const links = kind.linksTo === undefined ? {} : { links: linksSchema(kind.linksTo) };
  const parties = { supplier: text("供应商", "Supplier", 100), customer: text("客户", "Customer", 100), employee: text("员工", "Employee", 100) };
  const party = kind.party ?? [];
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `/api/schemas/${name}`,
    title: describe(kind.zh, kind.en),
    type: "object",
    properties: {
      ...identity(name),
      ...Object.fromEntries(party.map((role) => [role, parties[role]])),
      ...fieldSchemas(header),
      ...links,
      ...(kind.lines === undefined ? {} : {
        lines: {
          type: "array",
          maxItems: 20_000,
          description: describe("单据行", "Lines"),
          items: {
            type: "object",
            properties: { lineId: { ...text("行号,单据内唯一且稳定", "Line id, unique within the document and stable", 60), pattern: "^[^/]+$" }, ...fieldSchemas(line), ...links, extra },
            required: ["lineId", ...required(line)],
            additionalProperties: false,
          },
        },
      }),
      extra,
    },
    required: ["schema", "source", "sourceId", ...required(header), ...(kind.partyRequired && party.length === 1 ? party : [])],
    // A cancelled document wants nothing, so it needs no lines.
    ...(kind.lines === "required" ? { if: { not: { properties: { status: { const: "cancelled" } }, required: ["status"] } }, then: { required: ["lines"], properties: { lines: { minItems: 1 } } } } : {}),
    additionalProperties: false,
  };
}

function masterSchema(name: MasterKind): JsonSchema {
  const { zh, en, fields } = masterKinds[name] as { zh: string; en: string; fields: Readonly<Record<string, Field>> };
  const own = fieldSchemas(fields);
  if ("units" in own) {
    own.units = { type: "array", description: describe(fields.units?.zh ?? "", fields.units?.en ?? ""),
      items: { type: "object", properties: { unit: forms.code, quantity: forms.quantity }, required: ["unit", "quantity"], additionalProperties: false } };
  }
  return {
    $schema: "https://json-schema.org/draft/2020-12/schema",
    $id: `/api/schemas/${name}`,
    title: describe(zh, en),
    type: "object",
    properties: {
      ...identity(name),
      name: { description: describe("名称", "Name"), anyOf: [{ type: "string", maxLength: 500 }, { type: "object", properties: { zh: { type: "string", maxLength: 500 }, en: { type: "string", maxLength: 500 } }, minProperties: 1, additionalProperties: false }] },
      ...own,
      extra,
    },
    required: ["schema", "source", "sourceId", ...required(fields)],
    additionalProperties: false,
  };
}
