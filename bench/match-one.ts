/**
 * One new record against many, as it arrives: its keys, the records of PostgreSQL that share one, and their weights. Records are made from a seed and
 * put straight into a throw-away database; what is asked are other records of the same firms, and of firms that nobody knows. An answer that is sure of another
 * firm is wrong; more than one of them in two hundred sure answers, or a known firm in ten that is not found, ends the run with an error.
 * node bench/match-one.ts [--records 1000000] [--asks 1000]
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createBook } from "../server/src/books/index.ts";
import { chineseCompanies, matchArrival, matchKeys, type Payload, recordsSharing } from "../server/src/masterdata/index.ts";
import { config, type Ctx, openStore, silentLog, systemClock } from "../server/src/platform/index.ts";

const { values } = parseArgs({ options: { records: { type: "string", default: "1000000" }, asks: { type: "string", default: "1000" } } });
const wanted = Number(values.records), asks = Number(values.asks);
const dataDir = await mkdtemp(join(tmpdir(), "tieout-bench-"));
const settings = { ...config(), dataDir, databaseUrl: undefined };
const app = await openStore(settings, { log: silentLog });
const owner = await openStore(settings, { log: silentLog, role: "owner" });
const ctx: Ctx = { db: app, actor: { id: "bench" }, now: systemClock, log: silentLog, dataDir };
try {
  const book = await createBook(ctx, { code: "MATCH", pack: "cas-general", currency: "CNY", from: "2026-01" });
  const began = performance.now();
  // Firms of a hundred seeds, so that no set is held whole. The last record of each seed's firms is kept back to be asked.
  const keptBack: { readonly payload: Payload; readonly firm: number }[] = [], firmOf: number[] = [];
  let id = 0, keys = 0;
  await owner.exec("drop index masterdata.match_key_found; drop index masterdata.match_key_record; drop index masterdata.golden_words; drop index masterdata.golden_name; drop index masterdata.golden_initials");
  const perSeed = Math.min(2_600, Math.max(200, Math.ceil(wanted / 3.7)));
  for (let seed = 1; id < wanted; seed++) {
    const { header, rows, truth } = chineseCompanies(perSeed, seed);
    const at = (row: readonly string[], name: string): string => row[header.indexOf(name)] ?? "";
    let records = "", goldens = "", crosswalk = "", keyRows = "";
    for (const [no, row] of rows.entries()) {
      const payload: Payload = Object.fromEntries(Object.entries({ name: at(row, "name"), uscc: at(row, "uscc"), phone: at(row, "phone"), bankAccount: at(row, "bank_account"), legalRepresentative: at(row, "legal_representative"), address: at(row, "address") }).filter(([, value]) => value !== ""));
      if (no % 50 === 49) {
        if (keptBack.length < asks) keptBack.push({ payload, firm: seed * perSeed + (truth[no] as number) });
        continue;
      }
      if (id >= wanted) break;
      firmOf[++id] = seed * perSeed + (truth[no] as number);
      const code = `${seed}-${no}`, body = JSON.stringify(payload).replaceAll("\\", "\\\\");
      records += `${book.bookId}\t${id}\tcustomer\t${at(row, "system")}\t\t${code}\t1\t${body}\t\t2026-01-01\t2026-01-01\tbench\n`;
      goldens += `${book.bookId}\t${id}\tcustomer\t${id}\t${code}\t${at(row, "name")}\t\t\t{}\t1\t2026-01-01\t2026-01-01\n`;
      crosswalk += `${book.bookId}\tcustomer\t${at(row, "system")}\t${code}\t${id}\t${id}\t[,)\t2026-01-01\tbench\n`;
      for (const { key } of matchKeys(book.bookId, "customer", code, payload)) {
        keyRows += `${book.bookId}\t${key}\t${id}\n`;
        keys++;
      }
    }
    await owner.copyIn("masterdata.source_record (book_id, record_id, domain, system, company, code, version, payload, hash, valid_from, changed_at, changed_by)", [records]);
    await owner.copyIn("masterdata.golden (book_id, golden_id, domain, root_id, code, name, initials, words, body, sources, made_at, changed_at)", [goldens]);
    await owner.copyIn("masterdata.crosswalk (book_id, domain, system, code, golden_id, record_id, valid, made_at, made_by)", [crosswalk]);
    await owner.copyIn("masterdata.match_key (book_id, key, record_id)", [keyRows]);
    if (seed % 10 === 0) process.stderr.write(`${id} records\n`);
  }
  await owner.exec("create index match_key_found on masterdata.match_key (key, record_id)");
  for (const table of ["match_key", "source_record", "crosswalk", "golden"]) await owner.exec(`vacuum (analyze) masterdata.${table}`); // as the server does by itself in time
  const filledSeconds = Math.trunc((performance.now() - began) / 100) / 10;
  const arrival = (payload: Payload) => ({ domain: "customer", system: "NEW", company: "", code: "new", payload });
  for (const { payload } of keptBack.slice(0, 200)) await matchArrival(ctx, book, arrival(payload)); // warm
  const times: number[] = [], keysOnly: number[] = [];
  const known = new Set(firmOf);
  let found = 0, sure = 0, wrong = 0, ofKnown = 0, foundRight = 0;
  for (const { payload, firm } of keptBack) {
    const since = performance.now();
    const alike = await matchArrival(ctx, book, arrival(payload));
    times.push(performance.now() - since);
    if (alike.length > 0) found++;
    if (known.has(firm)) {
      ofKnown++;
      if (alike.some(({ otherRecord }) => firmOf[Number(otherRecord)] === firm)) foundRight++;
    }
    const sures = alike.filter(({ isSure }) => isSure);
    if (sures.length > 0) sure++;
    wrong += sures.filter(({ otherRecord }) => firmOf[Number(otherRecord)] !== firm).length;
  }
  for (const { payload } of keptBack.slice(0, 300)) {
    const own = matchKeys(book.bookId, "customer", "new", payload);
    const since = performance.now();
    await recordsSharing(ctx.db, book.bookId, own, null);
    keysOnly.push(performance.now() - since);
  }
  const at = (list: number[], share: number): number => Math.trunc(([...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.trunc(list.length * share))] ?? 0) * 100) / 100;
  process.stdout.write(`${JSON.stringify({ bench: "match-one", records: id, keys, keysPerRecord: Math.trunc((keys / id) * 10) / 10, filledSeconds, asks: times.length, ms: { p50: at(times, 0.5), p95: at(times, 0.95), p99: at(times, 0.99), most: at(times, 1) }, lookupMs: { p50: at(keysOnly, 0.5), p99: at(keysOnly, 0.99) }, found, sure, sureOfAnotherFirm: wrong, ofKnownFirms: ofKnown, ofTheseFoundRight: foundRight }, null, 2)}\n`);
  if (wrong > Math.max(1, sure / 200) || foundRight < ofKnown * 0.9) process.exitCode = 1;
} finally {
  await app.close();
  await owner.close();
  await rm(dataDir, { recursive: true, force: true });
}
