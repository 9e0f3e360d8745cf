/** A flow's definition becomes the one in force: checked whole, with the text of its mapping, as a new version unless nothing changed. */
import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { loadBook } from "../../books/index.ts";
import { checkConfig, findWayIn, type FlowDefinition, flows as store, type Json, type MappingStored, parseFlow, type WaysIn, waysIn, withSecrets } from "../../connectors/index.ts";
import { checkDefinition, type DeliveryFlow, targets, type Targets } from "../../delivery/index.ts";
import { readMappingText } from "../../documents/index.ts";
import { type Ctx, type Problem, refuse } from "../../platform/index.ts";
import { problemsOfMapping } from "./mapper.ts";

export type Applied = { readonly flow: string; readonly book: string; readonly version: number; readonly isNew: boolean };
export type FlowText = { readonly yaml: string; /** Where a mapping's path begins: the folder of the flow's file. */ readonly folder?: string | undefined; /** In place of a file, over the API. */ readonly mapping?: MappingStored | undefined };

/** Refuses: flow.yaml, flow.field, flow.unknown_field, flow.connector, flow.secret_plain, flow.mapping_unknown, mapping.*, book.unknown. */
export async function applyFlow(ctx: Ctx, text: FlowText, ways: WaysIn = waysIn, known: Targets = targets): Promise<Applied> {
  const definition = parseFlow(text.yaml);
  const book = await loadBook(ctx.db, definition.book);
  const problems = definition.direction === "in" ? checkConfig(definition, await findWayIn(ways, definition.connector)) : checkOut(definition, known);
  const [first] = problems;
  if (first) refuse(first.code, first.facts, first.where);
  const mapping = definition.mapping === "" ? null : (text.mapping ?? (await mappingOf(definition, text.folder)));
  const [wrong] = mapping === null ? [] : problemsOfMapping(definition.mapping, mapping);
  if (wrong) refuse(wrong.code, wrong.facts, wrong.where);

  const hash = createHash("sha256").update(JSON.stringify([text.yaml, mapping])).digest("hex");
  const { bookId } = book;
  return ctx.db.transaction(async (db) => {
    await store.makeStatus(db, bookId, definition.flow);
    const last = await store.lastVersion(db, bookId, definition.flow);
    const isNew = last?.hash !== hash;
    const version = isNew ? (last?.version ?? 0) + 1 : last.version;
    if (isNew) await store.addVersion(db, { bookId, flow: definition.flow, version, definition, yaml: text.yaml, mappingName: definition.mapping || null, mapping, hash, by: ctx.actor.id, at: ctx.now().toISOString() });
    await store.clearProblem(db, bookId, definition.flow); // what was wrong has been changed
    return { flow: definition.flow, book: book.code, version, isNew };
  });
}

function checkOut({ flow, connector, config, out }: FlowDefinition, known: Targets): readonly Problem[] {
  const target = known.get(connector);
  if (!target) return [{ code: "flow.connector", facts: { got: connector, known: [...known.keys()].join(", ") }, where: "/to/connector" }];
  const wrong = checkConfig({ flow, direction: "out", config }, target);
  return wrong.length > 0 ? wrong : checkDefinition(withSecrets(out as Json, () => "secret") as unknown as DeliveryFlow, known);
}

/** A name of packs/mappings, or a path beside the flow's file. Refuses: flow.mapping_unknown, mapping.unreadable. */
export async function mappingOf({ mapping }: FlowDefinition, folder: string | undefined): Promise<MappingStored | null> {
  if (mapping === "") return null;
  const isPath = /[/\\]|\.ya?ml$/.test(mapping);
  if (isPath && folder === undefined) refuse("flow.mapping_unknown", { mapping }, "/mapping");
  const { text, files } = await readMappingText(isPath ? resolve(folder ?? "", mapping) : mapping);
  return { text, files: Object.fromEntries(files) };
}
