/** 持续对账: books whose postings or deliveries moved are compared again by themselves; the longer a comparison takes, the longer it rests before the next. */
import { listBooks, loadBook } from "../books/index.ts";
import { type Ctx, sleep } from "../platform/index.ts";
import { reconcileBook, reconciledAt } from "../reconciliation/index.ts";

const lookMs = 5_000;
const restMs = 10_000;
/** Seals are held against every voucher so often; in between only what moved is looked at. */
const sealsMs = 6 * 3_600_000;

export type Reconciling = { close(): Promise<void> };

export function openReconciling(ctx: Ctx): Reconciling {
  const acting: Ctx = { ...ctx, actor: { id: "system" } };
  const sealedMs = new Map<string, number>();
  let isClosing = false;
  const round = async (): Promise<void> => {
    for (const { code } of await listBooks(ctx.db)) {
      if (isClosing) return;
      const book = await loadBook(ctx.db, code);
      const last = await reconciledAt(acting, book);
      const now = ctx.now().getTime();
      if (last !== undefined && (!last.isStale || now - last.atMs < Math.max(restMs, last.ms * 20))) continue;
      const seals = now - (sealedMs.get(code) ?? 0) > sealsMs;
      await reconcileBook(acting, book, { seals });
      if (seals) sealedMs.set(code, now);
    }
  };
  const running = (async () => {
    for (let since = 0; !isClosing; since += 250) {
      if (since % lookMs === 0) await round().catch((error: unknown) => { if (!isClosing) ctx.log.warn("a book could not be reconciled", { error }); });
      await sleep(250);
    }
  })();
  return {
    async close() {
      isClosing = true;
      await running;
    },
  };
}
