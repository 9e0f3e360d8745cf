/** The door of `platform`: what every folder stands on, none of it about accounting. */
export * from "./clock.ts";
export * from "./config.ts";
export * from "./copy.ts";
export * from "./ctx.ts";
export * from "./db.ts";
export * from "./lock.ts";
export * from "./log.ts";
export * from "./migrate.ts";
export * from "./open-store.ts";
export * from "./postgres-server.ts";
export * from "./refusal.ts";
export * from "./schema-dump.ts";
export * from "./seal.ts";
export type { Statement } from "./send-all.ts";
export * from "./terminal.ts";
export * from "./throw-away.ts";
