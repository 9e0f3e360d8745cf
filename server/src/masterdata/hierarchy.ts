/** 层级: trees of customers, items, departments, regions, that change with time. A node has one parent at a time and never stands above itself. */
import type { Book } from "../books/index.ts";
import { type Ctx, refuse } from "../platform/index.ts";
import { domainOf } from "./domain.ts";
import { goldenNo, goldenText } from "./golden.ts";
import * as store from "./reference.store.ts";

export type TreeNode = { readonly node: string; readonly zh: string; readonly en: string; readonly golden: string | null; readonly parent: string | null; readonly from: string | null; readonly to: string | null };
export type NodeWanted = { readonly tree: string; readonly node: string; readonly zh: string; readonly en?: string | undefined; readonly parent?: string | undefined; readonly golden?: string | undefined; /** The first day; default: always has. */ readonly from?: string | undefined };

/** Puts a node into a tree, or moves it from a day on. Refuses: masterdata.tree_circle, masterdata.parent_unknown, masterdata.validity_overlaps, masterdata.validity_from_missing. */
export async function placeNode(ctx: Ctx, book: Book, { tree, node, zh, en = zh, parent, golden, from }: NodeWanted): Promise<void> {
  const { bookId } = book, at = ctx.now().toISOString();
  if (node.trim() === "" || tree.trim() === "") refuse("masterdata.code_empty", { code: node, system: tree });
  await ctx.db.transaction(async (db) => {
    await store.lockTree(db, bookId, tree);
    const rows = await store.findNodeRows(db, bookId, tree, node);
    const current = rows.find(({ to }) => to === null);
    if (parent !== undefined) {
      if (parent === node) refuse("masterdata.tree_circle", { node, parent, way: node });
      if (!(await store.findNodeRows(db, bookId, tree, parent)).some(({ to }) => to === null)) refuse("masterdata.parent_unknown", { node, parent });
      const above = (await store.findAbove(db, bookId, tree, parent, from ?? null, null)).map((one) => one.node);
      if (above.includes(node)) refuse("masterdata.tree_circle", { node, parent, way: [node, parent, ...above.slice(0, above.indexOf(node) + 1)].join(" → ") });
    }
    if (current) {
      const isSameParent = current.parent === (parent ?? null);
      if (isSameParent || from === undefined) await store.dropNodeRow(db, bookId, current.nodeNo); // a correction: it always was so
      else if (current.from !== null && from <= current.from) refuse("masterdata.validity_overlaps", { code: node, from, known: current.from });
      else await store.endNode(db, bookId, current.nodeNo, from);
      const start = isSameParent || from === undefined ? current.from : from;
      await store.addNode(db, bookId, { tree, node, zh, en, goldenId: golden === undefined ? current.goldenId : goldenNo(golden), parent: parent ?? null, from: start, to: null }, ctx.actor.id, at);
      return;
    }
    if (rows.some(({ to }) => to !== null && (from ?? "") < to)) refuse("masterdata.validity_overlaps", { code: node, from: from ?? "…", known: rows.at(-1)?.to ?? "" });
    await store.addNode(db, bookId, { tree, node, zh, en, goldenId: golden === undefined ? null : goldenNo(golden), parent: parent ?? null, from: from ?? null, to: null }, ctx.actor.id, at);
  });
}

/** From that day on it is not in the tree. Refuses: masterdata.node_unknown, masterdata.node_has_children. */
export async function endNode(ctx: Ctx, book: Book, tree: string, node: string, from: string): Promise<void> {
  await ctx.db.transaction(async (db) => {
    await store.lockTree(db, book.bookId, tree);
    const current = (await store.findNodeRows(db, book.bookId, tree, node)).find(({ to }) => to === null) ?? refuse("masterdata.node_unknown", { node, tree });
    if (await store.hasChildren(db, book.bookId, tree, node)) refuse("masterdata.node_has_children", { node });
    if (current.from !== null && from <= current.from) await store.dropNodeRow(db, book.bookId, current.nodeNo);
    else await store.endNode(db, book.bookId, current.nodeNo, from);
  });
}

/** The tree as it stands on a day. */
export async function readTree(ctx: Ctx, book: Book, tree: string, on: string): Promise<TreeNode[]> {
  return (await store.findNodes(ctx.db, book.bookId, tree, on)).map(({ node, zh, en, goldenId, parent, from, to }) => ({ node, zh, en, golden: goldenId === null ? null : goldenText(goldenId), parent, from, to }));
}
export const listTrees = async (ctx: Ctx, book: Book): Promise<{ readonly tree: string; readonly nodes: number }[]> => (await store.findTrees(ctx.db, book.bookId)).map(({ tree, nodes }) => ({ tree, nodes: Number(nodes) }));

/** Makes a tree from what the records say: departments by their parent, customers and suppliers by group, items by category. Nodes that stand there stay. Answers how many were added. */
export async function growTree(ctx: Ctx, book: Book, domain: string): Promise<{ readonly tree: string; readonly added: number; readonly left: readonly string[] }> {
  if (!domainOf(domain)) refuse("masterdata.domain_unknown", { domain });
  const field = domain === "item" ? "category" : domain === "customer" || domain === "supplier" ? "group" : "parent";
  const rows = field === "parent" ? await store.findParents(ctx.db, book.bookId, domain) : await store.findGroups(ctx.db, book.bookId, domain, field);
  const known = new Set((await store.findNodes(ctx.db, book.bookId, domain, ctx.now().toISOString().slice(0, 10))).map(({ node }) => node));
  let added = 0;
  const put = async (wanted: NodeWanted): Promise<void> => {
    if (known.has(wanted.node)) return;
    await placeNode(ctx, book, wanted);
    known.add(wanted.node);
    added++;
  };
  const left: string[] = [];
  if (field !== "parent") for (const group of [...new Set(rows.flatMap(({ parent }) => (parent === null ? [] : [parent])))].sort()) await put({ tree: domain, node: `@${group}`, zh: group });
  // Parents first; what is left in the end names a parent that nobody knows, or stands in a circle.
  for (let open = [...rows]; open.length > 0; ) {
    const ready = open.filter(({ parent }) => parent === null || field !== "parent" || known.has(parent));
    if (ready.length === 0) {
      left.push(...open.map(({ code }) => code));
      break;
    }
    for (const { code, name, goldenId, parent } of ready) await put({ tree: domain, node: code, zh: name, golden: goldenText(goldenId), ...(parent === null ? {} : { parent: field === "parent" ? parent : `@${parent}` }) });
    open = open.filter((one) => !ready.includes(one));
  }
  return { tree: domain, added, left };
}
