/** 编码规范: how codes and fields of a domain have to look. Checked when a person enters one; what systems send is taken as it is and counted in the scorecard. */
import type { Book } from "../books/index.ts";
import { type Ctx, type Db, Refusal, refuse } from "../platform/index.ts";
import { checkCode, type CodeStandard } from "./code-standard.ts";
import { domainOf, domains, domainWords, fieldWords } from "./domain.ts";
import * as store from "./reference.store.ts";

export const codeChecks: Readonly<Record<CodeStandard, { readonly zh: string; readonly en: string }>> = {
  uscc: { zh: "统一社会信用代码（GB 32100）", en: "USCC (GB 32100)" }, organisation: { zh: "组织机构代码（GB 11714）", en: "Organisation code (GB 11714)" }, gtin: { zh: "商品条码（GS1）", en: "GTIN (GS1)" }, bankAccount: { zh: "银行账号、卡号", en: "Bank account or card" },
  phone: { zh: "电话", en: "Telephone" }, taxNumber: { zh: "纳税人识别号", en: "Taxpayer number" }, region: { zh: "行政区划代码（GB/T 2260）", en: "Division code (GB/T 2260)" }, person: { zh: "公民身份号码（GB 11643）", en: "Citizen number (GB 11643)" },
};

export type StandardShown = { readonly no: string; readonly domain: string; readonly system: string; readonly field: string; readonly fieldWords: { readonly zh: string; readonly en: string }; readonly pattern: string; readonly check: string; readonly isRequired: boolean; readonly zh: string; readonly en: string; readonly isOwn: boolean; readonly by: string };

/** A pattern without alternatives and repetitions inside one another, so that no text takes long: # a digit, @ a letter, ? either, * the rest, all else itself. */
export function fitsPattern(pattern: string, text: string): boolean {
  let at = 0;
  for (const [place, sign] of [...pattern].entries()) {
    if (sign === "*") {
      const rest = [...pattern].slice(place + 1).join("");
      if (rest.includes("*")) return false;
      const tail = [...text].slice(at);
      return tail.length >= [...rest].length && fitsPattern(rest, tail.slice(tail.length - [...rest].length).join(""));
    }
    const letter = [...text][at++];
    if (letter === undefined) return false;
    if (sign === "#" ? !/^\d$/.test(letter) : sign === "@" ? !/^[A-Za-z]$/.test(letter) : sign === "?" ? !/^[A-Za-z0-9]$/.test(letter) : sign !== letter) return false;
  }
  return at === [...text].length;
}

type Rule = { readonly field: string; readonly pattern: string; readonly check: string; readonly isRequired: boolean; readonly system: string; readonly zh: string; readonly en: string };

/** Those of the book, and checks that come with the domain's own fields. */
export async function rulesOf(db: Db, bookId: number, domain: string): Promise<readonly Rule[]> {
  const own = (await store.findStandards(db, bookId, domain)).map(({ field, pattern, checkName, isRequired, system, zh, en }) => ({ field, pattern, check: checkName, isRequired, system, zh, en }));
  const given = (domainOf(domain)?.fields ?? []).flatMap(({ name, check }) => (check ? [{ field: name, pattern: "", check, isRequired: false, system: "", ...codeChecks[check] }] : []));
  return [...own, ...given];
}

export type Breach = { readonly field: string; readonly value: string; readonly zh: string; readonly en: string };

/** All that is wrong with what was entered, at once. */
export function breachesOf(rules: readonly Rule[], { domain, system, code, fields }: { readonly domain: string; readonly system: string; readonly code: string; readonly fields: Readonly<Record<string, string>> }, only: readonly string[] | null = null): Breach[] {
  return rules.filter((rule) => (rule.system === "" || rule.system === system) && (only === null || only.includes(rule.field))).flatMap((rule) => {
    const value = (rule.field === "code" ? code : (fields[rule.field] ?? "")).trim();
    const words = fieldWords(domain, rule.field);
    const name = rule.field === "code" ? { zh: "编码", en: "Code" } : words;
    if (value === "") return rule.isRequired ? [{ field: rule.field, value, zh: `${name.zh}不能为空`, en: `${name.en} is missing` }] : [];
    if (rule.pattern !== "" && !fitsPattern(rule.pattern, value)) return [{ field: rule.field, value, zh: `${name.zh}「${value}」不合 ${rule.pattern}（${rule.zh}）`, en: `${name.en} “${value}” does not fit ${rule.pattern} (${rule.en})` }];
    if (rule.check !== "" && !checkCode(rule.check as CodeStandard, value).isValid) return [{ field: rule.field, value, zh: `${name.zh}「${value}」未通过${rule.zh}校验`, en: `${name.en} “${value}” fails ${rule.en}` }];
    return [];
  });
}

/** Refuses: masterdata.standard, with everything that is wrong. `only` names the fields that were entered. */
export async function checkEntry(db: Db, book: Book, entry: { readonly domain: string; readonly system: string; readonly code: string; readonly fields: Readonly<Record<string, string>> }, only: readonly string[] | null): Promise<void> {
  if (!domainOf(entry.domain)) refuse("masterdata.domain_unknown", { domain: entry.domain });
  if (only === null && (entry.code.trim() === "" || entry.code.length > 200)) refuse("masterdata.code_empty", { code: entry.code.slice(0, 60), system: entry.system });
  const breaches = breachesOf(await rulesOf(db, book.bookId, entry.domain), entry, only);
  if (breaches.length > 0) throw new Refusal({ code: "masterdata.standard", facts: { problems: breaches.map(({ zh }) => zh).join("；"), problemsEn: breaches.map(({ en }) => en).join("; ") }, where: `/${breaches[0]?.field ?? ""}` });
}

export async function listStandards(ctx: Ctx, book: Book): Promise<StandardShown[]> {
  const own = (await store.findStandards(ctx.db, book.bookId, null)).map((row) => ({ no: String(row.standardNo), domain: row.domain, system: row.system, field: row.field, fieldWords: wordsOf(row.domain, row.field), pattern: row.pattern, check: row.checkName, isRequired: row.isRequired, zh: row.zh, en: row.en, isOwn: true, by: row.by }));
  const given = domains.flatMap(({ name: domain, fields }) => fields.flatMap(({ name, check }) => (check ? [{ no: "", domain, system: "", field: name, fieldWords: wordsOf(domain, name), pattern: "", check, isRequired: false, ...codeChecks[check], isOwn: false, by: "" }] : [])));
  return [...own, ...given];
}
const wordsOf = (domain: string, field: string) => (field === "code" ? { zh: "编码", en: "Code" } : fieldWords(domain, field));

export type StandardWanted = { readonly domain: string; readonly system?: string | undefined; readonly field: string; readonly pattern?: string | undefined; readonly check?: string | undefined; readonly isRequired?: boolean | undefined; readonly zh: string; readonly en: string };

/** Refuses: masterdata.domain_unknown, masterdata.standard_empty, masterdata.standard_known. */
export async function addStandard(ctx: Ctx, book: Book, { domain, system = "", field, pattern = "", check = "", isRequired = false, zh, en }: StandardWanted): Promise<{ readonly no: string }> {
  if (!domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  if ((pattern === "" && check === "" && !isRequired) || (pattern.match(/\*/g)?.length ?? 0) > 1 || pattern.length > 80 || (check !== "" && !Object.hasOwn(codeChecks, check))) refuse("masterdata.standard_empty", { field });
  const added = await store.addStandard(ctx.db, book.bookId, { domain, system, field, pattern, checkName: check, isRequired, zh, en }, ctx.actor.id, ctx.now().toISOString());
  return { no: String(added?.standardNo ?? refuse("masterdata.standard_known", { field, domainZh: domainWords(domain).zh, domain })) };
}

/** Refuses: masterdata.standard_unknown. */
export async function dropStandard(ctx: Ctx, book: Book, no: string): Promise<void> {
  const gone = /^\d{1,18}$/.test(no) ? await store.dropStandard(ctx.db, book.bookId, BigInt(no)) : [];
  if (gone.length === 0) refuse("masterdata.standard_unknown", { no: no.slice(0, 40) });
}
