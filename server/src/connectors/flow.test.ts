import assert from "node:assert/strict";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Type } from "typebox";
import { seal, sealKey, unseal } from "../platform/index.ts";
import { applyPatch, deadLetter } from "./dead-letter.ts";
import { compareShapes } from "./drift.ts";
import { checkConfig, readFlow, withSecrets } from "./flow.ts";

const yaml = "flow: wms\nbook: B1\nfrom: { connector: rest, url: http://wms, token: { secret: TOKEN } }\n";
const problemsOf = (text: string): string[] => readFlow(text).problems.map(({ code, where }) => `${code} ${where ?? ""}`);

test("a flow needs its name, its book and where it reads from; the rest has defaults", () => {
  const { definition } = readFlow(yaml);
  assert.deepEqual([definition?.direction, definition?.connector, definition?.config.url, definition?.everyMs, definition?.drift.removed, definition?.supersedes], ["in", "rest", "http://wms", 300_000, "freeze", null]);
  assert.deepEqual(readFlow(`${yaml}every: 30s\ndrift: quarantine\nsilence: 2h\nsupersedes: false`).definition?.drift, { added: "quarantine", removed: "quarantine", type: "quarantine", narrowed: "quarantine", key: "quarantine" });
});

test("every mistake in a flow is told with its place, all at once", () => {
  assert.deepEqual(problemsOf(`${yaml}evry: 5m\nsilence: soon\nlimits: { waiting: 0, dead: 1 }\ndrift: { added: ignore }`), ["flow.unknown_field /evry", "flow.unknown_field /limits/dead", "flow.field /silence", "flow.field /drift/added", "flow.field /limits/waiting"]);
  assert.deepEqual(problemsOf("flow: WMS\nfrom: {}"), ["flow.field /flow", "flow.field /book", "flow.field /from/connector"]);
  assert.deepEqual(problemsOf("flow: a\nflow: b"), ["flow.yaml line 2"]);
  assert.deepEqual(problemsOf("- 1"), ["flow.field /"]);
});

test("a connector's own fields are checked by its schema, and a secret that is written out is refused", () => {
  const connector = { config: Type.Object({ url: Type.String(), token: Type.String(), page: Type.Optional(Type.Integer()) }, { additionalProperties: false }), secrets: ["token"] };
  const check = (config: string): string[] => checkConfig(readFlow(`flow: wms\nbook: B1\nfrom: { connector: rest, ${config} }`).definition ?? assert.fail(), connector).map(({ code, where }) => `${code} ${where ?? ""}`);
  assert.deepEqual(check("url: http://wms, token: { secret: T }"), []);
  assert.deepEqual(check("url: http://wms, token: abc"), ["flow.secret_plain /from/token"]);
  assert.deepEqual(check("url: http://wms, token: { secret: T }, page: many, sise: 1"), ["flow.unknown_field /from/sise", "flow.field /from/page"]);
});

test("secrets are put in wherever they are named", () => {
  assert.deepEqual(withSecrets({ a: { secret: "X" }, b: [{ c: { secret: "Y" } }], d: { secret: 1 } }, (name) => name.toLowerCase()), { a: "x", b: [{ c: "y" }], d: { secret: 1 } });
});

test("a sealed secret opens only with its key and in its place, and a changed byte is noticed", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tieout-seal-"));
  const key = sealKey(dataDir, undefined) ?? assert.fail();
  assert.deepEqual(sealKey(dataDir, undefined), key);
  assert.equal((await stat(join(dataDir, "keys", "seal.key"))).mode & 0o777, 0o600);
  const sealed = seal(key, "密码 sesame", "B1 TOKEN");
  assert.equal(unseal(key, sealed, "B1 TOKEN"), "密码 sesame");
  assert.equal(unseal(key, sealed, "B2 TOKEN"), undefined);
  assert.equal(unseal(Buffer.alloc(32), sealed, "B1 TOKEN"), undefined);
  for (const at of [0, 5, 20, sealed.length - 1]) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] as number) ^ 1;
    assert.equal(unseal(key, changed, "B1 TOKEN"), undefined);
  }
  assert.notDeepEqual(seal(key, "same", ""), seal(key, "same", ""));
  assert.equal(sealKey(undefined, undefined), undefined);
  await rm(dataDir, { recursive: true });
});

test("a patch changes a copy, and one that does not fit is refused", () => {
  const record = { lines: [{ item: "A" }, { item: "B" }], "a/b": 1 };
  assert.deepEqual(applyPatch(record, [{ op: "test", path: "/lines/0/item", value: "A" }, { op: "replace", path: "/lines/0/item", value: "C" }, { op: "add", path: "/lines/-", value: { item: "D" } }, { op: "remove", path: "/lines/1" }, { op: "remove", path: "/a~1b" }], "x/1"), { lines: [{ item: "C" }, { item: "D" }] });
  assert.equal(record.lines.length, 2);
  assert.deepEqual(applyPatch(null, [{ op: "add", path: "", value: { whole: true } }], "x/1"), { whole: true });
  for (const step of [{ op: "replace", path: "/nothing", value: 1 }, { op: "move", path: "/lines" }, { op: "add", path: "/lines/9", value: 1 }, { op: "add", path: "/lines/0/item/x", value: 1 }, { op: "add", path: "/x" }, { op: "test", path: "/a~1b", value: 2 }, { op: "add", path: "/__proto__", value: 1 }]) {
    assert.throws(() => applyPatch(record, [step], "x/1"), { code: "dead_letter.patch" });
  }
});

test("letters with one cause share a fingerprint, whatever line or record it is in", () => {
  const print = (code: string, where: string, field = "date"): string => deadLetter("map", [{ code, facts: { field }, where }], "wms").fingerprint;
  assert.equal(print("field.date", "/lines/1/date"), print("field.date", "/lines/27/date"));
  assert.equal(print("field.date", "wms:order/1"), print("field.date", "wms:order/2"));
  assert.notEqual(print("field.date", "/date"), print("field.date", "/dueDate"));
  assert.notEqual(print("field.date", "/date"), print("field.date", "/date", "dueDate"));
});

test("what changed in a structure is told by kind; a field that nobody reads may go or change", () => {
  const field = (name: string, more: object = {}) => ({ field: name, type: "text" as const, native: "varchar", isNullable: true, ...more });
  const before = { stream: "orders", key: ["id"], fields: [field("id"), field("name", { length: 20 }), field("price", { type: "decimal", precision: 10, scale: 2 }), field("note")] };
  const after = { stream: "orders", key: ["id", "line"], fields: [field("id"), field("name", { length: 10 }), field("price", { type: "decimal", precision: 10, scale: 4 }), field("color")] };
  const { drift } = readFlow(yaml).definition ?? assert.fail();
  assert.deepEqual(compareShapes(before, after, drift, (name) => name !== "note").map(({ kind, field: name, act }) => `${kind} ${name} ${act}`), ["key id|line freeze", "narrowed name freeze", "narrowed price freeze", "added color evolve"]);
  assert.deepEqual(compareShapes(before, before, drift, () => true), []);
});
