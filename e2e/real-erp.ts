/**
 * A real Tryton's documents become vouchers, and the two trial balances are laid side by side:
 *   node e2e/real-erp.ts --url http://127.0.0.1:18069/tryton/ --user admin --password …  [--flows] [--set KEY=VALUE …] [--keep] [--json]
 * Everything of ours goes through the command line, in a store of its own that is deleted afterwards (--keep leaves it), unless
 * TIEOUT_DATA or DATABASE_URL name another. --flows first does business in Tryton that a plain seeder leaves out (tryton-flows.ts).
 * The exit code is 1 when a cent stays unexplained, a document is not posted, a second pull posts something, or `verify` finds anything.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { systemClock } from "../server/src/platform/index.ts";
import { formatMoney } from "../server/src/values/index.ts";
import { type BalanceRow, type Comparison, compareBooks, figures, readTrytonBooks, type StockRow, type TrytonBooks } from "./tryton-figures.ts";
import { openWriter, runFlows } from "./tryton-flows.ts";

type PullAnswer = { readonly summary: Readonly<Record<string, number>>; readonly problems: readonly object[]; readonly unmapped: readonly object[] };
type Verified = { readonly isWhole: boolean; readonly vouchers: number; readonly lines: number; readonly findings: readonly { readonly check: string; readonly en: string }[] };
type Result = { readonly first: PullAnswer; readonly again: PullAnswer; readonly verified: Verified; readonly comparison: Comparison; readonly books: TrytonBooks };

const { values } = parseArgs({ options: {
  url: { type: "string", default: "http://127.0.0.1:18069/tryton/" }, user: { type: "string", default: "admin" }, password: { type: "string", default: "" },
  flows: { type: "boolean", default: false }, set: { type: "string", multiple: true, default: [] }, keep: { type: "boolean", default: false }, json: { type: "boolean", default: false },
} });
const login = { url: values.url, user: values.user, password: values.password };
const tieoutFile = fileURLToPath(new URL("../server/bin/tieout.js", import.meta.url));
const book = "TRYTON-E2E";
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const today = systemClock().toISOString().slice(0, 10);
if (values.flows) await runFlows(await openWriter(login.url, login.user, login.password), { year: Number(today.slice(0, 4)), month: Number(today.slice(5, 7)), day: Number(today.slice(8, 10)) });

// The data folder is `.tieout` in the working folder, so an empty folder is an empty store.
const folder = await mkdtemp(join(tmpdir(), "tieout-tryton-"));
try {
  const result = await pullAndCompare();
  print(values.json ? asJson(result) : shown(result));
  process.exitCode = isFine(result) ? 0 : 1;
} finally {
  if (values.keep) print(`kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true });
}

async function pullAndCompare(): Promise<Result> {
  const from = `${today.slice(0, 4)}-01`;
  // GR/IR is how Tryton itself clears estimates; revenue with the invoice is the default on both sides.
  const settings = values.set.length > 0 ? values.set : ["estimateMode=differenceOnInvoice"];
  await tieout(["book", "create", book, "--pack", "cas-general", "--currency", "CNY", "--from", from, ...settings.flatMap((setting) => ["--set", setting])]);
  const secret = join(folder, "password");
  await writeFile(secret, login.password, { mode: 0o600 });
  const pull = async (): Promise<PullAnswer> => JSON.parse(await tieout(["pull", "tryton", "--url", login.url, "--user", login.user, "--password-file", secret, "--book", book, "--json"], [0, 1])) as PullAnswer;
  const first = await pull();
  const again = await pull();
  const verified = JSON.parse(await tieout(["verify", "--book", book, "--json"], [0, 1])) as Verified;
  const balances = JSON.parse(await tieout(["balances", "--book", book, "--from", from, "--to", today.slice(0, 7), "--json"])) as BalanceRow[];
  const stock = JSON.parse(await tieout(["stock", "--book", book, "--json"])) as StockRow[];
  const books = await readTrytonBooks(login);
  return { first, again, verified, books, comparison: compareBooks(books, balances, stock) };
}

function isFine({ first, again, verified, comparison }: Result): boolean {
  return comparison.isExplained && verified.isWhole && first.problems.length + first.unmapped.length === 0 && again.summary.received === 0 && again.summary.vouchers === 0;
}

/** Runs a command of the public command line and answers what it printed. */
async function tieout(words: readonly string[], fine: readonly number[] = [0]): Promise<string> {
  const child = spawn(process.execPath, [tieoutFile, ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (output += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (errors += chunk));
  const code = await new Promise<number>((resolve, reject) => child.on("error", reject).on("close", (exit) => resolve(exit ?? 70)));
  if (!fine.includes(code)) throw new Error(`tieout ${words.join(" ")} ended with ${code}: ${errors || output}`);
  return output;
}

function asJson(result: Result): string {
  const { first, again, verified, books, comparison } = result;
  return JSON.stringify({ isFine: isFine(result), first, again, verified, patterns: Object.fromEntries(books.patterns), ...comparison }, (_, value: unknown) => (typeof value === "bigint" ? formatMoney(value, books.currency) : value));
}

function shown(result: Result): string {
  const { first, again, verified, books, comparison } = result;
  const counts = ({ summary, unmapped }: PullAnswer): string => [...Object.entries(summary), ["unmapped", unmapped.length]].map(([name, count]) => `${name} ${count}`).join(", ");
  const out = [
    `first pull   ${counts(first)}`, `second pull  ${counts(again)}`,
    `verify       ${verified.isWhole ? "whole" : "NOT whole"}: ${verified.vouchers} vouchers, ${verified.lines} lines`, ...verified.findings.map(({ check, en }) => `  ${check}: ${en}`),
    ...[...first.problems, ...first.unmapped, ...again.problems].map((problem) => `  not posted: ${JSON.stringify(problem)}`), "",
    "How Tryton booked:", ...[...books.patterns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([pattern, count]) => `  ${String(count).padStart(4)} × ${pattern}`), "",
  ];
  const line = (...cells: readonly string[]): string => cells.map((cell, i) => (i === 0 ? cell.padEnd(30) : cell.padStart(18))).join("");
  out.push(line("figure", "Tryton", "Tieout", "difference", "unexplained"));
  for (const { figure, tryton, tieout: ours, difference, explained, unexplained } of comparison.figures) {
    out.push(line(figure.en, tryton, ours, difference, unexplained));
    for (const { cause, amount } of explained) out.push(line(`  ${cause}`, "", "", amount, ""));
  }
  for (const cause of comparison.causes) {
    out.push("", `${cause.code}: ${cause.en}`, `  ${cause.zh}`);
    for (const { record, what, effect } of cause.lines)
      out.push(`  account move ${record.padEnd(6)} ${what.padEnd(40)} ${figures.flatMap(({ name, en }) => ((effect[name] ?? 0n) === 0n ? [] : [`${en} ${formatMoney(effect[name] ?? 0n, books.currency)}`])).join(", ")}`);
  }
  for (const { party, tryton, tieout: ours } of comparison.parties) out.push(`party ${party}: Tryton ${tryton}, Tieout ${ours}`);
  for (const { item, tryton, tieout: ours } of comparison.quantities) out.push(`quantity of ${item}: Tryton ${tryton}, Tieout ${ours}`);
  out.push("", isFine(result) ? "Every document is posted, every cent is equal or explained." : "Something is not posted, not whole or not explained: see above.");
  return out.join("\n");
}
