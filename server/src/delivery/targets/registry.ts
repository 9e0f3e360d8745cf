/** Every target by its name. */
import type { Target } from "../target.ts";
import { database } from "./database.ts";
import { ledgersmb } from "./ledgersmb.ts";
import { moreTargets } from "./more.ts";
import { tryton } from "./tryton.ts";

const own = [database, ledgersmb, tryton] as const;

export const targets: ReadonlyMap<string, Target<never>> = new Map([...own.map((target) => target as unknown as Target<never>), ...moreTargets].map((target) => [target.name, target]));
