import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../platform/index.ts";
import { acceptTarget, sampleDelivery } from "../acceptance.ts";
import type { Delivery } from "../target.ts";
import { trytonStandIn } from "./stand-ins/tryton.ts";
import { tryton, type TrytonConfig } from "./tryton.ts";

const known = { accounts: [{ code: "1122", party_required: true }, { code: "6001" }, { code: "222101" }], parties: ["0007"], year: 2025 };
const configOf = (url: string, login: { readonly user: string; readonly password: string }): TrytonConfig => ({ url, ...login, journal: "GEN", partyDimension: "customer" });
const ctx = { now: systemClock, log: silentLog };

acceptTarget({
  name: "Tryton", target: tryton,
  async make() {
    const system = await trytonStandIn(known);
    return {
      config: configOf(system.url, system.login), port: system.port, configAt: (port) => configOf(`http://127.0.0.1:${port}`, system.login), write: "account.move.create", close: system.close,
      standing: ({ reference }) => system.moves.filter(({ description, state }) => state === "posted" && description.startsWith(`${reference} `)).length,
      tooMany: () => system.fail({ is: "answer", status: 429, headers: { "retry-after": "7" } }),
    };
  },
});

test("Tryton: a move that was made and not posted counts as absent, and sending it again completes it", async () => {
  const system = await trytonStandIn(known);
  try {
    const session = await tryton.open(configOf(system.url, system.login), 1n, ctx);
    const delivery = sampleDelivery(1);
    await session.deliver([delivery], 5_000);
    Object.assign(system.moves[0] as object, { state: "draft", postNumber: null });
    assert.equal((await session.probe([delivery]))[0]?.is, "absent");
    assert.equal((await session.deliver([{ ...delivery, attempt: 2 }], 5_000))[0]?.is, "applied");
    assert.deepEqual(system.moves.map(({ state }) => state), ["posted"]);
  } finally {
    await system.close();
  }
});

test("Tryton: of a batch the one that is refused leaves no draft, and the others are posted", async () => {
  const system = await trytonStandIn(known);
  try {
    const session = await tryton.open(configOf(system.url, system.login), 1n, ctx);
    const [good, bad, other] = [sampleDelivery(1), sampleDelivery(2), sampleDelivery(3)] as [Delivery, Delivery & { purpose: "voucher" }, Delivery];
    const unbalanced: Delivery = { ...bad, voucher: { ...bad.voucher, lines: bad.voucher.lines.slice(0, 2) } };
    const outcomes = await session.deliver([good, unbalanced, other], 5_000);
    assert.deepEqual(Object.fromEntries(outcomes.map(({ deliveryId, is }) => [deliveryId, is])), { [good.deliveryId]: "applied", [bad.deliveryId]: "rejected", [other.deliveryId]: "applied" });
    assert.deepEqual(system.moves.map(({ state }) => state), ["posted", "posted"]);
    const [early] = await session.deliver([{ ...good, deliveryId: "x", reference: "TO-EARLY", voucher: { ...(good as typeof bad).voucher, date: "2024-12-31" } } as Delivery], 5_000);
    assert.equal(early?.is === "rejected" && early.problem.facts.code, "2024-12-31");
  } finally {
    await system.close();
  }
});

test("Tryton: a write-back becomes one note on the record that the document came from", async () => {
  const system = await trytonStandIn(known);
  try {
    const session = await tryton.open(configOf(system.url, system.login), 1n, ctx);
    const back = (kind: string, sourceId: string, reference: string): Delivery => ({ deliveryId: reference.padEnd(64, "0"), reference, payloadHash: "h", attempt: 1, purpose: "writeback", document: { kind, sourceId, voucher: "2026-03/记-1", targetNumber: "GL-1", targetState: "approved", at: "2026-03-10T00:00:00Z" } });
    const deliveries = [back("salesInvoice", "12", "TO-A"), back("cashReceipt", "7-3", "TO-B"), back("goodsReceipt", "move-9", "TO-C"), back("salesInvoice", "INV/1", "TO-D")];
    assert.deepEqual((await session.deliver(deliveries, 5_000)).map(({ is }) => is), ["applied", "applied", "applied", "rejected"]);
    assert.deepEqual((await session.deliver(deliveries.slice(0, 2), 5_000)).map(({ is }) => is), ["duplicate", "duplicate"]);
    assert.deepEqual(system.notes.map(({ resource }) => resource), ["account.invoice,12", "account.move,7", "stock.move,9"]);
    assert.equal((await session.probe(deliveries))[0]?.is, "found");
  } finally {
    await system.close();
  }
});
