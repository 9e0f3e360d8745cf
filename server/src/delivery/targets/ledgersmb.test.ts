import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptTarget, sampleDelivery } from "../acceptance.ts";
import { ledgersmb, type LedgersmbConfig } from "./ledgersmb.ts";
import { type LedgersmbStandIn, openLedgersmbStandIn } from "./stand-ins/ledgersmb.ts";

const system = async (urlOf: (standIn: LedgersmbStandIn) => string) => {
  const standIn = await openLedgersmbStandIn();
  const at = (port: number): LedgersmbConfig => {
    const url = new URL(urlOf(standIn));
    url.port = String(port);
    return { url: url.href };
  };
  const port = Number(new URL(standIn.ownerUrl).port);
  return {
    config: at(port), port, configAt: at, write: "commit", close: standIn.close,
    // Approved, with equal amounts, or it does not count.
    standing: async ({ reference }: { readonly reference: string }) => Number((await standIn.owner.one<{ count: bigint }>(
      "select count(*) as count from gl g where reference = $1 and approved and (select sum(amount) = 0 and count(*) = 3 from acc_trans where trans_id = g.id)", [reference])).count),
  };
};

acceptTarget({ name: "LedgerSMB, where our ledger may stand in its database", target: ledgersmb, fences: true, lacks: ["answers"], make: () => system(({ ownerUrl }) => ownerUrl) });
acceptTarget({ name: "LedgerSMB, where only its reference can tell", target: ledgersmb, lacks: ["answers"], make: () => system(({ clerkUrl }) => clerkUrl) });

const ctx = { now: systemClock, log: silentLog };

test("LedgerSMB: accounts are made only where the flow says so, and a closed period refuses in its own words", async () => {
  const standIn = await openLedgersmbStandIn();
  try {
    const delivery = sampleDelivery(1, { accounts: ["1122.07", "6001", "222101"] });
    const session = await ledgersmb.open({ url: standIn.ownerUrl, createAccounts: { 1: "A" } }, 1n, ctx);
    assert.equal((await session.deliver([delivery], 5_000))[0]?.is, "applied");
    assert.deepEqual(await standIn.owner.query("select description, category from account where accno = '1122.07'"), [{ description: "应收账款", category: "A" }]);
    await standIn.owner.exec("insert into account_checkpoint values ('2025-12-31')");
    const [outcome] = await session.deliver([sampleDelivery(2)], 5_000);
    assert.match(outcome?.is === "rejected" ? String(outcome.problem.facts.detail) : "", /closed period/);
    await session.close();
  } finally {
    await standIn.close();
  }
});

test("LedgerSMB: two workers of one flow at the same moment book a voucher once, though LedgerSMB would take it twice", async () => {
  const standIn = await openLedgersmbStandIn();
  try {
    const deliveries = Array.from({ length: 20 }, (_, at) => sampleDelivery(100 + at));
    const sessions = await Promise.all(["one", "two"].map(() => ledgersmb.open({ url: standIn.clerkUrl }, 1n, { ...ctx, flow: "B1/gl" })));
    const outcomes = (await Promise.all(sessions.map((session) => session.deliver(deliveries, 5_000)))).flat();
    assert.deepEqual(Object.fromEntries([...Map.groupBy(outcomes, ({ is }) => is)].map(([is, of]) => [is, of.length])), { applied: 20, duplicate: 20 });
    assert.deepEqual(await standIn.owner.query("select count(*) as count, count(distinct reference) as references from gl"), [{ count: 20n, references: 20n }]);
    await Promise.all(sessions.map((session) => session.close()));
  } finally {
    await standIn.close();
  }
});
