/**
 * Sets every figure: grouped, two decimals, tabular, − in front and in red when negative. Zero is –, not applicable is blank, not yet known is
 * 未知, hidden by permission is 无权查看: they never look alike. Amounts are decimal strings; nothing here is a float.
 */
import { createContext, useContext } from "react";
import { useT } from "./text.ts";

export type Unit = "yuan" | "wan" | "yi";
export const unitShift: Readonly<Record<Unit, number>> = { yuan: 0, wan: 4, yi: 8 };
export const UnitContext = createContext<Unit>("yuan");
export const unitWords: Readonly<Record<Unit, { zh: string; en: string }>> = { yuan: { zh: "元", en: "CNY" }, wan: { zh: "万元", en: "10k CNY" }, yi: { zh: "亿元", en: "100m CNY" } };

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

export type AmountProps = { readonly of: string | null | undefined; readonly hidden?: boolean; readonly zero?: "dash" | "figure"; readonly unknown?: boolean; readonly digits?: number; /** Ignores the page's unit: voucher forms and prints are in 元. */ readonly exact?: boolean };

export function Amount({ of, hidden, zero = "dash", unknown, digits = 2, exact }: AmountProps) {
  const t = useT();
  const unit = useContext(UnitContext);
  if (hidden) return <span className="z">{t("无权查看", "Not permitted")}</span>;
  if (unknown) return <span className="z">{t("未知", "Unknown")}</span>;
  if (of === null || of === undefined || of === "") return null;
  if (zero === "dash" && isZero(of)) return <span className="z">–</span>;
  const text = formatAmount(of, exact ? "yuan" : unit, digits);
  return isNegative(of) ? <span className="neg">{text}</span> : <>{text}</>;
}

/** A quantity as it is, grouped, without trailing zeros. */
export function Quantity({ of, unit }: { readonly of: string | null | undefined; readonly unit?: string }) {
  if (of === null || of === undefined || of === "") return null;
  if (isZero(of)) return <span className="z">–</span>;
  const [whole = "0", fraction = ""] = of.replace(/^[-−]/, "").split(".");
  const rest = fraction.replace(/0+$/, "");
  const text = `${isNegative(of) ? "−" : ""}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${rest === "" ? "" : `.${rest}`}`;
  return <span className={isNegative(of) ? "neg" : undefined}>{text}{unit === undefined ? "" : ` ${unit}`}</span>;
}

export const count = (n: number | string): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");
