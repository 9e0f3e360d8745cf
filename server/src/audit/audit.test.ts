import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { type Ctx, fixedClock, Refusal, silentLog, sleep, systemClock } from "../platform/index.ts";
import { testStore } from "../platform/testing.ts";
import { actName, acts, closeAudit, conclude, eachEntry, type Intended, intend, listEntries, record, recorded, settleIntents, verifyAudit } from "./index.ts";

const folders: string[] = [];
const stores: Awaited<ReturnType<typeof testStore>>[] = [];
after(async () => {
  for (const store of stores) await closeAudit({ db: store });
  for (const store of stores) await store.close();
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** A trail of its own with somewhere to anchor it. */
async function trail(): Promise<{ ctx: Ctx & { dataDir: string }; owner: (typeof stores)[number]["owner"] }> {
  const store = await testStore();
  const dataDir = await mkdtemp(join(tmpdir(), "tieout-audit-"));
  stores.push(store);
  folders.push(dataDir);
  return { ctx: { db: store, actor: { id: "wang" }, now: systemClock, log: silentLog, dataDir }, owner: store.owner };
}
const wang = { actorKind: "user", actor: "wang", actorName: "王倩", address: "10.0.0.7", session: "s_12" } as const;
const reviewed = (id: string, more: Partial<Intended> = {}): Intended => ({ ...wang, act: "voucher.reviewed", object: { kind: "draft", id }, book: "B1", before: { state: "draft", total: "100.00" }, request: `POST /api/v1/books/B1/drafts/${id}/review`, reason: "核对无误", ...more });
const codes = ({ problems }: Awaited<ReturnType<typeof verifyAudit>>): string[] => problems.map(({ code }) => code);

/** As the owner of the database can, past the triggers. */
const tamper = (owner: (typeof stores)[number]["owner"], statement: string): Promise<void> => owner.exec(`set session_replication_role = replica; ${statement}; reset session_replication_role`);

test("an act leaves who, what, when, from where, before, after, why and what came of it, and reads as a sentence in both languages", async () => {
  const { ctx } = await trail();
  const at: Ctx = { ...ctx, now: fixedClock("2026-03-05T08:00:00.120Z") };
  assert.equal(await recorded(at, reviewed("12"), async () => "记-7", (number) => ({ after: { number, total: 5n } })), "记-7");
  await assert.rejects(recorded(at, reviewed("13"), async () => {
    throw new Refusal({ code: "voucher.self_review", facts: {} });
  }), Refusal);
  await assert.rejects(recorded(at, reviewed("14"), async () => {
    throw new Error("the disk is full");
  }), /disk/);
  const [failed, refused, done] = await listEntries(ctx, {});
  assert.deepEqual({ ...done, hash: "" }, {
    entryNo: 1n, at: "2026-03-05T08:00:00.12Z", actorKind: "user", actor: "wang", actorName: "王倩", address: "10.0.0.7", session: "s_12", act: "voucher.reviewed", objectKind: "draft", objectId: "12", book: "B1", before: { state: "draft", total: "100.00" },
    after: { number: "记-7", total: "5" }, reason: "核对无误", outcome: "done", code: null, request: "POST /api/v1/books/B1/drafts/12/review", hash: "", cursor: "1", zh: "王倩 审核了凭证草稿 12", en: "王倩 reviewed draft 12",
  });
  assert.deepEqual([refused?.outcome, refused?.code, refused?.zh, refused?.en], ["refused", "voucher.self_review", "王倩 想审核凭证草稿 13 被拒(voucher.self_review)", "王倩 was refused to review draft 13 (voucher.self_review)"]);
  assert.deepEqual([failed?.outcome, failed?.zh], ["failed", "王倩 审核凭证草稿 14 时出错"]);
  assert.deepEqual(await verifyAudit(ctx).then(({ isWhole, entries, intents, anchors }) => [isWhole, entries, intents, anchors?.count]), [true, 3n, 0, 4]);
});

test("a hundred acts at once get numbers without a gap and one whole chain, and so do two processes' worth", async () => {
  const { ctx } = await trail();
  await Promise.all(Array.from({ length: 100 }, (_, index) => recorded(ctx, reviewed(String(index)), () => sleep(index % 7))));
  const other: Ctx = { ...ctx, db: { ...ctx.db } }; // another journal over the same database, as of another process
  await Promise.all(Array.from({ length: 60 }, (_, index) => record(index % 2 === 0 ? ctx : other, reviewed(`more ${index}`))));
  await closeAudit(other);
  const numbers = (await listEntries(ctx, { limit: 1_000 })).map(({ entryNo }) => entryNo);
  assert.deepEqual(numbers, Array.from({ length: 160 }, (_, index) => BigInt(160 - index)));
  assert.deepEqual(await verifyAudit(ctx).then(({ isWhole, entries, intents }) => [isWhole, entries, intents]), [true, 160n, 0]);
});

test("the application may neither change nor delete an entry, nor may its owner, nor can anybody add one beside the chain", async () => {
  const { ctx, owner } = await trail();
  await record(ctx, reviewed("1"));
  for (const statement of ["update audit.entry set reason = ''", "delete from audit.entry", "truncate audit.entry", "delete from audit.head", "truncate audit.head", "update audit.head set entry_no = 9"]) {
    await assert.rejects(ctx.db.exec(statement), /permission denied|moves only/, statement);
    await assert.rejects(owner.exec(statement), /is refused|moves only/, statement);
  }
  await assert.rejects(ctx.db.exec("insert into audit.entry select 3, at, actor_kind, actor, actor_name, address, session, act, object_kind, object_id, book, before, after, reason, outcome, code, request, hash, sha256(hash) from audit.entry"), /do not follow on/);
  assert.ok((await verifyAudit(ctx)).isWhole);
});

test("whichever column the owner of the database changes, the verification names the entry", async () => {
  const { ctx, owner } = await trail();
  for (const id of ["1", "2", "3"]) await record(ctx, reviewed(id), { outcome: "done", after: { number: `记-${id}` } });
  const columns = (await owner.query<{ name: string; type: string }>("select column_name as name, data_type as type from information_schema.columns where table_schema = 'audit' and table_name = 'entry' order by ordinal_position")).filter(({ name }) => name !== "entry_no");
  assert.equal(columns.length, 18);
  const other: Readonly<Record<string, string>> = { actor_kind: "'system'", outcome: "'failed'", act: "'voucher.reversed'", at: "at + interval '1 microsecond'", before: `'{"state":"draft","total":"100.0"}'`, after: "null" };
  for (const { name, type } of columns) {
    await owner.exec("create table kept as select * from audit.entry where entry_no = 2");
    await tamper(owner, `update audit.entry set ${name} = ${other[name] ?? (type === "bytea" ? "sha256('x')" : "'changed'")} where entry_no = 2`);
    const found = await verifyAudit(ctx);
    assert.equal(found.isWhole, false, name);
    assert.equal(String(found.problems[0]?.facts.entry), "2", name);
    await tamper(owner, `update audit.entry set ${name} = (select ${name} from kept) where entry_no = 2`);
    await owner.exec("drop table kept");
  }
  assert.ok((await verifyAudit(ctx)).isWhole);
  await tamper(owner, "update audit.entry set entry_no = 7 where entry_no = 3");
  assert.equal(codes(await verifyAudit(ctx))[0], "audit.gap");
});

test("an entry taken out of the middle, an end that was cut off, a chain rewritten as a whole and anchors removed are all found", async () => {
  const { ctx, owner } = await trail();
  for (const id of ["1", "2", "3", "4"]) await record(ctx, reviewed(id));
  await owner.exec("create table kept as select * from audit.entry; create table kept_head as select * from audit.head");
  const restore = (): Promise<void> => tamper(owner, "delete from audit.entry; insert into audit.entry select * from kept; delete from audit.head; insert into audit.head select * from kept_head");

  await tamper(owner, "delete from audit.entry where entry_no = 2");
  assert.deepEqual(codes(await verifyAudit(ctx)), ["audit.gap"]);
  await restore();
  await tamper(owner, "delete from audit.entry where entry_no = 4");
  assert.deepEqual(codes(await verifyAudit(ctx)), ["audit.head", "audit.cut_off"]);
  await tamper(owner, "update audit.head set entry_no = 3, hash = (select hash from audit.entry where entry_no = 3)");
  assert.deepEqual(codes(await verifyAudit(ctx)), ["audit.cut_off"]); // within the database nothing is wrong any more

  // Another history of the same length, made with the means of the program itself, anchored elsewhere.
  await tamper(owner, "delete from audit.entry; update audit.head set entry_no = 0, hash = decode(repeat('00', 32), 'hex')");
  for (const id of ["1", "5", "6", "7"]) await record({ ...ctx, db: { ...ctx.db }, dataDir: undefined as never }, reviewed(id));
  assert.equal(codes(await verifyAudit(ctx))[0], "audit.anchor_differs");
  assert.deepEqual(codes(await verifyAudit({ db: ctx.db })), []);
  await restore();
  assert.ok((await verifyAudit(ctx)).isWhole);

  const folder = join(ctx.dataDir, "anchors/audit");
  const file = join(folder, (await readdir(folder))[0] ?? "");
  const text = await readFile(file, "utf8");
  await writeFile(file, text.replace(/"entry":"4"/, '"entry":"3"'));
  assert.deepEqual(codes(await verifyAudit(ctx)), ["audit.anchor_forged"]);
  await writeFile(file, `${text}{"entry":"5","ha`); // cut by a crash
  assert.ok((await verifyAudit(ctx)).isWhole);
  await rm(folder, { recursive: true });
  assert.deepEqual(codes(await verifyAudit(ctx)), ["audit.anchor_missing"]);
});

test("an act whose process is killed on the way is recorded as of unknown outcome at the next start, and one whose process lives is left alone", async () => {
  const { ctx } = await trail();
  const index = fileURLToPath(new URL("./index.ts", import.meta.url));
  const platform = fileURLToPath(new URL("../platform/index.ts", import.meta.url));
  const program = `
    import { openPool, appRole, silentLog, systemClock } from ${JSON.stringify(platform)};
    import { intend, record } from ${JSON.stringify(index)};
    const ctx = { db: openPool(process.argv[1], { role: appRole }), actor: { id: "li" }, now: systemClock, log: silentLog };
    const li = { actorKind: "user", actor: "li", actorName: "李雷", address: "10.0.0.8" };
    await record(ctx, { ...li, act: "period.closed", object: { kind: "period", id: "2026-02" }, book: "B1" });
    await intend(ctx, { ...li, act: "period.reopened", object: { kind: "period", id: "2026-02" }, book: "B1", before: { state: "closed" }, reason: "补录" });
    process.stdout.write("begun\\n");
    setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, ctx.db.url], { stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => child.stdout.once("data", resolve) && child.once("exit", reject));
  assert.equal(await settleIntents(ctx), 0); // it lives
  const gone = new Promise((resolve) => child.removeAllListeners("exit").once("exit", resolve));
  child.kill("SIGKILL");
  await gone;
  let settled = 0;
  for (let tries = 0; settled === 0 && tries < 100; tries++) { // the server notices in its own time that a client is gone
    settled = await settleIntents(ctx);
    if (settled === 0) await sleep(50);
  }
  assert.equal(settled, 1);
  const [entry] = await listEntries(ctx, {});
  assert.deepEqual([entry?.entryNo, entry?.outcome, entry?.actor, entry?.act, entry?.reason, entry?.before, entry?.zh], [2n, "unknown", "li", "period.reopened", "补录", { state: "closed" }, "李雷 开始反结账期间 2026-02 结果不明"]);
  assert.deepEqual(await verifyAudit(ctx).then(({ isWhole, intents }) => [isWhole, intents]), [true, 0]);
});

test("an intent stands in the database before the act, and is gone when its entry is there", async () => {
  const { ctx } = await trail();
  const intent = await intend(ctx, reviewed("1"));
  assert.equal((await verifyAudit(ctx)).intents, 1);
  await conclude(ctx, intent, { outcome: "done", object: { kind: "voucher", id: "2026-03/记-7" } });
  assert.deepEqual([(await verifyAudit(ctx)).intents, (await listEntries(ctx, {}))[0]?.objectId], [0, "2026-03/记-7"]);
});

test("a process whose connection is cut goes on recording over a new one", async () => {
  const { ctx, owner } = await trail();
  await recorded(ctx, reviewed("1"), async () => {});
  await owner.exec("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())");
  await sleep(50);
  await recorded(ctx, reviewed("2"), async () => {});
  assert.deepEqual(await verifyAudit(ctx).then(({ isWhole, entries, intents }) => [isWhole, entries, intents]), [true, 2n, 0]);
});

test("secrets, overlong bodies and what a database cannot hold do not reach the trail", async () => {
  const { ctx } = await trail();
  const key = `tk_${"a1".repeat(6)}_${"x".repeat(43)}`;
  await record(ctx, reviewed("1", { before: { password: "hunter2", nested: [{ api_key: "hunter2", note: `use ${key}`, text: "password: hunter2\nhost: a" }], ok: true }, reason: `token=hunter2 \u0000 \ud800`, request: `GET /x?token=hunter2&key=${key}` }), { outcome: "done", after: { rows: "长".repeat(1_000).split("").map((letter) => letter.repeat(20)) } });
  const [entry] = await listEntries(ctx, {});
  const text = JSON.stringify(entry, (_, value: unknown) => (typeof value === "bigint" ? String(value) : value));
  assert.doesNotMatch(text, /hunter2|xxxxx/);
  assert.deepEqual((entry?.before as { nested: unknown[] }).nested, [{ api_key: "***", note: "use tk_a1a1a1a1a1a1_***", text: "password: ***\nhost: a" }]);
  assert.deepEqual(entry?.after, { tooLong: 63_010, fields: ["rows"] });
  assert.ok((await verifyAudit(ctx)).isWhole);
});

test("the trail is found by who, what, to what, when, outcome and any part of its text, in Chinese too, newest first and page by page", async () => {
  const { ctx } = await trail();
  const on = (day: string): Ctx => ({ ...ctx, now: fixedClock(`${day}T10:00:00Z`) });
  await record(on("2026-03-01"), reviewed("12"));
  await record(on("2026-03-02"), { ...wang, actor: "li", actorName: "李雷", act: "setting.changed", object: { kind: "setting", id: "costing" }, book: "B2", before: { value: "average" }, reason: "董事会决议" }, { outcome: "done", after: { value: "fifo" } });
  await record(on("2026-03-03"), { ...wang, act: "period.reopened", object: { kind: "period", id: "2026-02" }, book: "B1", reason: "漏记运费" }, { outcome: "refused", code: "access.denied" });
  await record(on("2026-03-03"), { ...wang, act: "user.created", object: { kind: "user", id: "zhao" } });
  const found = async (filter: Parameters<typeof listEntries>[1]): Promise<number[]> => (await listEntries(ctx, filter)).map(({ entryNo }) => Number(entryNo));
  assert.deepEqual(await found({}), [4, 3, 2, 1]);
  assert.deepEqual([await found({ actor: "li" }), await found({ act: "voucher.reviewed" }), await found({ object: "setting" }), await found({ object: "period/2026-02" }), await found({ outcome: "refused" })], [[2], [1], [2], [3], [3]]);
  assert.deepEqual([await found({ from: "2026-03-02", to: "2026-03-02" }), await found({ from: "2026-03-03T10:00:00Z" }), await found({ to: "2026-03-02T10:00:00+00:00" })], [[2], [4, 3], [1]]);
  assert.deepEqual([await found({ text: "董事" }), await found({ text: "运费" }), await found({ text: "FIFO" }), await found({ text: "王" }), await found({ text: "审核" }), await found({ text: "反结账" }), await found({ text: "nothing like it" })], [[2], [3], [2], [4, 3, 1], [1], [3], []]);
  assert.deepEqual([await found({ limit: 2 }), await found({ limit: 2, after: "3" }), await found({ after: "1" })], [[4, 3], [2, 1], []]);
  assert.deepEqual([await found({ book: "B1" }), await found({ books: ["B2"] }), await found({ books: ["B2"], book: "B1" }), await found({ books: [] })], [[3, 1], [2], [], []]);
  for (const filter of [{ after: "x" }, { from: "yesterday" }, { to: "2026-13-01" }]) await assert.rejects(listEntries(ctx, filter), Refusal);
  const all: number[] = [];
  for await (const entry of eachEntry(ctx, { limit: 3 })) all.push(Number(entry.entryNo));
  assert.deepEqual(all, [4, 3, 2]);
});

test("every act has a name in Chinese and in English", () => {
  for (const act of Object.keys(acts)) {
    const { zh, en } = actName(act);
    assert.match(zh, /^\p{Script=Han}+$/u, act);
    assert.match(en, /^[A-Z][a-z -]+$/, act);
  }
});
