/**
 * A command as data: what it is called, what it takes, how it is explained, what it does. Parsing, `--help` at each level and
 * the exit codes follow from it.
 */
import { type Book, listBooks, loadBook } from "../books/index.ts";
import { isDate } from "../values/index.ts";
import { type Column, type Config, type Ctx, refuse, type RenderedProblem, table, type Terminal } from "../platform/index.ts";

type Words = { readonly zh: string; readonly en: string };

/** `value` is the placeholder of what follows; without it the option is a flag. */
export type Option = Words & { readonly value?: string; readonly many?: true; readonly required?: true; readonly choices?: readonly string[] };
export type Argument = Words & { readonly name: string; readonly required?: true; readonly many?: true };

export type Command = Words & {
  /** One or two words: "post", "book create". */
  readonly name: string;
  readonly arguments?: readonly Argument[];
  readonly options?: Readonly<Record<string, Option>>;
  /** Without "tieout". */
  readonly examples: readonly string[];
  /** What follows is handed on as it is. */
  readonly handsOn?: true;
  /** Further lines of help. */
  readonly more?: readonly Words[];
  /** Answers the exit code; nothing is 0. */
  readonly run: (call: Call) => Promise<number | void>;
};

export const exits = [
  { code: 0, zh: "完成", en: "done" },
  { code: 1, zh: "有被拒、挂起或未通过的内容", en: "something was refused, parked or failed its check" },
  { code: 2, zh: "命令写法不对", en: "the command was written wrongly" },
  { code: 3, zh: "数据库连接不上", en: "the store cannot be reached" },
  { code: 70, zh: "程序内部错误", en: "an internal fault" },
] as const;

export const commonOptions: Readonly<Record<string, Option>> = {
  json: { zh: "输出 JSON", en: "answer as JSON" },
  as: { value: "NAME", zh: "以谁的名义操作,缺省为当前系统用户", en: "on whose behalf; default the user of this machine" },
  help: { zh: "本说明", en: "this text" },
};

/** For commands that work on one book. */
export const bookOption: Readonly<Record<string, Option>> = {
  book: { value: "CODE", zh: "账簿;只有一本时可省略", en: "the book; may be left out when there is only one" },
};
export const periodOptions: Readonly<Record<string, Option>> = {
  period: { value: "YYYY-MM", zh: "会计期间", en: "the period" },
  from: { value: "YYYY-MM", zh: "起始期间", en: "first period" },
  to: { value: "YYYY-MM", zh: "截止期间", en: "last period" },
};
/** For lists that may be long. */
export const pageOptions: Readonly<Record<string, Option>> = {
  limit: { value: "N", zh: "最多几条", en: "at most so many" },
  after: { value: "CURSOR", zh: "从上一页末尾之后继续", en: "go on after the end of the page before" },
};

export type Parsed = { readonly arguments: readonly string[]; readonly options: ReadonlyMap<string, readonly string[]> };

/** Refuses: usage.option, usage.value, usage.missing, usage.too_many, usage.choice. */
export function parseCall(command: Command, words: readonly string[]): Parsed {
  if (command.handsOn === true && words.length > 0 && words[0] !== "--help") return { arguments: words, options: new Map() };
  const known = { ...command.options, ...commonOptions };
  const options = new Map<string, string[]>();
  const positional: string[] = [];
  let isOver = false;
  for (let at = 0; at < words.length; at++) {
    const word = words[at] as string;
    if (word === "--" && !isOver) {
      isOver = true;
      continue;
    }
    if (isOver || !word.startsWith("--")) {
      positional.push(word);
      continue;
    }
    const equals = word.indexOf("=");
    const name = equals < 0 ? word.slice(2) : word.slice(2, equals);
    const option = Object.hasOwn(known, name) ? known[name] : undefined;
    if (!option) refuse("usage.option", { command: command.name, got: `--${name}` });
    const value = option.value === undefined ? "true" : equals < 0 ? words[++at] : word.slice(equals + 1);
    if (value === undefined || (option.value !== undefined && equals < 0 && value.startsWith("--"))) refuse("usage.value", { command: command.name, option: `--${name}`, wanted: option.value ?? "" });
    if (option.choices && !option.choices.includes(value)) refuse("usage.choice", { option: `--${name}`, got: value, choices: option.choices.join(", ") });
    options.set(name, option.many === true ? [...(options.get(name) ?? []), value] : [value]);
  }
  if (options.has("help")) return { arguments: positional, options };
  for (const [name, option] of Object.entries(known)) if (option.required === true && !options.has(name)) refuse("usage.missing", { command: command.name, wanted: `--${name} ${option.value ?? ""}`.trim() });
  const wanted = command.arguments ?? [];
  const missing = wanted.find(({ required }, index) => required === true && positional[index] === undefined);
  if (missing) refuse("usage.missing", { command: command.name, wanted: missing.name });
  const spare = wanted.at(-1)?.many === true ? undefined : positional[wanted.length];
  if (spare !== undefined) refuse("usage.too_many", { command: command.name, got: spare });
  return { arguments: positional, options };
}

/** One call of a command: what was written, and the ways to the world. */
export class Call {
  readonly command: Command;
  readonly terminal: Terminal;
  readonly config: Config;
  readonly arguments: readonly string[];
  private readonly given: ReadonlyMap<string, readonly string[]>;
  private readonly opener: () => Promise<Ctx>;

  constructor(command: Command, parsed: Parsed, terminal: Terminal, config: Config, opener: () => Promise<Ctx>) {
    this.command = command;
    this.terminal = terminal;
    this.config = config;
    this.arguments = parsed.arguments;
    this.given = parsed.options;
    this.opener = opener;
  }

  get isJson(): boolean {
    return this.flag("json");
  }
  flag(name: string): boolean {
    return this.given.has(name);
  }
  option(name: string): string | undefined {
    return this.given.get(name)?.at(-1);
  }
  options(name: string): readonly string[] {
    return this.given.get(name) ?? [];
  }
  required(name: string): string {
    return this.option(name) ?? refuse("usage.missing", { command: this.command.name, wanted: `--${name}` });
  }
  argument(index: number): string {
    return this.arguments[index] ?? refuse("usage.missing", { command: this.command.name, wanted: this.command.arguments?.[index]?.name ?? "" });
  }
  /** Refuses: usage.number. */
  number(name: string): number | undefined {
    const text = this.option(name);
    if (text === undefined) return undefined;
    return /^\d{1,12}$/.test(text) ? Number(text) : refuse("usage.number", { option: `--${name}`, got: text });
  }
  /** Refuses: usage.date. */
  date(name: string): string | undefined {
    const text = this.option(name);
    return text === undefined || isDate(text) ? text : refuse("usage.date", { option: `--${name}`, got: text });
  }

  /** Refuses: usage.choice. */
  choose<Choice extends string>(name: string, got: string, choices: readonly Choice[]): Choice {
    return choices.find((choice) => choice === got) ?? refuse("usage.choice", { option: name, got, choices: choices.join(", ") });
  }

  /** Opens the store at the first call. */
  open(): Promise<Ctx> {
    return this.opener();
  }
  /** The book named, or the only one. Refuses: book.unknown, usage.which_book, usage.no_book. */
  async book(): Promise<{ ctx: Ctx; book: Book }> {
    const ctx = await this.open();
    const code = this.option("book");
    if (code !== undefined) return { ctx, book: await loadBook(ctx.db, code) };
    const books = await listBooks(ctx.db);
    const [only] = books;
    if (only && books.length === 1) return { ctx, book: only };
    return only ? refuse("usage.which_book", { known: books.map((book) => book.code).join(", ") }) : refuse("usage.no_book");
  }

  /** What came of it, for the audit trail: what was answered, unless the command says it by itself. */
  answered: unknown;
  note(value: unknown): void {
    this.answered = value;
  }

  /** Answers with one value: JSON if that was asked for, else the text. */
  answer(value: unknown, text: () => string): void {
    this.answered ??= value;
    this.terminal.print(this.isJson ? JSON.stringify(value, null, 2) : text());
  }
  /** A list: a JSON array with one element a line, else a table. */
  list<Row>(rows: readonly Row[], columns: readonly Column[], cells: (row: Row) => readonly string[]): void {
    if (this.isJson) this.terminal.print(rows.length === 0 ? "[]" : `[\n${rows.map((row) => JSON.stringify(row)).join(",\n")}\n]`);
    else this.terminal.print(rows.length === 0 ? "没有内容 · nothing to show" : table(columns, rows.map(cells)));
  }
  /** A list that is not held in memory: elements of a JSON array as they come. */
  async stream(rows: AsyncIterable<unknown>): Promise<void> {
    let isFirst = true;
    for await (const row of rows) {
      this.terminal.print(`${isFirst ? "[\n" : ","}${JSON.stringify(row)}`);
      isFirst = false;
    }
    this.terminal.print(isFirst ? "[]" : "]");
  }
}

export const right = (title: string): Column => ({ title, align: "right" });
export const left = (title: string): Column => ({ title });

/** A problem as a person reads it. */
export function problemText(problem: RenderedProblem, { paint }: Terminal): string {
  return [
    `${paint.red(problem.code)}  ${problem.zh}`,
    `  ${problem.en}`,
    ...(problem.where === null ? [] : [`  在 where   ${problem.where}`]),
    `  下一步 next ${problem.todo.zh}`,
    `             ${problem.todo.en}`,
  ].join("\n");
}

// Help --------------------------------------------------------------------------------------------------------------------

const usageOf = (command: Command): string => {
  const optional = (text: string, isRequired: boolean | undefined): string => (isRequired === true ? text : `[${text}]`);
  return ["tieout", command.name, ...(command.arguments ?? []).map(({ name, required, many }) => optional(many === true ? `${name}…` : name, required)),
    ...Object.entries(command.options ?? {}).map(([name, { value, required, many }]) => optional(`--${name}${value === undefined ? "" : ` ${value}`}${many === true ? " …" : ""}`, required))].join(" ");
};

export function commandHelp(command: Command, { paint }: Terminal): string {
  const options = { ...command.options, ...commonOptions };
  const entries: [string, Words][] = [
    ...(command.arguments ?? []).map((argument): [string, Words] => [argument.name, argument]),
    ...Object.entries(options).map(([name, option]): [string, Words] => [`--${name}${option.value === undefined ? "" : ` ${option.value}`}`, option]),
  ];
  return [
    paint.bold(`tieout ${command.name}`), `${command.zh}`, `${command.en}`, "",
    `用法 usage  ${usageOf(command)}`, "",
    ...described(entries.map(([name, words]) => [name, { ...words, ...("choices" in words && Array.isArray(words.choices) ? { en: `${words.en}: ${words.choices.join(" | ")}` } : {}) }])), "",
    ...(command.more ?? []).flatMap(({ zh, en }) => [zh, en, ""]),
    "例 examples", ...command.examples.map((example) => `  tieout ${example}`), "",
    `退出码 exit codes  ${exits.map(({ code, zh, en }) => `${code} ${zh} ${en}`).join("; ")}`,
  ].join("\n");
}

/** Commands whose names begin with these words, or all of them. */
export function listHelp(commands: readonly Command[], title: readonly string[], { paint }: Terminal): string {
  return [
    ...title, "",
    ...described(commands.map((command) => [command.name, command])), "",
    "每个命令都有 --help(含例子)与 --json。 Every command has --help with examples, and --json.",
    paint.dim(`退出码 exit codes  ${exits.map(({ code, zh, en }) => `${code} ${zh} ${en}`).join("; ")}`),
  ].join("\n");
}

function described(entries: readonly (readonly [string, Words])[]): string[] {
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, { zh, en }]) => `  ${name.padEnd(width)}  ${zh} · ${en}`);
}
