/** Finds names by code, by a part, by pinyin or its initials: 远泰钢铁 by 远泰, yuantai, ytgt. Names are prepared once and again when master data changes. */
import { pinyin } from "pinyin-pro";

export type Named = { readonly kind: string; readonly code: string; readonly zh: string; readonly en: string };
export type NameIndex = readonly (Named & { readonly words: readonly string[] })[];

export const indexNames = (names: readonly Named[]): NameIndex => names.map((name) => ({ ...name, words: wordsOf(name) }));

function wordsOf({ code, zh, en }: Named): readonly string[] {
  const isChinese = /\p{Script=Han}/u.test(zh);
  const syllables = isChinese ? pinyin(zh, { toneType: "none", type: "array", nonZh: "consecutive" }) : [];
  return [code, zh, en, syllables.join(""), syllables.map((syllable) => syllable[0] ?? "").join("")].map((word) => word.toLowerCase());
}

/** The best first: the code itself, then what begins with the text, then what holds it. */
export function searchNames(index: NameIndex, text: string, limit: number, kind?: string): readonly Named[] {
  const wanted = text.trim().toLowerCase();
  if (wanted === "") return [];
  const ranked: { readonly name: Named; readonly rank: number }[] = [];
  for (const name of index) {
    if (kind !== undefined && name.kind !== kind) continue;
    const rank = name.words[0] === wanted ? 0 : name.words.some((word) => word.startsWith(wanted)) ? 1 : name.words.some((word) => word.includes(wanted)) ? 2 : 3;
    if (rank < 3) ranked.push({ name, rank });
  }
  return ranked.sort((a, b) => a.rank - b.rank || (a.name.code < b.name.code ? -1 : 1)).slice(0, limit).map(({ name: { kind: of, code, zh, en } }) => ({ kind: of, code, zh, en }));
}
