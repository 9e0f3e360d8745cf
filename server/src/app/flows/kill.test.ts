/** A process that runs a flow is killed again and again, wherever it happens to be; the next one goes on. This file is that process as well. */
import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { createBook, loadBook } from "../../books/index.ts";
import type { Message, Row, WaysIn } from "../../connectors/index.ts";
import { type Ctx, openPool, silentLog, sleep, systemClock } from "../../platform/index.ts";
import { testStore } from "../../platform/testing.ts";
import { postDocuments } from "../../vouchers/index.ts";
import { registerAll } from "../registry.ts";
import { applyFlow } from "./apply.ts";
import { openFlows } from "./flows.ts";
import { record, scriptedSource, state } from "./scripted-source.ts";
import { viewFlows } from "./view.ts";

const RECORDS = 3_000;
/** Every third record changes one that was there; a state after every seventh, so that landings end in the middle of some. They come bit by bit, so that each process meets some of them. */
function ways(): WaysIn {
  const scripted = scriptedSource("live");
  const script: Message[] = [];
  let since = 0;
  for (let n = 0; n < RECORDS; n++) {
    const id = n % 3 === 2 ? n - 2 : n;
    script.push(record(`k${id}`, receipt(id, `${n}.50`)));
    since++;
    if (n % 7 === 6 || n === RECORDS - 1) {
      script.push(state(script.length + 1, since));
      since = 0;
    }
  }
  let sent = 0;
  setInterval(() => scripted.send(...script.slice(sent, (sent += 20))), 4).unref();
  return { scripted: async () => scripted.source };
}
const receipt = (id: number, price: string): Row => ({ schema: "tieout/goodsReceipt@1", source: "wms", sourceId: `K-${id}`, date: "2026-03-05", supplier: "S01", warehouse: "W1", lines: [{ lineId: "1", item: "STEEL", quantity: "1", price }] });
const contextOn = (db: Ctx["db"]): Ctx => ({ db, actor: { id: "chen" }, now: systemClock, log: silentLog });

registerAll();
const [role, url] = process.argv.slice(2);
if (role === "runner" && url !== undefined) {
  openFlows(contextOn(openPool(url, { role: "tieout_app" })), { ways: ways(), lookMs: 20 });
  setInterval(() => {}, 1_000);
} else {
  test("a runner that is killed wherever it is loses nothing and doubles nothing", { timeout: 60_000 }, async (t) => {
    const db = await testStore();
    t.after(() => db.close());
    const ctx = contextOn(db);
    await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
    const book = await loadBook(db, "B1");
    await postDocuments(ctx, "B1", [{ schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" }]);
    await applyFlow(ctx, { yaml: "flow: killed\nbook: B1\nfrom: { connector: scripted }\n" }, ways());
    const start = (): ChildProcess => spawn(process.execPath, [fileURLToPath(import.meta.url), "runner", db.url], { stdio: "inherit" });
    const landed = async (): Promise<bigint> => (await db.one<{ seq: bigint }>("select landed_seq as seq from connectors.flow_status where flow = 'killed'")).seq;
    let runner = start();
    t.after(() => runner.kill("SIGKILL"));
    for (const afterMs of [0, 30, 80, 15, 140]) {
      const before = await landed();
      while ((await landed()) === before && (await viewFlows(ctx, book))[0]?.counts.posted !== RECORDS) await sleep(5);
      await sleep(afterMs);
      runner.kill("SIGKILL");
      await once(runner, "exit");
      runner = start();
    }
    for (;;) {
      const [view] = await viewFlows(ctx, book);
      if (view?.counts.posted === RECORDS) break;
      assert.equal(view?.problem, null);
      await sleep(50);
    }
    runner.kill("SIGKILL");
    await once(runner, "exit");
    const [view] = await viewFlows(ctx, book);
    assert.deepEqual([view?.counts.received, view?.counts.posted, view?.counts.arriving, view?.deadLetters], [RECORDS, RECORDS, 0, 0]);
    // Each fact in its last state, and vouchers for exactly that.
    const rows = await db.query<{ source_id: string; body: string }>("select source_id, body from documents.document where state = 'posted'");
    const wanted = new Map(Array.from({ length: RECORDS }, (_, n) => [`K-${n % 3 === 2 ? n - 2 : n}`, `${n}.50`]));
    assert.deepEqual(new Map(rows.map((row) => [row.source_id, (JSON.parse(row.body) as { lines: { price: string }[] }).lines[0]?.price])), wanted);
    assert.equal(rows.length, wanted.size);
    const cents = [...wanted.values()].reduce((sum, price) => sum + BigInt(price.replace(".", "")), 0n);
    const { sum } = await db.one<{ sum: string }>("select sum(debit - credit) as sum from vouchers.line where account like '14%'");
    assert.equal(BigInt(sum), cents);
  });
}
