/**
 * Ways into a record: `partner_id.0`, `row.currency`, `line.'odd.name'`. A way is tolerant of one or many: where a list with one
 * element stands, its element is meant. A list with several is `many`, never silently its first.
 */

export type Way = {
  /** Which root it begins at: an index into the frame's roots. */
  readonly root: number;
  readonly steps: readonly string[];
};

/** Stands for several values where one was asked for. */
export const many: unique symbol = Symbol("many");

/** Reads a way; `roots` are the names it may begin with, `base` the root meant when it begins with none. Undefined when malformed. */
export function parseWay(text: string, roots: readonly string[], base: number): Way | undefined {
  const steps: string[] = [];
  const form = /(?:'((?:[^'\\]|\\.)+)'|([^.'[\]\s]+(?: [^.'[\]\s]+)*))(?:\.|$)/y;
  let root = -1;
  for (let at = 0; at < text.length; at = form.lastIndex) {
    form.lastIndex = at;
    const match = form.exec(text);
    if (!match) return undefined;
    const name = match[1]?.replace(/\\(.)/g, "$1") ?? (match[2] as string);
    if (name === "__proto__") return undefined;
    if (at === 0 && match[2] !== undefined && (root = roots.indexOf(name)) >= 0) continue;
    steps.push(name);
  }
  if (text === "" || text.endsWith(".")) return undefined;
  return { root: root < 0 ? base : root, steps };
}

const isIndex = (name: string): boolean => /^\d{1,6}$/.test(name);

export type Step = (value: unknown) => unknown;

/** One step. What JSON cannot hold (a method of Object) is not there. */
export function compileStep(name: string): Step {
  if (isIndex(name)) {
    const index = Number(name);
    return (value) => (Array.isArray(value) ? (value as unknown[])[index] : index === 0 ? value : undefined);
  }
  return (value) => {
    if (value === null || typeof value !== "object") return value === many ? many : undefined;
    let from: object | null | undefined = value;
    if (Array.isArray(value)) {
      if (value.length > 1) return many;
      from = (value as (object | null | undefined)[])[0];
      if (from === null || typeof from !== "object") return undefined;
    }
    const got = (from as Readonly<Record<string, unknown>>)[name];
    return typeof got === "function" ? undefined : got;
  };
}

export function compileSteps(steps: readonly string[]): Step {
  const [first, second, ...rest] = steps.map(compileStep);
  if (!first) return (value) => value;
  if (!second) return first;
  if (rest.length === 0) return (value) => second(first(value));
  return (value) => rest.reduce((got, step) => step(got), second(first(value)));
}

const nobody: readonly unknown[] = [];
/** Lists directly in lists; deeper ones say nothing in a record. */
const NESTED_MAX = 16;

/** Every element at the end of a way, through all lists on it. One value is a list of one. */
export function compileSpread(steps: readonly string[]): (value: unknown) => readonly unknown[] {
  const readers = steps.map(compileStep);
  const spread = (value: unknown, at: number, nested: number): readonly unknown[] => {
    if (value === undefined || value === null || nested > NESTED_MAX) return nobody;
    const name = steps[at];
    if (Array.isArray(value) && !(name !== undefined && isIndex(name))) {
      if (name === undefined) return value;
      return value.length === 1 ? spread(value[0], at, nested + 1) : (value as unknown[]).flatMap((element) => spread(element, at, nested + 1));
    }
    return name === undefined ? [value] : spread((readers[at] as Step)(value), at + 1, 0);
  };
  return (value) => spread(value, 0, 0);
}

/** What a way's end says as one plain value: the text of an XML element that has attributes, the element of a list of one. */
export function plain(value: unknown): unknown {
  let one = value;
  while (Array.isArray(one)) {
    if (one.length > 1) return many;
    one = one[0];
  }
  if (one === null || typeof one !== "object") return one;
  const text = (one as Readonly<Record<string, unknown>>)["#text"];
  return text === undefined || typeof text === "object" || typeof text === "function" ? one : text;
}
