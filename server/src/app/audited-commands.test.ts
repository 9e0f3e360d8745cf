import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { hostname, tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { config, openStore, silentLog } from "../platform/index.ts";

const folder = await mkdtemp(join(tmpdir(), "tieout-audit-cli-"));
const store = await openStore({ ...config(), dataDir: join(folder, ".tieout"), databaseUrl: undefined }, { log: silentLog });
after(async () => {
  await store.close();
  await rm(folder, { recursive: true });
});
const program = fileURLToPath(new URL("../../bin/tieout.js", import.meta.url));

type Ran = { code: number; out: string; err: string };
function tieout(words: readonly string[], input = ""): Promise<Ran> {
  const child = spawn(process.execPath, [program, ...words], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk: Buffer) => (out += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString("utf8")));
  child.stdin.end(input);
  return new Promise((resolve) => child.on("close", (code) => resolve({ code: code ?? -1, out, err })));
}
type Listed = { entryNo: string; act: string; actor: string; actorName: string; actorKind: string; address: string; book: string | null; objectId: string; after: unknown; reason: string; outcome: string; code: string | null; request: string; zh: string };

test("commands that change something are recorded with who ran them, what came of it and what they were refused; those that read are not", async () => {
  const file = join(folder, "march.jsonl");
  const masters = [{ schema: "tieout/item@1", source: "wms", sourceId: "STEEL", category: "rawMaterial" }, { schema: "tieout/supplier@1", source: "wms", sourceId: "S01" }];
  await writeFile(file, masters.map((one) => `${JSON.stringify(one)}\n`).join(""));
  assert.equal((await tieout(["book", "create", "B1", "--pack", "cas-general", "--from", "2026-03", "--as", "王倩"])).code, 0);
  assert.equal((await tieout(["post", file, "--book", "B1"])).code, 0);
  assert.equal((await tieout(["book", "set", "B1", "costing", "nonsense", "--reason", "试"])).code, 1);
  assert.equal((await tieout(["flow", "secret", "set", "WMS_TOKEN", "--book", "B1"], "hunter2\n")).code, 0);
  assert.equal((await tieout(["key", "create", "数据仓库", "--book", "B1", "--scope", "vouchers:read"])).code, 0);
  for (const reading of [["book", "list"], ["post", file, "--book", "B1", "--dry-run"], ["post", "missing.jsonl", "--book"], ["key", "log"]]) await tieout(reading);

  const listed = await tieout(["audit", "list", "--json"]);
  const entries = (JSON.parse(listed.out) as Listed[]).reverse();
  assert.deepEqual(entries.map(({ act, objectId, outcome, code }) => [act, objectId, outcome, code]), [
    ["book.created", "B1", "done", null], ["documents.posted", file, "done", null], ["setting.changed", "costing", "refused", entries[2]?.code], ["secret.set", "WMS_TOKEN", "done", null], ["key.created", "数据仓库", "done", null],
  ]);
  const [made, posted, refused] = entries;
  assert.deepEqual([made?.actorKind, made?.actor, made?.actorName, made?.address, made?.book], ["cli", userInfo().username, "王倩", hostname(), "B1"]);
  assert.equal(made?.request, "tieout book create B1 --pack cas-general --from 2026-03 --as 王倩");
  assert.deepEqual((posted?.after as { summary: { received: number } }).summary.received, 2);
  assert.deepEqual([refused?.reason, /^setting\./.test(refused?.code ?? "")], ["试", true]);
  assert.doesNotMatch(listed.out, /hunter2|tk_[0-9a-f]{12}_[\w-]{30}/);

  const csv = await tieout(["audit", "export", "--act", "book.created"]);
  assert.match(csv.out, /^\uFEFF编号 number,[^\n]+\n1,[^\n]+book\.created/);
  const verified = await tieout(["audit", "verify"]);
  assert.deepEqual([verified.code, /whole, nothing was changed/.test(verified.out), /entries 6/.test(verified.out)], [0, true, true]);
  assert.match((await tieout(["audit", "list", "--text", "建立"])).out, /王倩 建立了账簿 B1/);
});
