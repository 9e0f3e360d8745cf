/** What a new version of a document changed: leaf by leaf, lines by their lineId, so that a line that moved is no difference. */
export type Difference = { readonly path: string; /** "" where there was nothing. */ readonly before: string; readonly after: string };

const DIFFERENCES_MAX = 200;

export function differencesOf(before: unknown, after: unknown): Difference[] {
  const [was, is] = [leavesOf(before), leavesOf(after)];
  return [...new Set([...was.keys(), ...is.keys()])].filter((path) => path !== "sourceVersion" && was.get(path) !== is.get(path)).slice(0, DIFFERENCES_MAX).map((path) => ({ path, before: was.get(path) ?? "", after: is.get(path) ?? "" }));
}

function leavesOf(value: unknown, path = "", into = new Map<string, string>()): Map<string, string> {
  const inner = (name: string): string => (path === "" ? name : `${path}.${name}`);
  if (Array.isArray(value)) value.forEach((one: unknown, at) => void leavesOf(one, inner(lineOf(one) ?? String(at + 1)), into));
  else if (value !== null && typeof value === "object") for (const [name, one] of Object.entries(value)) leavesOf(one, inner(name), into);
  else if (value !== null && value !== undefined) into.set(path, String(value));
  return into;
}

const lineOf = (value: unknown): string | undefined => {
  const id = value !== null && typeof value === "object" ? (value as { lineId?: unknown }).lineId : undefined;
  return typeof id === "string" ? id : undefined;
};
