/**
 * What banks and payment companies in China let their customers download. Rows keep the names of the file's own columns, with half-width
 * brackets and without the English in square brackets. Of a name listed here at least three stand in the header.
 */
import type { Row } from "../connector.ts";
import { formatDecimal, parseDecimal } from "../../values/index.ts";
import type { Problem } from "../../platform/index.ts";
import type { TableOptions } from "./table.ts";

export type BankExport = TableOptions & {
  /** What identifies a row: the bank's serial number, else everything that tells two movements apart. */
  readonly key: (row: Row) => string;
  /** Lines behind the data that say what it adds up to: names, then figures. Column of the rows → name in the totals. */
  readonly totals?: readonly (readonly [column: string, total: string])[] | undefined;
  readonly skip?: ((row: Row) => boolean) | undefined;
};

const by = (...columns: readonly string[]) => (row: Row): string => columns.map((column) => String(row[column] ?? "")).join("|");

export const bankExports = {
  "icbc": { header: ["凭证号", "交易时间", "对方单位", "转入金额", "转出金额", "余额"], trim: true, stopAt: ["合计", "总计"], key: by("交易时间", "转入金额", "转出金额", "余额", "对方账号", "凭证号") },
  "ccb": { header: ["交易时间", "借方发生额(支取)", "贷方发生额(收入)", "对方户名", "账户明细编号-交易流水号"], trim: true, key: by("账号", "账户明细编号-交易流水号") },
  "boc": { header: ["交易类型", "付款人账号", "收款人账号", "交易日期", "交易金额", "交易流水号"], trim: true, key: by("交易流水号", "记录标识号", "交易日期", "交易金额") },
  "cmb": { header: ["交易日", "交易时间", "借方金额", "贷方金额", "流水号"], trim: true, key: by("交易日", "流水号") },
  "abc": { header: ["交易时间", "收入金额", "支出金额", "对方户名", "交易用途"], trim: true, stopAt: ["合计", "总计"], key: (row) => `${by("交易时间", "收入金额", "支出金额")(row)}|${String(row["账户余额"] ?? row["本次余额"] ?? "")}|${String(row["对方账号"] ?? "")}` },
  "alipay-personal": { header: ["交易时间", "交易分类", "交易对方", "收/支", "交易订单号"], trim: true, stopAt: ["---"], key: by("交易订单号"), skip: (row) => row["交易状态"] === "交易关闭" },
  "alipay-merchant": { header: ["账务流水号", "业务流水号", "商户订单号", "发生时间", "收入金额(+元)"], trim: true, stopAt: ["#"], key: by("账务流水号") },
  "wechat-personal": { header: ["交易时间", "交易类型", "交易对方", "收/支", "交易单号"], trim: true, key: by("交易单号", "当前状态") },
  "wechat-merchant": {
    header: ["交易时间", "商户号", "微信订单号", "商户订单号", "交易状态"], trim: true, stopAt: ["总交易单数"],
    key: (row) => `${String(row["微信订单号"])}|${Number(row["微信退款单号"] ?? 0) === 0 ? "" : String(row["微信退款单号"])}`,
    totals: [["", "总交易单数"], ["应结订单金额", "应结订单总金额"], ["退款金额", "退款总金额"], ["手续费", "手续费总金额"], ["订单金额", "订单总金额"]],
  },
} as const satisfies Record<string, BankExport>;

export type BankExportName = keyof typeof bankExports;

const scale = 6;

/** Adds up what the totals at the end of the file speak of. */
export function sumRows(totals: NonNullable<BankExport["totals"]>): { readonly add: (row: Row) => void; readonly check: (name: string, footer: readonly (readonly string[])[]) => readonly Problem[] } {
  const sums = new Map<string, bigint>();
  return {
    add: (row) => {
      for (const [column] of totals) sums.set(column, (sums.get(column) ?? 0n) + (column === "" ? 1_000_000n : (parseDecimal(String(row[column] ?? ""), scale) ?? 0n)));
    },
    check: (name, [names = [], figures = []]) =>
      totals.flatMap(([column, what]) => {
        const written = figures[names.indexOf(what)];
        const sum = sums.get(column) ?? 0n;
        if (written !== undefined && parseDecimal(written, scale) === sum) return [];
        return [{ code: "statement.totals", facts: { name, what, sum: formatDecimal(sum, scale).replace(/\.?0+$/, ""), total: written ?? "–" } }];
      }),
  };
}
