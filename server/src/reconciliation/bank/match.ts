/**
 * 银行对账: statement lines against what the books expect, receipts, payments and open invoices. A cascade: each step sees only what the step
 * before left. A step takes a match only if nothing else could be meant as well; what remains is suggested to a person, never guessed.
 * Integers only; the same input in another order gives the same matches.
 */
import { referencesIn, nearReferences, normalName } from "./reference.ts";

/** A line of a bank statement. Amounts in minor units of its currency, positive when money came in. */
export type BankLine = {
  readonly id: string;
  readonly account: string;
  readonly currency: string;
  /** Days since 1970-01-01. */
  readonly day: number;
  readonly amount: bigint;
  /** End-to-end id, our payment's number as the bank gives it back. "" if none. */
  readonly key: string;
  /** 摘要, 用途, 附言: all that was written. */
  readonly text: string;
  readonly name: string;
  readonly counterAccount: string;
};

/** What the books expect on a bank account: signed like a line, open amount only. */
export type Expected = {
  readonly id: string;
  readonly currency: string;
  readonly day: number;
  readonly amount: bigint;
  /** Its own keys (our payment id), then numbers that others may write: invoice, order, receipt. */
  readonly key: string;
  readonly references: readonly string[];
  readonly party: string;
};

/** What is known about parties: every name they pay under, learned ones included, and their bank accounts. */
export type Party = { readonly party: string; readonly names: readonly string[]; readonly accounts: readonly string[] };

export type Step = "key" | "reference" | "party" | "series" | "crowd" | "group" | "sum";
export type BankMatch = { readonly step: Step; readonly lines: readonly string[]; readonly expected: readonly string[]; /** What the bank kept or the rate moved: expected minus paid. */ readonly difference: bigint };
export type Suggestion = { readonly line: string; readonly expected: readonly string[]; readonly why: "sameAmount" | "reference" | "party" | "near" | "netting" };
export type BankResult = { readonly matches: readonly BankMatch[]; readonly suggestions: readonly Suggestion[]; /** Lines that look like a second booking of one that is matched. */ readonly duplicates: readonly string[]; readonly linesLeft: readonly string[]; readonly expectedLeft: readonly string[] };

export type Tolerance = {
  /** What a bank may keep of a payment: at most this, and at most so many of ten thousand. */
  readonly feeMax: bigint;
  readonly feeBasisPoints: bigint;
  /** Rounding of exchanged amounts, either way. */
  readonly cents: bigint;
  /** A payment comes this many days before what it pays at the earliest, and this many after at the latest. */
  readonly daysBefore: number;
  readonly daysAfter: number;
};
export const usualTolerance: Tolerance = { feeMax: 20_000n, feeBasisPoints: 100n, cents: 5n, daysBefore: 31, daysAfter: 400 };

/** Sums are searched among at most so many of one party, and of at most so many parts. */
const sumOf = 24;
const partsMax = 4;
/** A sum that comes about by chance once in so many searches is no evidence. */
const chanceMax = 20_000n;

export function matchBank(allLines: readonly BankLine[], allExpected: readonly Expected[], parties: readonly Party[], tolerance: Tolerance = usualTolerance): BankResult {
  const lines = [...allLines].sort((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1));
  const expected = [...allExpected].sort((a, b) => a.day - b.day || (a.id < b.id ? -1 : 1));
  const matches: BankMatch[] = [];
  const duplicates: string[] = [];
  const usedLine = new Set<BankLine>();
  const usedExpected = new Set<Expected>();
  const take = (step: Step, of: readonly BankLine[], items: readonly Expected[]): void => {
    for (const line of of) usedLine.add(line);
    for (const item of items) usedExpected.add(item);
    matches.push({ step, lines: of.map(({ id }) => id).sort(), expected: items.map(({ id }) => id).sort(), difference: sum(items) - sum(of) });
  };
  const known = knownParties(parties);
  const partyOf = new Map(lines.map((line) => [line, known(line)]));

  // Every way in which a line may name something expected.
  const byReference = new Map<string, Expected[]>();
  for (const item of expected) for (const reference of new Set([item.key, ...item.references].filter((text) => text !== "").map(normalName))) push(byReference, reference, item);
  const near = nearReferences(byReference.keys());
  const namedBy = new Map<BankLine, { readonly exact: readonly Expected[]; readonly near: readonly Expected[] }>();
  for (const line of lines) {
    const exact = new Set<Expected>();
    const almost = new Set<Expected>();
    for (const token of new Set([...(line.key === "" ? [] : [normalName(line.key)]), ...referencesIn(line.text)])) {
      const found = byReference.get(token);
      if (found) for (const item of found) exact.add(item);
      else for (const number of near(token)) for (const item of byReference.get(number) ?? []) almost.add(item);
    }
    namedBy.set(line, { exact: [...exact], near: [...almost] });
  }
  const namers = new Map<Expected, BankLine[]>();
  for (const [line, { exact, near: almost }] of namedBy) for (const item of [...exact, ...almost]) push(namers, item, line);
  const open = (items: readonly Expected[] | undefined): Expected[] => (items ?? []).filter((item) => !usedExpected.has(item));
  const left = (): BankLine[] => lines.filter((line) => !usedLine.has(line));
  const isInTime = (line: BankLine, item: Expected): boolean => line.day >= item.day - tolerance.daysBefore && line.day <= item.day + tolerance.daysAfter;
  const fits = (paid: bigint, due: bigint): boolean => paid === due || isKept(paid, due, tolerance);
  /** The payer is who it should be, or nobody is known to go by that name. */
  const isOf = (line: BankLine, item: Expected): boolean => { const party = partyOf.get(line); return party === undefined || item.party === "" || party === item.party; };

  // A second line that says the same as one before it is the bank's mistake or ours: neither may take what the other one pays.
  const twins = new Map<string, BankLine[]>();
  for (const line of lines) if (line.key !== "" || referencesIn(line.text).length > 0) push(twins, [line.account, line.currency, line.amount, normalName(line.key), normalName(line.text), normalName(line.name)].join("|"), line);
  const twinOf = new Map<BankLine, readonly BankLine[]>();
  for (const group of twins.values()) if (group.length > 1) for (const line of group) twinOf.set(line, group);
  const noteTwins = (line: BankLine): void => { for (const twin of twinOf.get(line) ?? []) if (!usedLine.has(twin) && !duplicates.includes(twin.id) && namedBy.get(twin)?.exact.length !== 0 && open(namedBy.get(twin)?.exact).length === 0) duplicates.push(twin.id); };

  // 0 and 1. What it names by key or number, and the amount fits: alone on both sides, or the first of twins.
  for (const [step, wanted] of [["key", true], ["reference", false]] as const) {
    for (const line of left()) {
      const named = open(namedBy.get(line)?.exact).filter((item) => sameSide(line, item));
      const hits = named.filter((item) => fits(line.amount, item.amount) && isOf(line, item) && (!wanted || (line.key !== "" && normalName(line.key) === normalName(item.key))));
      const exactly = hits.filter((item) => item.amount === line.amount);
      const [item] = exactly.length > 0 ? exactly : hits;
      if (!item || (exactly.length > 0 ? exactly : hits).length !== 1 || (named.length > 1 && !wanted)) continue;
      if (twinUsed(line) || rivalsOf(item, line).some((rival) => !isTwin(rival, line))) continue;
      take(step, [line], [item]);
      noteTwins(line);
    }
  }

  // 3. Groups: one payment that names several, or several payments that name one.
  for (const line of left()) {
    const named = open(namedBy.get(line)?.exact).filter((item) => sameSide(line, item) && isOf(line, item));
    if (named.length < 2 || new Set(named.map(({ party }) => party)).size > 1) continue;
    if (fits(line.amount, sum(named)) && !twinUsed(line)) take("group", [line], named);
  }
  const naming = new Map<Expected, BankLine[]>();
  for (const line of left()) {
    const named = open(namedBy.get(line)?.exact).filter((item) => sameSide(line, item) && isOf(line, item));
    if (named.length === 1) push(naming, named[0] as Expected, line);
  }
  for (const [item, group] of naming) {
    const distinct = group.filter((line) => !group.some((other) => other !== line && isTwin(other, line)));
    if (group.length > 1 && distinct.length === group.length && fits(sum(group), item.amount)) take("group", group, [item]);
  }

  // 2. A number written almost right (cut off, digits swapped), the amount to the cent, and the party: alone on both sides.
  for (const line of left()) {
    const { exact, near: almost } = namedBy.get(line) ?? { exact: [], near: [] };
    if (exact.length > 0) continue;
    const hits = open(almost).filter((item) => item.amount === line.amount && partyOf.get(line) !== undefined && isOf(line, item) && isInTime(line, item));
    if (hits.length === 1 && rivalsOf(hits[0] as Expected, line).every((rival) => isTwin(rival, line)) && !twinUsed(line)) take("reference", [line], hits);
  }

  // By the party alone: what it owes, by amount. Who cannot be told apart is left to a person, unless their dates tell them apart.
  const ofParty = new Map<string, { lines: BankLine[]; items: Expected[] }>();
  const groupOf = (party: string, currency: string, side: boolean): { lines: BankLine[]; items: Expected[] } => {
    const key = `${party}|${currency}|${side}`;
    const one = ofParty.get(key) ?? { lines: [], items: [] };
    ofParty.set(key, one);
    return one;
  };
  for (const item of expected) if (!usedExpected.has(item) && item.party !== "") groupOf(item.party, item.currency, item.amount > 0n).items.push(item);
  for (const line of left()) {
    const party = partyOf.get(line);
    // A line that names something which does not fit is not taken for something else.
    if (party !== undefined && (namedBy.get(line)?.exact.length ?? 0) === 0 && (namedBy.get(line)?.near.length ?? 0) === 0 && !twinOf.has(line)) groupOf(party, line.currency, line.amount > 0n).lines.push(line);
  }
  for (const group of ofParty.values()) {
    if (group.lines.length === 0 || group.items.length === 0) continue;
    const byAmount = new Map<bigint, { lines: BankLine[]; items: Expected[] }>();
    const at = (amount: bigint): { lines: BankLine[]; items: Expected[] } => { const one = byAmount.get(amount) ?? { lines: [], items: [] }; byAmount.set(amount, one); return one; };
    for (const line of group.lines) at(line.amount).lines.push(line);
    for (const item of group.items) at(item.amount).items.push(item);
    for (const same of byAmount.values()) {
      if (same.lines.length === 0 || same.items.length === 0) continue;
      if (same.lines.length === 1 && same.items.length === 1) {
        const [line] = same.lines as [BankLine];
        const [item] = same.items as [Expected];
        if (isInTime(line, item) && !isSumOfTwo(line.amount, group.items.filter((other) => other !== item && isInTime(line, other)))) take("party", [line], [item]);
      } else if (same.lines.length === same.items.length && areToldApart(same.lines, same.items)) same.lines.forEach((line, index) => take("series", [line], [same.items[index] as Expected]));
      // Which pays which cannot be told, but together they pay all of it: that is certain, and all that clearing needs.
      else if (same.lines.length === same.items.length && same.lines.every((line) => same.items.every((item) => isInTime(line, item)))) take("crowd", same.lines, same.items);
    }
    // 4. Sums: one payment for several, then several payments for one, if there is one way only and chance would not give it.
    for (const line of group.lines.filter((one) => !usedLine.has(one) && referencesIn(one.text).length === 0)) {
      const parts = group.items.filter((item) => !usedExpected.has(item) && isInTime(line, item));
      const found = onlySum(line.amount, parts);
      if (found) take("sum", [line], found);
    }
    for (const item of group.items.filter((one) => !usedExpected.has(one))) {
      const parts = group.lines.filter((line) => !usedLine.has(line) && isInTime(line, item));
      const found = onlySum(item.amount, parts);
      if (found) take("sum", found, [item]);
    }
  }

  const linesLeft = left();
  const expectedLeft = expected.filter((item) => !usedExpected.has(item));
  return { matches: matches.sort((a, b) => ((a.lines[0] ?? "") < (b.lines[0] ?? "") ? -1 : 1)), suggestions: suggest(linesLeft, expectedLeft), duplicates: duplicates.sort(), linesLeft: linesLeft.map(({ id }) => id), expectedLeft: expectedLeft.map(({ id }) => id) };

  function sameSide(line: BankLine, item: Expected): boolean {
    return line.amount > 0n === item.amount > 0n && line.currency === item.currency;
  }
  function isTwin(a: BankLine, b: BankLine): boolean {
    return twinOf.get(a)?.includes(b) ?? false;
  }
  /** Its twin has paid already: it is a duplicate, whatever else it might fit. */
  function twinUsed(line: BankLine): boolean {
    return (twinOf.get(line) ?? []).some((twin) => usedLine.has(twin));
  }
  /** Other lines that name the same and fit as well. */
  function rivalsOf(item: Expected, line: BankLine): BankLine[] {
    return (namers.get(item) ?? []).filter((other) => other !== line && !usedLine.has(other) && sameSide(other, item) && fits(other.amount, item.amount) && (other.amount === item.amount || line.amount !== item.amount));
  }
  function suggest(openLines: readonly BankLine[], openItems: readonly Expected[]): Suggestion[] {
    const byAmount = new Map<string, Expected[]>();
    const byParty = new Map<string, Expected[]>();
    for (const item of openItems) {
      push(byAmount, `${item.currency}|${item.amount}`, item);
      push(byParty, `${item.party}|${item.currency}|${item.amount > 0n}`, item);
    }
    return openLines.flatMap((line): Suggestion[] => {
      const { exact, near: almost } = namedBy.get(line) ?? { exact: [], near: [] };
      const party = partyOf.get(line);
      const ids = (items: readonly Expected[]): string[] => items.slice(0, 5).map(({ id }) => id);
      const ways: readonly (readonly [Suggestion["why"], readonly Expected[]])[] = [
        ["reference", open(exact)], ["near", open(almost)], ["sameAmount", (byAmount.get(`${line.currency}|${line.amount}`) ?? []).filter((item) => isOf(line, item))], ["party", party === undefined ? [] : byParty.get(`${party}|${line.currency}|${line.amount > 0n}`) ?? []],
        ["netting", party === undefined ? [] : byParty.get(`${party}|${line.currency}|${line.amount < 0n}`) ?? []],
      ];
      const [why, items] = ways.find(([, some]) => some.length > 0) ?? [undefined, []];
      return why === undefined ? [] : [{ line: line.id, expected: ids(items), why }];
    });
  }
}

const sum = (of: readonly { readonly amount: bigint }[]): bigint => of.reduce((total, { amount }) => total + amount, 0n);
function push<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list) list.push(value);
  else map.set(key, [value]);
}
const abs = (n: bigint): bigint => (n < 0n ? -n : n);

/** The bank kept a fee of what came in, or the rate moved a few cents. Of what goes out nothing is kept. */
function isKept(paid: bigint, due: bigint, { feeMax, feeBasisPoints, cents }: Tolerance): boolean {
  const kept = abs(due) - abs(paid);
  if (abs(kept) <= cents) return true;
  return due > 0n && kept > 0n && kept <= feeMax && kept * 10_000n <= abs(due) * feeBasisPoints;
}

/** Two of them would pay the same: then one alone is not the only explanation. */
function isSumOfTwo(amount: bigint, items: readonly Expected[]): boolean {
  const seen = new Set<bigint>();
  for (const item of items) {
    if (seen.has(amount - item.amount)) return true;
    seen.add(item.amount);
  }
  return false;
}

/**
 * Equal amounts of one party in the order of their dates. Squared distances make that order the cheapest; swapping two neighbours costs
 * 2 · Δline · Δexpected more, so that the second best is known, and every such step must cost enough.
 */
function areToldApart(lines: readonly BankLine[], items: readonly Expected[]): boolean {
  const marginMin = 200; // two neighbours ten days apart on both sides
  const distanceMax = 15;
  return lines.every((line, index) => {
    const item = items[index] as Expected;
    const before = index === 0 ? undefined : { line: lines[index - 1] as BankLine, item: items[index - 1] as Expected };
    const distance = line.day - item.day;
    return distance >= -3 && distance <= distanceMax && (before === undefined || 2 * (line.day - before.line.day) * (item.day - before.item.day) >= marginMin);
  });
}

/** The one set of at most four parts that adds up, of at most 24; undefined when there is none, more than one, or when so many sums were possible that one of them fits by chance. */
function onlySum<Part extends { readonly amount: bigint }>(target: bigint, all: readonly Part[]): Part[] | undefined {
  if (all.some(({ amount }) => amount === target)) return undefined; // the simpler explanation was not certain either
  const parts = all.filter(({ amount }) => abs(amount) < abs(target)).slice(0, sumOf + 1);
  if (parts.length < 2 || parts.length > sumOf) return undefined;
  const grain = parts.reduce((divisor, { amount }) => gcd(divisor, abs(amount)), abs(target));
  const possible = abs(sum(parts)) / grain;
  let looked = 0n;
  const found: Part[][] = [];
  const chosen: Part[] = [];
  const search = (from: number, rest: bigint): void => {
    for (let index = from; index < parts.length && found.length < 2; index++) {
      const part = parts[index] as Part;
      const next = rest - part.amount;
      looked++;
      chosen.push(part);
      if (next === 0n && chosen.length > 1) found.push([...chosen]);
      else if (next > 0n === target > 0n && next !== 0n && chosen.length < partsMax) search(index + 1, next);
      chosen.pop();
    }
  };
  search(0, target);
  return found.length === 1 && looked * chanceMax <= possible ? found[0] : undefined;
}
const gcd = (a: bigint, b: bigint): bigint => (b === 0n ? a : gcd(b, a % b));

/** Who paid: by the account it came from, else by a name that only one party has, else by what is left of the name if it is part of one party's names alone. */
function knownParties(parties: readonly Party[]): (line: BankLine) => string | undefined {
  const accounts = new Map<string, string | null>();
  const names = new Map<string, string | null>();
  const threes = new Map<string, Set<string>>();
  const add = (map: Map<string, string | null>, key: string, party: string): void => void (key !== "" && map.set(key, map.has(key) && map.get(key) !== party ? null : party));
  const namesOf = new Map<string, string[]>();
  for (const { party, names: called, accounts: held } of parties) {
    for (const account of held) add(accounts, account.replace(/\D/g, ""), party);
    for (const name of called.map(normalName)) {
      add(names, name, party);
      push(namesOf, party, name);
      for (let at = 0; at + coreMin <= name.length; at++) (threes.get(name.slice(at, at + coreMin)) ?? threes.set(name.slice(at, at + coreMin), new Set()).get(name.slice(at, at + coreMin)))?.add(party);
    }
  }
  const byPart = (name: string): string | undefined => {
    const core = normalName(name).replace(/(?:有限责任公司|有限公司|公司|财务部?|结算户?)$/u, "");
    if (core.length < coreMin) return undefined;
    const found = [...(threes.get(core.slice(0, coreMin)) ?? [])].filter((party) => namesOf.get(party)?.some((known) => known.includes(core)));
    return found.length === 1 ? found[0] : undefined;
  };
  const seen = new Map<string, string | undefined>();
  return (line) => {
    const sure = accounts.get(line.counterAccount.replace(/\D/g, "")) ?? names.get(normalName(line.name));
    if (sure !== undefined && sure !== null) return sure;
    if (!seen.has(line.name)) seen.set(line.name, byPart(line.name));
    return seen.get(line.name);
  };
}
/** Fewer characters name nobody. */
const coreMin = 3;
