/**
 * How fast the demo company's documents are made. Prints one line of JSON:
 * node bench/demo.ts [--scale 5] [--seed 1]
 */
import { parseArgs } from "node:util";
import { generateDemo } from "../server/src/app/demo/index.ts";

const { values } = parseArgs({ options: { scale: { type: "string", default: "5" }, seed: { type: "string", default: "1" } } });
const options = { seed: Number(values.seed), scale: Number(values.scale), book: "DEMO", from: "2026-01", months: 12 };

// A first run lets the compiler settle.
for (const _ of generateDemo({ ...options, scale: 0.5 }));

const started = performance.now();
const cpu = process.cpuUsage();
let documents = 0;
let lines = 0;
let heapMax = 0;
for (const record of generateDemo(options)) {
  documents += 1;
  lines += record.lines?.length ?? 0;
  if (documents % 20_000 === 0) heapMax = Math.max(heapMax, process.memoryUsage().heapUsed);
}
const seconds = (performance.now() - started) / 1000;
const cpuMicros = process.cpuUsage(cpu);
const hundredths = (value: number): number => Math.trunc(value * 100) / 100;
process.stdout.write(`${JSON.stringify({
  scale: options.scale, documents, lines, seconds: hundredths(seconds), documentsPerSecond: Math.trunc(documents / seconds),
  cpuMicrosPerDocument: hundredths((cpuMicros.user + cpuMicros.system) / documents), heapMaxMb: Math.trunc(heapMax / 1_048_576),
})}\n`);
