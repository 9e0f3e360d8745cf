/** Stories on the real engine: real books in a real database, one set a story. */
import { createBook, loadAccounts, loadBook } from "../books/index.ts";
import { showDocument } from "../documents/index.ts";
import { type Ctx, Refusal, renderProblem } from "../platform/index.ts";
import { closePeriod, listDrafts, openOf, postDocuments, readBalances, readCompleteness, readVouchers, reopenPeriod, reviewDraft } from "../vouchers/index.ts";
import type { Engine, Reason } from "./story.ts";

/** Books of a story get codes of their own, so that many stories share a database; `story` names it. */
export function storyEngine(ctx: Ctx, story: string): Engine {
  const codes = new Map<string, string>();
  const codeOf = (book: string): string => codes.get(book) ?? book;
  const bookOf = (book: string): ReturnType<typeof loadBook> => loadBook(ctx.db, codeOf(book));
  const reviewer: Ctx = { ...ctx, actor: { id: "story-reviewer" } };
  const orReasons = async (work: () => Promise<unknown>): Promise<Reason[]> => {
    try {
      await work();
      return [];
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return [renderProblem({ code: error.code, facts: error.facts })];
    }
  };
  return {
    async createBook({ code, pack, currency, from, settings }) {
      const own = `${story}-${code}`;
      codes.set(code, own);
      await createBook(ctx, { code: own, pack, currency, from, settings, group: story });
    },
    async post(book, documents) {
      const { results } = await postDocuments(ctx, codeOf(book), documents);
      const own = results.filter((result) => result.row > 0).sort((a, b) => a.row - b.row);
      // A second person reviews what a person has to: stories show what is in the books.
      const drafts = await listDrafts(ctx, codeOf(book));
      for (const draft of drafts) await reviewDraft(reviewer, codeOf(book), draft.draft);
      return own.map((result) => (result.reasons.some((reason) => reason.code === "voucher.review_needed") ? { ...result, state: "posted" as const, reasons: [] } : result));
    },
    close: (book, period) => orReasons(() => closePeriod(ctx, codeOf(book), period)),
    reopen: (book, period) => orReasons(() => reopenPeriod(ctx, codeOf(book), period, "story")),
    async vouchers(book) {
      // An opening balance carries no number and is no voucher of the story.
      return (await readVouchers(ctx, await bookOf(book))).filter((voucher) => voucher.number !== "");
    },
    async balances(book, period) {
      return readBalances(ctx, await bookOf(book), period === undefined ? {} : { period });
    },
    async documentState(book, ref) {
      const shown = await showDocument(ctx, await bookOf(book), `story:${ref}`);
      const latest = shown.versions.at(-1) ?? shown;
      const state = latest.state === "exempt" || latest.state === "superseded" ? "posted" : latest.state;
      return { state, reasons: latest.reasons };
    },
    async open(book, ref) {
      return openOf(ctx, await bookOf(book), `story:${ref}`);
    },
    async completeness(book) {
      const { posted, exempt, waiting, parked } = (await readCompleteness(ctx, await bookOf(book))).percent;
      return { posted, exempt, waiting, parked };
    },
    async accounts(book) {
      return [...(await loadAccounts(ctx.db, await bookOf(book))).values()];
    },
  };
}
