/** Databases as sources, read by batch. */
import type { Source } from "../connector.ts";
import { mysql } from "./mysql.ts";
import { oracle } from "./oracle.ts";
import { postgres } from "./postgres.ts";
import { databaseSource } from "./source.ts";
import { sqlite } from "./sqlite.ts";
import { sqlserver } from "./sqlserver.ts";

export const postgresSource = databaseSource(postgres);
export const mysqlSource = databaseSource(mysql);
export const sqliteSource = databaseSource(sqlite);
export const sqlserverSource = databaseSource(sqlserver);
export const oracleSource = databaseSource(oracle);

/** All of them; a configuration is checked against the source's own schema before it is used. */
export const databaseSources: readonly Source<never>[] = [postgresSource, mysqlSource, sqliteSource, sqlserverSource, oracleSource];
