export { mysqlBinlog, BinlogConfig } from "./binlog.ts";
export { binlogRefusals } from "./refusals.ts";
