/** Sums of two-decimal amounts on the screen, exactly. */
export const minorOf = (amount: string): bigint => { const match = /^(-?)(\d+)(?:\.(\d{1,2}))?$/.exec(amount); return match ? BigInt(`${match[1]}${match[2]}${(match[3] ?? "").padEnd(2, "0")}`) : 0n; };
export const addMinor = (amounts: readonly string[]): bigint => amounts.reduce((sum, amount) => sum + minorOf(amount), 0n);
export const textOf = (minor: bigint): string => { const text = (minor < 0n ? -minor : minor).toString().padStart(3, "0"); return `${minor < 0n ? "-" : ""}${text.slice(0, -2)}.${text.slice(-2)}`; };
