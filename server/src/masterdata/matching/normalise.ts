/**
 * What a value means once its writing is taken off: full width, 繁体, case, blanks, brackets, legal forms, prefixes of telephone
 * numbers. Pure functions; `normalisationVersion` is stored with every key, so that keys of an older version can be found and
 * made again.
 */
import { createRequire } from "node:module";
import { counties, prefectures, provinceAliases, provinces } from "./regions.ts";
import { branchWords, emptyTrades, englishTrades, forms, latinForms, tradeLongest, tradeOf } from "./words.ts";

export const normalisationVersion = 1;

/** No value is read further than this: a name of 10,000 characters is a mistake, and must cost no more than a long name. */
const readUpTo = 400;

/** NFKC without control characters; ASCII passes untouched. */
export function fullWidthToHalf(text: string): string {
  const short = text.length > readUpTo ? text.slice(0, readUpTo) : text;
  return /^[\x20-\x7e]*$/.test(short) ? short : short.normalize("NFKC").replace(/[\p{Cc}\p{Cf}\p{Cs}\p{Co}]+/gu, " ");
}

const isHan = /\p{Script=Han}/u;
export const hasHan = (text: string): boolean => /[^\x00-\x7f]/.test(text) && isHan.test(text);

// Both libraries are large and are loaded when the first Chinese character comes, not when the command starts.
const load = createRequire(import.meta.url);
let toSimplified: ((text: string) => string) | undefined;
let toPinyin: ((text: string) => readonly string[]) | undefined;
const simplified = new Map<string, string>();
const sounds = new Map<string, string>();

/** 繁→简 character by character: whoever wrote a word either way gets the same result, and each character is worked out once. */
export function simplify(text: string): string {
  if (!hasHan(text)) return text;
  let out = "";
  for (const character of text) {
    let plain = simplified.get(character);
    if (plain === undefined) {
      toSimplified ??= (load("opencc-js/t2cn") as { Converter(options: { from: string; to: string }): (text: string) => string }).Converter({ from: "t", to: "cn" });
      simplified.set(character, (plain = toSimplified(character)));
    }
    out += plain;
  }
  return out;
}

/** The syllables of a Chinese text without tones, as one upper-case word; other characters stay. */
export function pinyinOf(text: string): string {
  let out = "";
  for (const character of text) {
    let sound = sounds.get(character);
    if (sound === undefined) {
      toPinyin ??= (text) => (load("pinyin-pro") as { pinyin(text: string, options: { toneType: "none"; type: "array"; v: boolean }): string[] }).pinyin(text, { toneType: "none", type: "array", v: true });
      sounds.set(character, (sound = isHan.test(character) ? (toPinyin(character)[0] ?? character).toUpperCase() : character));
    }
    out += sound;
  }
  return out;
}

/** Upper case, accents taken off Latin letters, 简体. */
export const plain = (text: string): string => {
  const half = fullWidthToHalf(text);
  if (/^[\x20-\x7e]*$/.test(half)) return half.toUpperCase().trim();
  return simplify(half).toUpperCase().normalize("NFD").replace(/\p{Mn}+/gu, "").normalize("NFC").trim();
};

/** A name of a person or place: letters, digits and single blanks. Apostrophes join, everything else parts. */
export const plainName = (text: string): string => plain(text).replace(/['’`]/g, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim();

export const plainWords = (text: string): string[] => {
  const name = plainName(text);
  if (name === "") return [];
  // Chinese has no blanks: its characters count by twos.
  return hasHan(name) ? name.split(" ").flatMap((word) => (hasHan(word) && word.length > 2 ? Array.from({ length: word.length - 1 }, (_, at) => word.slice(at, at + 2)) : [word])) : name.split(" ");
};

/** Digits of a telephone number without country code and extension; "" when there are fewer than six. */
export function plainPhone(text: string): string {
  const body = fullWidthToHalf(text).replace(/(?:转|\bext\.?|\bx)\s*\d{1,6}\s*$/i, "");
  let digits = body.replace(/\D/g, "");
  if (/^(?:0086|86)1[3-9]\d{9}$/.test(digits)) digits = digits.slice(-11);
  else if (/^\s*(?:\+|00)86/.test(body)) digits = digits.replace(/^(?:0086|86)0?/, "");
  digits = digits.replace(/^0+/, "");
  return digits.length < 6 ? "" : digits;
}

export function plainEmail(text: string): string {
  const email = fullWidthToHalf(text).trim().toLowerCase();
  return email.includes("@") || email.length > 3 ? email : "";
}

/** YYYYMMDD with zeros where a part is missing; "" when no date can be read. Wrong days (month 86) stay as they are: they are typing errors that can still be compared. */
export function plainDate(text: string): string {
  const half = fullWidthToHalf(text).trim();
  let found = /^(\d{4})\D{1,2}(\d{1,2})\D{1,2}(\d{1,2})(?:\D.*)?$/.exec(half) ?? /^(\d{4})(\d{2})(\d{2})$/.exec(half);
  if (found) return `${found[1]}${(found[2] as string).padStart(2, "0")}${(found[3] as string).padStart(2, "0")}`;
  found = /^(\d{1,2})[^\d\w](\d{1,2})[^\d\w](\d{4})(?:\D.*)?$/.exec(half);
  if (found) return Number(found[1]) > 12 ? `${found[3]}${(found[2] as string).padStart(2, "0")}${(found[1] as string).padStart(2, "0")}` : `${found[3]}${(found[1] as string).padStart(2, "0")}${(found[2] as string).padStart(2, "0")}`;
  found = /^(\d{1,2})[^\d\w](\d{1,2})[^\d\w](\d{2})$/.exec(half);
  if (found) return `19${found[3]}${(found[1] as string).padStart(2, "0")}${(found[2] as string).padStart(2, "0")}`;
  found = /^(\d{1,2})[\s-]?([A-Za-z]{3})[a-z]*[\s-]?,?\s?(\d{4})$/.exec(half);
  if (found) return `${found[3]}${String(months.indexOf((found[2] as string).toUpperCase()) + 1).padStart(2, "0")}${(found[1] as string).padStart(2, "0")}`;
  found = /^(\d{4})(?:\D?(\d{1,2}))?\D?$/.exec(half);
  return found ? `${found[1]}${(found[2] ?? "").padStart(2, "0")}00` : "";
}
const months = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/** Long and short forms of the words of a street. */
const streetWords: Readonly<Record<string, string>> = {
  STREET: "ST", ROAD: "RD", AVENUE: "AVE", AV: "AVE", BOULEVARD: "BLVD", BLV: "BLVD", DRIVE: "DR", LANE: "LN", PLACE: "PL", COURT: "CT", CIRCUIT: "CCT", CRESCENT: "CRES", CR: "CRES", HIGHWAY: "HWY", SQUARE: "SQ", TERRACE: "TCE", PARADE: "PDE", CLOSE: "CL",
  SUITE: "STE", NORTH: "N", SOUTH: "S", EAST: "E", WEST: "W", FIRST: "1ST", SECOND: "2ND", THIRD: "3RD", FOURTH: "4TH", FIFTH: "5TH", SIXTH: "6TH", SEVENTH: "7TH", EIGHTH: "8TH", NINTH: "9TH",
};
export const plainStreet = (text: string): string => plainName(text).split(" ").map((word) => streetWords[word] ?? word).join(" ");

/** The parts of an address: road and number of a Chinese one, whose province and city are left to the other columns; words of any other. */
export function addressWords(text: string): string[] {
  const name = plainStreet(text);
  if (!hasHan(name)) return name === "" ? [] : name.split(" ");
  let rest = name.replace(/ /g, "");
  for (let found = placeAt(rest, 0); found && found.length < rest.length; found = placeAt(rest, 0)) rest = rest.slice(found.length);
  return [...new Set(rest.match(/\d+[A-Z]?[号楼栋室层座幢]?|[^\d路街道巷弄区镇乡村]+(?:大道|[路街道巷弄区镇乡村]+)?|[路街道巷弄区镇乡村]+/gu) ?? [])];
}

// Company names -------------------------------------------------------------------------------------------------------------

/** The parts of a company's name. `brand` 字号 tells firms apart; `form` does not; a branch is never its company. */
export type CompanyName = { readonly region: string; readonly brand: string; readonly trade: string; readonly form: string; readonly branch: string };

type Place = { readonly province: string; readonly prefecture: string };
const places = new Map<string, Place>();
const pinyinPlaces = new Map<string, Place>();
{
  const add = (name: string, place: Place): void => {
    if (!places.has(name)) places.set(name, place);
  };
  const provinceOf = new Map(provinces.map(({ code, name }) => [code, name]));
  for (const { name } of provinces) {
    const place = { province: name, prefecture: "" };
    for (const ending of ["", "省", "市", "自治区", "回族自治区", "壮族自治区", "维吾尔自治区", "特别行政区"]) add(name + ending, place);
  }
  for (const { code, name } of prefectures) {
    const place = { province: provinceOf.get(code.slice(0, 2)) ?? "", prefecture: name };
    for (const ending of ["", "市", "地区", "州", "盟"]) add(name + ending, place);
  }
  for (const [name, above] of Object.entries(counties)) {
    const place = places.get(above) ?? { province: above, prefecture: "" };
    for (const ending of ["", "市", "县", "区"]) add(name + ending, place);
  }
}
const placeLongest = Math.max(...[...places.keys()].map((name) => name.length));

/** Reads a place at the beginning of a text: the longest one. */
function placeAt(text: string, from: number): { readonly place: Place; readonly length: number } | undefined {
  for (let length = Math.min(placeLongest, text.length - from); length >= 2; length--) {
    const place = places.get(text.slice(from, from + length));
    if (place) return { place, length };
  }
  return undefined;
}

/** "浙江|杭州" from a place written any way; "" when it names none that is known. */
export function plainRegion(text: string): string {
  const name = plain(text).replace(/[\s()[\]【】,、·\-]/g, "");
  const alias = provinceAliases[name];
  if (alias !== undefined) return `${alias}|`;
  let province = "", prefecture = "";
  for (let at = 0; at < name.length; ) {
    const found = placeAt(name, at);
    if (!found) break;
    province ||= found.place.province;
    prefecture ||= found.place.prefecture;
    at += found.length;
  }
  return province === "" ? "" : `${province}|${prefecture}`;
}

/** Takes a company's name apart by the longest words of the dictionaries. Pure; the same text gives the same parts. */
export function parseCompany(text: string): CompanyName {
  const name = plain(text);
  return hasHan(name) ? parseChinese(name) : parseLatin(name);
}

function parseChinese(upper: string): CompanyName {
  let name = upper.replace(/[[{【〔<〈《]/g, "(").replace(/[\]}】〕>〉》]/g, ")").replace(/[\s·•.,、。;:'"“”‘’*#!?_/\\|~`^&+=—–-]/g, "");
  let branch = "";
  // 分公司 and the like stand behind the company's own form: 华新科技有限公司苏州分公司; or alone: 华新科技苏州分公司.
  const cut = branchWords.map((word) => (name.endsWith(word) ? word : name.endsWith(`${word})`) ? `${word})` : "")).find((word) => word !== "");
  if (cut !== undefined) {
    const inside = name.slice(0, -cut.length);
    const form = /^(.*?(?:有限公司|责任公司|股份公司|集团公司|公司|集团|银行|厂))\(?(.*)$/.exec(inside);
    const own = form ? (form[2] as string) : "";
    if (form && own.length <= 14) {
      name = form[1] as string;
      branch = plainRegion(own) || own || "分";
    } else {
      const region = [...Array(8).keys()].map((back) => inside.length - 2 - back).filter((from) => from >= 2).map((from) => ({ from, found: placeAt(inside, from) })).filter(({ from, found }) => found !== undefined && from + found.length === inside.length).at(-1);
      name = region ? inside.slice(0, region.from) : inside;
      branch = region ? plainRegion(inside.slice(region.from)) : "分";
    }
  }
  let province = "", prefecture = "";
  const see = (place: Place): void => {
    province ||= place.province;
    prefecture ||= place.prefecture;
  };
  // What stands in brackets is a region, or a word such as 集团 or 中国, or nothing that matters.
  name = name.replace(/\(([^()]{0,20})\)?/g, (_, inner: string) => {
    const found = placeAt(inner, 0);
    if (found && found.length >= inner.length - 1) {
      see(found.place);
      return "";
    }
    return inner === "集团" || inner === "中国" || inner === "控股" || inner === "" ? "" : inner;
  }).replace(/[()]/g, "");
  let form = "";
  for (let isMore = true; isMore; ) {
    const ending = forms.find((word) => name.endsWith(word) && name.length - word.length >= 2 && !(word.length === 1 && tradeEnd(name) > 0));
    isMore = ending !== undefined && (form === "" || ending.length > 1);
    if (ending !== undefined && isMore) {
      name = name.slice(0, -ending.length);
      form = ending + form;
    }
    if (form.length > 20) break;
  }
  if (name.startsWith("中国") && name.length > 4) name = name.slice(2);
  for (let found = placeAt(name, 0); found && name.length - found.length >= 1; found = placeAt(name, 0)) {
    const rest = name.slice(found.length);
    if (tradeEnd(rest) === rest.length && province !== "") break;
    see(found.place);
    name = /^[省市县区]/.test(rest) && rest.length >= 3 ? rest.slice(1) : rest;
  }
  const trades: string[] = [];
  let brand = name;
  for (let length = tradeEnd(brand); length > 0 && brand.length > length; length = tradeEnd(brand)) {
    if (brand.length - length < 2 && trades.length > 0 && length <= 2) break;
    trades.unshift(tradeOf.get(brand.slice(-length)) as string);
    brand = brand.slice(0, -length);
  }
  // 华新上海科技: a region between the brand and the trade.
  for (const from of [brand.length - 2, brand.length - 3]) {
    const found = from >= 2 ? placeAt(brand, from) : undefined;
    if (found && from + found.length === brand.length && province === "") {
      see(found.place);
      brand = brand.slice(0, from);
    }
  }
  const telling = trades.filter((trade) => !emptyTrades.has(trade));
  return { region: province === "" ? "" : `${province}|${prefecture}`, brand, trade: [...new Set(telling.length > 0 ? telling : trades)].sort().join(" "), form, branch };
}

/** How many characters at the end of a text are the longest word of a trade. */
function tradeEnd(text: string): number {
  for (let length = Math.min(tradeLongest, text.length); length >= 2; length--) if (tradeOf.has(text.slice(-length))) return length;
  return 0;
}

function parseLatin(upper: string): CompanyName {
  if (pinyinPlaces.size === 0)
    for (const [name, place] of places) if (!/[省市县区州盟]$/.test(name) || name.length === 2) pinyinPlaces.set(pinyinOf(name), place);
  const words = upper.replace(/['’`]/g, "").replace(/&/g, " ").replace(/[^\p{L}\p{N}]+/gu, " ").trim().split(" ");
  let province = "", prefecture = "", branch = "", form = "";
  const trades: string[] = [], brand: string[] = [];
  for (const [at, word] of words.entries()) {
    const place = pinyinPlaces.get(word);
    if (word === "BRANCH") branch = `${province}|${prefecture}`;
    else if (latinForms.has(word)) form = word;
    else if (place && (at === 0 || at >= words.length - 3 || brand.length > 0) && words.length > 1 && (at > 0 || words.length > 2)) {
      province ||= place.province;
      prefecture ||= place.prefecture;
    } else if (englishTrades[word] !== undefined && brand.length > 0) trades.push(englishTrades[word]);
    else if (trades.length === 0 || word.length > 1) brand.push(word);
  }
  const telling = trades.filter((trade) => !emptyTrades.has(trade));
  return { region: province === "" ? "" : `${province}|${prefecture}`, brand: brand.join(words.length > 6 ? " " : ""), trade: [...new Set(telling.length > 0 ? telling : trades)].sort().join(" "), form, branch };
}

// Materials -------------------------------------------------------------------------------------------------------------------

const unitNames: Readonly<Record<string, string>> = { 个: "EA", PCS: "EA", PC: "EA", 只: "EA", 件: "EA", 支: "EA", 台: "SET", 套: "SET", 千克: "KG", 公斤: "KG", 克: "G", 吨: "T", 米: "M", 毫米: "MM", 升: "L", 箱: "CTN", 盒: "BOX", 卷: "ROLL", 张: "SHEET" };
export const plainUnit = (text: string): string => {
  const unit = plain(text).replace(/[\s.]/g, "");
  return unitNames[unit] ?? unit;
};

/** Words and dimensions of a material in order of the alphabet: M8*20, M8 X 20 and M8×20 are one; SUS304 is 304. */
export function specTokens(text: string): string[] {
  const spec = plain(text).replace(/[×*＊✕]/g, "X").replace(/(\d)\s*X\s*(?=\d)/g, "$1X").replace(/[ΦØφ∅]/g, "D").replace(/\b(?:SUS|AISI)\s*-?\s*(\d{3}L?)\b/g, "$1").replace(/\s*(MM|CM|KG|KW|V|W|A|米|毫米)\b/g, "$1");
  const tokens = spec.match(/\p{Script=Han}+|[A-Z0-9]+(?:[.\-/][A-Z0-9]+)*/gu) ?? [];
  return [...new Set(tokens.map((token) => token.replace(/(?<=\d)MM$/, "")))].sort();
}

// Departments and accounts ------------------------------------------------------------------------------------------------------

const departmentNames: Readonly<Record<string, string>> = { 人事: "人力资源", 人力: "人力资源", 营销: "销售", 制造: "生产", 品质: "质量", 品管: "质量", 质检: "质量", 仓库: "仓储", IT: "信息", 信息技术: "信息", 技术: "研发", 开发: "研发", 办公: "行政", 采购供应: "采购", 供应: "采购", 会计: "财务", 财会: "财务" };

/** Place and function of a department: 铁岭分公司-营销部 and 铁岭销售 are one. */
export function departmentWords(text: string): string[] {
  const name = plainName(text);
  if (!hasHan(name)) return name === "" ? [] : name.split(" ").filter((word) => word !== "DEPARTMENT" && word !== "DEPT");
  let rest = name.replace(/ /g, "").replace(/(?:分公司|子公司|有限公司|公司|集团|总部)/g, "");
  const words: string[] = [];
  for (let found = placeAt(rest, 0); found && found.length < rest.length; found = placeAt(rest, 0)) {
    words.push(found.place.prefecture || found.place.province);
    rest = rest.slice(found.length);
  }
  const bare = rest.replace(/(?:中心|部门|[部处科组室])$/, "") || rest;
  return [...new Set([...words, departmentNames[bare] ?? bare])];
}

/** The path of a 科目 from the top, each part without the 费 that some charts leave out. */
export const accountWords = (text: string): string[] =>
  [...new Set(plain(text).split(/[\s\-_/\\.,:>|·]+/).map((part) => part.replace(/[^\p{L}\p{N}]/gu, "").replace(/(?<=..)费$/, "")).filter((part) => part !== ""))];
