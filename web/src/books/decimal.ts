/** Sums of decimal strings, exact: the screen adds up what it shows and nothing else. */

function partsOf(text: string): { readonly units: bigint; readonly scale: number } {
  const match = /^([-−]?)(\d*)(?:\.(\d+))?$/.exec(text.trim());
  const fraction = match?.[3] ?? "";
  const units = BigInt(`${match?.[2] || "0"}${fraction}`);
  return { units: match?.[1] ? -units : units, scale: fraction.length };
}

export function add(texts: readonly string[]): string {
  const all = texts.map(partsOf);
  const scale = Math.max(2, ...all.map((one) => one.scale));
  const sum = all.reduce((total, one) => total + one.units * 10n ** BigInt(scale - one.scale), 0n);
  const digits = (sum < 0n ? -sum : sum).toString().padStart(scale + 1, "0");
  return `${sum < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}
export const negate = (text: string): string => (/^[-−]/.test(text) ? text.slice(1) : /[1-9]/.test(text) ? `-${text}` : text);
export const subtract = (one: string, other: string): string => add([one, negate(other)]);
export const isEqual = (one: string, other: string): boolean => !/[1-9]/.test(subtract(one, other));
/** Below zero −1, zero 0, above 1. */
export const signOf = (text: string): -1 | 0 | 1 => (/[1-9]/.test(text) ? (/^[-−]/.test(text) ? -1 : 1) : 0);
export const least = (one: string, other: string): string => (signOf(subtract(one, other)) > 0 ? other : one);
