/** What became of a delivery, said in one line each. */
import { elapsedMs, type Problem } from "../../platform/index.ts";
import type { Acknowledgement, Delivery, Outcome, VoucherOut } from "../target.ts";

/** What became of one call, before it is known for which delivery. */
export type Applied = { readonly is: "applied"; readonly acknowledgement: Acknowledgement };
/** It stood there already, under our key. */
export type Duplicate = { readonly is: "duplicate"; readonly acknowledgement: Acknowledgement };
export type Rejected = { readonly is: "rejected"; readonly problem: Problem };
export type Unknown = { readonly is: "unknown"; readonly problem: Problem };
export type NotSent = { readonly is: "notSent"; readonly problem: Problem; readonly retryAfterMs?: number | undefined; /** The next ones would fare the same. */ readonly stops?: boolean };
export type Verdict = Applied | Duplicate | Rejected | Unknown | NotSent;

export const rejected = (code: string, facts: Problem["facts"], where?: string): Rejected => ({ is: "rejected", problem: { code, facts, where } });

/**
 * One call after the other, each in the time that is left. What cannot be reached now cannot be reached for the next one either,
 * and is not asked again; what was not begun in time is not sent.
 */
export async function inTurn(system: string, deliveries: readonly Delivery[], timeoutMs: number, one: (delivery: Delivery, leftMs: number) => Promise<Verdict>): Promise<Outcome[]> {
  const until = elapsedMs() + timeoutMs;
  const outcomes: Outcome[] = [];
  let stop: NotSent | undefined;
  for (const delivery of deliveries) {
    const leftMs = until - elapsedMs();
    const verdict: Verdict = stop ?? (leftMs < 20 ? { is: "notSent", problem: { code: "target.no_time", facts: { system } } } : await one(delivery, leftMs));
    if (verdict.is === "notSent" && verdict.stops === true) stop = verdict;
    outcomes.push(outcomeOf(delivery, verdict));
  }
  return outcomes;
}

export function outcomeOf({ deliveryId }: Delivery, verdict: Verdict): Outcome {
  if (verdict.is === "applied" || verdict.is === "duplicate") return { is: verdict.is, deliveryId, acknowledgement: verdict.acknowledgement };
  if (verdict.is === "notSent") return { is: "notSent", deliveryId, problem: verdict.problem, ...(verdict.retryAfterMs === undefined ? {} : { retryAfterMs: verdict.retryAfterMs }) };
  return { is: verdict.is, deliveryId, problem: verdict.problem };
}

/** A target that books vouchers has no use for anything else. */
export const voucherOf = (delivery: Delivery): VoucherOut | undefined => (delivery.purpose === "voucher" ? delivery.voucher : undefined);

/** A delivery that cannot be written down in the target's form. It is caught where the form is made, and refused with its place. */
export class Unfit extends Error {
  override readonly name = "Unfit";
  readonly problem: Problem;
  constructor(code: string, facts: Problem["facts"], where?: string) {
    super(code);
    this.problem = { code, facts, where };
  }
}

/** The form of a delivery, or why it has none. */
export function formOf<T>(make: () => T): { readonly form: T; readonly verdict?: undefined } | { readonly form?: undefined; readonly verdict: Verdict } {
  try {
    return { form: make() };
  } catch (error) {
    if (error instanceof Unfit) return { verdict: { is: "rejected", problem: error.problem } };
    throw error;
  }
}
