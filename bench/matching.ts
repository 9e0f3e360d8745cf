/**
 * How well and how fast records are matched, without training and with the same settings for every set. The Chinese set and the persons
 * are made here from a seed; public sets are read from a folder given by --data and are left out, with a sentence, where it has none.
 * `npx tieout bench matching [--data FOLDER] [--set NAME …] [--companies 10000] [--persons 50000]` prints one JSON object.
 */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { chineseAccounts, chineseCompanies, chineseDepartments, chineseMaterials, checkUscc, guessFields, type Matched, matchFiles, matchTable, measureGroups, personSet, Table } from "../server/src/masterdata/index.ts";

const words = process.argv.slice(2);
const option = (name: string): string[] => words.flatMap((word, at) => (word === `--${name}` ? [words[at + 1] ?? ""] : []));
const data = option("data")[0], chosen = option("set");
const isChosen = (name: string): boolean => chosen.length === 0 || chosen.includes(name);

type PublicSet = { readonly name: string; readonly files: readonly string[]; /** What a row stands for, by its cells. */ readonly truth?: (row: readonly string[]) => string; /** Pairs of ids, one a line, first file | second file. */ readonly pairs?: string };
const person = (row: readonly string[]): string => /^rec-(\d+)-/.exec(row[0] ?? "")?.[1] ?? "";
const publicSets: readonly PublicSet[] = [
  { name: "febrl1", files: ["febrl/dataset1.csv"], truth: person },
  { name: "febrl2", files: ["febrl/dataset2.csv"], truth: person },
  { name: "febrl3", files: ["febrl/dataset3.csv"], truth: person },
  { name: "febrl4", files: ["febrl/dataset4a.csv", "febrl/dataset4b.csv"], truth: person },
  { name: "febrl C 10000", files: ["febrl/dataset_C_10000.csv"], truth: (row) => (row[0] ?? "").slice(0, -1) },
  { name: "restaurant", files: ["febrl/secondstring-restaurant.csv"], truth: (row) => row[5] ?? "" },
  { name: "fake_1000", files: ["splink/fake_1000.csv"], truth: (row) => row[6] ?? "" },
  { name: "historical_50k", files: ["splink/historical_figures_with_errors_50k.parquet"], truth: (row) => row[1] ?? "" },
  { name: "transactions", files: ["splink/transactions_origin.parquet", "splink/transactions_destination.parquet"], truth: (row) => row[0] ?? "" },
  { name: "D1 restaurants", files: ["pyjedai-ccer/D1/rest1.csv", "pyjedai-ccer/D1/rest2.csv"], pairs: "pyjedai-ccer/D1/gt.csv" },
  { name: "D4 DBLP-ACM", files: ["pyjedai-ccer/D4/dblp.csv", "pyjedai-ccer/D4/acm.csv"], pairs: "pyjedai-ccer/D4/gt.csv" },
];

let cpuBefore = process.cpuUsage();
const results: object[] = [], notes: string[] = [];
for (const set of publicSets.filter(({ name }) => isChosen(name))) {
  const missing = data === undefined ? set.files[0] : [...set.files, ...(set.pairs === undefined ? [] : [set.pairs])].find((file) => !existsSync(join(data, file)));
  if (data === undefined || missing !== undefined) notes.push(`${set.name} is left out: ${data === undefined ? "no --data was given" : `${join(data, missing as string)} does not exist`}.`);
  else results.push(await measurePublic(set, data));
}
for (const [name, make] of [
  ["chinese companies", () => chineseCompanies(Number(option("companies")[0] ?? 10_000))], ["chinese materials", () => chineseMaterials()], ["chinese departments", () => chineseDepartments()], ["chinese accounts", () => chineseAccounts()],
] as const) if (isChosen(name)) results.push(measureMade(name, make()));
if (isChosen("persons")) results.push(measurePersons(Number(option("persons")[0] ?? 50_000)));
process.stdout.write(`${JSON.stringify({ bench: "matching", settings: "no training, columns judged by name and value, the same settings for every set", results, notes }, null, 2)}\n`);

async function measurePublic({ name, files, truth: truthOf, pairs }: PublicSet, folder: string): Promise<object> {
  const partner = new Map<string, string>();
  if (pairs !== undefined) for (const line of (await readFile(join(folder, pairs), "utf8")).trim().split(/\r?\n/).slice(1)) partner.set(line.split(/[|%]/)[1] ?? "", line.split(/[|%]/)[0] ?? "");
  const truth: string[] = [];
  const done = await matchFiles(files.map((file) => join(folder, file)), {}, {}, (file, row) => truth.push(truthOf ? truthOf(row) : file === 0 ? `1:${row[0]}` : partner.has(row[0] ?? "") ? `1:${partner.get(row[0] ?? "")}` : `2:${row[0]}`));
  return report(name, done, truth, done.totalSeconds);
}

function measureMade(name: string, { header, rows, truth }: ReturnType<typeof chineseCompanies>): object {
  const began = performance.now();
  const table = new Table(guessFields(header, rows.slice(0, 20_000)));
  for (const row of rows) table.add(row);
  table.close();
  const done = matchTable(table);
  const uscc = header.indexOf("uscc");
  const codes = new Map<number, Set<string>>();
  if (uscc >= 0)
    for (const [row, group] of done.groups.entries()) {
      const check = checkUscc(rows[row]?.[uscc] ?? "");
      if (check.isValid) codes.set(group, (codes.get(group) ?? new Set()).add(check.code));
    }
  return { ...report(name, done, truth, (performance.now() - began) / 1000), ...(uscc < 0 ? {} : { groupsAcrossUscc: [...codes.values()].filter((seen) => seen.size > 1).length }) };
}

function measurePersons(rows: number): object {
  const set = personSet(rows, 3), truth: number[] = [];
  const began = performance.now();
  let table: Table | undefined;
  const sample: (readonly string[])[] = [];
  for (const { row, thing } of set.rows()) {
    truth.push(thing);
    if (table) table.add(row);
    else if (sample.push(row) === 20_000 || truth.length === rows) {
      table = new Table(guessFields(set.header, sample));
      for (const early of sample) table.add(early);
    }
  }
  if (!table) return { set: "persons", rows: 0 };
  table.close();
  return report("persons", matchTable(table), truth, (performance.now() - began) / 1000);
}

function report(set: string, done: Matched, truth: readonly (number | string)[], seconds: number): object {
  // On a machine that others use too, processor time tells more than the clock.
  const cpu = process.cpuUsage(cpuBefore);
  cpuBefore = process.cpuUsage();
  const rounded = (value: number): number => Math.round(value * 1e4) / 1e4;
  const quality = measureGroups([...done.groups], truth), auto = measureGroups([...done.autoGroups], truth);
  return {
    set, rows: truth.length, precision: rounded(quality.precision), recall: rounded(quality.recall), f1: rounded(quality.f1), bCubed: rounded(quality.bCubedF1), truePairs: quality.truePairs,
    auto: { precision: rounded(auto.precision), recall: rounded(auto.recall), thresholdBits: rounded(done.autoThreshold), reviewShare: rounded(done.rowsForReview / truth.length) },
    candidatePairs: done.candidatePairs, genericKeys: done.genericCount, widestKey: done.keyRowsUsed, seconds: rounded(seconds), cpuSeconds: rounded((cpu.user + cpu.system) / 1e6), recordsPerSecond: Math.floor(truth.length / seconds), step: done.seconds, peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
  };
}
