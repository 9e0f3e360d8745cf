import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { fit, pictureOf, stageOf, type TraceGraph } from "../web/src/trace/graph.ts";
import { type Box, layoutGraph, type Placed, type Wire } from "../web/src/trace/layout.ts";

const anyGraph = fc.record({
  boxes: fc.uniqueArray(fc.record({ id: fc.integer({ min: 0, max: 60 }).map((n) => `d${n}`), stage: fc.integer({ min: 0, max: 4 }), height: fc.integer({ min: 40, max: 320 }), rank: fc.string({ maxLength: 3 }) }), { selector: ({ id }) => id, minLength: 1, maxLength: 50 }),
  ends: fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 90 }),
}).map(({ boxes, ends }) => ({ boxes: boxes as Box[], wires: ends.map(([from, to], at): Wire => ({ id: `w${at}`, from: `d${from}`, to: `d${to}` })) }));

const touch = (a: Placed, b: Placed): boolean => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;

test("no two boxes of a trace touch, and all of them are inside the picture", () => {
  fc.assert(fc.property(anyGraph, ({ boxes, wires }) => {
    const { boxes: placed, width, height } = layoutGraph(boxes, wires);
    assert.equal(placed.size, boxes.length);
    const all = [...placed.values()];
    for (const [at, one] of all.entries()) {
      assert.ok(one.x >= 0 && one.y >= 0 && one.x + one.width <= width && one.y + one.height <= height, JSON.stringify(one));
      for (const other of all.slice(at + 1)) assert.ok(!touch(one, other), `${JSON.stringify(one)} ${JSON.stringify(other)}`);
    }
  }));
});

test("a trace looks the same in whatever order its parts arrive", () => {
  fc.assert(fc.property(anyGraph, fc.nat(), ({ boxes, wires }, turn) => {
    const turned = <T>(all: readonly T[]): T[] => all.map((_, at) => all[(at + turn) % all.length] as T).reverse();
    const [one, other] = [layoutGraph(boxes, wires), layoutGraph(turned(boxes), turned(wires))];
    assert.deepEqual([...other.boxes.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)), [...one.boxes.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)));
    assert.deepEqual(other.wires.map(({ path }) => path).sort(), one.wires.map(({ path }) => path).sort());
  }));
});

test("columns follow the stages, and what came first stands left of what came of it", () => {
  fc.assert(fc.property(anyGraph, ({ boxes, wires }) => {
    const { boxes: placed } = layoutGraph(boxes, wires);
    const x = (id: string): number => placed.get(id)?.x ?? Number.NaN;
    for (const one of boxes) for (const other of boxes) if (one.stage < other.stage) assert.ok(x(one.id) < x(other.id));
  }));
});

test("an edge between neighbouring columns crosses no box, and one that skips a column runs over the top", () => {
  fc.assert(fc.property(anyGraph, ({ boxes, wires }) => {
    const { boxes: placed, wires: drawn } = layoutGraph(boxes, wires);
    for (const { path } of drawn) {
      const points = [...path.matchAll(/[MLQVH]([\d.-]+)(?: ([\d.-]+))?(?: ([\d.-]+) ([\d.-]+))?/g)].map((match) => match[0]);
      assert.ok(points.length >= 2, path);
      for (const [x, y, x2, y2] of segments(path)) {
        for (const box of placed.values()) {
          const isInside = Math.min(x, x2) < box.x + box.width - 0.5 && Math.max(x, x2) > box.x + 0.5 && Math.min(y, y2) < box.y + box.height - 0.5 && Math.max(y, y2) > box.y + 0.5;
          assert.ok(!isInside, `${path} crosses ${JSON.stringify(box)}`);
        }
      }
    }
  }));
});

/** The straight parts of a path: M, L, H, V and the ends of Q. */
function* segments(path: string): Generator<readonly [number, number, number, number]> {
  let at: [number, number] = [0, 0];
  for (const [, command = "", rest = ""] of path.matchAll(/([MLHVQ])([^MLHVQ]*)/g)) {
    const figures = rest.trim().split(/[\s,]+/).map(Number);
    const to: [number, number] = command === "H" ? [figures[0] ?? 0, at[1]] : command === "V" ? [at[0], figures[0] ?? 0] : command === "Q" ? [figures[2] ?? 0, figures[3] ?? 0] : [figures[0] ?? 0, figures[1] ?? 0];
    if (command !== "M" && command !== "Q") yield [at[0], at[1], to[0], to[1]];
    at = to;
  }
}

test("a voucher hangs below the document that caused it, once, and vouchers may be left out", () => {
  const document = (id: string, kind: string): TraceGraph["nodes"][number] => ({ node: "document", id, kind, zh: "", en: "", number: id, source: "s", date: "2026-03-01", party: "", partyName: "", owner: "", ownerName: "", receivedAt: "", state: "posted", reasons: [], quantity: "", unit: "", amount: "", currency: "CNY", hidden: 0 });
  const voucher = (number: string): TraceGraph["nodes"][number] => ({ node: "voucher", id: `2026-03/${number}`, number, series: "记", period: "2026-03", date: "2026-03-01", summary: "", total: "1.00", preparedBy: "", reviewedBy: "", postedBy: "", postedAt: "", reversalOf: null, rule: "", lines: [] });
  const caused = (from: string, to: string): TraceGraph["edges"][number] => ({ edge: "caused", from, to: `2026-03/${to}`, quantity: "", amount: "" });
  const graph: TraceGraph = { start: "a", nodes: [document("a", "salesOrder"), document("b", "shipment"), document("c", "shipment"), voucher("记-1"), voucher("记-2")], edges: [{ edge: "link", from: "a", to: "b", quantity: "", amount: "" }, caused("b", "记-1"), caused("c", "记-1"), caused("b", "记-2")], accounts: [], isCut: false };
  const { blocks, edges } = pictureOf(graph, true);
  assert.deepEqual([...blocks].map(([id, { strips }]) => [id, strips.map(({ node }) => node.id)]), [["a", []], ["b", ["2026-03/记-1", "2026-03/记-2"]], ["c", []]]);
  assert.deepEqual([...edges.keys()], ["a → b"]);
  assert.ok([...pictureOf(graph, false).blocks.values()].every(({ strips }) => strips.length === 0));
});

test("every kind of document has a column, and a long name is cut to its room", () => {
  assert.deepEqual(["salesOrder", "shipment", "salesInvoice", "cashReceipt", "periodClose"].map(stageOf), [0, 1, 2, 3, 4]);
  assert.deepEqual([fit("苏州恒润环保工程有限公司", 60), fit("XS-2603-0117", 200)], ["苏州恒…", "XS-2603-0117"]);
});
