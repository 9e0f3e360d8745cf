export { erpnext, erpnextStreams, type ErpnextConfig } from "./erpnext.ts";
export { erpnextRefusals } from "./refusals.ts";
