/** The door of `connectors`: sources that bring records in. */
export { pullTryton, type Pulled, type SourceRecord, type TrytonCursor, type TrytonPull } from "./tryton.ts";
export type { Canonical, CanonicalLine, CanonicalLink } from "./tryton-mapping.ts";
export { openTryton, type Tryton, type TrytonLogin } from "./tryton-rpc.ts";
export { readCursor, saveCursor } from "./cursor.store.ts";
export { refusals } from "./refusals.ts";
