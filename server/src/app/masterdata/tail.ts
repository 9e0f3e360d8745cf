/**
 * Takes in what posting learned while the server runs: records are matched, open pairs ordered by what is open in documents, golden records handed to
 * the flows that want them. It works beside posting, one record a transaction, and posting never waits for it.
 */
import { loadBook } from "../../books/index.ts";
import { enqueueDocuments } from "../../delivery/index.ts";
import { calibrateModels, findBooksWithArrivals, gatherPublications, listSubscriptions, markPublished, rankQueue, readAmbiguous, readScores, rebuildScores, takeArrivals } from "../../masterdata/index.ts";
import { listBooks } from "../../books/index.ts";
import { type Ctx, elapsedMs, sleep } from "../../platform/index.ts";
import { forgetWriters } from "../../vouchers/index.ts";
import { openValueIn } from "./desk.ts";

export type MasterTail = { close(): Promise<void> };

export function openMasterTail(given: Ctx): MasterTail {
  const ctx: Ctx = { ...given, actor: { id: "engine" } };
  let isOpen = true;
  const openValue = openValueIn(ctx);
  const ranked = new Map<string, number>(), ambiguous = new Map<string, string>(), fresh = new Set<string>();

  const turn = async (): Promise<boolean> => {
    let took = 0;
    for (const { code } of await findBooksWithArrivals(ctx.db)) {
      const book = await loadBook(ctx.db, code);
      const taken = await takeArrivals(ctx, book, { openValue, limit: 100 });
      took += taken;
      if (taken > 0) fresh.add(code);
      if (!isOpen) return false;
    }
    if (took > 0) return true;
    for (const { code } of await listBooks(ctx.db)) {
      const book = await loadBook(ctx.db, code);
      if ((await listSubscriptions(ctx, book)).length > 0) await publish(ctx, code);
      const isDue = elapsedMs() - (ranked.get(code) ?? -rankEveryMs) >= rankEveryMs;
      if (isDue || fresh.has(code)) {
        ranked.set(code, elapsedMs());
        await calibrateModels(ctx, book);
        await rankQueue(ctx, book, openValue);
        if (fresh.delete(code) || (await readScores(ctx, book)).length === 0) await rebuildScores(ctx, book);
        // A code that has come to mean two things is one that posting must not guess any more.
        const meant = (await readAmbiguous(ctx, book)).join("\n");
        if (meant !== (ambiguous.get(code) ?? meant)) await forgetWriters(ctx.db, book);
        ambiguous.set(code, meant);
      }
      if (!isOpen) return false;
    }
    return false;
  };

  const running = (async () => {
    while (isOpen) {
      const isBusy = await turn().catch((error: unknown) => {
        if (isOpen) ctx.log.error("master data could not be taken in; it is tried again", { error });
        return false;
      });
      for (const since = elapsedMs(); isOpen && !isBusy && elapsedMs() - since < restMs; ) await sleep(100);
    }
  })();
  return {
    async close() {
      isOpen = false;
      await running;
    },
  };
}
const restMs = 1_000, rankEveryMs = 300_000;

/** What targets have not been told is handed to their delivery flow, which sends each version exactly once. */
export async function publish(ctx: Ctx, bookCode: string): Promise<number> {
  const book = await loadBook(ctx.db, bookCode);
  const pending = await gatherPublications(ctx, book);
  for (const { no, target, domain, golden, wants, version, body } of pending) {
    await enqueueDocuments(ctx.db, book, target, ctx.now().toISOString(), [{ subject: `masterdata/${domain}/${golden}/${wants}`, version, purpose: "document", body }]);
    await markPublished(ctx, book, no, "sent", "");
  }
  return pending.length;
}
