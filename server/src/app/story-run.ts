import { exponentOf, formatDecimal, formatMoney, parseDecimal, parseMoney, periodOf, QUANTITY_SCALE } from "../values/index.ts";
import type { DocumentAnswer, ExpectedBalance, ExpectedLine, ExpectedVoucher, Given, Side, Step, Story } from "./story-parse.ts";

export type Reason = { readonly code: string; readonly zh: string; readonly en: string };

/** What became of one document that was posted. */
export type Posted = { readonly state: DocumentAnswer; readonly vouchers: readonly string[]; readonly reasons: readonly Reason[] };

export type StoryVoucherLine = {
  readonly account: string;
  readonly summary: string;
  /** Decimal strings; one of the two is zero. */
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  readonly amountOriginal: string;
  readonly rate: string;
  readonly dimensions: Readonly<Record<string, string>>;
};

export type StoryVoucher = {
  readonly number: string;
  readonly series: string;
  readonly period: string;
  readonly date: string;
  readonly summary: string;
  readonly attachments: number;
  /** Period and number of the voucher that it reverses: "2026-03/记-7". */
  readonly reversalOf?: string | null;
  readonly lines: readonly StoryVoucherLine[];
};

export type StoryBalance = {
  readonly account: string;
  readonly dimensions: Readonly<Record<string, string>>;
  readonly openingDebit: string;
  readonly openingCredit: string;
  readonly debit: string;
  readonly credit: string;
  readonly closingDebit: string;
  readonly closingCredit: string;
};

/** What a story needs of the books. A document of a story carries no `book`: the book is the first argument. */
export type Engine = {
  createBook(book: { readonly code: string; readonly pack: string; readonly currency: string; readonly from: string; readonly settings: Readonly<Record<string, string>> }): Promise<void>;
  /** Posts documents and master records in this order; one answer each, in the same order. */
  post(book: string, documents: readonly object[]): Promise<readonly Posted[]>;
  /** Closes (or reopens) the period. What stands in the way, or nothing when it is done. */
  close(book: string, period: string): Promise<readonly Reason[]>;
  reopen(book: string, period: string): Promise<readonly Reason[]>;
  /** Every voucher of the book, in posting order. */
  vouchers(book: string): Promise<readonly StoryVoucher[]>;
  /** Balances after the last voucher of the period; without a period, after the last voucher of all. */
  balances(book: string, period?: string): Promise<readonly StoryBalance[]>;
  /** The state of the latest version of a document (what is exempt counts as posted); `ref` is kind/sourceId, of source "story". */
  documentState(book: string, ref: string): Promise<{ readonly state: DocumentAnswer; readonly reasons: readonly Reason[] }>;
  /** What is still open of a document or one of its lines (kind/sourceId[/lineId]): an estimate in base currency, an invoice or advance in its own; decimal strings. */
  open(book: string, ref: string): Promise<{ readonly quantity: string; readonly amount: string }>;
  /** Percent of the business lines in each state (posted, waiting, parked, exempt): decimal strings. */
  completeness(book: string): Promise<Readonly<Record<string, string>>>;
  accounts(book: string): Promise<readonly { readonly code: string; readonly zh: string; readonly en: string }[]>;
};

/** The first thing that is not as expected; rows are aligned text, expected beside actual. */
export type Difference = { readonly line: number; readonly zh: string; readonly en: string; readonly rows: readonly string[] };
export type StoryResult = { readonly name: string; readonly difference?: Difference };

type Answer = { readonly given: Given; readonly book: string; readonly posted: Posted };

/** Plays the story in fresh books of the engine and stops at the first difference. */
export async function runStory(story: Story, engine: Engine): Promise<StoryResult> {
  const { name } = story;
  for (const { code, pack, currency, from, settings } of story.books) await engine.createBook({ code, pack, currency, from, settings });
  const currencies = new Map(story.books.map((book) => [book.code, book.currency]));
  const bookCodes = story.books.map((book) => book.code);
  const names = new Map<string, ReadonlyMap<string, string>>();
  const answers = new Map<string, Answer>();
  const closings = new Map<string, readonly Reason[]>();
  const listed = new Set<string>();
  const vouchers = new Map<string, readonly StoryVoucher[]>();
  let pending: Given[] = [];
  let named: StoryVoucher | undefined;

  const currencyOf = (book: string): string => currencies.get(book) ?? "CNY";
  const accountNames = async (book: string): Promise<ReadonlyMap<string, string>> => {
    let known = names.get(book);
    if (!known) names.set(book, (known = new Map((await engine.accounts(book)).map((account) => [account.code, `${account.zh} ${account.en}`]))));
    return known;
  };
  const vouchersOf = async (book: string): Promise<readonly StoryVoucher[]> => {
    let known = vouchers.get(book);
    if (!known) vouchers.set(book, (known = await engine.vouchers(book)));
    return known;
  };
  /** What may explain that a voucher is not there. */
  const unposted = (): string[] =>
    [...answers.values()].filter((answer) => answer.posted.state !== "posted" && answer.posted.state !== "duplicate")
      .map((answer) => `  ${answer.given.kind}/${answer.given.id} ${stateWords[answer.posted.state]}: ${reasonText(answer.posted.reasons)}`);
  const mentionsRefusal = (book: string, ref: string): boolean =>
    story.steps.some((step) => step.do === "state" && (step.state === "refused" || step.state === "duplicate") && step.book === book && step.ref === ref);

  /** Posts what was given since the last order, neighbours of one book together. */
  const flush = async (): Promise<Difference | undefined> => {
    const due = pending.flatMap((given) => (given.book === undefined ? bookCodes : [given.book]).map((book) => ({ book, given })));
    pending = [];
    for (let i = 0; i < due.length;) {
      const { book } = due[i] as { book: string };
      let end = i;
      while (due[end]?.book === book) end++;
      const batch = due.slice(i, end);
      const posted = await engine.post(book, batch.map(({ given }) => given.document));
      vouchers.delete(book);
      for (const [index, { given }] of batch.entries()) {
        const answer = posted[index];
        if (!answer) return { line: given.at, zh: `${given.kind} ${given.id} 没有得到答复`, en: `${given.kind} ${given.id} got no answer`, rows: [] };
        const ref = `${given.kind}/${given.id}`;
        answers.set(`${book} ${ref}`, { given, book, posted: answer });
        if (answer.state === "refused" && !mentionsRefusal(book, ref))
          return { line: given.at, zh: `${ref} 被拒收`, en: `${ref} was refused`, rows: answer.reasons.map((reason) => `  ${reason.code}: ${reason.zh} ${reason.en}`) };
      }
      i = end;
    }
    return undefined;
  };

  const check = async (step: Step): Promise<Difference | undefined> => {
    switch (step.do) {
      case "give":
        return undefined;
      case "close":
      case "reopen": {
        const reasons = await engine[step.do](step.book, step.period);
        vouchers.delete(step.book);
        closings.set(`${step.book} close/${step.period}`, reasons);
        if (reasons.length === 0 || mentionsRefusal(step.book, `close/${step.period}`)) return undefined;
        return { line: step.at, zh: `${step.period} 不能${step.do === "close" ? "结账" : "反结账"}`, en: `${step.period} cannot be ${step.do === "close" ? "closed" : "reopened"}`, rows: reasons.map((reason) => `  ${reason.code}: ${reason.zh} ${reason.en}`) };
      }
      case "voucher": {
        const all = await vouchersOf(step.book);
        const period = periodOf(step.date);
        named = all.find((voucher) => voucher.period === period && voucher.number === step.number);
        if (!named) {
          const spare = all.filter((voucher) => voucher.period === period && !listed.has(voucherKey(step.book, voucher)));
          return { line: step.at, zh: `${period} 没有凭证 ${step.number}`, en: `there is no voucher ${step.number} in ${period}`,
            rows: [...spare.flatMap((voucher) => ["", ...describe(voucher)]), ...unposted()] };
        }
        listed.add(voucherKey(step.book, named));
        return compareVoucher(step, named, currencyOf(step.book), await accountNames(step.book));
      }
      case "vouchers":
        for (const book of step.book === undefined ? bookCodes : [step.book]) {
          const spare = (await vouchersOf(book)).filter((voucher) => !listed.has(voucherKey(book, voucher)));
          if (spare.length > 0) return { line: step.at, zh: `还有 ${spare.length} 张未列出的凭证`, en: `${spare.length} more voucher(s) were posted`, rows: spare.flatMap((voucher) => ["", ...describe(voucher)]) };
        }
        return undefined;
      case "balance":
        return compareBalance(step, await engine.balances(step.book, step.period), currencyOf(step.book), await accountNames(step.book));
      case "state": {
        const answer = answers.get(`${step.book} ${step.ref}`);
        const closing = closings.get(`${step.book} ${step.ref}`);
        const actual: { readonly state: DocumentAnswer; readonly reasons: readonly Reason[] } =
          closing ? { state: closing.length > 0 ? "refused" : "posted", reasons: closing }
            : (step.state === "refused" || step.state === "duplicate") && answer ? answer.posted
              : await engine.documentState(step.book, step.ref);
        if (actual.state === step.state && (step.code === undefined || actual.reasons.some((reason) => reason.code === step.code))) return undefined;
        return { line: step.at, zh: `${step.ref} 的状态不同`, en: `the state of ${step.ref} differs`,
          rows: aligned([["", "应为 expected", stateWords[step.state], step.code ?? ""], ["", "实为 actual", stateWords[actual.state], reasonText(actual.reasons)]]) };
      }
      case "nothing": {
        const rows: string[] = [];
        for (const { given, book } of answers.values()) {
          if (given.book === undefined) continue;
          const actual = await engine.documentState(book, `${given.kind}/${given.id}`);
          if (actual.state === step.state) rows.push(`  ${given.kind}/${given.id}: ${reasonText(actual.reasons)}`);
        }
        return rows.length === 0 ? undefined : { line: step.at, zh: `有${stateWords[step.state].split(" ")[0]}的单据`, en: `there are ${step.state} documents`, rows };
      }
      case "open": {
        const actual = await engine.open(step.book, step.ref);
        const currency = currencyOf(step.book);
        const same = (wanted: string | undefined, got: string, scale: number): boolean => wanted === undefined || parseDecimal(wanted, scale) === parseDecimal(got, scale);
        if (same(step.quantity, actual.quantity, QUANTITY_SCALE) && same(step.amount, actual.amount, Math.max(exponentOf(currency), 2))) return undefined;
        return { line: step.at, zh: `${step.ref} 的未清数不同`, en: `what is open of ${step.ref} differs`,
          rows: aligned([["", "", "数量 quantity", "金额 amount"], ["", "应为 expected", step.quantity ?? "…", step.amount ?? "…"], ["", "实为 actual", actual.quantity, actual.amount]], 2) };
      }
      case "completeness": {
        const parts = Object.entries(await engine.completeness(step.book));
        const total = parts.reduce((sum, [, percent]) => sum + (parseDecimal(percent, 6) ?? 0n), 0n);
        if (total === parseDecimal(step.percent, 6)) return undefined;
        return { line: step.at, zh: "完整性不同", en: "completeness differs", rows: aligned([["", "应为 expected", `${step.percent}%`], ["", "实为 actual", `${formatDecimal(total, 6)}%`], ...parts.map(([state, percent]) => ["", state, `${percent}%`])], 2) };
      }
      case "attachments":
        if (named?.attachments === step.count) return undefined;
        return { line: step.at, zh: `${named?.number ?? ""} 的附件数不同`, en: `attachments of ${named?.number ?? ""} differ`, rows: aligned([["", "应为 expected", String(step.count)], ["", "实为 actual", String(named?.attachments)]], 2) };
      case "summary":
        if (named?.summary.includes(step.text)) return undefined;
        return { line: step.at, zh: `${named?.number ?? ""} 的摘要不同`, en: `the summary of ${named?.number ?? ""} differs`, rows: aligned([["", "应含 expected", step.text], ["", "实为 actual", named?.summary ?? ""]]) };
    }
  };

  for (const step of story.steps) {
    if (step.do === "give") {
      const again = pending.some((given) => given.kind === step.kind && given.id === step.id);
      const difference = again ? await flush() : undefined; // versions of one document are not posted in one breath
      if (difference) return { name, difference };
      pending.push(step);
      continue;
    }
    const difference = (await flush()) ?? (await check(step));
    if (difference) return { name, difference };
  }
  const difference = await flush();
  return difference ? { name, difference } : { name };
}

/** `ok NAME` a file, or its first difference, and at the end `N passed, N failed`. */
export function formatResults(results: readonly StoryResult[]): string[] {
  const failed = results.filter((result) => result.difference).length;
  return [
    ...results.flatMap(({ name, difference }) =>
      difference ? [`not ok ${name}:${difference.line}`, `  ${difference.zh} · ${difference.en}`, ...difference.rows.map((row) => (row === "" ? "" : `  ${row}`)), ""] : [`ok ${name}`]),
    `${results.length - failed} passed, ${failed} failed`,
  ];
}

const stateWords: Readonly<Record<DocumentAnswer, string>> = { posted: "已入账 posted", waiting: "等待 waiting", parked: "挂起 parked", duplicate: "重复 duplicate", refused: "拒收 refused" };
const sideWords: Readonly<Record<Side, string>> = { debit: "借", credit: "贷" };
const reasonText = (reasons: readonly Reason[]): string => reasons.map((reason) => `${reason.code} ${reason.zh} ${reason.en}`).join("; ") || "–";
const voucherKey = (book: string, voucher: StoryVoucher): string => `${book} ${voucher.period} ${voucher.number}`;

/** Marks that are no dimensions but attributes of a line. */
const attributes = new Set(["currency", "rate", "summary"]);
const markOf = (line: StoryVoucherLine, mark: string): string => {
  const value = attributes.has(mark) ? line[mark as "currency" | "rate" | "summary"] : (line.dimensions[mark] ?? "");
  return mark === "rate" ? String(parseDecimal(value || "0", 10)) : value;
};
const wantedMark = (line: ExpectedLine, mark: string): string => (mark === "rate" && line.marks.rate !== undefined ? String(parseDecimal(line.marks.rate, 10)) : (line.marks[mark] ?? ""));

type Group = { readonly account: string; readonly side: Side; readonly marks: Readonly<Record<string, string>>; expected?: bigint; actual?: bigint; expectedOriginal?: bigint; actualOriginal: bigint };

/**
 * Lists exactly the voucher's lines: actual lines of one account and side are summed over the dimensions that the story
 * does not write for that account and side. A parent account stands for its children which the story does not list.
 */
function compareVoucher(wanted: ExpectedVoucher, actual: StoryVoucher, currency: string, accounts: ReadonlyMap<string, string>): Difference | undefined {
  const title = `${wanted.number} ${wanted.date}`;
  if (actual.date !== wanted.date)
    return { line: wanted.at, zh: `凭证 ${wanted.number} 的日期不同`, en: `the date of voucher ${wanted.number} differs`, rows: aligned([["", "应为 expected", wanted.date], ["", "实为 actual", actual.date]], 2) };
  if (wanted.reverses !== undefined && (actual.reversalOf ?? "") !== wanted.reverses)
    return { line: wanted.at, zh: `${title} 冲销的凭证不同`, en: `${title} reverses another voucher`, rows: aligned([["", "应为 expected", wanted.reverses], ["", "实为 actual", actual.reversalOf ?? "–"]], 2) };

  const written = new Map<string, string[]>();
  for (const line of wanted.lines) {
    const key = `${line.account} ${line.side}`;
    written.set(key, [...new Set([...(written.get(key) ?? []), ...Object.keys(line.marks)])].sort());
  }
  const listed = [...new Set(wanted.lines.map((line) => line.account))].sort((a, b) => b.length - a.length);
  const listedAs = (account: string): string => listed.find((code) => account === code || account.startsWith(`${code}.`)) ?? account;
  const groups = new Map<string, Group>();
  const groupOf = (account: string, side: Side, mark: (name: string) => string): Group => {
    const marks = Object.fromEntries((written.get(`${account} ${side}`) ?? []).map((name) => [name, mark(name)]));
    const key = JSON.stringify([account, side, marks]);
    let group = groups.get(key);
    if (!group) groups.set(key, (group = { account, side, marks, actualOriginal: 0n }));
    return group;
  };
  for (const line of wanted.lines) {
    const group = groupOf(line.account, line.side, (name) => wantedMark(line, name));
    group.expected = (group.expected ?? 0n) + line.amount;
    if (line.amountOriginal !== undefined) group.expectedOriginal = (group.expectedOriginal ?? 0n) + (parseDecimal(line.amountOriginal, 6) ?? 0n);
  }
  for (const line of actual.lines) {
    const debit = parseMoney(line.debit || "0", currency) ?? 0n;
    const credit = parseMoney(line.credit || "0", currency) ?? 0n;
    const side: Side = debit === 0n && credit !== 0n ? "credit" : "debit";
    const group = groupOf(listedAs(line.account), side, (name) => markOf(line, name));
    group.actual = (group.actual ?? 0n) + (side === "debit" ? debit : credit);
    group.actualOriginal += parseDecimal(line.amountOriginal || "0", 6) ?? 0n;
  }
  const isSame = (group: Group): boolean =>
    (group.expected === group.actual || (group.expected ?? 0n) + (group.actual ?? 0n) === 0n && (group.expected ?? 0n) === 0n)
    && (group.expectedOriginal === undefined || group.expectedOriginal === group.actualOriginal);
  const all = [...groups.values()];
  const wrong = all.filter((group) => !isSame(group));
  if (wrong.length === 0) return undefined;
  const figure = (amount: bigint | undefined): string => (amount === undefined ? "–" : formatMoney(amount, currency));
  const marksText = (group: Group): string => Object.entries(group.marks).map(([mark, value]) => `${mark} ${mark === "rate" ? formatDecimal(BigInt(value), 10) : value || "–"}`).join(" ");
  const first = wanted.lines.find((line) => wrong.some((group) => group.account === line.account && group.side === line.side));
  return {
    line: first?.at ?? wanted.at,
    zh: `凭证 ${title} 的分录不同`,
    en: `the lines of voucher ${title} differ`,
    rows: aligned([
      ["", "", "", "", "应为 expected", "实为 actual", ""],
      ...all.map((group) => [group.account, accounts.get(group.account) ?? "", sideWords[group.side], marksText(group), figure(group.expected), figure(group.actual),
        isSame(group) ? "" : group.expectedOriginal !== undefined && group.expectedOriginal !== group.actualOriginal ? `← 原币 original ${formatDecimal(group.expectedOriginal, 2)} / ${formatDecimal(group.actualOriginal, 2)}` : "←"]),
    ], 4, 5),
  };
}

function compareBalance(wanted: ExpectedBalance, balances: readonly StoryBalance[], currency: string, accounts: ReadonlyMap<string, string>): Difference | undefined {
  const belongs = balances.filter((row) =>
    (row.account === wanted.account || row.account.startsWith(`${wanted.account}.`)) && Object.entries(wanted.dimensions).every(([name, value]) => row.dimensions[name] === value));
  const net = (row: StoryBalance): bigint => (parseMoney(row.closingDebit || "0", currency) ?? 0n) - (parseMoney(row.closingCredit || "0", currency) ?? 0n);
  const total = belongs.reduce((sum, row) => sum + net(row), 0n);
  if (total === wanted.net) return undefined;
  const figure = (amount: bigint): string => (amount === 0n ? "0.00" : `${amount > 0n ? "借" : "贷"} ${formatMoney(amount > 0n ? amount : -amount, currency)}`);
  const dimensions = (row: Readonly<Record<string, string>>): string => Object.entries(row).map(([name, value]) => `${name} ${value}`).join(" ");
  return {
    line: wanted.at,
    zh: `科目 ${wanted.account} 的余额不同`,
    en: `the balance of ${wanted.account} differs`,
    rows: aligned([
      [wanted.account, accounts.get(wanted.account) ?? "", dimensions(wanted.dimensions), "应为 expected", figure(wanted.net)],
      ["", "", wanted.period ?? "", "实为 actual", figure(total)],
      ...belongs.filter((row) => net(row) !== 0n).map((row) => [row.account, accounts.get(row.account) ?? "", dimensions(row.dimensions), "", figure(net(row))]),
    ], 4),
  };
}

/** A voucher as a story would write it, so that it can be copied into one. */
function describe(voucher: StoryVoucher): string[] {
  return [
    `then   voucher ${voucher.number}  ${voucher.date}  # ${voucher.summary}`,
    ...aligned(voucher.lines.map((line) => {
      const onCredit = /^-?0*(\.0*)?$/.test(line.debit);
      return ["       ", line.account, onCredit ? "贷" : "借", onCredit ? line.credit : line.debit, Object.entries(line.dimensions).map(([name, value]) => `${name} ${value}`).join(" ")];
    }), 3),
  ];
}

/** Columns side by side; the numbered ones to the right. A Chinese character is two columns wide. */
function aligned(rows: readonly (readonly string[])[], ...right: readonly number[]): string[] {
  const widths: number[] = [];
  for (const row of rows) for (const [column, text] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, width(text));
  return rows.map((row) =>
    row.map((text, column) => {
      const pad = " ".repeat((widths[column] ?? 0) - width(text));
      return right.includes(column) ? pad + text : text + pad;
    }).filter((_, column) => (widths[column] ?? 0) > 0).join("  ").trimEnd());
}

const width = (text: string): number => [...text].reduce((sum, character) => sum + (/[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(character) ? 2 : 1), 0);
