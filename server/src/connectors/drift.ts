/**
 * Schema drift 结构变化: what a source's structure is now against what was last accepted. What happens is the flow's choice for each
 * kind of change; a change that freezes stops its own stream only, until somebody accepts it.
 */
import type { Ctx } from "../platform/index.ts";
import type { FieldShape, StreamShape } from "./connector.ts";
import * as store from "./flow.store.ts";
import * as inbox from "./inbox.store.ts";
import type { Drift, DriftAct, DriftKind } from "./flow.ts";

export type Change = { readonly kind: DriftKind; readonly field: string; readonly from: string; readonly to: string; readonly act: DriftAct };
/** What a stream's changes mean for its rows. */
export type StreamDrift = { readonly isFrozen: boolean; readonly dropped: readonly string[]; readonly quarantined: readonly string[] };

/** `reads` says which fields the mapping reads; a change to any other matters to nobody. A new field is read by none yet. */
export function compareShapes(accepted: StreamShape, now: StreamShape, drift: Drift, reads: (field: string) => boolean): Change[] {
  const was = new Map(accepted.fields.map((field) => [field.field, field]));
  const is = new Map(now.fields.map((field) => [field.field, field]));
  const changes: Change[] = [];
  const add = (kind: DriftKind, field: string, from: string, to: string): void => void changes.push({ kind, field, from, to, act: drift[kind] });
  if (accepted.key.join("|") !== now.key.join("|")) add("key", now.key.join("|"), accepted.key.join("|"), now.key.join("|"));
  for (const [name, field] of is) {
    const before = was.get(name);
    if (!before) add("added", name, "", field.native);
    else if (!reads(name)) continue;
    else if (before.type !== field.type) add("type", name, before.native, field.native);
    else if (isNarrower(before, field)) add("narrowed", name, before.native, field.native);
  }
  for (const [name, field] of was) if (!is.has(name) && reads(name)) add("removed", name, field.native, "");
  return changes;
}

const isNarrower = (before: FieldShape, now: FieldShape): boolean =>
  less(now.length, before.length) || less(now.scale, before.scale) || less(integerDigits(now), integerDigits(before));
const integerDigits = ({ precision, scale }: FieldShape): number | undefined => (precision === undefined ? undefined : precision - (scale ?? 0));
const less = (now: number | undefined, before: number | undefined): boolean => now !== undefined && (before === undefined || now < before);

/** Keeps the structure if nothing in it asks for a person, else holds it beside the accepted one. Answers what changed. */
export async function takeShape(ctx: Pick<Ctx, "db" | "actor" | "now">, bookId: number, flow: string, shape: StreamShape, drift: Drift, reads: (field: string) => boolean): Promise<readonly Change[]> {
  const known = (await store.readShapes(ctx.db, bookId, flow)).find(({ stream }) => stream === shape.stream);
  const at = ctx.now().toISOString();
  const changes = known ? compareShapes(known.shape, shape, drift, reads) : [];
  if (!known || changes.every(({ act }) => act === "evolve")) {
    // Fields that an earlier change drops or quarantines stay so while they are there.
    if (!known || changes.length > 0 || known.pending !== null) await store.acceptShape(ctx.db, bookId, flow, shape, changes.length > 0 ? changes : null, ctx.actor.id, at);
  } else await store.holdShape(ctx.db, bookId, flow, shape, changes);
  return changes;
}

/** How each stream that has an open change is treated. */
export async function readDrift(ctx: Pick<Ctx, "db">, bookId: number, flow: string): Promise<Map<string, StreamDrift>> {
  const drifts = new Map<string, StreamDrift>();
  for (const { stream, pending, changes } of await store.readShapes(ctx.db, bookId, flow)) {
    if (pending === null || !Array.isArray(changes)) continue;
    const list = changes as readonly Change[];
    const fields = (act: DriftAct): string[] => list.filter((change) => change.act === act && change.kind !== "removed" && change.kind !== "key").map(({ field }) => field);
    const isFrozen = list.some(({ act, kind }) => act === "freeze" || (act !== "evolve" && (kind === "removed" || kind === "key"))); // what is gone can be neither left out nor set aside
    drifts.set(stream, { isFrozen, dropped: fields("drop"), quarantined: fields("quarantine") });
  }
  return drifts;
}

/** The structure that was held is the accepted one; what stood still goes on. Answers false where nothing was held. */
export async function acceptDrift(ctx: Pick<Ctx, "db" | "actor" | "now">, bookId: number, flow: string, stream: string): Promise<boolean> {
  const known = (await store.readShapes(ctx.db, bookId, flow)).find((one) => one.stream === stream);
  if (!known?.pending) return false;
  const { pending, changes } = known;
  await ctx.db.transaction(async (db) => {
    await inbox.lockLandings(db, bookId, flow);
    await store.acceptShape(db, bookId, flow, pending, changes, ctx.actor.id, ctx.now().toISOString());
    await inbox.releaseStream(db, bookId, flow, stream);
  });
  return true;
}
