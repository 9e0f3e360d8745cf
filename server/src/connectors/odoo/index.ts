export { odoo, type OdooConfig, type OdooStream } from "./odoo.ts";
export { openOdoo, type Odoo, type OdooLogin } from "./rpc.ts";
export { odooStreams } from "./streams.ts";
export { odooRefusals } from "./refusals.ts";
