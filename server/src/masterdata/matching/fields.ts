/**
 * What each column of a table holds, and which features a pair of records is compared by. A column gives one feature, a
 * company's name several (字号, 地区, 行业, 分支). Without a configuration the kind is guessed from the column's name and from
 * values; columns that only number the rows, or that already say which rows belong together, are never evidence.
 */
import { accountWords, addressWords, departmentWords, hasHan, parseCompany, pinyinOf, plain, plainDate, plainEmail, plainName, plainPhone, plainRegion, plainStreet, plainUnit, plainWords, specTokens } from "./normalise.ts";

export const kinds = ["given", "surname", "person", "company", "englishName", "text", "names", "street", "address", "place", "region", "postcode", "houseNumber", "date", "year", "phone", "email", "uscc", "code", "category", "amount", "spec", "unit", "department", "account", "ignore"] as const;
export type Kind = (typeof kinds)[number];

/** How two values are compared; see levels.ts. */
export type Style = "word" | "words" | "digits" | "date" | "year" | "amount" | "category" | "region" | "brand" | "uscc" | "email";

export type Field = { readonly name: string; readonly kind: Kind };
export type Feature = {
  readonly name: string;
  /** Index of the field it is read from. */
  readonly field: number;
  readonly style: Style;
  readonly kind: Kind;
  /** Another feature whose values may have been written here by mistake: given name and surname, the lines of an address. */
  readonly partner: number;
};

/** A value ready for comparison; "" is no evidence. */
export type Values = readonly string[];

const styleOf: Readonly<Record<Kind, readonly (readonly [suffix: string, style: Style])[]>> = {
  given: [["", "word"]], surname: [["", "word"]], person: [["", "words"]], place: [["", "word"]], street: [["", "word"]], address: [["", "words"]], text: [["", "words"]], names: [["", "words"]], englishName: [["", "words"]],
  company: [["", "brand"], [".region", "region"], [".trade", "words"], [".branch", "category"]],
  region: [["", "region"]], postcode: [["", "digits"]], houseNumber: [["", "digits"]], date: [["", "date"]], year: [["", "year"]], phone: [["", "digits"]], email: [["", "email"]], uscc: [["", "uscc"]], code: [["", "digits"]],
  category: [["", "category"]], amount: [["", "amount"]], spec: [["", "words"]], unit: [["", "category"]], department: [["", "words"]], account: [["", "word"], [".parent", "word"]], ignore: [],
};

export function featuresOf(fields: readonly Field[]): Feature[] {
  const features = fields.flatMap(({ name, kind }, field) => styleOf[kind].map(([suffix, style]) => ({ name: name + suffix, field, style, kind, partner: -1 })));
  const pairUp = (one: number, other: number): void => {
    if (one < 0 || other < 0) return;
    features[one] = { ...(features[one] as Feature), partner: other };
    features[other] = { ...(features[other] as Feature), partner: one };
  };
  const first = (kind: Kind, after = -1): number => features.findIndex((feature, at) => at > after && feature.kind === kind && feature.style === "word");
  pairUp(first("given"), first("surname"));
  const street = first("street");
  pairUp(street, street < 0 ? -1 : first("street", street));
  return features;
}

/** The values of the features of one kind for one written value. */
export function valuesOf(kind: Kind, text: string): Values {
  switch (kind) {
    case "given": case "surname": case "place": return [plainName(text)];
    case "street": return [plainStreet(text)];
    case "address": return [addressWords(text).join(" ")];
    case "person": case "englishName": case "names": return [plainWords(text).join(" ")];
    // Type numbers are written with and without a hyphen: SX-3401 and SX3401.
    case "text": return [plainWords(text.replace(/(?<=\b[A-Za-z]{1,4})-(?=\d)|(?<=\d)-(?=[A-Za-z]{1,4}\b)/g, "")).join(" ")];
    case "company": {
      const name = parseCompany(text);
      if (name.brand === "") return ["", name.region, name.trade, name.branch];
      // The sound stands beside the brand: 华新 and HUAXIN are one word written two ways.
      return [hasHan(name.brand) ? `${name.brand}/${pinyinOf(name.brand).replace(/[^A-Z0-9]/g, "")}` : name.brand.includes(" ") ? name.brand : `/${name.brand}`, name.region, name.trade, name.branch === "" ? "-" : name.branch];
    }
    case "region": return [plainRegion(text)];
    case "postcode": case "uscc": case "code": return [plain(text).replace(/[\s\-–—.·_/]/g, "")];
    case "houseNumber": return [plainName(text)];
    case "date": return [plainDate(text)];
    case "year": return [plainDate(text).slice(0, 4)];
    case "phone": return [plainPhone(text)];
    case "email": return [plainEmail(text)];
    case "category": return [plainName(text)];
    case "amount": return [/-?\d[\d,]*(?:\.\d+)?/.exec(text)?.[0].replace(/,/g, "") ?? ""];
    case "spec": return [specTokens(text).join(" ")];
    case "unit": return [plainUnit(text)];
    case "department": return [departmentWords(text).join(" ")];
    case "account": {
      // 工资 stands under many accounts: what it is under says as much as what it is.
      const path = accountWords(text);
      return path.length === 0 ? [] : [path.at(-1) as string, path.slice(0, -1).join(" ") || "-"];
    }
    case "ignore": return [];
  }
}

// Guessing ---------------------------------------------------------------------------------------------------------------------

const truthNames = /^(?:system|source|source_?(?:system|dataset|table)|data_?set|来源|系统|来源系统|cluster|cluster_?id|class|label|ground_?truth|entity_?id|true_?id|match|is_?match|duplicate|dup|golden_?id|blocking_?number|gold|cid|block)$/;
const idNames = /^(?:id|.*_id|.*id|rec_?no|record|row|index|key|编号|序号|uuid|guid|url|link|code|编码|代码|unnamed.*|)$/;
const byName: readonly (readonly [RegExp, Kind])[] = [
  [/uscc|统一社会信用|社会信用代码|credit_?code/, "uscc"],
  [/department|(?:^|_)dept(?:_|$)|部门/, "department"],
  [/account_?name|科目名称|^科目$|account_?title/, "account"],
  [/soc_?sec|ssn|national|passport|tax_?(?:no|number|id)|税号|纳税人|vat|iban|bank_?account|账号|帐号|isbn|gtin|ean|upc|doi|barcode|model_?(?:no|num)|modelno|part_?(?:no|num)|sku|mpn|型号|图号|license|licence/, "code"],
  [/e_?mail|邮箱|邮件/, "email"],
  [/phone|tel|mobile|fax|电话|手机|传真/, "phone"],
  [/post_?code|zip|^plz$|邮编|postal/, "postcode"],
  [/birth_?(?:place|city|town)|place_?of|town_?of|birthplace/, "place"],
  [/dob|birth|date|日期|生日|released_?on/, "date"],
  [/^year$|_year$|^yr$|年份/, "year"],
  [/^(?:first|given|fore|christian|middle)_?name$|^fname|^first$|^given$|^forename|^名$/, "given"],
  [/sur_?name|last_?name|family_?name|^lname|^last$|^姓$/, "surname"],
  [/street_?(?:no|number|num)|house_?(?:no|number|num)|^number$|门牌/, "houseNumber"],
  [/公司|单位名称|客户名称|供应商名称|company|organi[sz]ation|supplier_?name|customer_?name|vendor_?name|firm|企业|全称|简称/, "company"],
  [/^spec|规格|specification/, "spec"],
  [/^(?:unit|uom|单位|计量单位)$/, "unit"],
  [/地区|区域|region/, "region"],
  [/street|^address_?\d$|^addr_?\d$/, "street"],
  [/addr|地址/, "address"],
  [/^(?:city|suburb|town|county|district|locality|municipality|城市)$|city|suburb|town/, "place"],
  [/^(?:state|gender|sex|country|type|category|status|genre|language|occupation|job|profession|brand|manufacturer|maker|style|性别|类别|类型|品牌)$/, "category"],
  [/^age$|price|amount|cost|金额|单价|revenue/, "amount"],
  [/authors?|artists?|actors?|directors?|starring|members/, "names"],
  [/full_?name|person|contact|legal_?rep|manager|负责人|经办人|联系人|法人|法定代表人|first_and_surname/, "person"],
  [/title|name|desc|memo|venue|journal|booktitle|text|album|song|product|名称|摘要|品名/, "text"],
];

/** The last part of a header that is a web address; lower case with underscores. */
export const headOf = (name: string): string => fullName(name).replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase().trim().replace(/[\s\-.]+/g, "_");
const fullName = (name: string): string => (/^https?:\/\//.test(name) ? name.replace(/^.*[#/]/, "") : name);

/**
 * Guesses the kinds from the header and a sample of rows. `isWhole`: the sample is every row.
 * Names decide first; values correct them: a column without values, or with one value for all rows, is ignored.
 */
export function guessFields(header: readonly string[], sample: readonly (readonly string[])[]): Field[] {
  const heads = header.map(headOf);
  const guessed = header.map((name, at): Field => {
    const values = sample.map((row) => (row[at] ?? "").trim()).filter((value) => value !== "" && value.toLowerCase() !== "null" && value.toLowerCase() !== "nan");
    return { name, kind: guessKind(heads[at] as string, values, sample.length) };
  });
  return dropDerived(guessed, sample);
}

function guessKind(head: string, values: readonly string[], rows: number): Kind {
  if (values.length === 0 || truthNames.test(head)) return "ignore";
  const distinct = new Set(values).size;
  if (distinct === 1 && values.length > 3) return "ignore";
  const share = (pattern: RegExp): number => values.filter((value) => pattern.test(value)).length / values.length;
  const isUnique = distinct === values.length && values.length >= rows * 0.99;
  const named = /^unnamed/.test(head) ? undefined : byName.find(([pattern]) => pattern.test(head))?.[1];
  const words = values.reduce((sum, value) => sum + value.split(/\s+/).length, 0) / values.length;
  if (named === undefined || (named === "text" && /_id$|^id$/.test(head))) {
    // A column without a name mostly numbers the rows; one that holds something else is judged by that.
    if (/^(?:unnamed.*|)$/.test(head) ? share(/^\d{1,12}$/) > 0.95 : idNames.test(head) && (isUnique || /^(?:id|.*_id|index|row|rec_?no|record|uuid|guid|url|link)$/.test(head))) return "ignore";
    // A code means something only within its system: the same code elsewhere is another thing (同名不同义).
    if (/(?:^|_)(?:code|no|num)$|编码$|代码$|编号$/.test(head)) return "ignore";
    if (isUnique && share(/^\d{1,9}$/) > 0.95) return "ignore";
  }
  // A rule of the name must not contradict the values.
  if (named === "date") return share(/\d{4}|\d{1,2}[/.-]\d{1,2}[/.-]\d{2}/) > 0.7 ? "date" : share(/\d/) < 0.3 ? "place" : "category";
  if (named === "phone" && share(/\d{3}/) < 0.6) return "text";
  if (named === "email" && share(/@/) < 0.5) return "text";
  if (named === "amount" && share(/\d/) < 0.8) return "category";
  if ((named === "department" || named === "account") && share(/[^\x00-\x7f]/) < 0.05) return "text";
  if (named === "company" && share(/[^\x00-\x7f]/) < 0.05) return "text";
  if (named === "category" && words > 3) return "text";
  // Names of makers and trades are written in more than one way; a handful of states is not.
  if (named === "category" && distinct > 100) return "place";
  if (named === "street" && words > 4) return "address";
  if (named === "text" && share(/(?:公司|厂|商行|集团)/) > 0.4) return "company";
  if (named === "text" && words < 1.6 && distinct > 20 && share(/^[\p{L}'’-]+(?: [\p{L}'’-]+)?$/u) > 0.9 && /name/.test(head)) return "surname";
  if (named !== undefined) return named;
  if (share(/^[^@\s]+@[^@\s]+$/) > 0.6) return "email";
  if (share(/^[0-9A-HJ-NPQRTUWXY]{18}$/i) > 0.6) return "uscc";
  if (share(/^(?:19|20)\d{2}$/) > 0.9) return "year";
  if (share(/^\d{4}-\d{1,2}-\d{1,2}|^\d{8}$|^\d{1,2}\/\d{1,2}\/\d{4}/) > 0.8) return "date";
  if (share(/^\+?[\d\s()./-]{7,20}$/) > 0.8 && share(/\d{6}|[\s()./-]/) > 0.7) return distinct > 20 ? "phone" : "category";
  if (share(/(?:公司|厂|商行|集团)/) > 0.4) return "company";
  // Numbers of one length are numbers of something, amounts are not of one length.
  if (distinct > 30 && share(/^\d{5,8}$/) > 0.97 && values.every(({ length }) => length === values[0]?.length)) return "postcode";
  if (share(/^-?[$€£¥]?\s?\d[\d,]*(?:\.\d+)?$/) > 0.9) return distinct > 30 ? "amount" : "category";
  if (distinct <= Math.max(12, values.length / 100)) return "category";
  if (words >= 2.5) return "text";
  return share(/^[\p{L}\s'’.-]+$/u) > 0.8 ? "place" : share(/\d/) > 0.8 && words < 1.5 ? "code" : "text";
}

/**
 * Two columns that say the same are evidence once. Columns made by joining others (first_and_surname beside first_name and surname)
 * are dropped; where a full name says more than first name and surname, those two are dropped instead.
 */
function dropDerived(fields: Field[], sample: readonly (readonly string[])[]): Field[] {
  const rows = sample.slice(0, 2000);
  const words = fields.map(({ kind }, at) => (kind === "person" || kind === "text" || kind === "given" || kind === "surname" ? rows.map((row) => plainWords(row[at] ?? "")) : undefined));
  const isWithin = (part: number, whole: number): boolean => {
    const p = words[part], w = words[whole];
    if (!p || !w) return false;
    const both = rows.map((_, row) => row).filter((row) => (p[row] as string[]).length > 0 && (w[row] as string[]).length > 0);
    return both.length > rows.length * 0.3 && both.filter((row) => (p[row] as string[]).every((word) => (w[row] as string[]).includes(word))).length > both.length * 0.97;
  };
  const dropped = new Set<number>();
  for (let part = 0; part < fields.length; part++)
    for (let whole = 0; whole < fields.length; whole++)
      if (part !== whole && !dropped.has(part) && !dropped.has(whole) && (fields[whole]?.kind === "person" || (fields[whole]?.kind === "text" && /^(?:given|surname)$/.test(fields[part]?.kind ?? ""))) && isWithin(part, whole)) dropped.add(part);
  return fields.map((field, at) => (dropped.has(at) ? { ...field, kind: "ignore" } : field));
}

/** Which column of another file each column is: by its name, else, where only one of a kind is left on both sides, by its kind. */
export function alignColumns(header: readonly string[], sample: readonly (readonly string[])[], other: readonly string[], otherSample: readonly (readonly string[])[]): number[] {
  const places = header.map((name) => other.findIndex((one) => headOf(one) === headOf(name)));
  const kindsOf = (columns: readonly string[], rows: readonly (readonly string[])[]): readonly Kind[] => guessFields(columns, rows).map(({ kind }) => kind);
  const own = kindsOf(header, sample), theirs = kindsOf(other, otherSample);
  const isFree = (at: number): boolean => !places.includes(at);
  for (const [at, kind] of own.entries()) {
    if (places[at] !== -1 || kind === "ignore") continue;
    const left = own.filter((one, column) => one === kind && places[column] === -1).length, right = theirs.flatMap((one, column) => (one === kind && isFree(column) ? [column] : []));
    if (left === 1 && right.length === 1) places[at] = right[0] as number;
  }
  return places;
}
