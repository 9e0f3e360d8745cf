/** Learns the weights that the system comes with, from made sets, and writes them to models/. Run it when the engine or a set changes: `node server/src/masterdata/learn-models.ts`. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { domains } from "./domain.ts";
import { learnFrom, seedRows } from "./weigh.ts";

const byModel = new Map(domains.flatMap((domain) => (domain.match ? [[domain.match.model, domain] as const] : [])));
/** Six decimals are more than any weight is worth. */
const short = (_: string, value: unknown): unknown => (typeof value === "number" ? Math.trunc(value * 1e6) / 1e6 : value);
for (const [name, domain] of byModel) await writeFile(join(import.meta.dirname, "models", `${name}.json`), `${JSON.stringify(learnFrom(domain, seedRows(domain)), short)}\n`);
