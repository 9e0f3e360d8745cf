/**
 * The contract of the dialects: the statements they get, the kinds of their types, and what their errors mean. For SQL Server and
 * Oracle, of which there is no server here, this and an unreachable host are all that is tested; the rest is what their manuals say.
 */
import assert from "node:assert/strict";
import { test } from "node:test";
import { silentLog, systemClock } from "../../platform/index.ts";
import { shapeOf, wireOf, type Column } from "./column.ts";
import type { Meaning } from "./dialect.ts";
import { oracleSource, sqlserverSource } from "./index.ts";
import { columnOf as mysqlColumn, columnOfField, mysql, mysqlMeaning } from "./mysql.ts";
import { columnOf as oracleColumn, oracle, oracleMeaning } from "./oracle.ts";
import type { CursorPlan, Plan } from "./plan.ts";
import { postgresMeaning } from "./postgres.ts";
import { selectByCursor, selectByKey, selectChangedParents, selectChildren, selectNewest, type Grammar } from "./select.ts";
import { columnOf as sqlserverColumn, nativeOf, sqlserver, sqlserverMeaning } from "./sqlserver.ts";

/** An order of a book with a change stamp, and its lines. */
function planOf(grammar: Grammar, from: string, [book, no, total, changed]: readonly [Column, Column, Column, Column]): Plan & { readonly cursor: CursorPlan } {
  const cursor: CursorPlan = { columns: [changed], kind: "time", overlap: 0n, isInstant: false };
  const child = { name: "lines", table: "line", from: grammar.quote("line"), columns: [no, total], key: [no], parent: book, on: book, cursor };
  return { stream: "order", place: "order", from, columns: [book, no, total, changed], key: [book, no], cursor, children: [child], chunk: 100, sweepMs: undefined, zone: undefined, of: "" };
}

test("SQL Server is asked in its own SQL: converted values, typed parameters, keys in the long form", () => {
  const plan = planOf(sqlserver, "[dbo].[order]", [sqlserverColumn("book", "int", false), sqlserverColumn("no", "nvarchar(20)", false), sqlserverColumn("total", "decimal(38,18)", true), sqlserverColumn("changed]", "datetime2(7)", true)]);
  const list = "q.[book], q.[no], convert(varchar(41), q.[total]), convert(varchar(33), q.[changed]]], 126), convert(varchar(33), q.[changed]]], 126)";
  assert.deepEqual(selectByKey(sqlserver, plan, ["7", "A"], 100), {
    sql: `select ${list} from [dbo].[order] q where q.[book] >= cast(@p1 as int) and (q.[book] > cast(@p2 as int) or (q.[book] = cast(@p3 as int) and q.[no] > cast(@p4 as nvarchar(20)))) order by q.[book], q.[no] offset 0 rows fetch next 100 rows only`,
    values: ["7", "7", "7", "A"],
  });
  assert.deepEqual(selectByCursor(sqlserver, plan, plan.cursor, "2026-03-01T00:00:00", undefined, 5), {
    sql: `select ${list} from [dbo].[order] q where q.[changed]]] >= cast(@p1 as datetime2(7)) order by q.[changed]]], q.[book], q.[no] offset 0 rows fetch next 5 rows only`,
    values: ["2026-03-01T00:00:00"],
  });
  assert.deepEqual(selectNewest(sqlserver, plan.from, plan.cursor, undefined).sql, "select convert(varchar(33), max(q.[changed]]]), 126) from [dbo].[order] q");
  assert.deepEqual(selectChildren(sqlserver, plan.children[0]!, ["1", "2"]), {
    sql: "select q.[book], q.[no], convert(varchar(41), q.[total]) from [line] q where q.[book] in (cast(@p1 as int), cast(@p2 as int)) order by q.[book], q.[no]",
    values: ["1", "2"],
  });
});

test("Oracle is asked in its own SQL: times written out, no `as` before an alias, values by number", () => {
  const plan = planOf(oracle, '"SALES"."ORDER"', [oracleColumn("BOOK", "NUMBER", { precision: 9, scale: 0 }, false), oracleColumn("NO", "VARCHAR2", { length: 20 }, false), oracleColumn("TOTAL", "NUMBER", { precision: 38, scale: 18 }, true), oracleColumn("CHANGED", "TIMESTAMP(6)", { scale: 6 }, true)]);
  const changed = `to_char(q."CHANGED", 'YYYY-MM-DD"T"HH24:MI:SS.FF9')`;
  const after = `to_timestamp(:N, 'YYYY-MM-DD"T"HH24:MI:SS.FF9')`;
  assert.deepEqual(selectByCursor(oracle, plan, plan.cursor, undefined, { cursor: "2026-03-01T00:00:00.000000000", key: ["7", "A"] }, 5), {
    sql: `select q."BOOK", q."NO", q."TOTAL", ${changed}, ${changed} from "SALES"."ORDER" q where q."CHANGED" >= ${after.replace("N", "1")} and (q."CHANGED" > ${after.replace("N", "2")} or (q."CHANGED" = ${after.replace("N", "3")} and (q."BOOK" > to_number(:4) or (q."BOOK" = to_number(:5) and q."NO" > :6)))) order by q."CHANGED", q."BOOK", q."NO" fetch first 5 rows only`,
    values: ["2026-03-01T00:00:00.000000000", "2026-03-01T00:00:00.000000000", "2026-03-01T00:00:00.000000000", "7", "7", "A"],
  });
  assert.deepEqual(selectChangedParents(oracle, plan.children[0]!, plan.cursor, "2026-03-01T00:00:00.000000000"), {
    sql: `select q."BOOK", to_char(max(q."CHANGED"), 'YYYY-MM-DD"T"HH24:MI:SS.FF9') from "line" q where q."CHANGED" >= ${after.replace("N", "1")} and q."BOOK" is not null group by q."BOOK"`,
    values: ["2026-03-01T00:00:00.000000000"],
  });
});

test("a cursor over several columns takes the first that is not null", () => {
  const column = (name: string): Column => mysqlColumn(name, "datetime(6)", "datetime", {}, true);
  const plan = planOf(mysql, "`order`", [mysqlColumn("book", "bigint(20) unsigned", "bigint", {}, false), mysqlColumn("no", "varchar(20)", "varchar", { length: 20 }, false), column("written"), column("written")]);
  const cursor: CursorPlan = { ...plan.cursor, columns: [column("written"), column("created")] };
  assert.equal(selectByCursor(mysql, { ...plan, cursor }, cursor, "2026-03-01 00:00:00", undefined, 5).sql,
    "select q.`book`, q.`no`, q.`written`, q.`written`, coalesce(q.`written`, q.`created`) from `order` q where coalesce(q.`written`, q.`created`) >= cast(? as datetime(6)) order by coalesce(q.`written`, q.`created`), q.`book`, q.`no` limit 5");
  assert.match(selectByKey(mysql, plan, ["9", "A"], 5).sql, /q\.`book` > cast\(\? as unsigned\)/);
});

const told = (column: Column): string => {
  const { type, native, length, precision, scale } = shapeOf(column, "Asia/Shanghai");
  return [type, native, length ?? "", precision === undefined ? "" : `${precision},${scale}`].join("|");
};

test("SQL Server's types keep their sizes and their digits", () => {
  const types = { int: "integer|int||", bigint: "integer|bigint||", "decimal(38,18)": "decimal|decimal(38,18)||38,18", money: "decimal|money||", bit: "boolean|bit||", "nvarchar(50)": "text|nvarchar(50)|50|", "nvarchar(max)": "text|nvarchar(max)||", date: "date|date||", datetime: "moment|datetime||", "datetimeoffset(7)": "moment|datetimeoffset(7)||", "varbinary(16)": "bytes|varbinary(16)|16|", uniqueidentifier: "text|uniqueidentifier||", rowversion: "integer|rowversion||", xml: "text|xml||" };
  assert.deepEqual(Object.fromEntries(Object.keys(types).map((native) => [native, told(sqlserverColumn("c", native, true))])), types);
  assert.deepEqual([nativeOf("nvarchar", 100, 0, 0), nativeOf("nvarchar", -1, 0, 0), nativeOf("varchar", 20, 0, 0), nativeOf("decimal", 17, 38, 18), nativeOf("datetime2", 8, 27, 7), nativeOf("int", 4, 10, 0)],
    ["nvarchar(50)", "nvarchar(max)", "varchar(20)", "decimal(38,18)", "datetime2(7)", "int"]);
  const wire = (native: string, raw: string | number | boolean) => wireOf(sqlserverColumn("c", native, true), raw, "Asia/Shanghai");
  assert.deepEqual([wire("money", "-12345678901234.5678"), wire("bigint", "9223372036854775807"), wire("datetime", "2026-03-05T08:00:00.003"), wire("datetimeoffset(7)", "2026-03-05T00:00:00.1234567Z"), wire("bit", true), wire("date", "2024-02-29"), wire("float", 1e21)],
    ["-12345678901234.5678", "9223372036854775807", "2026-03-05T08:00:00.003+08:00", "2026-03-05T00:00:00.1234567Z", true, "2024-02-29", "1000000000000000000000"]);
});

test("Oracle's types keep their sizes and their digits", () => {
  const of = (type: string, size: { length?: number; precision?: number; scale?: number } = {}) => told(oracleColumn("C", type, size, true));
  assert.deepEqual([of("NUMBER", { precision: 9, scale: 0 }), of("NUMBER", { scale: 0 }), of("NUMBER"), of("NUMBER", { precision: 38, scale: 18 }), of("VARCHAR2", { length: 20 }), of("DATE"), of("TIMESTAMP(6)", { scale: 6 }), of("TIMESTAMP(6) WITH TIME ZONE"), of("RAW", { length: 16 }), of("BLOB"), of("CLOB"), of("BINARY_DOUBLE")],
    ["integer|NUMBER(9,0)||9,0", "integer|NUMBER||", "decimal|NUMBER||", "decimal|NUMBER(38,18)||38,18", "text|VARCHAR2(20)|20|", "moment|DATE||", "moment|TIMESTAMP(6)||", "moment|TIMESTAMP(6) WITH TIME ZONE||", "bytes|RAW(16)|16|", "bytes|BLOB||", "text|CLOB||", "decimal|BINARY_DOUBLE||"]);
  const wire = (type: string, raw: string, size = {}) => wireOf(oracleColumn("C", type, size, true), raw, "Asia/Shanghai");
  assert.deepEqual([wire("NUMBER", "12345678901234567890.123456789012345678"), wire("NUMBER", ".5"), wire("DATE", "2026-03-05T08:00:00"), wire("TIMESTAMP(6) WITH TIME ZONE", "2026-03-05T00:00:00.123456000+00:00")],
    ["12345678901234567890.123456789012345678", "0.5", "2026-03-05T08:00:00+08:00", "2026-03-05T00:00:00.123456000Z"]);
});

test("a query's columns in MySQL keep precision, sign and bytes", () => {
  const of = (columnType: number, columnLength: number, decimals: number, flags: number, characterSet: number) => told(columnOfField({ name: "c", columnType, columnLength, decimals, flags, characterSet } as unknown as Parameters<typeof columnOfField>[0]));
  assert.deepEqual([of(246, 40, 18, 0, 63), of(246, 39, 18, 32, 63), of(8, 20, 0, 32, 63), of(253, 80, 0, 0, 45), of(253, 16, 0, 128, 63), of(7, 26, 6, 0, 63)],
    ["decimal|decimal(38,18)||38,18", "decimal|decimal(38,18) unsigned||38,18", "integer|bigint unsigned||", "text|varchar||", "bytes|varbinary||", "moment|timestamp||"]);
});

test("what an error means is told by its documented number, never by hope", () => {
  const told = (meaning: Meaning | undefined) => (meaning === undefined ? "?" : `${meaning.failure} ${meaning.code}`);
  const of = (meaning: (error: unknown) => Meaning | undefined, field: string, values: readonly (string | number)[]) => values.map((value) => told(meaning(Object.assign(new Error("said"), { severity: "ERROR", [field]: value }))));
  assert.deepEqual(of(postgresMeaning, "code", ["28P01", "28000", "3D000", "42501", "42P01", "42601", "57P03", "53300", "ECONNREFUSED", "ENOTFOUND", "DEPTH_ZERO_SELF_SIGNED_CERT"]),
    ["auth login_refused", "auth login_refused", "config none", "permission not_allowed", "config statement", "config statement", "network unreachable", "network unreachable", "network unreachable", "network unreachable", "config tls"]);
  const mysqlError = (errno: number) => Object.assign(new Error("said"), { errno, code: "ER_SAID" });
  assert.deepEqual([1045, 1698, 1049, 1044, 1142, 1146, 1054, 1064, 1040, 1053, 1213].map((errno) => told(mysqlMeaning(mysqlError(errno)))),
    ["auth login_refused", "auth login_refused", "config none", "permission not_allowed", "permission not_allowed", "config statement", "config statement", "config statement", "network unreachable", "network unreachable", "network unreachable"]);
  assert.deepEqual(of(sqlserverMeaning, "number", [18456, 18488, 4060, 229, 916, 208, 207, 102, 1205, 40613]),
    ["auth login_refused", "auth login_refused", "config none", "permission not_allowed", "permission not_allowed", "config statement", "config statement", "config statement", "network unreachable", "network unreachable"]);
  assert.deepEqual(of(sqlserverMeaning, "code", ["ELOGIN", "ESOCKET", "ETIMEOUT", "EENCRYPT"]), ["auth login_refused", "network unreachable", "network unreachable", "config tls"]);
  assert.deepEqual(of(oracleMeaning, "code", ["ORA-01017", "ORA-28000", "ORA-12514", "NJS-518", "ORA-01031", "ORA-01045", "ORA-00942", "ORA-00904", "ORA-12541", "ORA-03113", "NJS-503", "NJS-510", "NJS-507"]),
    ["auth login_refused", "auth login_refused", "config none", "config none", "permission not_allowed", "permission not_allowed", "config statement", "config statement", "network unreachable", "network unreachable", "network unreachable", "network unreachable", "config tls"]);
  assert.equal(oracleMeaning(new TypeError("a bug is no outage")), undefined);
});

test("an SQL Server or an Oracle that does not answer is a failure of the network, with the address and without the password", async () => {
  for (const source of [sqlserverSource, oracleSource]) {
    const config = { host: "127.0.0.1", port: 1, database: "ERP", user: "reader", password: "s3cret", streams: { order: { table: "ORDER" } } };
    const failures = await source.check(config, { now: systemClock, log: silentLog });
    assert.deepEqual(failures.map(({ failure, problem }) => [failure, problem.code, problem.facts.source]), [["network", "sql.unreachable", `${source.name}://127.0.0.1:1/ERP`]]);
    assert.doesNotMatch(JSON.stringify(failures), /s3cret/);
  }
});
