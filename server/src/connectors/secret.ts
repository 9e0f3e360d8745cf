/** Secrets of a book: set once, sealed, never shown again; a flow names them as `{ secret: NAME }`. */
import { type Ctx, refuse, seal, sealKey, unseal } from "../platform/index.ts";
import type { Json } from "./connector.ts";
import * as store from "./flow.store.ts";
import { secretNames, withSecrets } from "./flow.ts";

type Sealing = Pick<Ctx, "db" | "dataDir">;

/** Refuses: secret.name, secret.empty, secret.no_key. */
export async function setSecret(ctx: Ctx, bookId: number, name: string, text: string): Promise<void> {
  if (!/^[A-Za-z][\w.-]{0,59}$/.test(name)) refuse("secret.name", { got: name });
  if (text === "") refuse("secret.empty", { name });
  await store.saveSecret(ctx.db, bookId, name, seal(keyOf(ctx), text, contextOf(bookId, name)), ctx.actor.id, ctx.now().toISOString());
}

/** The configuration with its secrets in place; for the connector's hands only. Refuses: secret.unknown, secret.unreadable, secret.no_key. */
export async function putSecrets(ctx: Sealing, bookId: number, config: Json): Promise<Json> {
  const names = secretNames(config);
  if (names.length === 0) return config;
  const key = keyOf(ctx);
  const sealed = new Map((await store.readSecrets(ctx.db, bookId, names)).map((row) => [row.name, row.sealed]));
  return withSecrets(config, (name) => {
    const bytes = sealed.get(name);
    if (bytes === undefined) return refuse("secret.unknown", { name });
    return unseal(key, bytes, contextOf(bookId, name)) ?? refuse("secret.unreadable", { name });
  });
}

const contextOf = (bookId: number, name: string): string => `tieout secret ${bookId} ${name}`;
const keyOf = (ctx: Sealing): Buffer => sealKey(ctx.dataDir) ?? refuse("secret.no_key");
