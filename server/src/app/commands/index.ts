import type { Command } from "../command.ts";
import { benchCommands } from "./bench.ts";
import { bookCommands } from "./book.ts";
import { closeCommands } from "./close.ts";
import { deliveryCommands } from "./delivery.ts";
import { demoCommands } from "./demo.ts";
import { flowCommands } from "./flow.ts";
import { keyCommands } from "./key.ts";
import { mapCommands } from "./map.ts";
import { postCommands } from "./post.ts";
import { proofCommands } from "./proof.ts";
import { pullCommands } from "./pull.ts";
import { reportCommands } from "./report.ts";
import { rulesCommands } from "./rules.ts";
import { serveCommands } from "./serve.ts";
import { storyCommands } from "./story.ts";
import { voucherCommands } from "./voucher.ts";

/** Every command, in the order in which help lists them. */
export const commands: readonly Command[] = [
  ...serveCommands, ...bookCommands, ...postCommands, ...reportCommands, ...proofCommands, ...voucherCommands, ...closeCommands, ...rulesCommands, ...mapCommands, ...storyCommands, ...demoCommands, ...flowCommands, ...deliveryCommands, ...keyCommands, ...pullCommands, ...benchCommands,
];
