/** 验证: works the whole chain out anew and holds it against the database's head and the anchors outside. */
import type { Ctx, Problem } from "../platform/index.ts";
import { type Anchor, readAnchors } from "./anchor.ts";
import { hashOf } from "./entry.ts";
import * as store from "./entry.store.ts";

export type AuditVerified = {
  readonly isWhole: boolean; readonly entries: bigint; readonly head: string;
  /** The first break of the chain comes first. */
  readonly problems: readonly Problem[];
  /** Null without a data folder: then only the inner chain is proved. */
  readonly anchors: { readonly count: number; readonly last: string | null } | null;
  /** Acts under way, or left by a process that ended. */
  readonly intents: number;
};

/** Collects: audit.changed, audit.gap, audit.fork, audit.head, audit.anchor_missing, audit.anchor_forged, audit.anchor_differs, audit.cut_off. */
export async function verifyAudit(ctx: Pick<Ctx, "db" | "dataDir">): Promise<AuditVerified> {
  const read = ctx.dataDir === undefined ? undefined : await readAnchors(ctx.dataDir); // before the chain: what is added meanwhile is no finding
  const wanted = new Map<bigint, Anchor[]>();
  for (const anchor of read?.anchors ?? []) wanted.set(anchor.entryNo, [...(wanted.get(anchor.entryNo) ?? []), anchor]);
  const start = await store.readHead(ctx.db);
  const problems: Problem[] = [];
  let previous = Buffer.alloc(32);
  let last = 0n;
  let isHeadSeen = start?.entryNo === 0n && start.hash.equals(previous);
  for (let rows = await store.readChain(ctx.db, 0n, pageRows); rows.length > 0; rows = await store.readChain(ctx.db, last, pageRows)) {
    for (const row of rows) {
      const entry = String(row.entryNo);
      if (row.entryNo !== last + 1n) problems.push({ code: "audit.gap", facts: { from: last + 1n, to: row.entryNo - 1n } });
      else if (!row.previous.equals(previous)) problems.push({ code: "audit.fork", facts: { entry } });
      if (!hashOf(row, row).equals(row.hash)) problems.push({ code: "audit.changed", facts: { entry, at: row.at, act: row.act } });
      for (const anchor of wanted.get(row.entryNo) ?? []) if (anchor.hash !== row.hash.toString("hex")) problems.push({ code: "audit.anchor_differs", facts: { entry, at: anchor.at } });
      if (row.entryNo === start?.entryNo && row.hash.equals(start.hash)) isHeadSeen = true;
      previous = row.hash as Buffer<ArrayBuffer>;
      last = row.entryNo;
      if (problems.length >= problemsMax) break;
    }
    if (problems.length >= problemsMax) break;
  }
  if (problems.length < problemsMax) {
    if (!isHeadSeen) problems.push({ code: "audit.head", facts: { head: start?.entryNo ?? 0n, last } });
    const beyond = [...wanted.keys()].filter((entryNo) => entryNo > last).sort((a, b) => (a < b ? 1 : -1))[0];
    if (beyond !== undefined) problems.push({ code: "audit.cut_off", facts: { last, anchored: beyond, at: wanted.get(beyond)?.[0]?.at ?? "" } });
    if (ctx.dataDir !== undefined && read === undefined && last > 0n) problems.push({ code: "audit.anchor_missing", facts: { folder: "anchors/audit" } });
    for (const line of read?.forged.slice(0, problemsMax) ?? []) problems.push({ code: "audit.anchor_forged", facts: { line } });
  }
  const newest = read?.anchors.at(-1);
  return {
    isWhole: problems.length === 0, entries: last, head: previous.toString("hex"), problems, intents: await store.countIntents(ctx.db),
    anchors: ctx.dataDir === undefined ? null : { count: read?.anchors.length ?? 0, last: newest === undefined ? null : newest.at },
  };
}

const pageRows = 2_000;
/** After so many the trail is beyond a list of places. */
const problemsMax = 20;
