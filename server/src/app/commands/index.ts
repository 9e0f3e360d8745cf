import type { Command } from "../command.ts";
import { accessCommands } from "./access.ts";
import { alertCommands } from "./alert.ts";
import { auditCommands } from "./audit.ts";
import { benchCommands } from "./bench.ts";
import { bookCommands } from "./book.ts";
import { closeCommands } from "./close.ts";
import { deliveryCommands } from "./delivery.ts";
import { demoCommands } from "./demo.ts";
import { flowCommands } from "./flow.ts";
import { keyCommands } from "./key.ts";
import { mapCommands } from "./map.ts";
import { martCommands } from "./mart.ts";
import { masterdataCommands } from "./masterdata.ts";
import { matchCommands } from "./match.ts";
import { paymentCommands } from "./payment.ts";
import { postCommands } from "./post.ts";
import { proofCommands } from "./proof.ts";
import { pullCommands } from "./pull.ts";
import { reconcileCommands } from "./reconcile.ts";
import { reportCommands } from "./report.ts";
import { rulesCommands } from "./rules.ts";
import { serveCommands } from "./serve.ts";
import { storyCommands } from "./story.ts";
import { voucherCommands } from "./voucher.ts";

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  ...serveCommands, ...bookCommands, ...postCommands, ...reportCommands, ...proofCommands, ...reconcileCommands, ...voucherCommands, ...closeCommands, ...paymentCommands, ...alertCommands, ...martCommands, ...rulesCommands, ...mapCommands, ...matchCommands, ...masterdataCommands, ...storyCommands, ...demoCommands, ...flowCommands, ...deliveryCommands, ...accessCommands, ...keyCommands, ...auditCommands, ...pullCommands, ...benchCommands,
];
