/** What the server says of deliveries, and the words for their states. */
import type { Problem } from "../connectors/model.ts";
import type { Tone } from "../ui/parts.tsx";
import type { Words } from "../ui/text.ts";

export type DeliveryState = "pending" | "held" | "sending" | "unknown" | "sent" | "confirmed" | "rejected" | "drifted" | "voided" | "ignored" | "replaced";
export type Delivery = {
  readonly delivery: number; readonly flow: string; readonly purpose: string; readonly subject: string; readonly version: number; readonly voucher: string | null; readonly state: DeliveryState; readonly reference: string; readonly deliveryId: string; readonly attempts: number;
  readonly targetId: string | null; readonly targetNumber: string | null; readonly targetState: string | null; readonly targetAt: string | null; readonly problem: readonly Problem[]; readonly cut: unknown; readonly stateAt: string;
};
export type DeliveryShown = Delivery & { readonly payloadHash: string; readonly log: readonly { readonly act: string; readonly attempt: number; readonly startedAt: string; readonly endedAt: string; readonly outcome: string; readonly problem: readonly Problem[]; readonly targetId: string | null; readonly by: string; readonly reason: string }[] };
export type Drift = { readonly drift: number; readonly delivery: number; readonly flow: string; readonly subject: string; readonly reference: string; readonly kind: string; readonly ours: unknown; readonly theirs: unknown; readonly foundAt: string; readonly resolvedAt: string | null; readonly resolvedBy: string | null; readonly reason: string | null };
export type FlowCounts = { readonly flow: string; readonly connector: string; readonly wanted: string; readonly counts: Readonly<Record<DeliveryState | "behind" | "leftOut" | "openDrifts", number>> & { readonly failures: number; readonly fault: Problem | null; readonly isHeld: boolean; readonly sweptAt: string | null; readonly oldestOpenAt: string | null } };

export const deliveryStates: Readonly<Record<DeliveryState, { readonly words: Words; readonly tone: Tone }>> = {
  pending: { words: { zh: "待送", en: "To send" }, tone: undefined }, held: { words: { zh: "挂起，缺编码", en: "Held, code missing" }, tone: "warn" }, sending: { words: { zh: "送出中", en: "Sending" }, tone: undefined }, unknown: { words: { zh: "不明", en: "Unknown" }, tone: "warn" },
  sent: { words: { zh: "已收", en: "Acknowledged" }, tone: undefined }, confirmed: { words: { zh: "已核", en: "Confirmed" }, tone: "good" }, rejected: { words: { zh: "被拒", en: "Rejected" }, tone: "bad" }, drifted: { words: { zh: "对方已改动", en: "Changed there" }, tone: "bad" },
  voided: { words: { zh: "对方已作废", en: "Voided there" }, tone: "bad" }, ignored: { words: { zh: "不送", en: "Not sent" }, tone: undefined }, replaced: { words: { zh: "已另送", en: "Delivered anew" }, tone: undefined },
};
export const driftKinds: Readonly<Record<string, Words>> = { changed: { zh: "内容改动", en: "Changed" }, missing: { zh: "对方没有了", en: "Missing" }, voided: { zh: "对方已作废", en: "Voided" }, several: { zh: "对方有几张", en: "Several there" } };

/** What a person may say of a delivery in this state, as the server has it. */
export const mayDecide: Readonly<Record<"sent" | "notSent" | "ignored", readonly DeliveryState[]>> = {
  sent: ["unknown", "rejected", "held", "drifted", "voided"], notSent: ["unknown", "rejected", "ignored", "drifted", "voided"], ignored: ["unknown", "rejected", "held", "pending", "drifted", "voided"],
};
export const voucherPath = (book: string, subject: string): string | null => { const match = /^(\d{4}-\d{2})\/(.+)$/.exec(subject); return match ? `/b/${book}/vouchers/${match[1]}/${encodeURIComponent(match[2] ?? "")}` : null; };
