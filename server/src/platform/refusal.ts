/**
 * Three kinds of failure only. A check returns `Problem`s, all of them. A verb throws a `Refusal`: "no", with a reason the
 * user can act on. Anything else thrown is a fault: logged with its cause, answered 500, never shown raw.
 * Each folder exports its codes as `refusals`; app registers them all, once.
 */
export type Facts = Readonly<Record<string, string | number | bigint>>;

/** What is wrong, in a form that can be stored, counted and shown in either language. `where` names the place: "line 3", "/lines/2/quantity". */
export type Problem = { readonly code: string; readonly facts: Facts; readonly where?: string | undefined };

/** One code: its HTTP status, what is wrong, and what to do next. {Braces} stand for facts. */
export type RefusalText = { readonly status: number; readonly zh: string; readonly en: string; readonly todoZh: string; readonly todoEn: string };
export type Refusals = Readonly<Record<string, RefusalText>>;

export class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  readonly facts: Facts;
  readonly where: string | undefined;

  constructor(problem: Problem) {
    super(`${problem.code} ${JSON.stringify(problem.facts, (_, fact: unknown) => (typeof fact === "bigint" ? String(fact) : fact))}`);
    this.code = problem.code;
    this.facts = problem.facts;
    this.where = problem.where;
  }
}

export function refuse(code: string, facts: Facts = {}, where?: string): never {
  throw new Refusal({ code, facts, where });
}

/** The one shape in which the command line and the API answer a problem. */
export type RenderedProblem = {
  readonly code: string;
  readonly zh: string;
  readonly en: string;
  readonly where: string | null;
  readonly todo: { readonly zh: string; readonly en: string };
};

export function renderProblem(problem: Problem, registry: ReadonlyMap<string, RefusalText> = registered): RenderedProblem {
  const text = registry.get(problem.code) ?? unregistered;
  const facts = { code: problem.code, ...problem.facts };
  return {
    code: problem.code,
    zh: fill(text.zh, facts),
    en: fill(text.en, facts),
    where: problem.where ?? null,
    todo: { zh: fill(text.todoZh, facts), en: fill(text.todoEn, facts) },
  };
}

/** The HTTP status of a code. */
export const statusOf = (code: string): number => (registered.get(code) ?? unregistered).status;

/** Joins the codes of many folders. Throws when two folders use one code. */
export function mergeRefusals(parts: Iterable<Refusals>): Map<string, RefusalText> {
  const merged = new Map<string, RefusalText>();
  for (const part of parts) {
    for (const [code, text] of Object.entries(part)) {
      if (merged.has(code)) throw new Error(`the refusal code "${code}" is declared twice`);
      merged.set(code, text);
    }
  }
  return merged;
}

/** Makes the codes known to `renderProblem` for the whole process, in place of what was known before. */
export function registerRefusals(parts: Iterable<Refusals>): void {
  const merged = mergeRefusals(parts);
  registered.clear();
  for (const [code, text] of merged) registered.set(code, text);
}

const registered = new Map<string, RefusalText>();

const unregistered: RefusalText = {
  status: 422,
  zh: "{code}",
  en: "{code}",
  todoZh: "此代码没有登记说明,请联系管理员并附上日志",
  todoEn: "This code has no text on record; send it to the administrator together with the log",
};

const fill = (text: string, facts: Facts): string =>
  text.replace(/\{(\w+)\}/g, (braces, name: string) => (name in facts ? String(facts[name]) : braces));
