/** Sums of decimal strings, exact: whole numbers of the smallest unit, never floats. */
const scale = 6;
function minor(text: string): bigint {
  const [whole = "0", part = ""] = text.replace("-", "").split(".");
  const value = BigInt(whole + part.padEnd(scale, "0").slice(0, scale));
  return text.startsWith("-") ? -value : value;
}
function written(value: bigint): string {
  const digits = (value < 0n ? -value : value).toString().padStart(scale + 1, "0");
  const text = `${digits.slice(0, -scale)}.${digits.slice(-scale)}`.replace(/(\.\d\d\d*?)0+$/, "$1");
  return value < 0n ? `-${text}` : text;
}
export const sum = (amounts: readonly string[]): string => written(amounts.reduce((total, amount) => total + minor(amount), 0n));
export const abs = (amount: string): string => amount.replace(/^-/, "");
/** How large one is beside the largest, 0 to 1 and more: for the length of a bar, not for a figure. */
export const portion = (amount: string, of: string): number => { const whole = minor(abs(of)); return whole === 0n ? 0 : Number((minor(abs(amount)) * 1_000n) / whole) / 1_000; };
