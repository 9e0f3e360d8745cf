/**
 * The acceptance kit of targets: what each of them must keep, whatever it writes to. A target's test file says how its system is
 * made, how a fault proxy is put before it, and how many effects stand in it, and gets its tests:
 *
 *   acceptTarget({ name: "kingdee", target, make: async () => ({ config, port, configAt, write: "Save", standing, close }) });
 *
 * The kit settles an unclear outcome as the outbox does: search, then resend only if nothing stands there; resend under the same
 * key; or leave it to a person.
 */
import assert from "node:assert/strict";
import { connect, createServer, type AddressInfo, type Socket } from "node:net";
import { test } from "node:test";
import { FlowFault } from "../connectors/index.ts";
import { silentLog, systemClock } from "../platform/index.ts";
import { compareStanding, deliveryIdOf, referenceOf, voucherHash } from "./delivery.ts";
import type { Delivery, Outcome, Standing, Target, TargetCtx, VoucherLineOut, VoucherOut } from "./target.ts";

export type TargetSystem<Config> = {
  readonly config: Config;
  /** For a target on the network: its port here, and the configuration that reaches it at another. */
  readonly port?: number;
  readonly configAt?: (port: number) => Config;
  /** Text in the bytes of the call that writes; faults hit there. */
  readonly write?: string;
  /** How often this delivery stands in the system, asked of the system itself. */
  readonly standing: (delivery: Delivery) => Promise<number> | number;
  /** The next write is answered 429 with Retry-After: 7. */
  readonly tooMany?: () => void;
  /** Codes that the system knows; 1122, 6001 and 222101 unless said otherwise. */
  readonly accounts?: readonly [string, string, string];
  readonly close: () => Promise<void>;
};
export type TargetAcceptance<Config> = {
  readonly name: string;
  readonly target: Target<Config>;
  readonly make: () => Promise<TargetSystem<Config>>;
  /** An account that the system does not know makes it refuse. Leave out for systems that look into nothing. */
  readonly refuses?: boolean;
  /** What the target has not by its nature; everything else must be there. `answers`: it is not asked over HTTP, so nobody answers 429. */
  readonly lacks?: readonly ("network" | "answers" | "readBack")[];
  /** The target takes an epoch, and refuses a session with a lower one. */
  readonly fences?: boolean;
  /** How many vouchers the large batch has. 200 unless said otherwise. */
  readonly many?: number;
  readonly timeoutMs?: number;
  readonly skip?: string | undefined;
};

const ctx: TargetCtx = { now: systemClock, log: silentLog, flow: "acceptance" };

export function acceptTarget<Config>({ name, target, make, refuses = true, lacks = [], fences = false, many = 200, timeoutMs = 10_000, skip }: TargetAcceptance<Config>): void {
  const options = skip === undefined ? {} : { skip };
  const it = (sentence: string, work: (system: TargetSystem<Config>) => Promise<void>): void =>
    void test(`${name}: ${sentence}`, options, async () => {
      const system = await make();
      try {
        await work(system);
      } finally {
        await system.close();
      }
    });
  const onWire = (sentence: string, fault: Fault["is"], work: (system: TargetSystem<Config>, config: Config, proxy: FaultProxy, fault: Fault) => Promise<void>): void => {
    if (!lacks.includes("network")) it(sentence, async (system) => {
      assert.ok(system.port !== undefined && system.configAt !== undefined, "a port and a configuration for another one");
      const proxy = await faultProxy(system.port);
      try {
        await work(system, system.configAt(proxy.port), proxy, { is: fault, at: system.write ?? "" });
      } finally {
        await proxy.close();
      }
    });
  };
  const isSilent = target.dedupe === "none";

  it("a check of a right definition finds nothing wrong", async ({ config }) => {
    assert.deepEqual(await target.check(config, ctx), []);
  });

  it("a voucher is applied once and acknowledged, and its red counterpart is another", async (system) => {
    const session = await target.open(system.config, 1n, ctx);
    const blue = sampleDelivery(1, system);
    const red = sampleDelivery(2, system, { isRed: true, red: target.red });
    const outcomes = [...(await session.deliver([blue], timeoutMs)), ...(await session.deliver([red], timeoutMs))];
    assert.deepEqual(outcomes.map(shown), ["applied", "applied"]);
    assert.deepEqual([await system.standing(blue), await system.standing(red)], [1, 1]);
    await session.close();
  });

  if (!isSilent) {
    it("a delivery that stands there already is found, and sending it by the rules adds nothing", async (system) => {
      const session = await target.open(system.config, 1n, ctx);
      const delivery = sampleDelivery(3, system);
      assert.deepEqual((await session.deliver([delivery], timeoutMs)).map(shown), ["applied"]);
      if (target.dedupe === "natural-key") {
        assert.equal((await session.probe([delivery]))[0]?.is, "found");
        assert.equal((await session.probe([sampleDelivery(4, system)]))[0]?.is, "absent");
      } else assert.deepEqual((await session.deliver([{ ...delivery, attempt: 2 }], timeoutMs)).map(({ is }) => is), ["duplicate"]);
      assert.equal(await system.standing(delivery), 1);
      await session.close();
    });
  }

  if (!lacks.includes("readBack")) it("what stands there is read back as it was sent, blue and red", async (system) => {
    const session = await target.open(system.config, 1n, ctx);
    assert.ok(session.readBack, "a way to read back");
    const sent = [sampleDelivery(5, system), sampleDelivery(6, system, { isRed: true, red: target.red })];
    await session.deliver(sent, timeoutMs);
    const standing = await session.readBack([...sent, sampleDelivery(13, system)]);
    assert.deepEqual(standing.map(({ reference, isVoid }) => [reference, isVoid]).sort(), sent.map(({ reference }) => [reference, false]).sort());
    for (const delivery of sent) assert.equal(delivery.purpose === "voucher" && compareStanding(delivery.voucher, standing.find(({ reference }) => reference === delivery.reference) as Standing), undefined);
    await session.close();
  });

  if (refuses) {
    it("a business refusal is told as one, in the system's words, and leaves nothing", async (system) => {
      const session = await target.open(system.config, 1n, ctx);
      const delivery = sampleDelivery(7, { accounts: ["9999.99", "6001", "222101"] });
      const [outcome] = await session.deliver([delivery], timeoutMs);
      assert.equal(outcome?.is, "rejected");
      assert.equal(await system.standing(delivery), 0);
      await session.close();
    });
  }

  onWire("what cannot be reached was certainly not sent", "pass", async (system, _config, proxy) => {
    const session = await target.open((system.configAt as (port: number) => Config)(proxy.port), 1n, ctx);
    const delivery = sampleDelivery(8, system);
    await proxy.close();
    const [outcome] = await session.deliver([delivery], timeoutMs).catch((): Outcome[] => []);
    // A connection that stood may break while it is used; a new one is refused.
    assert.ok(outcome === undefined || outcome.is === "notSent" || outcome.is === "unknown", shown(outcome as Outcome));
    assert.equal(await system.standing(delivery), 0);
    await session.close().catch(() => {});
  });

  for (const [sentence, fault] of [["cut before it was done", "cutBefore"], ["cut after it was done", "cutAfter"], ["never answered", "silentAfter"]] as const)
    onWire(`a write ${sentence} is unclear, and settled by the rules has ${isSilent ? "no second" : "exactly one"} effect`, fault, async (system, config, proxy, wire) => {
      let session = await target.open(config, 1n, ctx);
      const delivery = sampleDelivery(9, system);
      proxy.arm(wire);
      const limitMs = fault === "silentAfter" ? 700 : timeoutMs;
      let outcome = await deliverOne(session, delivery, limitMs);
      assert.equal(proxy.hits(), 1, "the fault hit the write");
      if (fault !== "cutBefore") assert.equal(outcome.is, "unknown", shown(outcome));
      assert.ok(outcome.is === "unknown" || outcome.is === "notSent", shown(outcome));
      // As the outbox does: a session that misbehaved is left, the next has a higher epoch.
      await session.close().catch(() => {});
      proxy.arm({ is: "pass", at: "" });
      session = await target.open(config, 2n, ctx);
      if (outcome.is === "unknown" && target.dedupe !== "idempotency-key") {
        if (!isSilent) {
          const [probe] = await session.probe([delivery]);
          if (probe?.is === "absent") outcome = await deliverOne(session, { ...delivery, attempt: 2 }, timeoutMs);
          else assert.equal(probe?.is, "found");
        }
      } else outcome = await deliverOne(session, { ...delivery, attempt: 2 }, timeoutMs);
      const effects = await system.standing(delivery);
      if (isSilent && outcome.is === "unknown") assert.ok(effects <= 1, `${effects} effects`);
      else assert.equal(effects, 1);
      await session.close().catch(() => {});
    });

  if (!lacks.includes("network") && !lacks.includes("answers")) it("429 is honoured: not sent, and the wait is handed on", async (system) => {
    assert.ok(system.tooMany, "a way to be answered 429");
    const session = await target.open(system.config, 1n, ctx);
    const [first, second] = [sampleDelivery(10, system), sampleDelivery(11, system)];
    system.tooMany();
    const outcomes = await session.deliver([first, second], timeoutMs);
    assert.deepEqual(outcomes.map(shown), ["notSent target.rate_limited", "notSent target.rate_limited"]);
    assert.equal(outcomes[0]?.is === "notSent" ? outcomes[0].retryAfterMs : 0, 7000);
    assert.equal(await system.standing(first), 0);
    await session.close();
  });

  it(`a batch of ${many} has one outcome for each, and each stands there once`, async (system) => {
    const session = await target.open(system.config, 1n, ctx);
    const deliveries = Array.from({ length: many }, (_, index) => sampleDelivery(1000 + index, system));
    const outcomes = await session.deliver(deliveries, 60_000);
    assert.deepEqual(outcomes.map(({ deliveryId }) => deliveryId).sort(), deliveries.map(({ deliveryId }) => deliveryId).sort());
    assert.deepEqual([...new Set(outcomes.map(shown))], ["applied"]);
    for (const delivery of [deliveries[0], deliveries.at(-1)] as Delivery[]) assert.equal(await system.standing(delivery), 1);
    await session.close();
  });

  if (fences) {
    it("a zombie with a lower epoch is refused", async (system) => {
      const old = await target.open(system.config, 1n, ctx);
      const young = await target.open(system.config, 2n, ctx);
      const delivery = sampleDelivery(12, system);
      const refused = await old.deliver([delivery], timeoutMs).then((outcomes) => outcomes.every(({ is }) => is !== "applied" && is !== "duplicate"), () => true);
      assert.ok(refused, "the old session wrote");
      assert.equal(await system.standing(delivery), 0);
      assert.deepEqual((await young.deliver([delivery], timeoutMs)).map(shown), ["applied"]);
      await Promise.all([old.close().catch(() => {}), young.close()]);
    });
  }
}

const shown = (outcome: Outcome): string => ("problem" in outcome ? `${outcome.is} ${outcome.problem.code}` : outcome.is);

/** What a target throws makes every item without an outcome unknown. */
async function deliverOne(session: Awaited<ReturnType<Target<unknown>["open"]>>, delivery: Delivery, timeoutMs: number): Promise<Outcome> {
  try {
    const [outcome] = await session.deliver([delivery], timeoutMs);
    return outcome as Outcome;
  } catch (error) {
    return { is: "unknown", deliveryId: delivery.deliveryId, problem: error instanceof FlowFault ? error.problem : { code: "delivery.target_failed", facts: { detail: String(error) } } };
  }
}

/** A sale of 11,300.00 with tax, dated in March 2025, as it would come out of the code map. */
export function sampleDelivery(no: number, system: { readonly accounts?: readonly [string, string, string] } = {}, { isRed = false, red = "negative" }: { readonly isRed?: boolean; readonly red?: "negative" | "swappedSides" } = {}): Delivery {
  const [receivable, revenue, tax] = system.accounts ?? ["1122", "6001", "222101"];
  const line = (account: string, accountName: string, summary: string, side: "debit" | "credit", amount: string, dimensions: Readonly<Record<string, string>> = {}): VoucherLineOut => {
    const shownSide = isRed && red === "swappedSides" ? (side === "debit" ? "credit" : "debit") : side;
    const value = isRed && red === "negative" ? `-${amount}` : amount;
    return { account, accountName, summary, debit: shownSide === "debit" ? value : "0.00", credit: shownSide === "credit" ? value : "0.00", currency: "CNY", amountOriginal: value, rate: "1", quantity: "0", dimensions, dimensionNames: Object.fromEntries(Object.keys(dimensions).map((kind) => [kind, "青禾贸易有限公司"])) };
  };
  const voucher: VoucherOut = {
    book: "B1", period: "2025-03", series: "记", no, number: `记-${no}`, date: "2025-03-31", summary: isRed ? "冲销 销售商品" : "销售商品", attachments: 1, currency: "CNY", preparedBy: "李晓", reviewedBy: "王敏", isRed, sources: [`crm:salesInvoice/${no}`],
    lines: [line(receivable, "应收账款", "销售商品", "debit", "11300.00", { customer: "0007" }), line(revenue, "主营业务收入", "销售商品", "credit", "10000.00"), line(tax, "销项税额", "销项税额", "credit", "1300.00")],
  };
  const deliveryId = deliveryIdOf("B1", "acceptance", `v${no}`, 1, "voucher");
  return { deliveryId, reference: referenceOf(deliveryId, "B1", voucher), payloadHash: voucherHash(voucher), attempt: 1, purpose: "voucher", voucher };
}

/** pass; the connection is cut before the write's bytes go on; cut when its answer comes; the answer is swallowed. */
export type Fault = { readonly is: "pass" | "cutBefore" | "cutAfter" | "silentAfter"; /** Text in the client's bytes that the fault waits for. */ readonly at: string };
export type FaultProxy = { readonly port: number; readonly arm: (fault: Fault) => void; /** How often the armed fault struck. */ readonly hits: () => number; readonly close: () => Promise<void> };

/** Passes bytes on to a port of this machine, and fails once when it is armed. Knows no protocol. */
export async function faultProxy(to: number): Promise<FaultProxy> {
  let armed: Fault = { is: "pass", at: "" };
  let hits = 0;
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(to, "127.0.0.1");
    let striking: Fault["is"] = "pass";
    let tail = "";
    const cut = (): void => {
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.on("error", cut).on("close", () => {
        open.delete(socket);
        cut();
      });
    }
    client.on("data", (bytes) => {
      if (striking === "pass" && armed.is !== "pass") {
        const seen = tail + bytes.toString("latin1");
        tail = seen.slice(-armed.at.length);
        if (seen.includes(Buffer.from(armed.at).toString("latin1"))) {
          striking = armed.is;
          armed = { is: "pass", at: "" };
          hits += 1;
        }
      }
      if (striking === "cutBefore") return cut();
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (striking === "cutAfter") return cut();
      if (striking !== "silentAfter") client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    port, hits: () => hits,
    arm: (fault) => void (armed = fault),
    close: () => new Promise<void>((resolve) => {
      for (const socket of open) socket.destroy();
      server.close(() => resolve());
    }),
  };
}
