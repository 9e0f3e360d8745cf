import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { type Ctx, fixedClock, silentLog } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { listBatches, listLetters, listSupplierAccounts, listTolerances, reconcileBalance, showDesk } from "../reconciliation/index.ts";
import { createDemo } from "./demo-company.ts";
import { layDesk } from "./demo-desk.ts";
import { registerAll } from "./registry.ts";

registerAll();
const store = await testStore();
after(() => store.close());
const dataDir = await mkdtemp(join(tmpdir(), "tieout-desk-"));
after(() => rm(dataDir, { recursive: true, force: true }));
const ctx: Ctx = { db: store, actor: { id: "system" }, now: fixedClock("2026-04-01T02:00:00Z"), log: silentLog, dataDir };

test("the demo company's bank has told its year: what is certain is matched, what needs a person is left, and the balance ties", { timeout: 120_000 }, async () => {
  const { book } = await createDemo(ctx, { seed: 1, scale: 0.2, book: "DEMO", from: "2026-01", months: 3 });
  await layDesk(ctx, book);
  const { movements, lines, statements } = await showDesk(ctx, book, "BA1");
  assert.deepEqual([statements.length, statements.some(({ closing }) => closing === null)], [3, false]);
  const texts = movements.map(({ name, text }) => `${name} ${text}`.trim());
  for (const left of ["汇海集团财务公司 往来款", "结息", "电汇手续费", "栖浦市自来水公司 水费 代扣", "周敏 货款"]) assert.ok(texts.includes(left), `${left} among ${texts.join("; ")}`);
  assert.ok(movements.length <= 16, texts.join("; "));
  assert.ok(movements.some(({ suggestion }) => suggestion !== null));
  // What stands open in the books is of the last month.
  assert.deepEqual(lines.filter(({ date }) => date < "2026-03-01").map(({ document, amount }) => `${document} ${amount}`), []);
  for (const at of ["2026-02-28", "2026-03-31"]) assert.equal((await reconcileBalance(ctx, book, "BA1", at)).difference, "0.00", at);
  const [batch] = await listBatches(ctx, book);
  assert.equal(batch?.state, "proposed");
  assert.equal((await listSupplierAccounts(ctx, book)).length, 1);
  assert.equal((await listTolerances(ctx, book)).own.length, 1);
  assert.deepEqual((await listLetters(ctx, book)).map(({ state }) => state).sort(), ["agrees", "differs", "sent"]);
});
