/** The door of 主数据. */
export { alike, emptyMasters, learn, lookUp, masterKindOf, type MasterRecord, type Masters, rateOn, readMaster } from "./master.ts";
export { readMasters, saveMasters } from "./store.ts";
export { refusals } from "./refusals.ts";
