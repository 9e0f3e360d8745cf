/**
 * The language of conditions and amounts in rules: a small, total subset of CEL (Common Expression Language) on text,
 * truth values and whole numbers (minor units, or six decimals for quantities). No loops, no input, no output, no failure:
 * a field that is missing is "", 0 or false by its type. Parsed once; then either compiled to JavaScript or interpreted.
 * The interpreter is the oracle: a property test says that both always agree.
 */

export type Type = "text" | "number" | "truth" | "list";

export type Expression =
  | { readonly op: "text"; readonly value: string }
  | { readonly op: "number"; readonly value: bigint }
  | { readonly op: "truth"; readonly value: boolean }
  | { readonly op: "list"; readonly items: readonly Expression[] }
  | { readonly op: "field"; readonly of: "doc" | "row" | "book"; readonly name: string }
  | { readonly op: "not" | "minus"; readonly a: Expression }
  | { readonly op: "or" | "and" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "+" | "-" | "*" | "in"; readonly a: Expression; readonly b: Expression }
  | { readonly op: "if"; readonly a: Expression; readonly b: Expression; readonly c: Expression }
  | { readonly op: "call"; readonly name: keyof typeof functions; readonly args: readonly Expression[] };

/** What may be called: name, how many arguments, their type and the answer's. */
const functions = {
  min: { args: ["number", "number"], gives: "number" },
  max: { args: ["number", "number"], gives: "number" },
  abs: { args: ["number"], gives: "number" },
  share: { args: ["number", "number", "number"], gives: "number" },
  startsWith: { args: ["text", "text"], gives: "truth" },
  month: { args: ["text"], gives: "text" },
} as const satisfies Readonly<Record<string, { args: readonly Type[]; gives: Type }>>;

export class ExpressionError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

/** Which fields there are, and of what type; `more` fields of a document are text unless listed. */
export type Scope = (of: "doc" | "row" | "book", name: string) => Type | undefined;

type Token = { readonly kind: "name" | "text" | "number" | "sign" | "end"; readonly text: string; readonly at: number };

function tokens(source: string): Token[] {
  const found: Token[] = [];
  const pattern = /\s*(?:([A-Za-z_][A-Za-z0-9_]*)|(\d+)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\|\||&&|==|!=|<=|>=|[-+*<>!?:().,[\]]))/y;
  let at = 0;
  while (at < source.length) {
    if (/^\s*$/.test(source.slice(at))) break;
    pattern.lastIndex = at;
    const match = pattern.exec(source);
    if (!match) throw new ExpressionError(`unexpected ${JSON.stringify(source.slice(at).trim().slice(0, 12))}`, at);
    const start = pattern.lastIndex - match[0].trimStart().length;
    at = pattern.lastIndex;
    if (match[1] !== undefined) found.push({ kind: "name", text: match[1], at: start });
    else if (match[2] !== undefined) found.push({ kind: "number", text: match[2], at: start });
    else if (match[3] !== undefined || match[4] !== undefined) found.push({ kind: "text", text: (match[3] ?? match[4] ?? "").replace(/\\(.)/g, "$1"), at: start });
    else found.push({ kind: "sign", text: match[5] as string, at: start });
  }
  found.push({ kind: "end", text: "", at: source.length });
  return found;
}

/** Parses and checks types. Throws ExpressionError with the place. */
export function parseExpression(source: string, scope: Scope, wanted?: Type): Expression {
  const list = tokens(source);
  let next = 0;
  const peek = (): Token => list[next] as Token;
  const fail = (message: string, at = peek().at): never => {
    throw new ExpressionError(message, at);
  };
  const accept = (sign: string): boolean => {
    if (peek().kind !== "sign" || peek().text !== sign) return false;
    next++;
    return true;
  };
  const expect = (sign: string): void => {
    if (!accept(sign)) fail(`expected ${sign}`);
  };
  const typeOf = (e: Expression): Type => {
    switch (e.op) {
      case "text": return "text";
      case "number": case "minus": case "+": case "-": case "*": return "number";
      case "list": return "list";
      case "field": return scope(e.of, e.name) ?? "text";
      case "if": return typeOf(e.b);
      case "call": return functions[e.name].gives;
      default: return "truth";
    }
  };
  const need = (e: Expression, type: Type, at: number): Expression => (typeOf(e) === type ? e : fail(`expected ${type}, got ${typeOf(e)}`, at));

  const primary = (): Expression => {
    const token = peek();
    if (accept("(")) {
      const inner = choice();
      expect(")");
      return inner;
    }
    if (accept("[")) {
      const items: Expression[] = [];
      while (!accept("]")) {
        if (items.length > 0) expect(",");
        items.push(choice());
      }
      return { op: "list", items };
    }
    next++;
    if (token.kind === "number") return { op: "number", value: BigInt(token.text) };
    if (token.kind === "text") return { op: "text", value: token.text };
    if (token.kind === "name") {
      if (token.text === "true" || token.text === "false") return { op: "truth", value: token.text === "true" };
      if (token.text === "doc" || token.text === "row" || token.text === "book") {
        expect(".");
        const name = peek();
        if (name.kind !== "name") fail("expected a field name");
        next++;
        if (scope(token.text, name.text) === undefined) fail(`${token.text} has no field ${name.text}`, name.at);
        return { op: "field", of: token.text, name: name.text };
      }
      if (Object.hasOwn(functions, token.text)) {
        const name = token.text as keyof typeof functions;
        expect("(");
        const args: Expression[] = [];
        for (const type of functions[name].args) {
          if (args.length > 0) expect(",");
          const at = peek().at;
          args.push(need(choice(), type, at));
        }
        expect(")");
        return { op: "call", name, args };
      }
    }
    return fail(`unexpected ${JSON.stringify(token.text)}`, token.at);
  };
  const unary = (): Expression => {
    const at = peek().at;
    if (accept("!")) return { op: "not", a: need(unary(), "truth", at) };
    if (accept("-")) return { op: "minus", a: need(unary(), "number", at) };
    return primary();
  };
  const product = (): Expression => {
    let at = peek().at;
    let a = unary();
    while (accept("*")) {
      need(a, "number", at);
      at = peek().at;
      a = { op: "*", a, b: need(unary(), "number", at) };
    }
    return a;
  };
  const sum = (): Expression => {
    let at = peek().at;
    let a = product();
    for (;;) {
      const op = accept("+") ? "+" : accept("-") ? "-" : undefined;
      if (!op) return a;
      need(a, "number", at);
      at = peek().at;
      a = { op, a, b: need(product(), "number", at) };
    }
  };
  const comparison = (): Expression => {
    const at = peek().at;
    const a = sum();
    for (const op of ["==", "!=", "<=", ">=", "<", ">"] as const) {
      if (!accept(op)) continue;
      const b = sum();
      if (typeOf(a) !== typeOf(b)) fail(`cannot compare ${typeOf(a)} with ${typeOf(b)}`, at);
      return { op, a, b };
    }
    if (peek().kind === "name" && peek().text === "in") {
      next++;
      const b = primary();
      if (b.op !== "list" || b.items.some((item) => typeOf(item) !== typeOf(a))) fail(`"in" takes a list of ${typeOf(a)}`, at);
      return { op: "in", a, b };
    }
    return a;
  };
  const conjunction = (): Expression => {
    const at = peek().at;
    let a = comparison();
    while (accept("&&")) a = { op: "and", a: need(a, "truth", at), b: need(comparison(), "truth", at) };
    return a;
  };
  const disjunction = (): Expression => {
    const at = peek().at;
    let a = conjunction();
    while (accept("||")) a = { op: "or", a: need(a, "truth", at), b: need(conjunction(), "truth", at) };
    return a;
  };
  const choice = (): Expression => {
    const at = peek().at;
    const a = disjunction();
    if (!accept("?")) return a;
    const b = choice();
    expect(":");
    const c = choice();
    if (typeOf(b) !== typeOf(c)) fail(`both answers must be of one type`, at);
    return { op: "if", a: need(a, "truth", at), b, c };
  };
  const whole = choice();
  if (peek().kind !== "end") fail(`unexpected ${JSON.stringify(peek().text)}`);
  if (wanted !== undefined && typeOf(whole) !== wanted) fail(`expected ${wanted}, got ${typeOf(whole)}`, 0);
  return whole;
}

export type Value = string | bigint | boolean | readonly Value[];
/** Reads a field; undefined or null is the type's nothing. */
export type Reader = (of: "doc" | "row" | "book", name: string) => unknown;

const nothing: Readonly<Record<Type, Value>> = { text: "", number: 0n, truth: false, list: [] };

/** The oracle: walks the tree. */
export function interpret(e: Expression, read: Reader, scope: Scope): Value {
  const go = (x: Expression): Value => interpret(x, read, scope);
  switch (e.op) {
    case "text": case "number": case "truth": return e.value;
    case "list": return e.items.map(go);
    case "field": {
      const value = read(e.of, e.name);
      return value === undefined || value === null ? nothing[scope(e.of, e.name) ?? "text"] : typeof value === "number" ? BigInt(value) : (value as Value);
    }
    case "not": return !go(e.a);
    case "minus": return -(go(e.a) as bigint);
    case "or": return (go(e.a) as boolean) || (go(e.b) as boolean);
    case "and": return (go(e.a) as boolean) && (go(e.b) as boolean);
    case "==": return go(e.a) === go(e.b);
    case "!=": return go(e.a) !== go(e.b);
    case "<": return (go(e.a) as bigint) < (go(e.b) as bigint);
    case "<=": return (go(e.a) as bigint) <= (go(e.b) as bigint);
    case ">": return (go(e.a) as bigint) > (go(e.b) as bigint);
    case ">=": return (go(e.a) as bigint) >= (go(e.b) as bigint);
    case "+": return (go(e.a) as bigint) + (go(e.b) as bigint);
    case "-": return (go(e.a) as bigint) - (go(e.b) as bigint);
    case "*": return (go(e.a) as bigint) * (go(e.b) as bigint);
    case "in": return (go(e.b) as readonly Value[]).includes(go(e.a));
    case "if": return go(e.a) ? go(e.b) : go(e.c);
    case "call": return library[e.name](...(e.args.map(go) as [never, never, never]));
  }
}

/** The functions themselves, for both ways of running. share() of a whole of zero is zero: the language is total. */
export const library = {
  min: (a: bigint, b: bigint): bigint => (a < b ? a : b),
  max: (a: bigint, b: bigint): bigint => (a > b ? a : b),
  abs: (a: bigint): bigint => (a < 0n ? -a : a),
  share: (total: bigint, part: bigint, whole: bigint): bigint => {
    if (whole === 0n) return 0n;
    const n = whole < 0n ? -total * part : total * part;
    const d = whole < 0n ? -whole : whole;
    return n >= 0n ? (n + d / 2n) / d : -((-n + d / 2n) / d);
  },
  startsWith: (a: string, b: string): boolean => a.startsWith(b),
  month: (date: string): string => date.slice(0, 7),
};

/**
 * Writes the expression as JavaScript over the names doc, row, book, lib. Only literals made by JSON.stringify and field
 * names of the scope are written, so no text of a rule is ever run.
 */
export function javascript(e: Expression, scope: Scope, field: (of: "doc" | "row" | "book", name: string) => string): string {
  const go = (x: Expression): string => javascript(x, scope, field);
  switch (e.op) {
    case "text": return JSON.stringify(e.value);
    case "number": return `${e.value}n`;
    case "truth": return String(e.value);
    case "list": return `[${e.items.map(go).join(",")}]`;
    case "field": {
      const type = scope(e.of, e.name) ?? "text";
      const access = field(e.of, e.name);
      return type === "text" ? `(${access}??"")` : type === "number" ? `lib.number(${access})` : `(${access}??false)`;
    }
    case "not": return `!${go(e.a)}`;
    case "minus": return `(-${go(e.a)})`;
    case "or": return `(${go(e.a)}||${go(e.b)})`;
    case "and": return `(${go(e.a)}&&${go(e.b)})`;
    case "==": return `(${go(e.a)}===${go(e.b)})`;
    case "!=": return `(${go(e.a)}!==${go(e.b)})`;
    case "in": return e.b.op === "list" ? `(${e.b.items.map((item) => `${go(e.a)}===${go(item)}`).join("||") || "false"})` : "false";
    case "if": return `(${go(e.a)}?${go(e.b)}:${go(e.c)})`;
    case "call": return `lib.${e.name}(${e.args.map(go).join(",")})`;
    default: return `(${go(e.a)}${e.op}${go(e.b)})`;
  }
}

/** The expression as it reads, for explanations. */
export function show(e: Expression): string {
  switch (e.op) {
    case "text": return `'${e.value}'`;
    case "number": return String(e.value);
    case "truth": return String(e.value);
    case "list": return `[${e.items.map(show).join(", ")}]`;
    case "field": return `${e.of}.${e.name}`;
    case "not": return `!${show(e.a)}`;
    case "minus": return `-${show(e.a)}`;
    case "or": return `${show(e.a)} || ${show(e.b)}`;
    case "and": return `${show(e.a)} && ${show(e.b)}`;
    case "if": return `${show(e.a)} ? ${show(e.b)} : ${show(e.c)}`;
    case "call": return `${e.name}(${e.args.map(show).join(", ")})`;
    default: return `${show(e.a)} ${e.op} ${show(e.b)}`;
  }
}

/** Every field that the expression looks at: the inputs to show beside a decision. */
export function fieldsOf(e: Expression): { of: "doc" | "row" | "book"; name: string }[] {
  switch (e.op) {
    case "field": return [{ of: e.of, name: e.name }];
    case "text": case "number": case "truth": return [];
    case "list": return e.items.flatMap(fieldsOf);
    case "call": return e.args.flatMap(fieldsOf);
    case "not": case "minus": return fieldsOf(e.a);
    case "if": return [...fieldsOf(e.a), ...fieldsOf(e.b), ...fieldsOf(e.c)];
    default: return [...fieldsOf(e.a), ...fieldsOf(e.b)];
  }
}
