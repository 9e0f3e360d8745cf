/** The door of 送达: vouchers go out exactly once, and what became of each is known. */
export * from "./target.ts";
export { type DeliveryFlow, DeliveryFlowSchema, DeliveryView, DriftView } from "./contract.ts";
export { type Delivered, deliverOnce, type DeliverOptions, openDelivery, type OpenDelivery } from "./deliver.ts";
export { checkDefinition, checkTarget, type Targets } from "./open.ts";
export { sweep, sweepOnce, type Swept } from "./sweep.ts";
export { deliveriesOf, deliveriesOfMany, deliveryCounts, type DeliveryCounts, type DeliveryListed, type DeliveryShown, type DriftListed, listDeliveries, listDrifts, showDelivery } from "./read.ts";
export { acceptDrift, type Decision, decisions, resolveDelivery } from "./resolve.ts";
export { enqueueDocuments, type DocumentOut } from "./outbox.ts";
export { targets } from "./targets/registry.ts";
export { refusals } from "./refusals.ts";
