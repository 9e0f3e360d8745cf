/** Dead letters as they are shown, each with its record on demand. */
import type { Book } from "../../books/index.ts";
import { type DeadLetter, fixDeadLetters, ignoreDeadLetters, inbox, type PatchStep, retryDeadLetters } from "../../connectors/index.ts";
import { type Ctx, refuse, type RenderedProblem } from "../../platform/index.ts";
import { findInFlow } from "./find.ts";
import { wakeFlow } from "./flows.ts";

export type LetterListed = {
  readonly id: string; readonly flow: string; readonly stream: string; readonly key: string; readonly stage: string; readonly code: string; readonly problems: readonly RenderedProblem[]; readonly fingerprint: string; readonly flowVersion: number;
  readonly firstAt: string; readonly lastAt: string; readonly attempts: number; readonly status: DeadLetter["status"]; readonly actor: string | null; readonly reason: string | null; readonly patch: unknown;
};
export type LetterShown = LetterListed & { readonly record: string | null; readonly bytes: string | null; readonly position: string; readonly landedAt: string };

const listed = ({ seq, ...letter }: DeadLetter): LetterListed => ({ id: `${letter.flow}/${seq}`, ...letter });

export const listLetters = async (ctx: Pick<Ctx, "db">, book: Book, filter: { readonly flow?: string | undefined; readonly status?: string | undefined; readonly fingerprint?: string | undefined; readonly limit?: number | undefined }): Promise<LetterListed[]> =>
  (await inbox.findDeadLetters(ctx.db, book.bookId, { ...filter, status: filter.status === "all" ? undefined : (filter.status ?? "open") })).map(listed);

/** Refuses: dead_letter.unknown. */
export async function showLetter(ctx: Pick<Ctx, "db">, book: Book, id: string): Promise<LetterShown> {
  const { flow, seq } = readId(id);
  const [letter] = await inbox.findDeadLetters(ctx.db, book.bookId, { flow, seqs: [seq] });
  const row = await inbox.readRow(ctx.db, book.bookId, flow, seq);
  if (!letter || !row) return refuse("dead_letter.unknown", { id, flow });
  return { ...listed(letter), record: row.body, bytes: row.bytes?.toString("base64") ?? null, position: row.position, landedAt: row.landedAt };
}

/** Letters of one flow: by their ids (flow/number), or all open ones with a fingerprint. */
export type Letters = { readonly ids?: readonly string[] | undefined; readonly flow?: string | undefined; readonly fingerprint?: string | undefined };
export type LetterAct = { readonly act: "retry" } | { readonly act: "fix"; readonly patch: readonly PatchStep[]; readonly reason?: string | undefined } | { readonly act: "ignore"; readonly reason: string };

/** Answers how many. Refuses: dead_letter.unknown, dead_letter.settled, dead_letter.undecoded, dead_letter.patch, dead_letter.no_reason, flow.unknown. */
export async function decideLetters(ctx: Ctx, book: Book, letters: Letters, what: LetterAct): Promise<number> {
  const byFlow = Map.groupBy((letters.ids ?? []).map(readId), ({ flow }) => flow);
  const choices = byFlow.size > 0 ? [...byFlow].map(([flow, ids]) => ({ flow, seqs: ids.map(({ seq }) => seq) })) : [{ flow: letters.flow ?? refuse("dead_letter.unknown", { id: letters.fingerprint ?? "–", flow: "–" }), fingerprint: letters.fingerprint }];
  let count = 0;
  for (const choice of choices) {
    await findInFlow(ctx, book, choice.flow);
    if (what.act === "retry") count += await retryDeadLetters(ctx, book.bookId, choice);
    else if (what.act === "fix") count += await fixDeadLetters(ctx, book.bookId, choice, what.patch, what.reason ?? null);
    else count += await ignoreDeadLetters(ctx, book.bookId, choice, what.reason);
    wakeFlow(ctx.db, book.bookId, choice.flow);
  }
  return count;
}

function readId(id: string): { flow: string; seq: bigint } {
  const match = /^([a-z0-9_-]+)\/(\d{1,18})$/.exec(id);
  return match ? { flow: match[1] as string, seq: BigInt(match[2] as string) } : refuse("dead_letter.unknown", { id, flow: "–" });
}
