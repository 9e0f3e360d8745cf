import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { checkUscc } from "../code-standard.ts";
import { chineseAccounts, chineseCompanies, chineseDepartments, chineseMaterials, type TestSet } from "./chinese-set.ts";
import { EdgeList, linkByAverage, pairOneToOne } from "./cluster.ts";
import { Table } from "./columns.ts";
import { guessFields, type Field } from "./fields.ts";
import { type Matched, matchTable, type MatchSettings } from "./match.ts";
import { measureGroups } from "./measure.ts";
import { personSet } from "./person-set.ts";

function matched(set: Pick<TestSet, "header" | "rows">, settings: Partial<MatchSettings> = {}, fields: readonly Field[] = guessFields(set.header, set.rows)): Matched {
  const table = new Table(fields);
  for (const row of set.rows) table.add(row);
  return matchTable(table, settings);
}
const persons = (rows: number, seed: number): TestSet => {
  const made = [...personSet(rows, seed).rows()];
  return { header: personSet(1, 1).header, rows: made.map(({ row }) => row), truth: made.map(({ thing }) => thing) };
};

// The gates: what these sets reached when the figures were written down. A drop of more than 0.005 fails.
const gates: readonly { name: string; set: () => TestSet; f1: number; bCubed: number; autoPrecision: number }[] = [
  { name: "1,500 Chinese companies", set: () => chineseCompanies(1_500, 7), f1: 0.9913, bCubed: 0.9936, autoPrecision: 0.999 },
  { name: "5,000 persons", set: () => persons(5_000, 3), f1: 1, bCubed: 1, autoPrecision: 0.999 },
  { name: "600 materials", set: () => chineseMaterials(600, 11), f1: 1, bCubed: 1, autoPrecision: 1 },
  { name: "departments", set: () => chineseDepartments(), f1: 1, bCubed: 1, autoPrecision: 1 },
  { name: "accounts", set: () => chineseAccounts(), f1: 1, bCubed: 1, autoPrecision: 1 },
];
for (const { name, set, f1, bCubed, autoPrecision } of gates) {
  test(`${name} are matched at least as well as before`, (t) => {
    const { rows, header, truth } = set();
    const { groups, autoGroups } = matched({ rows, header });
    const reached = measureGroups([...groups], truth), auto = measureGroups([...autoGroups], truth);
    t.diagnostic(JSON.stringify({ f1: reached.f1, precision: reached.precision, recall: reached.recall, bCubed: reached.bCubedF1, autoPrecision: auto.precision }));
    assert.ok(reached.f1 >= f1 - 0.005, `F1 ${reached.f1}, was ${f1}`);
    assert.ok(reached.bCubedF1 >= bCubed - 0.005, `B³ ${reached.bCubedF1}, was ${bCubed}`);
    assert.ok(auto.precision >= autoPrecision - 0.001, `precision of merges without a person ${auto.precision}, was ${autoPrecision}`);
  });
}

test("two right but different 统一社会信用代码 are never in one group", () => {
  const { rows, header } = chineseCompanies(1_200, 23);
  const { groups } = matched({ rows, header });
  const codes = new Map<number, string>();
  for (const [row, group] of groups.entries()) {
    const check = checkUscc(rows[row]?.[3] ?? "");
    if (!check.isValid) continue;
    assert.equal(codes.get(group) ?? check.code, check.code, `rows of ${group}`);
    codes.set(group, check.code);
  }
});

test("the same rows give the same groups, byte for byte, and so does the learned model", () => {
  const set = chineseCompanies(400, 5);
  const one = matched(set), other = matched(set);
  assert.deepEqual(Buffer.from(one.groups.buffer), Buffer.from(other.groups.buffer));
  assert.equal(JSON.stringify(one.model), JSON.stringify(other.model));
});

for (const [name, set] of [["persons", persons(4_000, 5)], ["companies", chineseCompanies(1_500, 9)], ["materials", chineseMaterials(1_000, 9)]] as const) {
  test(`in a table of ${name} without any double nothing is merged without a person`, () => {
    const seen = new Set<number>();
    const rows = set.rows.filter((_, row) => !seen.has(set.truth[row] as number) && seen.add(set.truth[row] as number));
    const { groups, autoGroups } = matched({ header: set.header, rows });
    assert.equal(autoGroups.filter((group, row) => group !== row).length, 0);
    assert.ok(groups.filter((group, row) => group !== row).length <= rows.length / 500);
  });
}

test("what a person fixed is absolute: must be one, must not be one", () => {
  const set = persons(600, 9);
  const free = matched(set);
  const [a, b] = findPair(free.groups, true), [c, d] = findPair(free.groups, false);
  const fixed = matched(set, { mustLink: [[c, d]], cannotLink: [[a, b]] });
  assert.notEqual(fixed.groups[a], fixed.groups[b]);
  assert.equal(fixed.groups[c], fixed.groups[d]);
});

function findPair(groups: Int32Array, isOne: boolean): [number, number] {
  for (let a = 0; a < groups.length; a++) for (let b = a + 1; b < groups.length; b++) if ((groups[a] === groups[b]) === isOne) return [a, b];
  throw new Error("there is no such pair");
}

test("a key that 100,000 rows share makes no pairs, is reported, and does not stop the rest", () => {
  const fields: Field[] = [{ name: "phone", kind: "phone" }, { name: "email", kind: "email" }, { name: "birth", kind: "date" }];
  const table = new Table(fields);
  for (let row = 0; row < 100_000; row++) table.add(["4008888888", `p${row >> 1}@firm${(row >> 1) * 7}.cn`, `19${10 + ((row >> 1) * 17) % 90}-0${1 + ((row >> 1) * 5) % 9}-1${((row >> 1) * 3) % 10}`]);
  const { generic, candidatePairs, groups } = matchTable(table);
  assert.equal(generic[0]?.rows, 100_000);
  assert.match(generic[0]?.key ?? "", /^phone:/);
  assert.ok(candidatePairs < 4_000_000, String(candidatePairs));
  let joined = 0;
  for (let row = 0; row < 100_000; row += 2) if (groups[row] === groups[row + 1]) joined++;
  assert.ok(joined > 49_000, String(joined));
});

test("a table of nothing, of one row, of empty rows and of wild texts is answered", () => {
  const fields: Field[] = [{ name: "name", kind: "company" }, { name: "uscc", kind: "uscc" }, { name: "phone", kind: "phone" }];
  for (const rows of [[], [["华新", "", ""]], [["", "", ""], ["", "", ""]], [["华".repeat(10_000), "1", "x"], ["🙂", "\u0000", "\u202e"], ["ﷺabc华", "91350100M000100Y44", "123"]]]) {
    const table = new Table(fields);
    for (const row of rows) table.add(row);
    assert.equal(matchTable(table).groups.length, rows.length);
  }
  fc.assert(fc.property(fc.array(fc.tuple(fc.string({ unit: "binary", maxLength: 40 }), fc.string({ unit: "grapheme", maxLength: 20 }), fc.string({ maxLength: 12 })), { maxLength: 30 }), (rows) => {
    const table = new Table(fields);
    for (const row of rows) table.add(row);
    const { groups } = matchTable(table);
    // A group's number is its first row, and belongs to itself.
    for (const group of groups) assert.equal(groups[group], group);
  }), { numRuns: 60 });
});

test("rows under one code are told apart by what they say, and doubles by nothing but their row", () => {
  const rows = [...Array(40).keys()].flatMap((at) => [["C1", `上海华${"甲乙丙丁戊己庚辛壬癸".charAt(at % 10)}${"子丑寅卯"[at % 4]}科技有限公司`, `1380013${8000 + at}`], ["C1", `深圳泰${"甲乙丙丁戊己庚辛壬癸".charAt(at % 10)}食品有限公司`, `1390013${8000 + at}`]]);
  const { groups } = matched({ header: ["code", "name", "phone"], rows: [...rows, ...rows] });
  for (let row = 0; row < rows.length; row++) assert.equal(groups[row], groups[row + rows.length], `row ${row} and its double`);
  assert.ok(new Set(groups).size >= 20);
});

test("a wrong check digit does not keep two records of one firm apart", () => {
  const { rows, header, truth } = chineseCompanies(800, 31);
  const at = rows.findIndex((row) => checkUscc(row[3] ?? "").isValid), good = rows[at] as readonly string[];
  const wrong = [...good];
  wrong[3] = `${(good[3] as string).slice(0, 12)}${good[3]?.charAt(12) === "7" ? "8" : "7"}${(good[3] as string).slice(13)}`;
  assert.equal(checkUscc(wrong[3]).isValid, false);
  const { groups } = matched({ header, rows: [...rows, wrong] });
  assert.equal(groups[truth.length], groups[at]);
});

test("between two sources without doubles each row has at most one partner", () => {
  const set = persons(3_000, 4);
  const table = new Table(guessFields(set.header, set.rows));
  const firsts = new Set<number>(), seconds = new Set<number>(), kept: number[] = [];
  for (const [row, thing] of set.truth.entries()) {
    const into = !firsts.has(thing) ? firsts : !seconds.has(thing) ? seconds : undefined;
    if (!into) continue;
    into.add(thing);
    kept.push(thing);
    table.add(set.rows[row] as readonly string[], into === firsts ? 0 : 1);
  }
  const { groups } = matchTable(table, { isOneToOne: true });
  const sizes = new Map<number, number>();
  for (const group of groups) sizes.set(group, (sizes.get(group) ?? 0) + 1);
  assert.ok(Math.max(...sizes.values()) <= 2);
  assert.ok(measureGroups([...groups], kept).f1 > 0.99);
});

const titles = (count: number): TestSet => {
  const words = ["compact", "wireless", "outdoor", "digital", "kitchen", "travel", "office", "garden", "studio", "marine", "camera", "printer", "speaker", "router", "monitor", "heater", "blender", "scanner", "keyboard", "projector"];
  const rows: string[][] = [], truth: number[] = [];
  for (let thing = 0; thing < count; thing++) {
    const [one, two, three] = [words[(thing * 7) % 10], words[10 + ((thing * 3 + (thing >> 3)) % 10)], `${"ABCDEFGHKLM".charAt(thing % 11)}${"QRSTUVWXYZ".charAt((thing * 3) % 10)}`];
    const [model, other] = [`${three}-${1000 + thing * 13}`, `${three}${1000 + thing * 13}`];
    for (const title of thing % 3 === 0 ? [`${one} ${two} ${model}`] : [`${one} ${two} ${model}`, `${two} ${other} ${one}`]) {
      rows.push([title]);
      truth.push(thing);
    }
  }
  return { header: ["value"], rows, truth };
};

test("doubles are found in a table of one column, and type numbers are one with and without a hyphen", () => {
  const set = titles(900);
  const { precision, recall } = measureGroups([...matched(set).groups], set.truth);
  assert.ok(precision > 0.99 && recall > 0.95, JSON.stringify({ precision, recall }));
});

test("equal values of one column are one, and numbers that follow on one another are not", () => {
  const { groups } = matched({ header: ["电话"], rows: Array.from({ length: 60 }, (_, row) => [`021-5555${1000 + (row >> 1)}`]) });
  assert.deepEqual([...groups], Array.from({ length: 60 }, (_, row) => row - (row % 2)));
});

test("a table of two rows, and a table beside itself, find what is the same", () => {
  const header = ["name", "phone"], rows = [["Acme Ltd", "555-123-4567"], ["ACME Limited", "555 123 4567"]];
  assert.deepEqual([...matched({ header, rows }).groups], [0, 0]);
  const twice = new Table(guessFields(header, [["Acme Ltd", "555-123-4567"], ["Other Trading", "555-987-0000"]]));
  for (const source of [0, 1]) for (const row of [["Acme Ltd", "555-123-4567"], ["Other Trading", "555-987-0000"]]) twice.add(row, source);
  assert.deepEqual([...matchTable(twice, { isOneToOne: true }).groups], [0, 1, 0, 1]);
  assert.deepEqual([...matched({ header, rows: [["Acme Ltd", "555-123-4567"], ["Bright Foods", "555 900 1111"]] }).groups], [0, 1]);
});

test("a column without a name is judged by what it holds", () => {
  const rows = Array.from({ length: 100 }, (_, row) => [String(row), `p${row}@firm.cn`, String(10_000 + (row >> 1) * 77)]);
  assert.deepEqual(guessFields(["", "unnamed: 1", "c"], rows).map(({ kind }) => kind), ["ignore", "email", "postcode"]);
});

test("average linkage does not chain two groups through one likeness", () => {
  const edges = new EdgeList();
  const weights = new Map<string, number>([["0,1", 12], ["2,3", 12], ["1,2", 3]]);
  for (const [pair, weight] of weights) edges.push(Number(pair.split(",")[0]), Number(pair.split(",")[1]), weight);
  const union = linkByAverage(4, edges, (a, b) => weights.get(`${Math.min(a, b)},${Math.max(a, b)}`) ?? -8, 0);
  assert.deepEqual([0, 1, 2, 3].map((row) => union.find(row)), [0, 0, 2, 2]);
});

test("one to one gives the surest pairs first and breaks ties by row", () => {
  const edges = new EdgeList();
  for (const [a, b, weight] of [[0, 2, 5], [0, 3, 9], [1, 3, 9], [1, 2, 4]] as const) edges.push(a, b, weight);
  const union = pairOneToOne(4, edges, (row) => (row < 2 ? 0 : 1), 0);
  assert.deepEqual([0, 1, 2, 3].map((row) => union.find(row)), [0, 1, 1, 0]);
});
