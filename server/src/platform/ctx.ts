import type { Clock } from "./clock.ts";
import type { Store } from "./db.ts";
import type { Log } from "./log.ts";

/** Who acts: a user, a robot, or the command line on behalf of its user. */
export type Actor = { readonly id: string };

/** What a verb may touch, made once per request, command or job and passed by hand. Pure functions do not get it. */
export type Ctx = {
  readonly db: Store;
  readonly actor: Actor;
  readonly now: Clock;
  readonly log: Log;
  /** Folder for keys and anchors, outside the database. Without it nothing is anchored, and `verify` says so. */
  readonly dataDir?: string;
};
