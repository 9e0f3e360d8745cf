/** Figures as text: exact, from decimal strings, never through a float. */

/** Chinese readers count in 万 and 亿, English ones in thousands and millions. */
export type Unit = "yuan" | "wan" | "yi" | "thousand" | "million";
export const unitShift: Readonly<Record<Unit, number>> = { yuan: 0, wan: 4, yi: 8, thousand: 3, million: 6 };
export const unitWords: Readonly<Record<Unit, { zh: string; en: string; mark: string }>> = { yuan: { zh: "元", en: "CNY", mark: "" }, wan: { zh: "万元", en: "10k CNY", mark: "万" }, yi: { zh: "亿元", en: "100m CNY", mark: "亿" }, thousand: { zh: "千元", en: "CNY thousand", mark: "k" }, million: { zh: "百万元", en: "CNY million", mark: "m" } };

/** A decimal string moved by the unit and rounded half up to `digits` decimals, grouped; "-" in front of a negative. */
export function formatAmount(value: string, unit: Unit = "yuan", digits = 2): string {
  const match = /^([-−+]?)(\d*)(?:\.(\d*))?$/.exec(value.trim());
  if (!match) return value;
  const shift = unitShift[unit];
  const whole = `${match[2] ?? ""}`.padStart(shift + 1, "0");
  const fraction = whole.slice(whole.length - shift) + (match[3] ?? "");
  const figures = BigInt(whole.slice(0, whole.length - shift) + fraction.padEnd(digits + 1, "0").slice(0, digits)) + ((fraction[digits] ?? "0") >= "5" ? 1n : 0n);
  const text = figures.toString().padStart(digits + 1, "0");
  const grouped = text.slice(0, text.length - digits).replace(/\B(?=(\d{3})+$)/g, ",");
  const isZero = figures === 0n;
  return `${(match[1] === "-" || match[1] === "−") && !isZero ? "−" : ""}${grouped}${digits > 0 ? `.${text.slice(text.length - digits)}` : ""}`;
}

export const isNegative = (value: string): boolean => /^[-−]/.test(value) && /[1-9]/.test(value);
export const isZero = (value: string): boolean => !/[1-9]/.test(value);

/** A quantity grouped as it is, without trailing zeros. */
export function formatQuantity(value: string): string {
  const [whole = "0", fraction = ""] = value.replace(/^[-−]/, "").split(".");
  const rest = fraction.replace(/0+$/, "");
  return `${isNegative(value) ? "−" : ""}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest === "" ? "" : `.${rest}`}`;
}

export const count = (n: number | string): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
