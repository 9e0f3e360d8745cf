export { rest, type RestConfig } from "./rest.ts";
export { restRefusals } from "./refusals.ts";
