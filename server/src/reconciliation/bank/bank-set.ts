/**
 * A seeded set to measure bank matching on: what the books expect, what the bank shows, and which belongs to which. Rates of what goes
 * wrong are stated below. The truth is known, because it is made.
 */
import type { BankLine, Expected, Party } from "./match.ts";

export type BankSet = { readonly lines: readonly BankLine[]; readonly expected: readonly Expected[]; readonly parties: readonly Party[]; /** For each line, what it pays; lines of nothing (duplicates, interest) have none. */ readonly truth: ReadonlyMap<string, ReadonlySet<string>>; /** A duplicate may stand for the line it repeats. */ readonly twinOf: ReadonlyMap<string, string> };

/** Parts of a thousand of all payments. What is left of 1,000 is written properly, with the number or with the payment's key. */
export const rates = { key: 150, noReference: 120, feeNetted: 60, split: 30, merged: 90, mergedSilent: 20, cutOff: 40, transposed: 20, fxCents: 20, duplicated: 8, crowd: 15, otherName: 60, unknown: 10 } as const;

const surnames = ["华", "宏", "远", "泰", "鑫", "恒", "盛", "通", "隆", "瑞", "达", "嘉", "安", "德", "丰"];
const cities = ["上海", "苏州", "无锡", "宁波", "杭州", "深圳", "东莞", "青岛", "武汉", "成都"];

/** `payments` is about how many lines there will be. */
export function bankSet(seed: number, payments: number): BankSet {
  let state = seed >>> 0 || 1;
  const random = (below: number): number => { state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0; return Math.floor((state / 4_294_967_296) * below); };
  const happens = (perThousand: number): boolean => random(1000) < perThousand;
  const lines: BankLine[] = [];
  const expected: Expected[] = [];
  const truth = new Map<string, ReadonlySet<string>>();
  const twinOf = new Map<string, string>();
  const count = Math.max(3, Math.trunc(payments / 40));
  const parties = Array.from({ length: count }, (_, index): Party & { readonly name: string } => {
    const name = `${cities[index % 10]}${surnames[(index * 7) % 15]}${surnames[Math.trunc(index / 10) % 15]}${index}机械有限公司`;
    return { party: `C${String(index).padStart(5, "0")}`, name, names: [name], accounts: [`6222${String(100_000_000 + index * 7)}`] };
  });
  let number = 0;
  const item = (party: string, day: number, amount: bigint, currency = "CNY"): Expected => {
    number += 1;
    // Numbers of a company stand close together, which is what makes a swapped digit dangerous.
    const id = `SI26${String(1 + random(12)).padStart(2, "0")}-${String(number).padStart(6, "0")}`;
    const made = { id, currency, day, amount, key: `PAY${String(900_000_000 + number * 13)}`, references: [id], party };
    expected.push(made);
    return made;
  };
  const line = (party: (typeof parties)[number], day: number, amount: bigint, more: { readonly text?: string; readonly key?: string; readonly currency?: string }, pays: readonly Expected[]): BankLine => {
    const isNamed = happens(rates.otherName);
    const made: BankLine = { id: `L${String(lines.length + 1).padStart(7, "0")}`, account: "BA1", currency: more.currency ?? "CNY", day, amount, key: more.key ?? "", text: more.text ?? "", name: isNamed ? `${party.name.slice(2, 5)}财务` : party.name, counterAccount: isNamed && happens(500) ? "" : (party.accounts[0] ?? "") };
    lines.push(made);
    truth.set(made.id, new Set(pays.map(({ id }) => id)));
    return made;
  };
  const amountOf = (): bigint => (happens(200) ? BigInt(1 + random(500)) * 100_000n : BigInt(10_000 + random(30_000_000)));
  const remark = ["货款", "付款", "货款 ", "pay ", "往来款", "结算款:", ""];

  while (lines.length < payments) {
    const party = parties[random(count)] as (typeof parties)[number];
    const day = 20_454 + random(330);
    const paidOn = day + random(45) - 2;
    const dice = random(1000);
    let from = 0;
    const isIn = (rate: number): boolean => { from += rate; return dice < from; };
    if (isIn(rates.key)) { const one = item(party.party, day, amountOf()); line(party, paidOn, one.amount, { key: one.key, text: "货款" }, [one]); }
    else if (isIn(rates.noReference)) { const one = item(party.party, day, amountOf()); line(party, paidOn, one.amount, { text: "货款" }, [one]); }
    else if (isIn(rates.feeNetted)) { const one = item(party.party, day, BigInt(500_000 + random(30_000_000))); const fee = BigInt(500 + random(4_500)); line(party, paidOn, one.amount - fee, { text: `货款 ${one.id}` }, [one]); }
    else if (isIn(rates.split)) {
      const one = item(party.party, day, amountOf() + 100_000n);
      const first = (one.amount * BigInt(20 + random(60))) / 100n;
      line(party, paidOn, first, { text: `${one.id} 第一笔` }, [one]);
      line(party, paidOn + 1 + random(20), one.amount - first, { text: `${one.id} 尾款` }, [one]);
    } else if (isIn(rates.merged)) {
      const some = Array.from({ length: 2 + random(4) }, () => item(party.party, day + random(20), amountOf()));
      line(party, paidOn + 20, some.reduce((sum, { amount }) => sum + amount, 0n), { text: `货款 ${some.map(({ id }) => id).join("，")}` }, some);
    } else if (isIn(rates.mergedSilent)) {
      const some = Array.from({ length: 2 + random(2) }, () => item(party.party, day + random(20), amountOf()));
      line(party, paidOn + 20, some.reduce((sum, { amount }) => sum + amount, 0n), { text: "货款" }, some);
    } else if (isIn(rates.cutOff)) { const one = item(party.party, day, amountOf()); line(party, paidOn, one.amount, { text: happens(500) ? one.id.slice(0, -2) : one.id.slice(3) }, [one]); }
    else if (isIn(rates.transposed)) {
      const one = item(party.party, day, amountOf());
      const at = one.id.length - 2 - random(3);
      line(party, paidOn, one.amount, { text: `货款${one.id.slice(0, at)}${one.id[at + 1]}${one.id[at]}${one.id.slice(at + 2)}` }, [one]);
    } else if (isIn(rates.fxCents)) { const one = item(party.party, day, amountOf(), "USD"); line(party, paidOn, one.amount + BigInt(random(7) - 3), { text: `INV ${one.id}`, currency: "USD" }, [one]); }
    else if (isIn(rates.duplicated)) {
      const one = item(party.party, day, amountOf());
      const made = line(party, paidOn, one.amount, { text: `货款 ${one.id}` }, [one]);
      const again: BankLine = { ...made, id: `L${String(lines.length + 1).padStart(7, "0")}` };
      lines.push(again);
      truth.set(again.id, new Set());
      twinOf.set(again.id, made.id);
    } else if (isIn(rates.crowd)) {
      const amount = BigInt(1 + random(50)) * 100_000n;
      for (let n = 0; n < 3; n++) { const one = item(party.party, day + n, amount); line(party, paidOn + random(10), amount, { text: "货款" }, [one]); }
    } else if (isIn(rates.unknown)) line(party, paidOn, BigInt(1 + random(90_000)), { text: "利息" }, []);
    else { const one = item(party.party, day, amountOf()); line(party, paidOn, one.amount, { text: `${remark[random(remark.length)]}${one.id}` }, [one]); }
    // What nobody has paid yet stands beside it.
    if (happens(150)) item(party.party, day, amountOf());
  }
  return { lines, expected, parties, truth, twinOf };
}

export type BankScore = { readonly lines: number; readonly payable: number; readonly matchedLines: number; readonly coverage: number; readonly matches: number; readonly wrong: number; /** 95 % upper bound of the share of wrong ones; with none it is the rule of three. */ readonly wrongAtMost: number; readonly bySteps: Readonly<Record<string, number>> };

/** A match is wrong unless it joins exactly what belongs together. A twin counts as the line that it repeats. */
export function scoreBank(set: BankSet, matches: readonly { readonly step: string; readonly lines: readonly string[]; readonly expected: readonly string[] }[]): BankScore {
  const paidBy = new Map<string, Set<string>>();
  for (const [line, items] of set.truth) for (const item of items) paidBy.set(item, new Set([...(paidBy.get(item) ?? []), line]));
  const truly = (line: string): string => set.twinOf.get(line) ?? line;
  const isRight = ({ lines, expected }: { readonly lines: readonly string[]; readonly expected: readonly string[] }): boolean => {
    const paid = new Set(lines.flatMap((line) => [...(set.truth.get(truly(line)) ?? [])]));
    const payers = new Set(expected.flatMap((item) => [...(paidBy.get(item) ?? [])]));
    return paid.size === expected.length && expected.every((item) => paid.has(item)) && payers.size === lines.length && lines.every((line) => payers.has(truly(line)));
  };
  const wrong = matches.filter((match) => !isRight(match)).length;
  const payable = [...set.truth.values()].filter((items) => items.size > 0).length;
  const matchedLines = matches.reduce((sum, { lines }) => sum + lines.length, 0);
  return {
    lines: set.lines.length, payable, matchedLines, coverage: matchedLines / payable, matches: matches.length, wrong, wrongAtMost: matches.length === 0 ? 1 : (wrong + (wrong === 0 ? 3 : 1.96 * Math.sqrt(wrong) + 2)) / matches.length,
    bySteps: Object.fromEntries([...Map.groupBy(matches, ({ step }) => step)].map(([step, some]) => [step, some.length])),
  };
}
