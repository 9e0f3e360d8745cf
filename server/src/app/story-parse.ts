import { commonHeader, commonLine, type Field, isMasterKind, kindOf, masterKinds, parseReference } from "../documents/index.ts";
import { isDate, isPeriod, parseMoney, periodOf } from "../values/index.ts";

/**
 * A `.story` file is manual and acceptance test at once: documents in, vouchers out, in the accountant's own layout.
 * This file reads the text into a Story; story-run.ts plays it against an engine, story-lint.ts checks its arithmetic.
 */
export type Story = {
  /** The file's name without its folder. */
  readonly name: string;
  /** The comment at the head of the file. */
  readonly about: readonly string[];
  readonly books: readonly StoryBook[];
  readonly steps: readonly Step[];
};

/** The rows of the event table that the story says it shows: `# rows P3 P4a`. */
export const storyRows = (story: Story): string[] => story.about.flatMap((line) => (line.startsWith("rows ") ? line.slice(5).trim().split(/\s+/) : []));

export type StoryBook = {
  readonly at: number;
  readonly code: string;
  readonly pack: string;
  readonly currency: string;
  readonly from: string;
  readonly settings: Readonly<Record<string, string>>;
};

export type Side = "debit" | "credit";

/** One line that a voucher is expected to have. `marks` are dimensions (and `currency`, `rate`, `summary`) that are written. */
export type ExpectedLine = {
  readonly at: number;
  readonly account: string;
  readonly side: Side;
  /** Minor units of the book's currency; negative is red. */
  readonly amount: bigint;
  readonly marks: Readonly<Record<string, string>>;
  readonly amountOriginal?: string;
};

/** A document or a master record as it is posted. `book` is undefined for master records, which go to every book of the story. */
export type Given = {
  readonly do: "give";
  readonly at: number;
  readonly book: string | undefined;
  readonly kind: string;
  readonly id: string;
  readonly document: Readonly<Record<string, unknown>>;
};

export type ExpectedVoucher = {
  readonly do: "voucher";
  readonly at: number;
  readonly book: string;
  readonly number: string;
  readonly date: string;
  /** Period and number of the voucher that it reverses. */
  readonly reverses: string | undefined;
  readonly lines: readonly ExpectedLine[];
};

export type ExpectedBalance = {
  readonly do: "balance";
  readonly at: number;
  readonly book: string;
  readonly account: string;
  readonly dimensions: Readonly<Record<string, string>>;
  /** Minor units; above zero is a debit balance. */
  readonly net: bigint;
  readonly period: string | undefined;
};

export type DocumentAnswer = "posted" | "waiting" | "parked" | "duplicate" | "refused";

export type Step =
  | Given
  | { readonly do: "close" | "reopen"; readonly at: number; readonly book: string; readonly period: string }
  | ExpectedVoucher
  | ExpectedBalance
  | { readonly do: "vouchers"; readonly at: number; readonly book: string | undefined }
  | { readonly do: "state"; readonly at: number; readonly state: DocumentAnswer; readonly book: string; readonly ref: string; readonly code: string | undefined }
  | { readonly do: "nothing"; readonly at: number; readonly state: "parked" | "waiting" }
  | { readonly do: "open"; readonly at: number; readonly book: string; readonly ref: string; readonly quantity: string | undefined; readonly amount: string | undefined }
  | { readonly do: "completeness"; readonly at: number; readonly book: string; readonly percent: string }
  | { readonly do: "attachments"; readonly at: number; readonly count: number }
  | { readonly do: "summary"; readonly at: number; readonly text: string };

export const storyRefusals = {
  "story.statement": { status: 422, zh: "每行应以 book、set、given 或 then 开头,此处是 {got}", en: "A line begins with book, set, given or then, not {got}", todoZh: "续行请缩进;写法见 examples/README.md", todoEn: "Indent what continues the line above; see examples/README.md" },
  "story.stray": { status: 422, zh: "缩进的 {got} 上面没有可续的内容", en: "The indented {got} continues nothing", todoZh: "只有 given 与 then voucher 下面可以缩进续写", todoEn: "Only given and then voucher are continued by indented lines" },
  "story.book": { status: 422, zh: "账簿应写作 book 编码 pack 科目包 currency 币种 from 起始期间,现缺 {field}", en: "Write book CODE pack PACK currency CNY from 2026-03; {field} is missing", todoZh: "请补全", todoEn: "Complete the line" },
  "story.no_book": { status: 422, zh: "此前没有 book {got}", en: "There is no book {got} before this line", todoZh: "先写 book 行", todoEn: "Begin with the book line" },
  "story.set": { status: 422, zh: "设置应写作 set 名称 值,并在第一笔 given 之前", en: "Write set NAME VALUE, before the first given", todoZh: "请移到 book 行下面", todoEn: "Move it below the book line" },
  "story.kind": { status: 422, zh: "没有 {got} 这种单据或主数据", en: "There is no kind of document or master record called {got}", todoZh: "种类见 documents/kinds.ts", todoEn: "The kinds are listed in documents/kinds.ts" },
  "story.field": { status: 422, zh: "{kind} 没有字段 {field};可用:{choices}", en: "{kind} has no field {field}; it has {choices}", todoZh: "请检查拼写", todoEn: "Check the spelling" },
  "story.value": { status: 422, zh: "{field} 后面应有{wanted},此处是 {got}", en: "{field} should be followed by {wantedEn}, not {got}", todoZh: "含空格的内容请用双引号", todoEn: "Put values with spaces between double quotes" },
  "story.twice": { status: 422, zh: "{got} 已经写过", en: "{got} was given before", todoZh: "改版请写 given version,原样重发请写明 sourceVersion", todoEn: "Write given version for a change, or name the sourceVersion to send the same one again" },
  "story.unknown_document": { status: 422, zh: "此前没有单据 {got}", en: "No document {got} was given before this line", todoZh: "请检查单据号;同号的不同单据请写作 种类/单据号", todoEn: "Check the id; write kind/id where two kinds share one" },
  "story.then": { status: 422, zh: "then 后面不认识 {got}", en: "then is not followed by {got}", todoZh: "可用:voucher、vouchers、balance、posted、waiting、parked、duplicate、refused、open、completeness、attachments、summary", todoEn: "Use voucher, vouchers, balance, posted, waiting, parked, duplicate, refused, open, completeness, attachments or summary" },
  "story.line": { status: 422, zh: "分录应写作 科目 [名称] 借|贷 金额 [维度 值]…,此处是 {got}", en: "Write a voucher line as ACCOUNT [name] 借|贷 AMOUNT [dimension value]…, not {got}", todoZh: "例:1403 原材料 借 200.00 item STEEL", todoEn: "Such as: 1403 借 200.00 item STEEL" },
  "story.side": { status: 422, zh: "余额不为零时要写借或贷", en: "A balance that is not zero needs 借 or 贷", todoZh: "例:then balance 1403 借 210.00", todoEn: "Such as: then balance 1403 借 210.00" },
} as const;

export type StoryProblem = { readonly line: number; readonly code: keyof typeof storyRefusals; readonly zh: string; readonly en: string };

/** The text is no story. Lists every problem with its line, in both languages. */
export class StoryError extends Error {
  override readonly name = "StoryError";
  readonly file: string;
  readonly problems: readonly StoryProblem[];

  constructor(file: string, problems: readonly StoryProblem[]) {
    super(problems.map((problem) => `${file}:${problem.line}  ${problem.zh}。${problem.en}.`).join("\n"));
    this.file = file;
    this.problems = problems;
  }
}

/** Dimensions that a line may write, and the names by which a story may write them. */
export const dimensionNames: Readonly<Record<string, string>> = {
  counterparty: "counterparty", supplier: "counterparty", customer: "counterparty", item: "item", department: "department", project: "project",
  bankAccount: "bankAccount", employee: "employee", warehouse: "warehouse", region: "region", note: "note", asset: "asset",
  custom1: "custom1", custom2: "custom2", custom3: "custom3",
};

const sides: Readonly<Record<string, Side>> = { 借: "debit", 贷: "credit" };
const isAccount = (text: string): boolean => /^\d{4}(\.\d+)*$/.test(text);
const isNumber = (text: string): boolean => /^-?\d+(\.\d+)?$/.test(text);

type Token = { readonly text: string; readonly quoted: boolean };

/** Words of one line; "…" or “…” holds spaces; a word that begins with # begins the comment. */
function tokensOf(line: string): Token[] {
  const tokens: Token[] = [];
  for (const match of line.matchAll(/"([^"]*)"|“([^”]*)”|(\S+)/gu)) {
    const quoted = match[1] ?? match[2];
    if (quoted !== undefined) tokens.push({ text: quoted, quoted: true });
    else if ((match[3] as string).startsWith("#")) break;
    else tokens.push({ text: match[3] as string, quoted: false });
  }
  return tokens;
}

type Fields = ReadonlyMap<string, Field>;
type Part = Record<string, unknown>;

/** What indented lines continue: a document (its header or its last line) or the voucher expected last. */
type Open =
  | { readonly what: "document"; readonly kind: string; readonly header: Part; readonly headerFields: Fields; readonly lineFields: Fields; part: Part; fields: Fields; link: Part | undefined }
  | { readonly what: "voucher"; readonly lines: ExpectedLine[]; readonly currency: string };

const code: Field = { type: "code", zh: "", en: "" };

function headerFieldsOf(kind: string): Fields {
  const spec = kindOf(kind);
  const parties = Object.fromEntries((spec?.party ?? []).map((party) => [party, code]));
  return new Map(Object.entries({ book: code, source: code, sourceVersion: { ...code, type: "count" as const }, ...parties, ...commonHeader, ...spec?.header }));
}

function lineFieldsOf(kind: string): Fields {
  const fields = { ...commonLine, ...kindOf(kind)?.line };
  return new Map(Object.entries("counterparty" in fields ? { ...fields, supplier: code, customer: code } : fields));
}

function masterFieldsOf(kind: keyof typeof masterKinds): Fields {
  return new Map(Object.entries({ book: code, source: code, sourceVersion: { ...code, type: "count" as const }, name: code, ...masterKinds[kind].fields }));
}

/** Reads a story. Throws StoryError with every problem found; `fileName` only names the place. */
export function parseStory(text: string, fileName: string): Story {
  const name = fileName.split(/[\\/]/).at(-1) ?? fileName;
  const problems: StoryProblem[] = [];
  const about: string[] = [];
  const books: (StoryBook & { settings: Record<string, string> })[] = [];
  const steps: Step[] = [];
  /** The last version given of each document, by book and kind/id. */
  const latest = new Map<string, Part>();
  let open: Open | undefined;
  let at = 0;

  const problem = (problemCode: keyof typeof storyRefusals, facts: Readonly<Record<string, string>> = {}, line = at): undefined => {
    const fill = (message: string): string => message.replace(/\{(\w+)\}/g, (braces, fact: string) => facts[fact] ?? braces);
    problems.push({ line, code: problemCode, zh: fill(storyRefusals[problemCode].zh), en: fill(storyRefusals[problemCode].en) });
    return undefined;
  };
  const show = (token: Token | undefined): string => (token === undefined ? "nothing 空" : `"${token.text}"`);
  const expected = (field: string, wanted: string, wantedEn: string, token: Token | undefined): undefined => problem("story.value", { field, wanted, wantedEn, got: show(token) });
  const bookNamed = (wanted: string | undefined): string => {
    const found = wanted === undefined ? books[0] : books.find((book) => book.code === wanted);
    if (!found) problem("story.no_book", { got: wanted ?? "" });
    return found?.code ?? wanted ?? "";
  };
  const currencyOf = (book: string): string => books.find((candidate) => candidate.code === book)?.currency ?? "CNY";
  const money = (token: Token | undefined, currency: string, field: string): bigint => {
    const amount = token === undefined ? undefined : parseMoney(token.text, currency);
    if (amount === undefined) expected(field, `金额(${currency})`, `an amount in ${currency}`, token);
    return amount ?? 0n;
  };
  /** Takes `key value` off the end of the words, where it stands there. */
  const takeTail = (tokens: Token[], key: string): string | undefined => {
    const where = tokens.findLastIndex((token) => token.text === key && !token.quoted);
    if (where < 0) return undefined;
    const [, value] = tokens.splice(where, 2);
    if (value === undefined) expected(key, "值", "a value", undefined);
    return value?.text;
  };
  const linkTo = (token: Token | undefined): Part | undefined => {
    const target = token === undefined ? undefined : parseReference(token.text, "story");
    if (token === undefined || target === undefined) return expected("of", "引用(种类/单据号[/行号])", "a reference kind/id[/line]", token);
    if (kindOf(target.kind) === undefined) return problem("story.kind", { got: target.kind });
    return { to: token.text };
  };

  /** Reads `key value …` and `of REF [quantity Q] [amount A]` into the open part of a document. */
  const readPairs = (into: Extract<Open, { what: "document" }>, tokens: readonly Token[]): void => {
    for (let i = 0; i < tokens.length; i++) {
      const key = (tokens[i] as Token).text;
      const next = tokens[i + 1];
      if (key === "of" || (key === "pays" && into.part === into.header)) {
        i++;
        const link = linkTo(next);
        into.link = link;
        if (link) ((into.part.links ??= []) as Part[]).push(link);
        continue;
      }
      if (into.link && (key === "quantity" || key === "amount") && into.link[key] === undefined) {
        i++;
        if (next === undefined) expected(key, "值", "a value", next);
        else into.link[key] = next.text;
        continue;
      }
      const field = into.fields.get(key);
      if (!field) {
        problem("story.field", { kind: into.kind, field: key, choices: [...into.fields.keys()].join(" ") });
        i++;
        continue;
      }
      if (field.type === "flag") {
        const written = next !== undefined && !next.quoted && (next.text === "true" || next.text === "false");
        into.part[key] = !written || next.text === "true";
        if (written) i++;
        continue;
      }
      i++;
      if (next === undefined) {
        expected(key, field.zh || "值", field.en || "a value", next);
        continue;
      }
      const named = into.part !== into.header && (key === "supplier" || key === "customer") ? "counterparty" : key;
      into.part[named] = field.type === "count" && /^\d{1,9}$/.test(next.text) ? Number(next.text) : next.text;
    }
  };

  /** One link that says no quantity takes its line's; a payment's only link takes its amount. */
  const completeLinks = (part: Part): void => {
    const links = part.links as Part[] | undefined;
    if (links?.length !== 1) return;
    const [link] = links as [Part];
    if (link.quantity === undefined && link.amount === undefined) {
      if (part.lineId !== undefined && part.quantity !== undefined) link.quantity = part.quantity;
      else if (part.lineId === undefined && part.amount !== undefined) link.amount = part.amount;
    }
  };
  const finish = (): void => {
    if (open?.what === "document") {
      completeLinks(open.header);
      for (const line of (open.header.lines as Part[] | undefined) ?? []) completeLinks(line);
    }
    open = undefined;
  };

  const readGiven = (tokens: Token[]): void => {
    let first = tokens.shift();
    if (first?.text === "close" || first?.text === "reopen") {
      const book = bookNamed(takeTail(tokens, "book"));
      const period = tokens[0]?.text ?? "";
      if (!isPeriod(period)) expected(first.text, "期间 YYYY-MM", "a period YYYY-MM", tokens[0]);
      steps.push({ do: first.text, at, book, period });
      return;
    }
    const form = first?.text === "version" || first?.text === "cancel" ? first.text : "new";
    if (form !== "new") first = tokens.shift();
    const kind = first?.text ?? "";
    if (!isMasterKind(kind) && kindOf(kind) === undefined) return problem("story.kind", { got: show(first) });
    const idToken = tokens.shift();
    if (idToken === undefined) return expected(kind, "编号", "an id", idToken);
    const id = idToken.text;

    if (isMasterKind(kind)) {
      const fields = masterFieldsOf(kind);
      const header: Part = { schema: `tieout/${kind}@1`, source: "story", sourceId: id };
      const part: Open = { what: "document", kind, header, headerFields: fields, lineFields: new Map(), part: header, fields, link: undefined };
      readPairs(part, tokens);
      const wanted = header.book as string | undefined;
      delete header.book;
      steps.push({ do: "give", at, book: wanted === undefined ? undefined : bookNamed(wanted), kind, id, document: header });
      open = part;
      return;
    }

    const bookAt = tokens.findIndex((token) => token.text === "book" && !token.quoted);
    const book = bookNamed(bookAt >= 0 ? tokens.splice(bookAt, 2)[1]?.text : undefined);
    const key = `${book} ${kind}/${id}`;
    const before = latest.get(key);
    if (form !== "new" && before === undefined) return problem("story.unknown_document", { got: `${kind}/${id}` });
    const dateToken = form !== "cancel" || tokens.length > 0 ? tokens.shift() : undefined; // a cancellation may take the document's
    const date = dateToken?.text;
    if ((date === undefined || !isDate(date)) && (form !== "cancel" || dateToken)) expected(`${kind} ${id}`, "日期 YYYY-MM-DD", "a date YYYY-MM-DD", dateToken);
    const version = form === "new" ? undefined : ((before?.sourceVersion as number | undefined) ?? 1) + 1;
    const header: Part = form === "cancel"
      ? { ...structuredClone(before), sourceVersion: version, ...(date === undefined ? {} : { date }), status: "cancelled" }
      : { schema: `tieout/${kind}@1`, source: "story", sourceId: id, ...(version === undefined ? {} : { sourceVersion: version }), date };
    const part: Open = { what: "document", kind, header, headerFields: headerFieldsOf(kind), lineFields: lineFieldsOf(kind), part: header, fields: headerFieldsOf(kind), link: undefined };
    readPairs(part, tokens);
    if (form === "new" && before !== undefined && header.sourceVersion === undefined) return problem("story.twice", { got: `${kind}/${id}` });
    latest.set(key, header);
    steps.push({ do: "give", at, book, kind, id, document: header });
    open = part;
  };

  const continueDocument = (into: Extract<Open, { what: "document" }>, tokens: Token[]): void => {
    if (tokens[0]?.text !== "line" || isMasterKind(into.kind)) return readPairs(into, tokens);
    const [, lineId] = tokens.splice(0, 2);
    if (lineId === undefined) return expected("line", "行号", "a line id", lineId);
    if (kindOf(into.kind)?.lines === undefined) return problem("story.field", { kind: into.kind, field: "line", choices: [...into.headerFields.keys()].join(" ") });
    const line: Part = { lineId: lineId.text };
    ((into.header.lines ??= []) as Part[]).push(line);
    into.part = line;
    into.fields = into.lineFields;
    into.link = undefined;
    readPairs(into, tokens);
  };

  const readMarks = (tokens: readonly Token[], allowed: (key: string) => string | undefined): Record<string, string> => {
    const marks: Record<string, string> = {};
    for (let i = 0; i < tokens.length; i += 2) {
      const key = (tokens[i] as Token).text;
      const named = allowed(key);
      const value = tokens[i + 1];
      if (named === undefined) problem("story.field", { kind: "then", field: key, choices: Object.keys(dimensionNames).join(" ") });
      else if (value === undefined) expected(key, "值", "a value", value);
      else marks[named] = value.text;
    }
    return marks;
  };

  const readVoucherLine = (into: Extract<Open, { what: "voucher" }>, tokens: Token[]): void => {
    const account = tokens[0]?.text ?? "";
    const sideAt = tokens.findIndex((token) => !token.quoted && sides[token.text] !== undefined);
    if (!isAccount(account) || sideAt < 1) return problem("story.line", { got: tokens.map((token) => token.text).join(" ") });
    const side = sides[(tokens[sideAt] as Token).text] as Side;
    const amount = money(tokens[sideAt + 1], into.currency, account);
    const extra = new Map([["currency", "currency"], ["rate", "rate"], ["summary", "summary"], ["amountOriginal", "amountOriginal"]]);
    const { amountOriginal, ...marks } = readMarks(tokens.slice(sideAt + 2), (key) => dimensionNames[key] ?? extra.get(key));
    into.lines.push({ at, account, side, amount, marks, ...(amountOriginal === undefined ? {} : { amountOriginal }) });
  };

  /** Which document an id means: the last one given of that id, or kind/id as written. */
  const refOf = (token: Token | undefined): { book: string; ref: string } => {
    const wanted = token?.text ?? "";
    const given = steps.findLast((step): step is Given => step.do === "give" && (step.id === wanted || `${step.kind}/${step.id}` === wanted));
    const closing = steps.findLast((step) => step.do === "close" && `close/${step.period}` === wanted);
    if (given) return { book: given.book ?? books[0]?.code ?? "", ref: `${given.kind}/${given.id}` };
    if (closing?.do === "close") return { book: closing.book, ref: wanted };
    problem("story.unknown_document", { got: show(token) });
    return { book: books[0]?.code ?? "", ref: wanted };
  };

  const readThen = (tokens: Token[]): void => {
    const word = tokens.shift();
    switch (word?.text) {
      case "voucher": {
        const book = bookNamed(takeTail(tokens, "book"));
        const reverses = takeTail(tokens, "reverses");
        const summary = takeTail(tokens, "summary");
        const [number, date] = tokens;
        if (number === undefined || !/^\S+-\d+$/.test(number.text)) expected("voucher", "凭证号,如 记-1", "a number such as 记-1", number);
        if (date === undefined || !isDate(date.text)) expected("voucher", "日期 YYYY-MM-DD", "a date YYYY-MM-DD", date);
        if (tokens[2]) problem("story.field", { kind: "then voucher", field: tokens[2].text, choices: "reverses book summary" });
        const lines: ExpectedLine[] = [];
        const day = date?.text ?? "";
        steps.push({ do: "voucher", at, book, number: number?.text ?? "", date: day, lines,
          reverses: reverses === undefined || reverses.includes("/") ? reverses : `${periodOf(day)}/${reverses}` });
        if (summary !== undefined) steps.push({ do: "summary", at, text: summary });
        open = { what: "voucher", lines, currency: currencyOf(book) };
        return;
      }
      case "vouchers": {
        const book = takeTail(tokens, "book");
        steps.push({ do: "vouchers", at, book: book === undefined ? undefined : bookNamed(book) });
        return;
      }
      case "balance": {
        const book = bookNamed(takeTail(tokens, "book"));
        const period = takeTail(tokens, "at");
        if (period !== undefined && !isPeriod(period)) expected("at", "期间 YYYY-MM", "a period YYYY-MM", { text: period, quoted: false });
        const account = tokens.shift();
        if (account === undefined || !isAccount(account.text)) return expected("balance", "科目", "an account", account);
        const amountToken = tokens.pop();
        const net = money(amountToken, currencyOf(book), account.text);
        const side = tokens.length > 0 ? sides[(tokens.at(-1) as Token).text] : undefined;
        if (side !== undefined) tokens.pop();
        else if (net !== 0n) problem("story.side");
        while (tokens[0] && dimensionNames[tokens[0].text] === undefined) tokens.shift(); // the account's name
        steps.push({ do: "balance", at, book, account: account.text, dimensions: readMarks(tokens, (key) => dimensionNames[key]), net: side === "credit" ? -net : net, period });
        return;
      }
      case "posted":
      case "waiting":
      case "parked":
      case "duplicate":
      case "refused": {
        if ((word.text === "parked" || word.text === "waiting") && tokens[0]?.text === "nothing" && !tokens[0].quoted) {
          steps.push({ do: "nothing", at, state: word.text });
          return;
        }
        const because = takeTail(tokens, "because");
        const wanted = takeTail(tokens, "book");
        const found = refOf(tokens[0]);
        steps.push({ do: "state", at, state: word.text, book: wanted === undefined ? found.book : bookNamed(wanted), ref: found.ref, code: because });
        return;
      }
      case "open": {
        const book = bookNamed(takeTail(tokens, "book"));
        const amount = takeTail(tokens, "amount");
        const quantity = takeTail(tokens, "quantity");
        const ref = linkTo(tokens[0]);
        for (const [field, value] of [["amount", amount], ["quantity", quantity]] as const) if (value !== undefined && !isNumber(value)) expected(field, "数字", "a number", { text: value, quoted: false });
        if (amount === undefined && quantity === undefined) expected("open", "quantity 或 amount", "quantity or amount", undefined);
        if (ref) steps.push({ do: "open", at, book, ref: ref.to as string, quantity, amount });
        return;
      }
      case "completeness": {
        const book = bookNamed(takeTail(tokens, "book"));
        const percent = /^(\d+(?:\.\d+)?)%$/.exec(tokens[0]?.text ?? "")?.[1];
        if (percent === undefined) return expected("completeness", "百分比,如 100%", "a percentage such as 100%", tokens[0]);
        steps.push({ do: "completeness", at, book, percent });
        return;
      }
      case "attachments": {
        if (!/^\d+$/.test(tokens[0]?.text ?? "")) return expected("attachments", "附件数", "a count", tokens[0]);
        steps.push({ do: "attachments", at, count: Number(tokens[0]?.text) });
        return;
      }
      case "summary":
        if (tokens[0] === undefined) return expected("summary", "摘要", "the summary", undefined);
        steps.push({ do: "summary", at, text: tokens[0].text });
        return;
      default:
        problem("story.then", { got: show(word) });
    }
  };

  const readBook = (tokens: Token[]): void => {
    const bookCode = tokens.shift()?.text;
    const pairs: Record<string, string> = {};
    for (let i = 0; i + 1 < tokens.length; i += 2) pairs[(tokens[i] as Token).text] = (tokens[i + 1] as Token).text;
    const { pack, currency = "CNY", from, ...settings } = pairs;
    if (bookCode === undefined) return problem("story.book", { field: "CODE" });
    if (pack === undefined) return problem("story.book", { field: "pack" });
    if (from === undefined || !isPeriod(from)) return problem("story.book", { field: "from" });
    books.push({ at, code: bookCode, pack, currency, from, settings });
  };

  for (const raw of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    at++;
    const tokens = tokensOf(raw);
    if (tokens.length === 0) {
      if (books.length === 0 && raw.trim().startsWith("#")) about.push(raw.trim().replace(/^#+\s*/, ""));
      continue;
    }
    if (/^\s/.test(raw)) {
      if (open?.what === "document") continueDocument(open, tokens);
      else if (open?.what === "voucher") readVoucherLine(open, tokens);
      else problem("story.stray", { got: show(tokens[0]) });
      continue;
    }
    finish();
    const word = (tokens.shift() as Token).text;
    if (word === "book") readBook(tokens);
    else if (word === "set") {
      const [setting, value] = tokens;
      const book = books.at(-1);
      if (!book) problem("story.no_book", { got: "" });
      else if (setting === undefined || value === undefined || steps.length > 0) problem("story.set");
      else book.settings[setting.text] = value.text;
    } else if (books.length === 0) {
      problem("story.no_book", { got: "" });
      break;
    } else if (word === "given") readGiven(tokens);
    else if (word === "then") readThen(tokens);
    else problem("story.statement", { got: `"${word}"` });
  }
  finish();
  if (books.length === 0 && problems.length === 0) problem("story.no_book", { got: "" });
  if (problems.length > 0) throw new StoryError(fileName, problems);
  return { name, about, books, steps };
}
