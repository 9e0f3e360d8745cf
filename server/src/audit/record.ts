/**
 * Nothing that changes something happens unrecorded. Before an act its intent is committed; after it the entry joins the chain and the intent
 * goes, in one transaction. If the process dies in between, the next one that starts finds the intent and records it as of unknown outcome.
 * Whether a process lives is told by an advisory lock that its connection holds: the database frees it when the process is gone, on whatever machine.
 */
import { appRole, type Connection, type Ctx, type Db, isConnectionFault, openPool, Refusal, type Store } from "../platform/index.ts";
import { anchorHead, beginAnchors } from "./anchor.ts";
import { Batch } from "./batch.ts";
import { type Concluded, type Fields, hashOf, type Intended } from "./entry.ts";
import * as store from "./entry.store.ts";
import { clean, maskJson, maskText } from "./mask.ts";

/** An act that has begun. It must be concluded, whatever happens. */
export type Intent = { readonly intentNo: bigint; readonly fields: Fields };

/** Commits what is about to happen. If this fails, the act must not begin. */
export async function intend(ctx: Ctx, intended: Intended): Promise<Intent> {
  const fields = fieldsOf(ctx, intended);
  return { intentNo: await journalOf(ctx).intents.add(fields), fields };
}

/** Answers the number of the entry. */
export const conclude = (ctx: Ctx, { intentNo, fields }: Intent, concluded: Concluded): Promise<bigint> => journalOf(ctx).entries.add({ fields: concludedOf(fields, concluded), intentNo });

/** For what has changed nothing, such as a refusal, and for what was done by the time it is known, such as a sign-in. */
export const record = (ctx: Ctx, intended: Intended, concluded: Concluded = { outcome: "done" }): Promise<bigint> => journalOf(ctx).entries.add({ fields: concludedOf(fieldsOf(ctx, intended), concluded), intentNo: null });

/** Does the work between its intent and its entry. What the work throws is recorded and thrown on. */
export async function recorded<Result>(ctx: Ctx, intended: Intended, work: () => Promise<Result>, afterOf: (result: Result) => Partial<Concluded> = () => ({})): Promise<Result> {
  const intent = await intend(ctx, intended);
  let result: Result;
  try {
    result = await work();
  } catch (error) {
    await conclude(ctx, intent, failureOf(error)).catch((fault: unknown) => ctx.log.error("an act is not yet in the audit trail; its intent is kept", { act: intended.act, error: fault }));
    throw error;
  }
  await conclude(ctx, intent, { outcome: "done", ...afterOf(result) });
  return result;
}

export const failureOf = (error: unknown): Concluded => (error instanceof Refusal ? { outcome: "refused", code: error.code } : { outcome: "failed" });

/** Settles what processes that are gone have left, once at the start of one that will record. Answers how many there were. */
export async function settleIntents(ctx: Ctx): Promise<number> {
  const journal = journalOf(ctx);
  let settled = 0;
  for (const { processNo } of await store.findProcesses(ctx.db)) {
    if (journal.owns(processNo)) continue;
    const head = await ctx.db.transaction(async (db) => {
      if (!(await store.tryProcess(db, processNo)).isFree) return undefined;
      const left = await store.takeIntents(db, processNo);
      if (left.length === 0) return undefined;
      settled += left.length;
      return append(db, left.map(({ at, entry }) => ({ ...entry, at, outcome: "unknown" })));
    });
    if (head) await anchorHead(ctx, head);
  }
  if (settled > 0) ctx.log.warn("acts of a process that ended on the way are recorded as of unknown outcome", { acts: settled });
  return settled;
}

/** Waits for what is being written, and lets the process's lock go. Call it before the store is closed. */
export async function closeAudit(ctx: Pick<Ctx, "db">): Promise<void> {
  const journal = journals.get(ctx.db);
  journals.delete(ctx.db);
  await journal?.close();
}

const fieldsOf = (ctx: Ctx, { act, actorKind, actor, actorName, address, session, object, book, before, reason, request }: Intended): Fields => ({
  at: ctx.now().toISOString(), actorKind, actor: clean(actor), actorName: clean(actorName), address: clean(address), session: session === undefined ? null : clean(session), act, objectKind: object === undefined ? null : clean(object.kind),
  objectId: object === undefined ? null : maskText(object.id).slice(0, 500), book: book === undefined ? null : clean(book), before: maskJson(before), after: null, reason: maskText(reason ?? "").slice(0, 2_000), outcome: "unknown", code: null, request: maskText(request ?? "").slice(0, 1_000).toWellFormed(),
});

const concludedOf = (fields: Fields, { outcome, code, after, object, reason }: Concluded): Fields => ({
  ...fields, outcome, code: code ?? null, after: maskJson(after), ...(object === undefined ? {} : { objectKind: clean(object.kind), objectId: maskText(object.id).slice(0, 500) }), ...(reason === undefined ? {} : { reason: maskText(reason).slice(0, 2_000) }),
});

type Head = { readonly entryNo: bigint; readonly hash: Buffer };

/** Appends to the chain within a transaction of the caller. */
async function append(db: Db, entries: readonly Fields[]): Promise<Head> {
  const json = await store.normalise(db, entries.map(({ before, after }) => [before, after] as const));
  const head = await store.lockHead(db);
  let [entryNo, previous] = [head.entryNo, head.hash];
  const rows = entries.map((entry, index) => {
    const fields = { ...entry, before: json[index]?.before ?? null, after: json[index]?.after ?? null };
    const link = { entryNo: (entryNo += 1n), previous };
    const hash = (previous = hashOf(fields, link));
    return { ...fields, ...link, hash };
  });
  await store.addEntries(db, rows);
  return { entryNo, hash: previous };
}

type Pending = { readonly fields: Fields; readonly intentNo: bigint | null };

/** One for each store of this process. */
class Journal {
  readonly intents: Batch<Fields, bigint>;
  readonly entries: Batch<Pending, bigint>;
  private readonly ctx: Ctx;
  private holder: Promise<Holder> | undefined;
  private processNo: number | undefined;

  constructor(ctx: Ctx) {
    this.ctx = ctx;
    this.intents = new Batch((wanted) => this.intendAll(wanted));
    this.entries = new Batch((wanted) => this.appendAll(wanted));
  }

  owns(processNo: number): boolean {
    return processNo === this.processNo;
  }

  async close(): Promise<void> {
    await this.intents.settled();
    await this.entries.settled();
    const holder = await this.holder?.catch(() => undefined);
    holder?.connection.release(new Error("closed"));
    await holder?.pool.close();
  }

  /** Over the connection that holds the lock, so that no intent is written by a process that others take for dead. */
  private async intendAll(wanted: readonly Fields[]): Promise<bigint[]> {
    for (let isSecond = false; ; isSecond = true) {
      const holder = await (this.holder ??= this.hold());
      try {
        return (await store.addIntents(holder.connection, this.processNo as number, wanted.map((fields) => ({ at: fields.at, entry: JSON.stringify(fields) })))).map(({ intentNo }) => intentNo);
      } catch (error) {
        if (!isConnectionFault(error)) throw error;
        this.holder = undefined; // what may have been written nevertheless is settled at the next start
        holder.connection.release(error as Error);
        await holder.pool.close();
        if (isSecond) throw error;
      }
    }
  }

  private async appendAll(pending: readonly Pending[]): Promise<bigint[]> {
    await this.began;
    const head = await this.ctx.db.transaction(async (db) => {
      const appended = await append(db, pending.map(({ fields }) => fields));
      const concluded = pending.flatMap(({ intentNo }) => (intentNo === null ? [] : [intentNo]));
      if (concluded.length > 0) await store.dropIntents(db, concluded);
      return appended;
    });
    await anchorHead(this.ctx, head).catch((error: unknown) => this.ctx.log.error("the audit trail is not anchored outside the database", { error }));
    return pending.map((_, index) => head.entryNo - BigInt(pending.length - 1 - index));
  }

  /** Before the first entry there is an anchor of none, so that a missing file is a finding. */
  private get began(): Promise<void> {
    return (this.beginning ??= store.readHead(this.ctx.db).then((head) => (head ? beginAnchors(this.ctx, head) : undefined)).catch(() => {
      this.beginning = undefined;
    }));
  }
  private beginning: Promise<void> | undefined;

  private async hold(): Promise<Holder> {
    const pool = openPool(this.ctx.db.url, { max: 1, role: appRole, patienceMs: 60_000, onIdleFault: () => {} });
    try {
      const connection = await pool.connect();
      this.processNo ??= (await store.newProcess(connection)).processNo;
      await store.lockProcess(connection, this.processNo);
      return { pool, connection };
    } catch (error) {
      this.holder = undefined;
      await pool.close();
      throw error;
    }
  }
}

type Holder = { readonly pool: Store; readonly connection: Connection };

const journals = new WeakMap<Store, Journal>();
function journalOf(ctx: Ctx): Journal {
  const known = journals.get(ctx.db);
  if (known) return known;
  const journal = new Journal(ctx);
  journals.set(ctx.db, journal);
  return journal;
}
