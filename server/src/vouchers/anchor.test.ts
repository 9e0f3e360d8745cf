import assert from "node:assert/strict";
import { appendFile, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { steppingClock } from "../platform/index.ts";
import { anchor, anchorPath, beginAnchors, readAnchors } from "./anchor.ts";
import { leafOf, merkleRoot, noBlock } from "./chain.ts";

const dataDir = await mkdtemp(join(tmpdir(), "tieout-anchor-"));
after(() => rm(dataDir, { recursive: true }));
const ctx = { dataDir, now: steppingClock("2026-03-05T08:00:00Z", 1000) };
const book = { code: "B1" };

test("anchors come back in order, signed with a key that only its owner can read", async () => {
  await anchor(ctx, book, { block: 7n, hash: leafOf("seven") });
  await anchor(ctx, book, { block: 9, hash: leafOf("nine") });
  const read = await readAnchors(dataDir, "B1");
  assert.deepEqual(read, {
    forged: [],
    anchors: [
      { book: "B1", block: 7n, hash: leafOf("seven").toString("hex"), at: "2026-03-05T08:00:00.000Z" },
      { book: "B1", block: 9n, hash: leafOf("nine").toString("hex"), at: "2026-03-05T08:00:01.000Z" },
    ],
  });
  assert.equal((await stat(join(dataDir, "keys", "anchor-private.pem"))).mode & 0o777, 0o600);
  assert.equal(await readAnchors(dataDir, "B2"), undefined);
});

test("an anchor that was changed, invented or moved to another book is called forged; a line that a crash cut is not", async () => {
  const path = anchorPath(dataDir, "B1");
  const [first = "", second = ""] = (await readFile(path, "utf8")).split("\n");
  await writeFile(path, `${first}\n${second.replace('"block":9', '"block":8')}\n{}\nnonsense\n${second.slice(0, 30)}`);
  assert.deepEqual((await readAnchors(dataDir, "B1"))?.forged, [2, 3, 4]);
  await writeFile(anchorPath(dataDir, "B2"), `${first}\n`);
  assert.deepEqual((await readAnchors(dataDir, "B2"))?.forged, [1]);
  await appendFile(anchorPath(dataDir, "B2"), "");
});

test("without a data folder nothing is anchored", async () => {
  await anchor({ now: ctx.now }, book, { block: 1n, hash: noBlock });
});

test("the root of a tree depends on each leaf and on their order, and an odd leaf is carried up", () => {
  const [a, b, c] = ["a", "b", "c"].map(leafOf) as [Buffer, Buffer, Buffer];
  const pair = (left: Buffer, right: Buffer): Buffer => leafOf(Buffer.concat([left, right]));
  assert.deepEqual(merkleRoot([]), noBlock);
  assert.deepEqual(merkleRoot([a]), a);
  assert.deepEqual(merkleRoot([a, b]), pair(a, b));
  assert.deepEqual(merkleRoot([a, b, c]), pair(pair(a, b), c));
  assert.notDeepEqual(merkleRoot([b, a, c]), merkleRoot([a, b, c]));
});

test("the file begins with block 0 before there is a block, and is not begun again once there are some", async () => {
  await beginAnchors(ctx, { code: "B3" }, { block: 5, hash: noBlock });
  assert.equal(await readAnchors(dataDir, "B3"), undefined);
  await beginAnchors(ctx, { code: "B3" }, { block: 0, hash: noBlock });
  await beginAnchors(ctx, { code: "B3" }, { block: 0, hash: noBlock });
  await anchor(ctx, { code: "B3" }, { block: 0, hash: noBlock });
  assert.deepEqual((await readAnchors(dataDir, "B3"))?.anchors.map(({ block }) => block), [0n]);
});
