/**
 * A real Tryton's documents become vouchers, and the two trial balances are laid side by side:
 *   node e2e/real-erp.ts --url http://127.0.0.1:18069/tryton/ --user admin --password …  [--flows] [--keep] [--json]
 * Everything of ours goes through the command line, in a store of its own that is deleted afterwards (--keep leaves it). --flows first
 * does business in Tryton that the seeder leaves out (tryton-flows.ts). The exit code is 1 when a cent stays unexplained.
 */
import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { systemClock } from "../server/src/platform/index.ts";
import { formatMoney } from "../server/src/values/index.ts";
import { type BalanceRow, type Comparison, compareBooks, figures, readTrytonBooks, type StockRow } from "./tryton-figures.ts";
import { openWriter, runFlows } from "./tryton-flows.ts";

const { values } = parseArgs({ options: {
  url: { type: "string", default: "http://127.0.0.1:18069/tryton/" }, user: { type: "string", default: "admin" }, password: { type: "string", default: "" },
  flows: { type: "boolean", default: false }, keep: { type: "boolean", default: false }, json: { type: "boolean", default: false },
} });
const login = { url: values.url, user: values.user, password: values.password };
const tieoutFile = fileURLToPath(new URL("../server/bin/tieout.js", import.meta.url));
const book = "ERP";
const print = (text: string): void => void process.stdout.write(`${text}\n`);

const today = systemClock().toISOString().slice(0, 10);
if (values.flows) await runFlows(await openWriter(login.url, login.user, login.password), { year: Number(today.slice(0, 4)), month: Number(today.slice(5, 7)), day: Number(today.slice(8, 10)) });

// The data folder is `.tieout` in the working folder, so an empty folder is an empty store.
const folder = await mkdtemp(join(tmpdir(), "tieout-tryton-"));
let isExplained = false;
try {
  // GR/IR is how Tryton itself clears estimates; revenue with the invoice is the default on both sides.
  await tieout(["book", "create", book, "--pack", "cas-general", "--currency", "CNY", "--from", `${today.slice(0, 4)}-01`, "--set", "estimateMode=differenceOnInvoice"]);
  const pull = ["pull", "tryton", "--url", login.url, "--user", login.user, "--password", login.password, "--book", book, "--json"];
  const first = await tieout(pull, [0, 1]);
  const again = await tieout(pull, [0, 1]);
  const balances = JSON.parse(await tieout(["balances", "--book", book, "--json", "--from", `${today.slice(0, 4)}-01`, "--to", today.slice(0, 7)])) as BalanceRow[];
  const stock = JSON.parse(await tieout(["stock", "--book", book, "--json"])) as StockRow[];
  const verified = await tieout(["verify", "--book", book, "--json"], [0, 1]);
  const books = await readTrytonBooks(login);
  const comparison = compareBooks(books, balances, stock);
  ({ isExplained } = comparison);
  print(values.json ? JSON.stringify({ first, again, verified, patterns: Object.fromEntries(books.patterns), ...comparison }, (_, value: unknown) => (typeof value === "bigint" ? formatMoney(value, books.currency) : value)) : shown(comparison, first, again, books.patterns));
} finally {
  if (values.keep) print(`kept: ${folder}`);
  else await rm(folder, { recursive: true, force: true });
}
process.exitCode = isExplained ? 0 : 1;

/** Runs a command of the public command line and answers what it printed. */
async function tieout(words: readonly string[], fine: readonly number[] = [0]): Promise<string> {
  const child = spawn(process.execPath, [tieoutFile, ...words], { cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  let errors = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString("utf8")));
  child.stderr.on("data", (chunk: Buffer) => (errors += chunk.toString("utf8")));
  const code = await new Promise<number>((resolve, reject) => child.on("error", reject).on("close", (exit) => resolve(exit ?? 70)));
  if (!fine.includes(code)) throw new Error(`tieout ${words.filter((word) => word !== login.password).join(" ")} ended with ${code}: ${errors || output}`);
  return output;
}

function shown(comparison: Comparison, first: string, again: string, patterns: ReadonlyMap<string, number>): string {
  const cut = (text: string): string => (text.length > 400 ? `${text.slice(0, 200)} … ${text.slice(-180)}` : text).trim();
  const out = [`pulled: ${cut(first)}`, `again:  ${cut(again)}`, "", "Tryton books:", ...[...patterns].sort(([a], [b]) => (a < b ? -1 : 1)).map(([pattern, count]) => `  ${String(count).padStart(4)} × ${pattern}`), ""];
  const line = (...cells: readonly string[]): string => cells.map((cell, i) => (i === 0 ? cell.padEnd(30) : cell.padStart(18))).join("");
  out.push(line("figure", "Tryton", "Tieout", "difference", "explained", "unexplained"));
  for (const { figure, tryton, tieout: ours, difference, explained, unexplained } of comparison.figures) {
    out.push(line(figure.en, tryton, ours, difference, explained.length === 0 ? "" : explained.map(({ amount }) => amount).join(" "), unexplained));
  }
  for (const cause of comparison.causes) {
    out.push("", `${cause.code}: ${cause.en}`, `  ${cause.zh}`);
    for (const { record, what, effect } of cause.lines)
      out.push(`  account move ${record.padEnd(6)} ${what.padEnd(40)} ${figures.flatMap(({ name, en }) => ((effect[name] ?? 0n) === 0n ? [] : [`${en} ${formatMoney(effect[name] ?? 0n, "CNY")}`])).join(", ")}`);
  }
  for (const { party, tryton, tieout: ours } of comparison.parties) out.push(`party ${party}: Tryton ${tryton}, Tieout ${ours}`);
  for (const { item, tryton, tieout: ours } of comparison.quantities) out.push(`quantity of ${item}: Tryton ${tryton}, Tieout ${ours}`);
  out.push("", comparison.isExplained ? "Every cent is equal or explained." : "Something is unexplained, see above.");
  return out.join("\n");
}
