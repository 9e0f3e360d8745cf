/** Calls from other systems: answered only after what they brought has been committed; told to come again when there is too much, or when it could not be kept. */
import type { Book } from "../../books/index.ts";
import { type AnyReceiver, findWayIn, type Flow, FlowFault, flows as store, inbox, type Inbound, isReceiver, land, type Landing, type Outbound, putSecrets, type Received, type WaysIn, waysIn } from "../../connectors/index.ts";
import { type Ctx, Refusal, refuse, renderProblem, type Store } from "../../platform/index.ts";
import { findInFlow } from "./find.ts";
import { connectorCtx } from "./run.ts";

const RETRY_SECONDS = 5;

/** Refuses: flow.unknown, flow.not_receiver, flow.paused, flow.busy, and what the connector refuses. */
export async function receiveCall(ctx: Ctx, book: Book, name: string, call: Inbound, options: { readonly ways?: WaysIn; readonly onLanded?: (bookId: number, flow: string) => void } = {}): Promise<Outbound> {
  const flow = await findInFlow(ctx, book, name);
  const way = await findWayIn(options.ways ?? waysIn, flow.definition.connector);
  if (!isReceiver(way)) refuse("flow.not_receiver", { flow: name });
  const status = await store.readStatus(ctx.db, book.bookId, name);
  if (flow.wanted === "paused" || status.stoppedAt !== null) refuse("flow.paused", { flow: name });
  const { waiting: limit } = flow.definition.limits;
  if (status.landedSeq - status.processedSeq >= BigInt(limit)) {
    const waiting = await inbox.countLanded(ctx.db, book.bookId, name, limit);
    if (waiting >= limit) refuse("flow.busy", { flow: name, waiting, limit });
  }
  const received = await ask(way, flow, call, ctx);
  const messages = received.messages.filter((message) => message.is === "record" || message.is === "bad");
  try {
    await landerOf(ctx, flow).land(messages, received.once ?? []);
  } catch (error) {
    // Taken before: the caller did not hear our answer, and gets it now.
    if (error instanceof Refusal && error.code === "received.twice") return received.reply;
    ctx.log.error("a call could not be kept", { flow: name, error });
    return received.fault ?? notKept(name);
  }
  if (messages.length > 0) options.onLanded?.(book.bookId, name);
  return received.reply;
}

async function ask(way: AnyReceiver, flow: Flow, call: Inbound, ctx: Ctx): Promise<Received> {
  try {
    return await way.receive((await putSecrets(ctx, flow.bookId, flow.definition.config)) as never, call, connectorCtx(ctx));
  } catch (error) {
    if (error instanceof FlowFault) throw new Refusal(error.problem);
    throw error;
  }
}

const notKept = (flow: string): Outbound => ({
  status: 503, contentType: "application/json; charset=utf-8", headers: { "retry-after": String(RETRY_SECONDS) }, body: JSON.stringify({ error: renderProblem({ code: "flow.not_kept", facts: { flow } }) }),
});

type Waiting = { readonly messages: Landing; readonly once: readonly string[]; readonly resolve: () => void; readonly reject: (error: unknown) => void };
type Lander = { readonly land: (messages: Landing, once: readonly string[]) => Promise<void> };
const landers = new WeakMap<Store, Map<string, Lander>>();

/** Calls that arrive while one is being landed are landed together by the next transaction. */
function landerOf(ctx: Ctx, flow: Flow): Lander {
  const place = `${flow.bookId}/${flow.flow}/${flow.version}`;
  let own = landers.get(ctx.db);
  if (!own) landers.set(ctx.db, (own = new Map()));
  let lander = own.get(place);
  if (!lander) own.set(place, (lander = openLander(ctx, flow)));
  return lander;
}

const TOGETHER_MAX = 500;

function openLander(ctx: Ctx, flow: Flow): Lander {
  const queue: Waiting[] = [];
  let isBusy = false;
  const into = { bookId: flow.bookId, flow: flow.flow, flowVersion: flow.version };
  const landOne = (one: Waiting): Promise<void> => land(ctx, into, one.messages, { once: one.once }).then(() => one.resolve(), one.reject);
  const goOn = async (): Promise<void> => {
    isBusy = true;
    while (queue.length > 0) {
      const together = queue.splice(0, TOGETHER_MAX);
      try {
        await land(ctx, into, together.flatMap(({ messages }) => messages), { once: together.flatMap(({ once }) => once) });
        for (const one of together) one.resolve();
      } catch {
        // One of them may be known already, or be what the database refuses: each by itself.
        for (const one of together) await landOne(one);
      }
    }
    isBusy = false;
  };
  return {
    land: (messages, once) => new Promise((resolve, reject) => {
      queue.push({ messages, once, resolve, reject });
      if (!isBusy) void goOn();
    }),
  };
}
