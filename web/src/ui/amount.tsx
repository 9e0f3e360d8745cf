/**
 * Sets every figure: grouped, two decimals, tabular, − in front and in red when negative. Zero is –, not applicable is blank, not yet known is
 * 未知, hidden by permission is 无权查看: they never look alike. Amounts are decimal strings; nothing here is a float.
 */
import { createContext, useContext } from "react";
import { formatAmount, formatQuantity, isNegative, isZero, type Unit } from "./figure.ts";
import { useT } from "./text.ts";

export { count, formatAmount, formatQuantity, isNegative, isZero, type Unit, unitShift, unitWords } from "./figure.ts";

export const UnitContext = createContext<Unit>("yuan");

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
  return <span className={isNegative(of) ? "neg" : undefined}>{formatQuantity(of)}{unit === undefined ? "" : ` ${unit}`}</span>;
}
