import type { Book } from "../../books/index.ts";
import { type Flow, flows as store } from "../../connectors/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";

/** Refuses: flow.unknown. */
export const findFlow = async (ctx: Pick<Ctx, "db">, book: Book, name: string): Promise<Flow> =>
  (await store.findFlow(ctx.db, book.bookId, name)) ?? refuse("flow.unknown", { book: book.code, flow: name });

/** Refuses: flow.unknown, flow.not_in. */
export async function findInFlow(ctx: Pick<Ctx, "db">, book: Book, name: string): Promise<Flow> {
  const flow = await findFlow(ctx, book, name);
  return flow.direction === "in" ? flow : refuse("flow.not_in", { flow: name });
}
