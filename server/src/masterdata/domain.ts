/** 主数据的域: what kinds of codes there are, and which of their fields say that two records are one thing. */
import { masterKinds } from "../documents/index.ts";
import type { CodeStandard } from "./code-standard.ts";
import { chineseAccounts, chineseCompanies, chineseDepartments, chineseMaterials, type TestSet } from "./matching/chinese-set.ts";
import type { Field as MatchField } from "./matching/fields.ts";

type Words = { readonly zh: string; readonly en: string };
export type DomainField = Words & { readonly name: string; /** A code that carries its own check. */ readonly check?: CodeStandard; /** Counts for completeness. */ readonly isWanted?: true };
export type Domain = Words & {
  readonly name: string;
  readonly fields: readonly DomainField[];
  /** Fields by which the engine compares two records; without them only the same code, number and name count. */
  readonly match?: { readonly fields: readonly MatchField[]; /** What the first model is learned from, before the book has enough records of its own. */ readonly seed: () => TestSet; readonly columns: Readonly<Record<string, string>>; /** File of models/ that holds what was learned from it. */ readonly model: string };
};

const wanted = true as const;
const partyFields: readonly DomainField[] = [
  { name: "name", zh: "名称", en: "Name", isWanted: wanted }, { name: "english", zh: "英文名", en: "English name" }, { name: "uscc", zh: "统一社会信用代码", en: "USCC", check: "uscc", isWanted: wanted }, { name: "phone", zh: "电话", en: "Telephone", check: "phone" },
  { name: "bankAccount", zh: "银行账号", en: "Bank account number", check: "bankAccount" }, { name: "legalRepresentative", zh: "法定代表人", en: "Legal representative" }, { name: "address", zh: "地址", en: "Address" },
  { name: "group", zh: "分组", en: "Group", isWanted: wanted }, { name: "region", zh: "地区", en: "Region" }, { name: "department", zh: "部门", en: "Department" },
];
const partyMatch: NonNullable<Domain["match"]> = {
  fields: [{ name: "name", kind: "company" }, { name: "uscc", kind: "uscc" }, { name: "phone", kind: "phone" }, { name: "bankAccount", kind: "code" }, { name: "legalRepresentative", kind: "person" }, { name: "address", kind: "address" }],
  seed: () => chineseCompanies(1_200, 7), columns: { name: "name", uscc: "uscc", phone: "phone", bankAccount: "bank_account", legalRepresentative: "legal_representative", address: "address" }, model: "party",
};
const names: readonly DomainField[] = [{ name: "name", zh: "名称", en: "Name", isWanted: wanted }, { name: "english", zh: "英文名", en: "English name" }];

export const domains: readonly Domain[] = [
  { name: "customer", zh: "客户", en: "Customers", fields: [...partyFields, { name: "salesperson", zh: "业务员", en: "Salesperson", isWanted: wanted }], match: partyMatch },
  { name: "supplier", zh: "供应商", en: "Suppliers", fields: [...partyFields, { name: "buyer", zh: "采购员", en: "Buyer", isWanted: wanted }], match: partyMatch },
  {
    name: "item", zh: "物料", en: "Items",
    fields: [...names, { name: "spec", zh: "规格", en: "Specification" }, { name: "brand", zh: "品牌", en: "Brand" }, { name: "makerPart", zh: "制造商料号", en: "Maker's part number" }, { name: "gtin", zh: "商品条码", en: "GTIN", check: "gtin" }, { name: "unit", zh: "计量单位", en: "Unit", isWanted: wanted }, { name: "category", zh: "存货类别", en: "Category", isWanted: wanted }, { name: "taxRate", zh: "税率", en: "Tax rate" }],
    // A unit is no evidence: half of all items are counted in pieces, and one in kilograms is no rarer for it.
    match: { fields: [{ name: "name", kind: "text" }, { name: "spec", kind: "spec" }, { name: "brand", kind: "category" }, { name: "makerPart", kind: "code" }], seed: () => chineseMaterials(800), columns: { name: "name", spec: "spec", brand: "brand", makerPart: "maker_part_no" }, model: "item" },
  },
  { name: "department", zh: "部门", en: "Departments", fields: [...names, { name: "manager", zh: "负责人", en: "Manager" }, { name: "use", zh: "费用归属", en: "Use", isWanted: wanted }, { name: "parent", zh: "上级", en: "Parent" }],
    match: { fields: [{ name: "name", kind: "department" }, { name: "manager", kind: "person" }], seed: () => chineseDepartments(), columns: { name: "department_name", manager: "manager" }, model: "department" } },
  { name: "account", zh: "科目", en: "Accounts", fields: [...names, { name: "depth", zh: "级次", en: "Level" }, { name: "parent", zh: "上级", en: "Parent" }],
    match: { fields: [{ name: "name", kind: "account" }, { name: "depth", kind: "category" }], seed: () => chineseAccounts(), columns: { name: "account_name", depth: "depth" }, model: "account" } },
  { name: "employee", zh: "员工", en: "Employees", fields: [...names, { name: "department", zh: "部门", en: "Department", isWanted: wanted }, { name: "phone", zh: "电话", en: "Telephone", check: "phone" }] },
  { name: "warehouse", zh: "仓库", en: "Warehouses", fields: [...names, { name: "region", zh: "地区", en: "Region" }] },
  { name: "bankAccount", zh: "银行账户", en: "Bank accounts", fields: [...names, { name: "number", zh: "账号", en: "Number", check: "bankAccount", isWanted: wanted }, { name: "currency", zh: "币种", en: "Currency" }, { name: "account", zh: "科目", en: "Account" }] },
  { name: "unit", zh: "计量单位", en: "Units", fields: names },
  { name: "taxCode", zh: "税码", en: "Tax codes", fields: [...names, { name: "taxRate", zh: "税率", en: "Rate", isWanted: wanted }, { name: "from", zh: "起", en: "Valid from" }] },
  { name: "region", zh: "地区", en: "Regions", fields: [...names, { name: "division", zh: "行政区划代码", en: "Division code", check: "region" }] },
  { name: "project", zh: "项目", en: "Projects", fields: names },
];

const byName = new Map(domains.map((domain) => [domain.name, domain]));
export const domainOf = (name: string): Domain | undefined => byName.get(name);
export function domainWords(name: string): Words {
  const { zh, en } = byName.get(name) ?? (Object.hasOwn(masterKinds, name) ? masterKinds[name as keyof typeof masterKinds] : { zh: name, en: name });
  return { zh, en };
}

/** A field by its name, also one that only some system sends; `unit.箱` is how many stock units a box is. */
export function fieldWords(domain: string, field: string): Words {
  const known = byName.get(domain)?.fields.find(({ name }) => name === field);
  if (known) return known;
  if (field.startsWith("unit.")) return { zh: `1 ${field.slice(5)} 折合`, en: `1 ${field.slice(5)} is` };
  const kind = Object.hasOwn(masterKinds, domain) ? (masterKinds[domain as keyof typeof masterKinds].fields as Readonly<Record<string, Words>>)[field] : undefined;
  return { zh: kind?.zh ?? field, en: field.replace(/([A-Z])/g, " $1").toLowerCase().replace(/^./, (letter) => letter.toUpperCase()) };
}
