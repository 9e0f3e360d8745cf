/** The door of 分析: figures with one meaning each, asked through one compiler, and the boards made from them. */
export { type Answer, ask, type Asking, type Row, shift, valueOf } from "./ask.ts";
export { type BoardAsked, frameOf, type Tile } from "./board.ts";
export { ordersQuery, readChain, readMargin, readOrders, readParties } from "./boards.ts";
export { catalogue } from "./catalogue.ts";
export { readCockpit, receiptShown } from "./cockpit.ts";
export { type CellAsked, drill, type Drilled } from "./drill.ts";
export { checkFacts, rebuildFacts, refreshFacts } from "./facts.ts";
export { type Forecast, forecastCash } from "./forecast.ts";
export { type Change, followBooks, followerOf } from "./follow.ts";
export { dimensions, hiddenMetric, metrics } from "./metric.ts";
export { type Compare, type Filter, LIMIT_MAX, type Query } from "./query.ts";
export { type Language, type Sheet, sheetOf, writeXlsx } from "./xlsx.ts";
export { refusals } from "./refusals.ts";
