/**
 * What the generator yields: plain objects in the public form. Inside, every figure is a whole number well below 2^53
 * (which is several times faster than bigint and exact); outside, every figure is a decimal string.
 */

/** Minor units of a currency (分, cents). */
export type Fen = number;
/** A quantity in thousandths of its unit. */
export type Milli = number;
/** A price or an exchange rate in ten-thousandths. */
export type Price = number;
/** A tax rate in ten-thousandths: 1300 is 13 %. */
export type BasisPoints = number;

export type DemoLink = { to: string; quantity?: string; amount?: string };
export type DemoLine = { lineId: string; links?: DemoLink[]; [field: string]: string | number | boolean | DemoLink[] | undefined };
export type DemoName = { zh: string; en: string };
export type DemoRecord = {
  schema: string;
  source: string;
  sourceId: string;
  sourceVersion?: number;
  date?: string;
  lines?: DemoLine[];
  links?: DemoLink[];
  [field: string]: string | number | boolean | DemoName | DemoLine[] | DemoLink[] | { unit: string; quantity: string }[] | undefined;
};

/** The kind in a record's schema: "goodsReceipt" of "tieout/goodsReceipt@1". */
export const kindIn = (record: DemoRecord): string => record.schema.slice(7, -2);

/** How other documents point at this one. */
export const refOf = (record: DemoRecord): string => `${record.source}:${kindIn(record)}/${record.sourceId}`;

/** n ÷ d rounded half up, for whole n ≥ 0 and d > 0: exact, because the remainder is taken off before dividing. */
export function divide(n: number, d: number): number {
  const up = 2 * n + d;
  const by = 2 * d;
  return (up - (up % by)) / by;
}

/** quantity × price, rounded once, half up. */
export const extend = (quantity: Milli, price: Price): Fen => divide(quantity * price, 100_000);
/** Tax on a net amount, rounded once, half up. */
export const taxOn = (net: Fen, rate: BasisPoints): Fen => divide(net * rate, 10_000);
/** part ‰ of an amount. */
export const perMille = (amount: Fen, part: number): Fen => divide(amount * part, 1000);
/** Foreign minor units at a rate, in base minor units. */
export const atRate = (amount: Fen, rate: Price): Fen => divide(amount * rate, 10_000);

const twoDigits = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0"));

export function money(fen: Fen): string {
  if (fen < 0) return `-${money(-fen)}`;
  const cents = fen % 100;
  return `${(fen - cents) / 100}.${twoDigits[cents]}`;
}

export function quantityText(milli: Milli): string {
  const part = milli % 1000;
  if (part === 0) return String(milli / 1000);
  const digits = String(part).padStart(3, "0");
  return `${(milli - part) / 1000}.${digits.endsWith("00") ? digits.slice(0, 1) : digits.endsWith("0") ? digits.slice(0, 2) : digits}`;
}

/** At least two decimals, at most four. */
export function priceText(price: Price): string {
  const part = price % 10_000;
  const whole = (price - part) / 10_000;
  if (part % 100 === 0) return `${whole}.${twoDigits[part / 100]}`;
  const digits = String(part).padStart(4, "0");
  return `${whole}.${part % 10 === 0 ? digits.slice(0, 3) : digits}`;
}

export const rateText = (rate: Price): string => `${(rate - (rate % 10_000)) / 10_000}.${String(rate % 10_000).padStart(4, "0")}`;

const taxRates = new Map<BasisPoints, string>([[0, "0"], [100, "0.01"], [300, "0.03"], [500, "0.05"], [600, "0.06"], [900, "0.09"], [1300, "0.13"]]);
export function taxRateText(rate: BasisPoints): string {
  const text = taxRates.get(rate);
  if (text === undefined) throw new RangeError(`no text for the tax rate ${rate}`);
  return text;
}
