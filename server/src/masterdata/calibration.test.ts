import assert from "node:assert/strict";
import { after, test } from "node:test";
import fc from "fast-check";
import { createBook, loadBook } from "../books/index.ts";
import { type Ctx, registerRefusals, silentLog, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { takeRecord } from "./arrive.ts";
import { calibrate, chanceOf, uncertaintyOf } from "./calibration.ts";
import { calibrateModels, listModels } from "./learn.ts";
import { listQueue } from "./queue.ts";
import { refusals } from "./refusals.ts";
import { decide } from "./steward.ts";

registerRefusals([refusals]);
const usual = { autoFrom: 7.64, reviewFrom: -1 };

test("answers that are all right where the model is not sure lower the threshold; a few prove nothing, and one mistake among many raises it", () => {
  const right = calibrate([{ weight: 4, answers: 120, same: 120 }, { weight: 6, answers: 120, same: 120 }], usual);
  assert.deepEqual([right.autoFrom, right.reviewFrom], [6, -1], "120 answers and the model's own twenty: at six bits 0.998, at four 0.992");
  assert.equal(calibrate([{ weight: 6, answers: 9, same: 9 }], usual).autoFrom, 7.64);
  const wrong = calibrate([{ weight: 2, answers: 100, same: 60 }, { weight: 9, answers: 100, same: 92 }], usual);
  assert.equal(wrong.autoFrom, 9.01, "nothing joins by itself where eight in a hundred were different");
  const split = calibrate([{ weight: 8, answers: 4_000, same: 3_999 }], usual);
  assert.equal(split.autoFrom, 8, "one mistake in four thousand is within what was promised");
  const idle = calibrate([{ weight: -0.5, answers: 150, same: 1 }, { weight: 3, answers: 60, same: 40 }], usual);
  assert.equal(idle.reviewFrom, 3, "nobody is asked where one in a hundred is right");
});

test("whatever people answer, a heavier pair is never less likely, and every chance is one", () => {
  fc.assert(fc.property(fc.uniqueArray(fc.tuple(fc.integer({ min: -200, max: 2_000 }), fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 1, noNaN: true })), { selector: ([weight]) => weight, minLength: 1, maxLength: 40 }), (rows) => {
    const calibration = calibrate(rows.map(([weight, answers, share]) => ({ weight: weight / 100, answers, same: Math.floor(answers * share) })), usual);
    let before = 0;
    for (let weight = -5; weight < 25; weight += 0.25) {
      const chance = chanceOf(calibration, weight);
      assert.ok(chance >= before && chance <= 1, `${weight}: ${chance} after ${before}`);
      before = chance;
    }
    assert.ok(calibration.reviewFrom <= calibration.autoFrom);
    assert.ok(uncertaintyOf(calibration, 0) >= 0 && uncertaintyOf(calibration, 0) <= 1);
  }), { seed: 11 });
});

test("answers enough calibrate the model of a kind: what people called different no longer joins by itself, and the queue is ordered anew", async () => {
  const store = await testStore();
  after(() => store.close());
  const ctx: Ctx = { db: store, actor: { id: "li" }, now: systemClock, log: silentLog };
  await createBook(ctx, { code: "B1", pack: "cas-general", currency: "CNY", from: "2026-03" });
  const book = await loadBook(store, "B1");
  // Projects are weighed by plain facts: the same code under the same name is 8 bits, which joins by itself.
  const take = (system: string, code: string, name: string) => takeRecord(ctx, book, { domain: "project", system, company: "", code, payload: { name } });
  for (let at = 0; at < 10; at++) {
    await take("erp", `P${at}`, `一期 ${at}`);
    assert.equal((await take("crm", `P${at}`, `一期 ${at}`)).what, "linked");
  }
  for (let at = 0; at < 65; at++) {
    await take("erp", `N${at}`, `二期 ${at}`);
    await take("oa", `M${at}`, `二期 ${at}`); // the same name under another code: even odds of two bits less
  }
  const queue = await listQueue(ctx, book, { domain: "project", limit: 100 });
  assert.equal(queue.length, 65);
  assert.deepEqual(await calibrateModels(ctx, book), [], "without answers nothing is calibrated");
  for (const [at, pair] of queue.slice(0, 60).entries()) await decide(ctx, book, at % 20 === 0 ? { act: "different", candidate: pair.no } : { act: "merge", into: pair.other.golden, from: pair.one.golden, candidate: pair.no }, "核对过合同");
  const [weight] = new Set(queue.map((pair) => Number(pair.weight)));
  assert.deepEqual(await calibrateModels(ctx, book), [], "sixty are too few");
  assert.deepEqual(await calibrateModels(ctx, book, 60), ["project"]);
  const model = (await listModels(ctx, book)).find(({ domain }) => domain === "project");
  const block = model?.blocks.find(({ from, to }) => from <= (weight as number) && (weight as number) <= to);
  assert.deepEqual([model?.answers, block?.answers, block?.same], [60, 60, 57]);
  assert.ok((block?.chance ?? 0) > 0.7 && (block?.chance ?? 0) < 0.96, String(block?.chance));
  const [open] = await listQueue(ctx, book, { domain: "project" });
  assert.equal(Number(open?.uncertainty), Math.floor((1 - Math.abs(2 * (block?.chance ?? 0) - 1)) * 1000) / 1000);
  assert.deepEqual(await calibrateModels(ctx, book, 60), [], "not again before a tenth more answers have come");
  await assert.rejects(store.query("update masterdata.calibration set answers = 1"), { code: "42501" });
});
