/** The door of `connectors`: sources that bring records in. */
export * from "./connector.ts";
export { pullTryton, type Pulled, type SourceRecord, type TrytonCursor, type TrytonPull } from "./tryton.ts";
export type { Canonical, CanonicalLine, CanonicalLink } from "./tryton-mapping.ts";
export { openTryton, type Tryton, type TrytonLogin } from "./tryton-rpc.ts";
export { readCursor, saveCursor } from "./cursor.store.ts";
export { checkConfig, type Drift, type FlowDefinition, parseFlow, readDuration, readFlow, secretNames, withSecrets } from "./flow.ts";
export type { Flow, FlowStatus, MappingStored } from "./flow.store.ts";
export * as flows from "./flow.store.ts";
export * as inbox from "./inbox.store.ts";
export type { DeadLetter, LandedRow, PatchStep } from "./inbox.store.ts";
export { type BadMessage, hashOf, land, landAgain, type Landed, type Landing, type LandInto, type Tally } from "./land.ts";
export { applyPatch, deadLetter, fixDeadLetters, ignoreDeadLetters, retryDeadLetters } from "./dead-letter.ts";
export { acceptDrift, type Change, readDrift, type StreamDrift, takeShape } from "./drift.ts";
export { type Lease, LeaseLost, takeLease } from "./lease.ts";
export { putSecrets, setSecret } from "./secret.ts";
export { type AnyReceiver, type AnySource, type AnyWayIn, findWayIn, isReceiver, type WaysIn, waysIn } from "./registry.ts";
export { refusals } from "./refusals.ts";
