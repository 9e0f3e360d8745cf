/** Figures, dimensions and vouchers as text for a terminal and for CSV. */
import { cellWidth, pad, refuse, type Terminal } from "../platform/index.ts";
import type { Voucher } from "../vouchers/index.ts";

/** A zero is left blank: the figures that are there stand out. */
export const figure = (amount: string): string => (/^-?0(\.0+)?$/.test(amount) ? "" : amount);

export const dimensionsText = (dimensions: Readonly<Record<string, string>>): string => Object.entries(dimensions).map(([name, value]) => `${name} ${value}`).join(" ");

/** Reads NAME=CODE pairs. Refuses: usage.value. */
export const readDimensions = (pairs: readonly string[]): Readonly<Record<string, string>> =>
  Object.fromEntries(pairs.map((pair) => {
    const equals = pair.indexOf("=");
    return equals > 0 ? [pair.slice(0, equals), pair.slice(equals + 1)] : refuse("usage.value", { command: "--dimension", option: "--dimension", wanted: "NAME=CODE" });
  }));

/** One line of CSV. What a spreadsheet would take for a formula is told to be text, unless it is a plain number. */
export const csvLine = (cells: readonly string[]): string => cells.map((cell) => {
  const text = /^[=+\-@\t\r]/.test(cell) && !/^-?\d+(\.\d+)?$/.test(cell) ? `'${cell}` : cell;
  return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}).join(",");

/** A voucher as a story writes it, so that it can be pasted into one; names and what follows # are for the reader. */
export function storyVoucher(voucher: Voucher, nameOf: (account: string) => string, { paint }: Pick<Terminal, "paint">): string {
  const rows = voucher.lines.map((line) => {
    const isCredit = /^-?0(\.0+)?$/.test(line.debit);
    const isForeign = line.rate !== "1";
    return {
      account: line.account, name: nameOf(line.account), side: isCredit ? "贷" : "借", amount: isCredit ? line.credit : line.debit,
      marks: [dimensionsText(line.dimensions), ...(isForeign ? [`currency ${line.currency} rate ${line.rate}`] : [])].filter((text) => text !== "").join(" "),
    };
  });
  const width = (values: readonly string[]): number => Math.max(...values.map(cellWidth), 0);
  const [accounts, names, amounts] = [width(rows.map(({ account }) => account)), width(rows.map(({ name }) => name)), width(rows.map(({ amount }) => amount))];
  return [
    `then   voucher ${paint.bold(voucher.number || voucher.series)}  ${voucher.date}${voucher.reversalOf === null ? "" : `  reverses ${voucher.reversalOf}`}   ${paint.dim(`# ${voucher.summary}  附件 ${voucher.attachments}  ${voucher.rule}  ${voucher.sources.map(({ document }) => document).filter((one, index, all) => all.indexOf(one) === index).slice(0, 5).join(" ")}`)}`,
    ...rows.map((row) => `         ${pad(row.account, accounts)}  ${pad(row.name, names)}  ${row.side}  ${pad(row.amount, amounts, "right")}${row.marks === "" ? "" : `  ${row.marks}`}`),
  ].join("\n");
}
