/** 主数据管理: what the server says of golden records, pairs, requests, standards, trees and scores. */
import { api, seg, useAct, useApi } from "../app/api.ts";
import { useBook } from "../app/session.ts";
import type { Words } from "../ui/text.ts";

export type Domain = Words & { readonly domain: string; readonly fields: readonly (Words & { readonly name: string; readonly check?: string })[]; readonly isWeighed: boolean; readonly open: number; readonly openValue: string };
export type Domains = { readonly domains: readonly Domain[]; readonly open: number; readonly requests: number; readonly checks: Readonly<Record<string, Words>> };
export type GoldenListed = { readonly golden: string; readonly domain: string; readonly domainWords: Words; readonly state: string; readonly code: string; readonly name: string; readonly sources: number; readonly uscc: string; readonly systems: readonly string[]; readonly changedAt: string; readonly cursor: string };
export type FieldWeight = Words & { readonly field: string; readonly level: string; readonly bits: number };
export type Side = { readonly golden: string; readonly record: string; readonly system: string; readonly code: string; readonly name: string; readonly payload: Readonly<Record<string, string | null>>; readonly sources: number };
export type Pair = { readonly no: string; readonly domain: string; readonly domainWords: Words; readonly weight: string; readonly uncertainty: string; readonly openValue: string | null; readonly foundAt: string; readonly hard: string | null; /** They are one already: does the record still belong there? */ readonly isDoubt: boolean; readonly prior: number; readonly byField: readonly FieldWeight[]; readonly one: Side; readonly other: Side; readonly cursor: string };
export type GoldenField = Words & { readonly field: string; readonly value: string | null; readonly rule: string; readonly system: string; readonly record: string | null; readonly isDisputed: boolean };
export type GoldenMember = { readonly record: string; readonly system: string; readonly company: string; readonly code: string; readonly version: number; readonly changedAt: string; readonly golden: string; readonly payload: Readonly<Record<string, string | null>> };
export type Mapping = { readonly no: string; readonly system: string; readonly company: string; readonly code: string; readonly golden: string; readonly isMapped: boolean; readonly isSuspended: boolean; readonly hasRecord: boolean; readonly from: string | null; readonly to: string | null; readonly madeAt: string; readonly madeBy: string };
export type Decision = { readonly no: string; readonly act: string; readonly golden: string | null; readonly other: string | null; readonly record: string | null; readonly weight: string | null; readonly waterfall: { readonly weight: number; readonly hard?: string; readonly byField: readonly { readonly field: string; readonly level: string; readonly bits: number }[] } | null; readonly reason: string; readonly by: string; readonly at: string; readonly undoneBy: string | null };
export type Golden = {
  readonly golden: string; readonly domain: string; readonly domainWords: Words; readonly state: string; readonly code: string; readonly name: string; readonly version: number; readonly changedAt: string; readonly redirectedFrom: string | null; readonly fields: readonly GoldenField[]; readonly members: readonly GoldenMember[]; readonly crosswalk: readonly Mapping[];
  readonly aliases: readonly { readonly no: string; readonly kind: string; readonly text: string; readonly from: string | null; readonly to: string | null; readonly by: string }[]; readonly merged: readonly { readonly golden: string; readonly code: string; readonly name: string; readonly into: string }[]; readonly pins: readonly { readonly field: string; readonly value: string | null; readonly reason: string; readonly by: string; readonly at: string }[]; readonly decisions: readonly Decision[];
};
export type Effect = { readonly codes: readonly string[]; readonly openValue: string | null; readonly openItems: number; readonly documents: number; readonly waiting: readonly string[]; readonly waitingMore: boolean; readonly accounts: readonly (Words & { readonly account: string; readonly balance: string | null })[]; readonly rules: readonly (Words & { readonly rule: string; readonly why: string })[] };
export type PreviewSide = { readonly golden: string; readonly code: string; readonly name: string; readonly systems: readonly string[]; readonly codes: readonly string[] };
export type Preview = { readonly before: readonly PreviewSide[]; readonly after: readonly (PreviewSide & { readonly fields: readonly (GoldenField & { readonly isChanged: boolean })[] })[] };
export type Request = { readonly no: string; readonly act: string; readonly domainWords: Words; readonly body: Readonly<Record<string, unknown>>; readonly reason: string; readonly state: string; readonly askedAt: string; readonly askedBy: string; readonly decidedAt: string | null; readonly decidedBy: string | null; readonly note: string; readonly isOwn: boolean; readonly about: readonly { readonly golden: string | null; readonly text: string }[] };
export type Standard = { readonly no: string; readonly domain: string; readonly system: string; readonly field: string; readonly fieldWords: Words; readonly pattern: string; readonly check: string; readonly isRequired: boolean; readonly zh: string; readonly en: string; readonly isOwn: boolean };
export type Share = { readonly part: number; readonly of: number };
export type Score = { readonly domain: string; readonly domainWords: Words; readonly system: string; readonly records: number; readonly completeness: Share; readonly validity: Share; readonly uniqueness: Share; readonly timeliness: Share; readonly mapped: Share; readonly worst: readonly (Words & { readonly field: string; readonly problem: string; readonly records: number; readonly example: string })[]; readonly countedAt: string };
export type TreeNode = { readonly node: string; readonly zh: string; readonly en: string; readonly golden: string | null; readonly parent: string | null; readonly from: string | null };
export type Acted = { readonly done: { readonly decision: string; readonly golden: string } | null; readonly request: string | null; readonly released: { readonly posted: number; readonly parked: number } | null };

export const useDesk = () => {
  const book = useBook();
  const base = `/books/${seg(book.code)}/masterdata`;
  return { book, base, mayEdit: book.may("masterdata.edit"), to: (path: string): string => `/b/${book.code}/masterdata${path}`, goldenAt: (golden: string): string => `/b/${book.code}/masterdata/golden/${golden}` };
};
export const useDomains = () => useApi<Domains>(`${useDesk().base}/domains`);
/** A decision with its reason. */
export const useDecide = () => {
  const { base } = useDesk();
  return useAct(({ act, reason }: { readonly act: Readonly<Record<string, unknown>>; readonly reason: string }) => api<Acted>(`${base}/acts`, { body: { act, reason } }));
};

/** Values that the standard form names by a word of its own; whatever else stands there is the source's. */
const categoryWords: Readonly<Record<string, Words>> = {
  rawMaterial: { zh: "原材料", en: "raw material" }, finishedGoods: { zh: "产成品", en: "finished goods" }, semiFinished: { zh: "半成品", en: "semi-finished" }, merchandise: { zh: "库存商品", en: "merchandise" }, turnover: { zh: "周转材料", en: "turnover material" }, agricultural: { zh: "农产品", en: "agricultural" },
  service: { zh: "服务", en: "service" }, processing: { zh: "委托加工", en: "processing" }, expense: { zh: "费用", en: "expense" }, fixedAsset: { zh: "固定资产", en: "fixed asset" }, dropShip: { zh: "直运商品", en: "drop-shipped" },
};
export const categoryOf = (value: string): Words => categoryWords[value] ?? { zh: value, en: value };

export const ruleWords: Readonly<Record<string, Words>> = {
  pin: { zh: "人工固定", en: "fixed by a person" }, only: { zh: "唯一来源", en: "only source" }, agreed: { zh: "各来源一致", en: "all agree" }, valid: { zh: "校验通过", en: "passes its check" }, trust: { zh: "最可信来源", en: "most trusted" }, recent: { zh: "最近变更", en: "latest" }, frequent: { zh: "最常见", en: "most frequent" }, longest: { zh: "最完整", en: "longest" },
};
export const actWords: Readonly<Record<string, Words>> = {
  made: { zh: "新建", en: "made" }, linked: { zh: "归入", en: "linked" }, merged: { zh: "合并", en: "merged" }, unmerged: { zh: "撤销合并", en: "merge taken back" }, split: { zh: "移出", en: "taken out" }, different: { zh: "判为不同", en: "judged different" }, keptTogether: { zh: "必须同一", en: "kept together" }, keptApart: { zh: "永不合并", en: "kept apart" },
  pinned: { zh: "固定取值", en: "value fixed" }, unpinned: { zh: "取消固定", en: "value released" }, mapped: { zh: "映射", en: "mapped" }, suspended: { zh: "停用", en: "suspended" }, resumed: { zh: "恢复", en: "resumed" }, aliased: { zh: "添加别名", en: "alias added" }, aliasDropped: { zh: "删除别名", en: "alias removed" }, created: { zh: "录入", en: "entered" }, introduced: { zh: "同意发布", en: "agreed to be told" }, takenBack: { zh: "撤销判断", en: "answer taken back" },
  merge: { zh: "合并", en: "merge" }, unmerge: { zh: "撤销合并", en: "take a merge back" }, keepTogether: { zh: "必须同一", en: "keep together" }, keepApart: { zh: "永不合并", en: "keep apart" }, pin: { zh: "固定取值", en: "fix a value" }, unpin: { zh: "取消固定", en: "release a value" }, map: { zh: "映射编码", en: "map a code" }, suspend: { zh: "停用", en: "suspend" }, resume: { zh: "恢复", en: "resume" }, alias: { zh: "添加别名", en: "add an alias" }, dropAlias: { zh: "删除别名", en: "remove an alias" }, introduce: { zh: "新记录，同意后发布", en: "new record, told to others once agreed" }, create: { zh: "录入新记录", en: "enter a new record" }, takeBack: { zh: "撤销判断", en: "take an answer back" },
};
export const aliasWords: Readonly<Record<string, Words>> = { legal: { zh: "法定全称", en: "Legal name" }, short: { zh: "简称", en: "Short name" }, former: { zh: "曾用名", en: "Former name" }, english: { zh: "英文名", en: "English name" }, pinyin: { zh: "拼音", en: "Pinyin" } };
export const hardWords: Readonly<Record<string, Words>> = { mustLink: { zh: "规则：统一社会信用代码相同", en: "Rule: the same USCC" }, cannotLink: { zh: "规则：不可能同一", en: "Rule: cannot be one" }, onlyRelated: { zh: "规则：字号不同，只是有关联", en: "Rule: only related, the names differ" } };
const levels: Readonly<Record<string, string>> = {
  equal: "相同", same: "相同", different: "不同", missing: "缺", alike: "相近", beginning: "开头相同", "slightly alike": "略相近", "very alike": "很相近", "one letter off": "差一个字", swapped: "填在对方字段", "a little in common": "少量相同", "some in common": "部分相同", "half in common": "一半相同", "much in common": "多数相同", "most in common": "大多相同",
  "nearly all in common": "几乎全同", "same words": "用词相同", "one within the other": "一方包含另一方", "two characters off": "差两位", "one character off": "差一位", "unchecked difference": "不同，但有一方未过校验", "same organisation": "主体代码相同", "same mailbox": "邮箱名相同", "other province": "不同省", "other city": "不同市", "same sound": "读音相同", near: "接近", "within 10 %": "差 10% 以内", "within 1 %": "差 1% 以内",
};
export const levelWords = (level: string): Words => ({ zh: levels[level] ?? level, en: level });
