/** Targets over HTTP, of files, of queues, and of named systems. */
import type { Target } from "../target.ts";
import { yonyouEaiTarget } from "./file/yonyou-eai.ts";
import { kingdeeK3Target } from "./file/kingdee-k3.ts";
import { csvFileTarget, xlsxFileTarget } from "./file/table.ts";
import { yonyouV800Target } from "./file/yonyou-v800.ts";
import { kingdeeCloudTarget } from "./kingdee-cloud.ts";
import { odooTarget } from "./odoo.ts";
import { natsTarget, rabbitmqTarget } from "./queue.ts";
import { restIdempotentTarget, restSearchableTarget, restTarget } from "./rest.ts";
import { soapIdempotentTarget, soapSearchableTarget, soapTarget } from "./soap.ts";
import { yonyouU8Target } from "./yonyou-u8.ts";

const all = [
  restTarget, restIdempotentTarget, restSearchableTarget, soapTarget, soapIdempotentTarget, soapSearchableTarget,
  kingdeeK3Target, yonyouV800Target, yonyouEaiTarget, csvFileTarget, xlsxFileTarget, rabbitmqTarget, natsTarget,
  kingdeeCloudTarget, yonyouU8Target, odooTarget,
] as const;

/** `never`: a configuration is checked against its schema, not by the compiler. */
export const moreTargets: readonly Target<never>[] = all.map((target) => target as unknown as Target<never>);
