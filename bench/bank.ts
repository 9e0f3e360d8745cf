/**
 * Bank matching on the seeded set: coverage, wrong automatic matches with their upper bound, lines a second, and beside it the same lines
 * looked up once each in a map by their number and amount, which no matcher can be quicker than. `node bench/bank.ts [--lines 120000] [--seed 1]`
 */
import { parseArgs } from "node:util";
import { bankSet, scoreBank } from "../server/src/reconciliation/bank/bank-set.ts";
import { matchBank } from "../server/src/reconciliation/bank/match.ts";
import { normalName, referencesIn } from "../server/src/reconciliation/bank/reference.ts";

const { values } = parseArgs({ options: { lines: { type: "string", default: "120000" }, seed: { type: "string", default: "1" } } });
const set = bankSet(Number(values.seed), Number(values.lines));

const startedMs = performance.now();
const result = matchBank(set.lines, set.expected, set.parties);
const seconds = (performance.now() - startedMs) / 1000;

const limitMs = performance.now();
const known = new Map(set.expected.map((item) => [normalName(item.references[0] ?? ""), item]));
const found = set.lines.filter((line) => referencesIn(line.text).some((number) => known.get(number)?.amount === line.amount)).length;
const limitSeconds = (performance.now() - limitMs) / 1000;

process.stdout.write(`${JSON.stringify({ bench: "bank", ...scoreBank(set, result.matches), duplicates: result.duplicates.length, seconds, linesPerSecond: Math.trunc(set.lines.length / seconds), limit: { lookUps: found, linesPerSecond: Math.trunc(set.lines.length / limitSeconds) }, ratio: limitSeconds / seconds })}\n`);
