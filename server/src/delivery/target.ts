/**
 * What every target is: a system that takes vouchers and write-backs. The outbox writes down what it is about to do before each
 * call; a target says per item what became of it, and finds it again by our key. docs: exactly-once effects in a target.
 */
import type { Connector, ConnectorCtx, Json } from "../connectors/index.ts";
import type { Problem } from "../platform/index.ts";

/**
 * transactional: rows and our ledger commit in one transaction of the target. idempotency-key: the target refuses a second
 * effect under the same key. natural-key: our key stands in a field that can be searched; searched before every retry.
 * none: sent once; an unclear outcome is UNKNOWN and a person decides.
 */
export type Dedupe = "transactional" | "idempotency-key" | "natural-key" | "none";

export type VoucherLineOut = {
  /** The target's account code, after mapping. */
  readonly account: string;
  readonly accountName: string;
  readonly summary: string;
  /** Decimal strings; one side is "0.00" unless `red` is shown by sides. Negative for 红字. */
  readonly debit: string;
  readonly credit: string;
  readonly currency: string;
  readonly amountOriginal: string;
  readonly rate: string;
  readonly quantity: string;
  /** Target dimension kind → target code, after mapping. */
  readonly dimensions: Readonly<Record<string, string>>;
  /** For 项目辅助 and the like, names by dimension where the target wants them. */
  readonly dimensionNames: Readonly<Record<string, string>>;
};
export type VoucherOut = {
  readonly book: string;
  /** "2026-03", "记", 12 and "记-12" in Tieout. */
  readonly period: string;
  readonly series: string;
  readonly no: number;
  readonly number: string;
  readonly date: string;
  readonly summary: string;
  readonly attachments: number;
  readonly currency: string;
  readonly preparedBy: string;
  readonly reviewedBy: string;
  readonly isRed: boolean;
  readonly sources: readonly string[];
  readonly lines: readonly VoucherLineOut[];
};

export type Delivery = {
  /** The same on every retry and after every restart: sha256 of book, target, subject, version and purpose, in hex. */
  readonly deliveryId: string;
  /** What a person can look for in the target; short (≤ 30 characters), made from the delivery id, unique. */
  readonly reference: string;
  readonly payloadHash: string;
  readonly attempt: number;
} & ({ readonly purpose: "voucher"; readonly voucher: VoucherOut } | { readonly purpose: "document" | "writeback"; readonly document: Readonly<Record<string, Json>> });

/** What the target has: its own id, number and state, when. */
export type Acknowledgement = { readonly targetId: string; readonly targetNumber: string; readonly targetState: string; readonly at: string };

export type Outcome =
  | { readonly is: "applied" | "duplicate"; readonly deliveryId: string; readonly acknowledgement: Acknowledgement }
  /** The target says no for a reason that repeating does not change. */
  | { readonly is: "rejected"; readonly deliveryId: string; readonly problem: Problem }
  /** Certainly not applied; may be sent again. */
  | { readonly is: "notSent"; readonly deliveryId: string; readonly problem: Problem; readonly retryAfterMs?: number | undefined }
  /** Nobody knows: timeout, reset, 5xx after the body was sent. */
  | { readonly is: "unknown"; readonly deliveryId: string; readonly problem: Problem };

export type Probe =
  | { readonly is: "found"; readonly deliveryId: string; readonly acknowledgement: Acknowledgement; /** Of what stands there, in the form of `payloadHash`; undefined where the target cannot be read that closely. */ readonly hash?: string | undefined }
  | { readonly is: "absent"; readonly deliveryId: string }
  /** The same key stands several times: somebody must look. */
  | { readonly is: "several"; readonly deliveryId: string; readonly acknowledgements: readonly Acknowledgement[] };

/** A voucher as it stands in the target, in the target's codes, for the comparison after delivery and the standing sweep. */
export type Standing = { readonly reference: string; readonly acknowledgement: Acknowledgement; readonly isVoid: boolean; readonly date: string; readonly lines: readonly { readonly account: string; readonly debit: string; readonly credit: string }[] };

export type Target<Config> = Connector<Config> & {
  readonly dedupe: Dedupe;
  /** How red vouchers can be shown there. */
  readonly red: "negative" | "swappedSides";
  /** Letters that a summary may have there (UTF-16 units); longer ones are cut before they are handed over, and the cut is recorded. */
  readonly summaryMax?: number | undefined;
  /** Takes over from every session with a lower epoch: a zombie's next commit is refused. */
  readonly open: (config: Config, epoch: bigint, ctx: TargetCtx) => Promise<TargetSession>;
};
/** `flow` names the writer of an epoch: book and flow, so that two flows into one target do not fence each other off. */
export type TargetCtx = ConnectorCtx & { readonly flow?: string | undefined };
export type TargetSession = {
  /** One outcome per delivery, in any order. Must answer or throw within `timeoutMs`; what it throws makes every item without an outcome unknown. */
  readonly deliver: (deliveries: readonly Delivery[], timeoutMs: number) => Promise<readonly Outcome[]>;
  readonly probe: (deliveries: readonly Delivery[]) => Promise<readonly Probe[]>;
  /** Read-back by reference; a reference that is missing from the answer is gone there. */
  readonly readBack?: (deliveries: readonly Delivery[]) => Promise<readonly Standing[]>;
  readonly close: () => Promise<void>;
};
