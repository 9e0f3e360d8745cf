export * from "./decimal.ts";
export * from "./money.ts";
export * from "./holding.ts";
export * from "./calendar.ts";
export * from "./capital.ts";
