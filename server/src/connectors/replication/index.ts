export { postgresReplication, ReplicationConfig } from "./replication.ts";
export { replicationRefusals } from "./refusals.ts";
