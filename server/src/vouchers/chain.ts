/**
 * 防篡改链: each posting batch is sealed by a block that names the one before. A leaf is one voucher as PostgreSQL's COPY
 * prints it, so that the poster, who writes those very bytes, and `verify`, which reads them back, hash the same text.
 */
import { hash } from "node:crypto";

/** Columns of a voucher in its leaf, in order; the poster's COPY rows carry them in this order too. */
export const voucherLeafColumns = [
  "voucher_id", "period", "series", "number", "date", "summary", "attachments", "rule", "rule_version", "document_id", "reversal_of",
  "debit_total", "prepared_by", "reviewed_by", "posted_by", "posted_at",
] as const;

/** Columns of a line in its voucher's leaf, in order. */
export const lineLeafColumns = [
  "voucher_id", "line_no", "account", "dimension_set_id", "debit", "credit", "currency", "amount_original", "rate", "quantity", "summary",
] as const;

/** SHA-256 of the voucher's row and its lines' rows in line_no order, each as COPY text with its newline. */
export const leafOf = (rows: string | Buffer): Buffer => hash("sha256", rows, "buffer");

/** What the first block names as the one before. */
export const noBlock: Buffer = Buffer.alloc(32);

/** Pairs are hashed level by level; an odd one is carried up unchanged. */
export function merkleRoot(leaves: readonly Buffer[]): Buffer {
  if (leaves.length === 0) return noBlock;
  let level = Buffer.concat(leaves as Buffer[]);
  while (level.length > 32) {
    const next = Buffer.alloc(Math.ceil(level.length / 64) * 32);
    for (let at = 0; at < level.length; at += 64) {
      const pair = level.subarray(at, at + 64);
      (pair.length === 64 ? hash("sha256", pair, "buffer") : pair).copy(next, at / 2);
    }
    level = next;
  }
  return level;
}

export type Block = {
  readonly bookId: number;
  readonly blockNo: bigint;
  readonly first: bigint;
  readonly last: bigint;
  readonly count: number;
  readonly debitTotal: bigint;
  readonly root: Buffer;
  readonly previous: Buffer;
  readonly sealedAt: string;
};

export const blockHash = (block: Block): Buffer =>
  hash("sha256", [block.bookId, block.blockNo, block.first, block.last, block.count, block.debitTotal, block.root.toString("hex"), block.previous.toString("hex"), block.sealedAt].join("|"), "buffer");
