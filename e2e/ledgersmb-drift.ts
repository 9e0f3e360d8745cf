/**
 * What people do in a finance system behind everybody's back, done in a running LedgerSMB to vouchers that were delivered: an amount, an account and a date
 * edited, the approval taken back, deleted, entered once more through LedgerSMB's own form. The running server has to name each with its cause; then each is
 * put right and has to be over by itself. Nothing is told to Tieout: it finds out.
 */
import { spawn } from "node:child_process";
import { join } from "node:path";
import { systemClock } from "../server/src/platform/index.ts";

type Ask = <T extends object>(text: string, parameters?: readonly unknown[]) => Promise<T[]>;
export type DriftPlace = {
  readonly ours: Ask; readonly lsmb: Ask; readonly book: string; readonly flow: string; /** The folder of post_voucher_lsmb.py. */ readonly erp: string;
  readonly tieout: (words: readonly string[]) => Promise<string>; readonly note: (text: string) => void;
};
export type Named = { readonly act: string; readonly reference: string; readonly cause: string | null; readonly what: string | null; readonly expected: string; readonly seconds: number | null; readonly overSeconds: number | null; readonly isRight: boolean };

const limitMs = 120_000;
const acts = [
  { act: "amount edited", cause: "changedThere", what: "changed" }, { act: "account edited", cause: "changedThere", what: "changed" }, { act: "date edited", cause: "changedThere", what: "changed" },
  { act: "voided", cause: "changedThere", what: "voided" }, { act: "deleted", cause: "changedThere", what: "missing" }, { act: "entered twice", cause: "twiceThere", what: "several" },
] as const;

export async function driftInLedgersmb(place: DriftPlace): Promise<{ readonly named: Named[]; readonly others: number; readonly isRight: boolean }> {
  const { ours, lsmb, note } = place;
  const now = (): number => systemClock().getTime();
  const before = new Set((await findings(place)).map(({ no }) => no));
  const victims = await ours<{ reference: string; deliveryNo: string }>(`select d.reference, d.delivery_no::text as "deliveryNo" from delivery.delivery d join books.book b using (book_id)
    where b.code = $1 and d.flow = $2 and d.purpose = 'voucher' and d.state = 'confirmed' order by d.delivery_no desc limit $3`, [place.book, place.flow, acts.length]);
  if (victims.length < acts.length) throw new Error(`only ${victims.length} vouchers were delivered`);
  const done: { readonly reference: string; readonly deliveryNo: string; readonly atMs: number; readonly undo: () => Promise<void> }[] = [];
  for (const [index, { act }] of acts.entries()) {
    const { reference, deliveryNo } = victims[index] as (typeof victims)[number];
    note(`${act} in LedgerSMB: ${reference}`);
    const undo = await interfere(place, act, reference, deliveryNo);
    done.push({ reference, deliveryNo, atMs: now(), undo });
  }
  const named = await waitFor<Found & { readonly ms: number }>(async (open) => {
    const found = (await findings(place)).filter(({ no }) => !before.has(no));
    for (const [index, { reference }] of done.entries()) {
      const hit = found.find((one) => one.reference === reference);
      if (hit !== undefined) open(index, { ...hit, ms: now() - (done[index]?.atMs ?? 0) });
    }
  });
  const others = (await findings(place)).filter(({ no, reference }) => !before.has(no) && !done.some((one) => one.reference === reference)).length;
  note("put right");
  const mendedMs: number[] = [];
  for (const { undo } of done) {
    await undo();
    mendedMs.push(now());
  }
  const over = await waitFor<{ readonly ms: number }>(async (open) => {
    const standing = new Set((await findings(place)).map(({ reference }) => reference));
    for (const [index, { reference }] of done.entries()) if (!standing.has(reference)) open(index, { ms: now() - (mendedMs[index] ?? 0) });
  });
  const rows = acts.map(({ act, cause, what }, index): Named => {
    const [hit, end] = [named.get(index), over.get(index)];
    return { act, reference: done[index]?.reference ?? "", cause: hit?.cause ?? null, what: hit?.what ?? null, expected: cause, seconds: hit === undefined ? null : Math.floor(hit.ms / 100) / 10, overSeconds: end === undefined ? null : Math.floor(end.ms / 100) / 10, isRight: hit?.cause === cause && hit.what === what && hit.ms <= 60_000 && end !== undefined };
  });
  return { named: rows, others, isRight: others === 0 && rows.every(({ isRight }) => isRight) };

  async function waitFor<T>(look: (open: (index: number, hit: T) => void) => Promise<void>): Promise<Map<number, T>> {
    const seen = new Map<number, T>();
    for (const since = now(); seen.size < acts.length && now() - since < limitMs; ) {
      await look((index, hit) => { if (!seen.has(index)) seen.set(index, hit); });
      await new Promise((rest) => setTimeout(rest, 250));
    }
    return seen;
  }

  /** Does it, and says how it is put right. */
  async function interfere({ tieout, erp }: DriftPlace, act: (typeof acts)[number]["act"], reference: string, deliveryNo: string): Promise<() => Promise<void>> {
    const [head] = await lsmb<{ id: number; date: string; description: string }>("select id, transdate::text as date, description from gl where reference = $1", [reference]);
    if (head === undefined) throw new Error(`${reference} does not stand in LedgerSMB`);
    const lines = await lsmb<{ entry: number; chart: number; accno: string; amount: string }>("select l.entry_id as entry, l.chart_id as chart, c.accno, l.amount::text as amount from acc_trans l join account c on c.id = l.chart_id where l.trans_id = $1 order by l.entry_id", [head.id]);
    const run = async (text: string, ...parameters: unknown[]): Promise<void> => void (await lsmb(text, parameters));
    const [debit, credit] = [lines.find(({ amount }) => amount.startsWith("-")), lines.find(({ amount }) => !amount.startsWith("-"))];
    if (debit === undefined || credit === undefined) throw new Error(`${reference} has one side only`);
    switch (act) {
      case "amount edited": {
        const by = (sign: number): Promise<void> => run("update acc_trans set amount = amount + case entry_id when $1 then $3::numeric else -$3::numeric end where entry_id in ($1, $2)", credit.entry, debit.entry, sign);
        await by(1);
        return () => by(-1);
      }
      case "account edited":
        await run("update acc_trans set chart_id = (select id from account where accno not in (select c.accno from acc_trans l join account c on c.id = l.chart_id where l.trans_id = $2) order by accno limit 1) where entry_id = $1", credit.entry, head.id);
        return () => run("update acc_trans set chart_id = $2 where entry_id = $1", credit.entry, credit.chart);
      case "date edited":
        await run("update gl set transdate = transdate - 1 where id = $1", head.id);
        return () => run("update gl set transdate = $2 where id = $1", head.id, head.date);
      case "voided":
        await run("update gl set approved = false where id = $1", head.id);
        return () => run("update gl set approved = true where id = $1", head.id);
      case "deleted":
        await remove(head.id);
        return async () => void (await tieout(["delivery", "resolve", deliveryNo, "--book", place.book, "--as", "notSent", "--reason", "deleted there by mistake"]));
      case "entered twice": {
        await enterByForm(erp, [reference, head.date, head.description, ...lines.map(({ accno, amount }) => `${accno}:${amount.startsWith("-") ? "D" : "C"}:${amount.replace("-", "")}`)]);
        return async () => {
          for (const { id } of await lsmb<{ id: number }>("select id from gl where reference = $1 and id <> $2", [reference, head.id])) await remove(id);
        };
      }
    }
  }
  async function remove(id: number): Promise<void> {
    await lsmb("delete from acc_trans where trans_id = $1", [id]);
    await lsmb("delete from gl where id = $1", [id]);
  }
}

type Found = { readonly no: string; readonly cause: string; readonly what: string | null; readonly reference: string | null };
const findings = ({ ours, book }: DriftPlace): Promise<Found[]> =>
  ours<Found>("select r.difference_no::text as no, r.cause, r.facts->>'what' as what, r.facts->>'reference' as reference from reconciliation.difference r join books.book b using (book_id) where b.code = $1 and r.part = 'finance' and r.state <> 'closed'", [book]);

/** As a person does it: LedgerSMB's own web form, which takes a reference a second time. */
function enterByForm(erp: string, words: readonly string[]): Promise<void> {
  const child = spawn("/usr/bin/python3", [join(erp, "post_voucher_lsmb.py"), ...words], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  return new Promise((done, fail) => child.on("close", (code) => (code === 0 ? done() : fail(new Error(`post_voucher_lsmb.py ended with ${code}: ${errors.slice(-500)}`)))));
}
