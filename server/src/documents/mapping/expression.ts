/**
 * Conditions and arithmetic of mappings: CEL (Common Expression Language) without loops, compiled straight to closures. Rules
 * have a typed language of their own (rules/expression.ts): there the fields and their scale are known, here a record's types are
 * known only when it is read. So: a number may come as a decimal string and is exact; what is missing makes a comparison
 * false and arithmetic nothing; no expression fails.
 */
import { Fraction, readFraction } from "./fraction.ts";
import { type Frame, type Read, short, spoil } from "./frame.ts";
import { compileSteps, many, plain, type Way } from "./path.ts";

export class ExpressionError extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

export type Expression = { readonly read: Read; readonly ways: readonly Way[] };

type Token = { readonly kind: "name" | "number" | "text" | "sign" | "end"; readonly text: string; readonly at: number };
const tokenForm = /\s*(?:([\p{L}_][\p{L}\p{N}_]*)|(\d+(?:\.\d+)?)|'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|(\|\||&&|==|!=|<=|>=|[-+*/<>!?:().,[\]]))/uy;

function tokens(source: string): Token[] {
  const found: Token[] = [];
  for (let at = 0; source.slice(at).trim() !== ""; at = tokenForm.lastIndex) {
    tokenForm.lastIndex = at;
    const match = tokenForm.exec(source);
    if (!match) throw new ExpressionError(`unexpected ${JSON.stringify(source.slice(at).trim().slice(0, 12))}`, at);
    const [whole, name, number, single, double, sign] = match;
    const start = at + whole.length - whole.trimStart().length;
    if (name !== undefined) found.push({ kind: "name", text: name, at: start });
    else if (number !== undefined) found.push({ kind: "number", text: number, at: start });
    else if (sign !== undefined) found.push({ kind: "sign", text: sign, at: start });
    else found.push({ kind: "text", text: (single ?? double ?? "").replace(/\\(.)/g, "$1"), at: start });
  }
  found.push({ kind: "end", text: "", at: source.length });
  return found;
}

/** How deep brackets and operators may stand in each other. */
const DEPTH_MAX = 60;
const LENGTH_MAX = 2000;

/** What a mapping brings to its expressions: values that has() takes for nothing, and code tables for known(). */
export type Surroundings = { readonly absent: readonly unknown[]; readonly knows: (table: string, key: string, frame: Frame) => boolean; readonly tables: readonly string[] };

/** `field` names the target in the problems that arithmetic can have. Throws ExpressionError with the place. */
export function compileExpression(source: string, roots: readonly string[], field: string, { absent, knows, tables }: Surroundings): Expression {
  if (source.length > LENGTH_MAX) throw new ExpressionError(`longer than ${LENGTH_MAX} characters`, LENGTH_MAX);
  const list = tokens(source);
  const ways: Way[] = [];
  let next = 0, depth = 0;
  const peek = (): Token => list[next] as Token;
  const fail = (message: string, at = peek().at): never => {
    throw new ExpressionError(message, at);
  };
  const accept = (...signs: readonly string[]): string | undefined => {
    const { kind, text } = peek();
    if (kind !== "sign" || !signs.includes(text)) return undefined;
    next++;
    return text;
  };
  const expect = (sign: string): void => {
    if (!accept(sign)) fail(`expected ${sign}`);
  };
  const operands = (closing: string): Read[] => {
    const found: Read[] = [];
    while (!accept(closing)) {
      if (found.length > 0) expect(",");
      found.push(choice());
    }
    return found;
  };
  const call = (name: Token, given: readonly Read[]): Read => {
    if (name.text === "known") {
      const [table, key = nothing] = given;
      const named = table ? String(table(noFrame)) : "";
      if (given.length !== 2 || !tables.includes(named)) fail("known takes the name of a table of the mapping and a key", name.at);
      return (frame) => knows(named, text(plain(key(frame))), frame);
    }
    const known = Object.hasOwn(functions, name.text) ? (functions[name.text] as (...of: unknown[]) => unknown) : fail(`there is no function ${name.text}; there are ${Object.keys(functions).join(", ")}`, name.at);
    if (given.length !== known.length) fail(`${name.text} takes ${known.length} arguments`, name.at);
    const [a = nothing, b = nothing, c = nothing] = given;
    if (name.text === "size") return (frame) => known(a(frame));
    if (name.text === "has") return (frame) => {
      const value = plain(a(frame));
      return known(value) === true && !absent.includes(value);
    };
    return (frame) => known(plain(a(frame)), plain(b(frame)), plain(c(frame)));
  };
  /** A root and the steps after it; a name before "(" is a function of what stands before. */
  const way = (root: number): Read => {
    const steps: string[] = [];
    for (;;) {
      if (accept("[")) {
        const key = peek();
        if (key.kind !== "text" && key.kind !== "number") fail("expected 'name' or a number");
        next++;
        expect("]");
        steps.push(key.text);
      } else if (peek().text === "." && list[next + 1]?.kind === "name" && list[next + 2]?.text !== "(") {
        steps.push(list[next + 1]?.text as string);
        next += 2;
      } else break;
    }
    if (steps.includes("__proto__")) fail("__proto__ is no field");
    ways.push({ root, steps });
    const walk = compileSteps(steps);
    return (frame) => walk(frame.values[root]);
  };
  const primary = (): Read => {
    const token = peek();
    if (accept("(")) {
      const inner = choice();
      expect(")");
      return inner;
    }
    if (accept("[")) {
      const items = operands("]");
      return (frame) => items.map((item) => item(frame));
    }
    next++;
    if (token.kind === "number") return constant(readFraction(token.text));
    if (token.kind === "text") return constant(token.text);
    if (token.kind !== "name") return fail(token.kind === "end" ? "the expression ends too early" : `unexpected ${JSON.stringify(token.text)}`, token.at);
    if (token.text === "true" || token.text === "false") return constant(token.text === "true");
    if (token.text === "null") return nothing;
    if (accept("(")) return call(token, operands(")"));
    const root = roots.indexOf(token.text);
    return root >= 0 ? way(root) : fail(`${token.text} is unknown; begin with ${roots.join(", ")}`, token.at);
  };
  const postfix = (): Read => {
    let one = primary();
    while (accept(".")) {
      const name = peek();
      if (name.kind !== "name") fail("expected a name");
      next++;
      expect("(");
      one = call(name, [one, ...operands(")")]);
    }
    return one;
  };
  const unary = (): Read => {
    if (++depth > DEPTH_MAX) fail("nested too deeply");
    try {
      if (accept("!")) {
        const a = unary();
        return (frame) => a(frame) !== true;
      }
      if (accept("-")) {
        const a = figure(unary());
        return (frame) => {
          const value = a(frame);
          return value && new Fraction(-value.over, value.under);
        };
      }
      return postfix();
    } finally {
      depth--;
    }
  };
  const figure = (read: Read) => (frame: Frame): Fraction | undefined => {
    const value = plain(read(frame));
    if (value instanceof Fraction) return value;
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "number" && !Number.isSafeInteger(value)) return spoil(frame, "mapping.float", field, ways, { got: String(value) });
    return numberOf(value) ?? spoil(frame, "mapping.type", field, ways, { got: value === many ? "[…]" : short(value), wanted: "数字", wantedEn: "a number" });
  };
  const product = (): Read => {
    let one = unary();
    for (let sign = accept("*", "/"); sign; sign = accept("*", "/")) {
      const a = figure(one), b = figure(unary()), isProduct = sign === "*";
      one = (frame) => {
        const left = a(frame), right = b(frame);
        if (!left || !right) return undefined;
        return isProduct ? left.times(right) : (left.by(right) ?? spoil(frame, "mapping.zero_division", field, ways));
      };
    }
    return one;
  };
  const sum = (): Read => {
    let one = product();
    for (let sign = accept("+", "-"); sign; sign = accept("+", "-")) {
      const a = figure(one), b = figure(product()), isSum = sign === "+";
      one = (frame) => {
        const left = a(frame), right = b(frame);
        return left && right && (isSum ? left.plus(right) : left.minus(right));
      };
    }
    return one;
  };
  const comparison = (): Read => {
    const a = sum();
    const sign = accept("==", "!=", "<=", ">=", "<", ">");
    if (sign) {
      const b = sum();
      if (sign === "==") return (frame) => isSame(plain(a(frame)), plain(b(frame)));
      if (sign === "!=") return (frame) => !isSame(plain(a(frame)), plain(b(frame)));
      const wanted = sign.startsWith("<") ? -1 : 1, orSame = sign.endsWith("=");
      return (frame) => {
        const order = compare(plain(a(frame)), plain(b(frame)));
        return order === wanted || (orSame && order === 0);
      };
    }
    if (peek().kind !== "name" || peek().text !== "in") return a;
    next++;
    const b = sum();
    return (frame) => {
      const all = b(frame), one = plain(a(frame));
      return Array.isArray(all) && all.some((other) => isSame(one, plain(other)));
    };
  };
  const conjunction = (): Read => {
    let one = comparison();
    while (accept("&&")) {
      const a = one, b = comparison();
      one = (frame) => a(frame) === true && b(frame) === true;
    }
    return one;
  };
  const disjunction = (): Read => {
    let one = conjunction();
    while (accept("||")) {
      const a = one, b = conjunction();
      one = (frame) => a(frame) === true || b(frame) === true;
    }
    return one;
  };
  function choice(): Read {
    if (++depth > DEPTH_MAX) fail("nested too deeply");
    const a = disjunction();
    if (!accept("?")) {
      depth--;
      return a;
    }
    const b = choice();
    expect(":");
    const c = choice();
    depth--;
    return (frame) => (a(frame) === true ? b(frame) : c(frame));
  }
  const read = choice();
  if (peek().kind !== "end") fail(`unexpected ${JSON.stringify(peek().text)}`);
  return { read, ways };
}

const nothing: Read = () => undefined;
/** A constant reads no frame; anything else reads nothing of this one. */
const noFrame: Frame = { values: [], labels: [], prefix: "", where: "", currency: undefined, group: undefined, lookups: undefined, problems: [], cut: [], origins: undefined };
const constant = (value: unknown): Read => () => value;

/** A number in any form that is exact: a fraction, a decimal string, a whole JavaScript number. */
export const numberOf = (value: unknown): Fraction | undefined =>
  value instanceof Fraction ? value : typeof value === "string" ? readFraction(value) : typeof value === "number" && Number.isSafeInteger(value) ? new Fraction(BigInt(value)) : undefined;

const isNumber = (value: unknown): boolean => value instanceof Fraction || typeof value === "number";

/** Nothing is the same as nothing. Text is compared with a number as a number, with other text as text. */
function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || a === null) return b === undefined || b === null;
  if (!isNumber(a) && !isNumber(b)) return a === b && a !== many;
  const left = numberOf(a), right = numberOf(b);
  return left !== undefined && right !== undefined && left.compare(right) === 0;
}

/** Numbers by size, also where they stand as text on both sides; other text by its characters, as dates need it. */
function compare(a: unknown, b: unknown): number | undefined {
  const left = numberOf(a), right = numberOf(b);
  if (left && right) return left.compare(right);
  return typeof a === "string" && typeof b === "string" ? (a < b ? -1 : a > b ? 1 : 0) : undefined;
}

const text = (value: unknown): string => (typeof value === "string" ? value : typeof value === "number" ? String(value) : "");
const isThere = (value: unknown): boolean => value !== undefined && value !== null && value !== "";

/** Beside these: known(table, key), true where a code table has the key. */
const functions: Readonly<Record<string, (...of: never[]) => unknown>> = {
  /** Not missing, not null, not empty. */
  has: (a: unknown) => isThere(a),
  size: (a: unknown) => (Array.isArray(a) ? new Fraction(BigInt(a.length)) : new Fraction(BigInt([...text(a)].length))),
  startsWith: (a: unknown, b: unknown) => text(a).startsWith(text(b)),
  endsWith: (a: unknown, b: unknown) => text(a).endsWith(text(b)),
  contains: (a: unknown, b: unknown) => text(a).includes(text(b)),
  lower: (a: unknown) => text(a).toLowerCase(),
  upper: (a: unknown) => text(a).toUpperCase(),
  /** The n-th part (from 0) of a text that a separator divides: part('sale.line,3', ',', 1) is '3'. */
  part: (a: unknown, b: unknown, c: unknown) => text(a).split(text(b) || "\u0000")[Number(numberOf(c)?.over ?? 0n)],
  abs: (a: unknown) => {
    const value = numberOf(a);
    return value && (value.over < 0n ? new Fraction(-value.over, value.under) : value);
  },
  min: (a: unknown, b: unknown) => pick(a, b, -1),
  max: (a: unknown, b: unknown) => pick(a, b, 1),
};

const pick = (a: unknown, b: unknown, wanted: number): Fraction | undefined => {
  const left = numberOf(a), right = numberOf(b);
  return left && right && (left.compare(right) === wanted ? left : right);
};
