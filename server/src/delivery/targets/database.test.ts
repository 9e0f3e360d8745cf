import { mkdtemp, rm } from "node:fs/promises";
import { DatabaseSync } from "node:sqlite";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";
import mysql from "mysql2/promise";
import { mariadbAbsent, type MariadbServer, startMariadb } from "../../connectors/database/mariadb-server.ts";
import { testStore } from "../../platform/testing.ts";
import { acceptTarget } from "../acceptance.ts";
import { database, type DatabaseConfig } from "./database.ts";

/** A finance system of two tables, with a generated key and accounts that must exist. */
const tables = (id: string): string[] => [
  "create table account (code varchar(20) primary key)",
  "insert into account values ('1122'), ('6001'), ('222101')",
  `create table gl_head (id ${id}, ref varchar(40) not null, day date not null, no int not null, text varchar(200) not null)`,
  "create table gl_row (head bigint not null, no int not null, account varchar(20) not null, dr decimal(18, 2) not null, cr decimal(18, 2) not null, customer varchar(20), primary key (head, no), foreign key (account) references account (code))",
];
const shape: Omit<DatabaseConfig, "url"> = {
  header: { table: "gl_head", id: "id", columns: { ref: "reference", day: "date", no: "no", text: "summary" } },
  lines: { table: "gl_row", columns: { head: "headerId", no: "lineNo", account: "account", dr: "debit", cr: "credit", customer: "dimensions.customer" } },
};

acceptTarget({
  name: "PostgreSQL", target: database, fences: true, lacks: ["answers"],
  async make() {
    const finance = await testStore();
    for (const statement of tables("bigserial primary key")) await finance.owner.exec(statement);
    const at = (port: number): DatabaseConfig => {
      const url = new URL(finance.url);
      url.port = String(port);
      return { url: url.href, ...shape };
    };
    const port = Number(new URL(finance.url).port);
    return {
      config: at(port), port, configAt: at, write: "commit",
      standing: async ({ reference }) => Number((await finance.owner.one<{ count: bigint }>("select count(*) as count from gl_head where ref = $1", [reference])).count),
      close: () => finance.close(),
    };
  },
});

const skip = mariadbAbsent();
let server: Promise<MariadbServer> | undefined;
let databases = 0;
after(async () => (await server)?.close());

acceptTarget({
  name: "MariaDB", target: database, fences: true, lacks: ["answers"], skip,
  async make() {
    const { port } = await (server ??= startMariadb());
    const name = `finance_${++databases}`;
    const connection = await mysql.createConnection({ host: "127.0.0.1", port, user: "root" });
    await connection.query(`create database ${name} character set utf8mb4`);
    await connection.changeUser({ database: name });
    for (const statement of tables("bigint auto_increment primary key")) await connection.query(statement);
    const at = (over: number): DatabaseConfig => ({ url: `mysql://root@127.0.0.1:${over}/${name}`, ...shape });
    return {
      config: at(port), port, configAt: at, write: "commit",
      standing: async ({ reference }) => {
        const [rows] = await connection.query("select count(*) as count from gl_head where ref = ?", [reference]);
        return Number((rows as { count: number }[])[0]?.count);
      },
      close: () => connection.end(),
    };
  },
});

acceptTarget({
  name: "SQLite", target: database, fences: true, lacks: ["network"],
  async make() {
    const folder = await mkdtemp(join(tmpdir(), "tieout-sqlite-"));
    const path = join(folder, "finance.db");
    const file = new DatabaseSync(path);
    for (const statement of tables("integer primary key")) file.exec(statement);
    return {
      config: { url: `sqlite:${path}`, ...shape },
      standing: ({ reference }) => Number(file.prepare("select count(*) as count from gl_head where ref = ?").get(reference)?.count),
      async close() {
        file.close();
        await rm(folder, { recursive: true, force: true });
      },
    };
  },
});
