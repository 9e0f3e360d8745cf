/**
 * Codes that carry their own check: 统一社会信用代码 (GB 32100), 组织机构代码 (GB 11714), GTIN (GS1), bank cards (ISO/IEC 7812, Luhn),
 * 公民身份号码 (GB 11643), telephone numbers, 纳税人识别号 and the province and prefecture of 行政区划代码 (GB/T 2260).
 * A code that fails is kept as text but is no evidence: a wrong digit must not tell two companies apart.
 */
import { fullWidthToHalf } from "./matching/normalise.ts";
import { prefectures, provinces } from "./matching/regions.ts";

export type CodeStandard = "uscc" | "organisation" | "gtin" | "bankAccount" | "phone" | "taxNumber" | "region" | "person";

/** `problem` says in a word what is wrong: the length, a character that the standard does not have, or the check digit. */
export type CodeCheck = { readonly isValid: true; readonly code: string } | { readonly isValid: false; readonly code: string; readonly problem: "length" | "character" | "checkDigit" | "region" };

const usccAlphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY";
const usccWeights = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
const organisationWeights = [3, 7, 9, 10, 5, 8, 4, 2];

/** Upper case, half width, without blanks and hyphens. */
export const plainCode = (text: string): string => fullWidthToHalf(text).toUpperCase().replace(/[\s\-–—.·_/]/g, "");

/** 统一社会信用代码: both check digits, that of the whole and that of the organisation code in places 9 to 17. */
export function checkUscc(text: string): CodeCheck {
  const code = plainCode(text);
  if (code.length !== 18) return { isValid: false, code, problem: "length" };
  let sum = 0;
  for (let i = 0; i < 18; i++) {
    const value = usccAlphabet.indexOf(code.charAt(i));
    if (value < 0) return { isValid: false, code, problem: "character" };
    if (i < 17) sum += value * (usccWeights[i] as number);
  }
  if (!/^\d{6}$/.test(code.slice(2, 8))) return { isValid: false, code, problem: "region" };
  if (usccAlphabet.charAt((31 - (sum % 31)) % 31) !== code.charAt(17)) return { isValid: false, code, problem: "checkDigit" };
  return checkOrganisation(code.slice(8, 17)).isValid ? { isValid: true, code } : { isValid: false, code, problem: "checkDigit" };
}

/** The two check digits for 15 places: registration office (1), kind (1), region (6) and organisation body (8 with its check to come) are given as 16 characters. */
export function completeUscc(first16: string): string {
  const withOrganisation = first16 + organisationCheck(first16.slice(8, 16));
  let sum = 0;
  for (let i = 0; i < 17; i++) sum += usccAlphabet.indexOf(withOrganisation.charAt(i)) * (usccWeights[i] as number);
  return withOrganisation + usccAlphabet.charAt((31 - (sum % 31)) % 31);
}

/** 组织机构代码: eight characters and a check in modulus 11, with or without the hyphen. */
export function checkOrganisation(text: string): CodeCheck {
  const code = plainCode(text);
  if (code.length !== 9) return { isValid: false, code, problem: "length" };
  if (!/^[0-9A-Z]{8}[0-9X]$/.test(code)) return { isValid: false, code, problem: "character" };
  return organisationCheck(code.slice(0, 8)) === code.charAt(8) ? { isValid: true, code } : { isValid: false, code, problem: "checkDigit" };
}

function organisationCheck(body: string): string {
  let sum = 0;
  for (let i = 0; i < 8; i++) sum += Number.parseInt(body.charAt(i), 36) * (organisationWeights[i] as number);
  const rest = 11 - (sum % 11);
  return rest === 10 ? "X" : rest === 11 ? "0" : String(rest);
}

/** GTIN-8, -12, -13 or -14. */
export function checkGtin(text: string): CodeCheck {
  const code = plainCode(text);
  if (![8, 12, 13, 14].includes(code.length)) return { isValid: false, code, problem: "length" };
  if (!/^\d+$/.test(code)) return { isValid: false, code, problem: "character" };
  let sum = 0;
  for (let i = code.length - 2, weight = 3; i >= 0; i--, weight = 4 - weight) sum += Number(code.charAt(i)) * weight;
  return (10 - (sum % 10)) % 10 === Number(code.charAt(code.length - 1)) ? { isValid: true, code } : { isValid: false, code, problem: "checkDigit" };
}

/** A bank account: digits, 8 to 32. A card number (16 or 19 digits that begin with 62) must pass Luhn; the accounts of firms have no common check. */
export function checkBankAccount(text: string): CodeCheck {
  const code = plainCode(text);
  if (!/^\d+$/.test(code)) return { isValid: false, code, problem: "character" };
  if (code.length < 8 || code.length > 32) return { isValid: false, code, problem: "length" };
  const isCard = code.startsWith("62") && (code.length === 16 || code.length === 19);
  return !isCard || passesLuhn(code) ? { isValid: true, code } : { isValid: false, code, problem: "checkDigit" };
}

export function passesLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = digits.length - 1, isDoubled = false; i >= 0; i--, isDoubled = !isDoubled) {
    const digit = Number(digits.charAt(i)) * (isDoubled ? 2 : 1);
    sum += digit > 9 ? digit - 9 : digit;
  }
  return sum % 10 === 0;
}

/** A telephone number as its national digits: +86 and 0086 are taken off, extensions too. */
export function checkPhone(text: string): CodeCheck {
  const body = fullWidthToHalf(text).replace(/(?:转|ext\.?|x|#).*$/i, "");
  let code = body.replace(/\D/g, "");
  if (/^(?:0086|86)1[3-9]\d{9}$/.test(code)) code = code.slice(-11);
  else if (/^\s*(?:\+|00)86/.test(body)) code = `0${code.replace(/^(?:0086|86)0?/, "")}`;
  if (/[^\d\s()+\-–—./]/.test(body)) return { isValid: false, code, problem: "character" };
  return code.length >= 7 && code.length <= 15 ? { isValid: true, code } : { isValid: false, code, problem: "length" };
}

/** 纳税人识别号: a USCC, a person's number, or one of the older forms: 15, 17 or 20 characters that begin with a region. */
export function checkTaxNumber(text: string): CodeCheck {
  const code = plainCode(text);
  if (code.length === 18) {
    const uscc = checkUscc(code);
    return uscc.isValid || !/^\d{17}[\dX]$/.test(code) ? uscc : checkPerson(code);
  }
  if (![15, 17, 20].includes(code.length)) return { isValid: false, code, problem: "length" };
  if (!/^\d{6}[0-9A-Z]+$/.test(code)) return { isValid: false, code, problem: "character" };
  return checkRegion(code.slice(0, 6)).isValid ? { isValid: true, code } : { isValid: false, code, problem: "region" };
}

/** 公民身份号码, ISO 7064 MOD 11-2. */
export function checkPerson(text: string): CodeCheck {
  const code = plainCode(text);
  if (code.length !== 18) return { isValid: false, code, problem: "length" };
  if (!/^\d{17}[\dX]$/.test(code)) return { isValid: false, code, problem: "character" };
  let rest = 0;
  for (let i = 0; i < 17; i++) rest = ((rest + Number(code.charAt(i))) * 2) % 11;
  return "0123456789X".charAt((12 - rest) % 11) === code.charAt(17) ? { isValid: true, code } : { isValid: false, code, problem: "checkDigit" };
}

/** 行政区划代码 of six digits: the province must exist, and the prefecture too unless it is 00 or one of the counties under the province (90). */
export function checkRegion(text: string): CodeCheck {
  const code = plainCode(text);
  if (code.length !== 6) return { isValid: false, code, problem: "length" };
  if (!/^\d{6}$/.test(code)) return { isValid: false, code, problem: "character" };
  return regionOf(code) === undefined ? { isValid: false, code, problem: "region" } : { isValid: true, code };
}

/** The province and prefecture that a code of GB/T 2260 names. */
export function regionOf(code: string): { readonly province: string; readonly prefecture: string | undefined } | undefined {
  const province = provinces.find((one) => code.startsWith(one.code));
  if (!province) return undefined;
  const middle = code.slice(2, 4);
  if (middle === "00" || middle === "90" || ["11", "12", "31", "50", "71", "81", "82"].includes(province.code)) return { province: province.name, prefecture: undefined };
  const prefecture = prefectures.find((one) => one.code === code.slice(0, 4));
  return prefecture ? { province: province.name, prefecture: prefecture.name } : undefined;
}

const checks: Readonly<Record<CodeStandard, (text: string) => CodeCheck>> = {
  uscc: checkUscc, organisation: checkOrganisation, gtin: checkGtin, bankAccount: checkBankAccount, phone: checkPhone, taxNumber: checkTaxNumber, region: checkRegion, person: checkPerson,
};
export const checkCode = (standard: CodeStandard, text: string): CodeCheck => checks[standard](text);
