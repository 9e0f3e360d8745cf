/** How flows stand, in the text form of Prometheus. */
import type { FlowView } from "./view.ts";

type Metric = { readonly name: string; readonly kind: "gauge" | "counter"; readonly help: string; readonly of: (flow: FlowView) => readonly (readonly [labels: Readonly<Record<string, string>>, value: number])[] };

const one = (value: number): readonly (readonly [Readonly<Record<string, string>>, number])[] => [[{}, value]];
const metrics: readonly Metric[] = [
  { name: "tieout_flow_up", kind: "gauge", help: "1 while the flow runs", of: ({ state }) => one(state === "running" ? 1 : 0) },
  { name: "tieout_flow_lag_seconds", kind: "gauge", help: "Age of the oldest record that waits to be processed", of: ({ lagSeconds }) => one(lagSeconds) },
  { name: "tieout_flow_records_total", kind: "counter", help: "Records received", of: ({ counts }) => one(counts.received) },
  { name: "tieout_flow_records", kind: "gauge", help: "Records by how they stand; together they are the records received", of: ({ counts: { received: _, ...counts } }) => Object.entries(counts).map(([state, value]) => [{ state }, value]) },
  { name: "tieout_flow_dead_letters", kind: "gauge", help: "Records that need a person", of: ({ deadLetters }) => one(deadLetters) },
  { name: "tieout_flow_breaker_open", kind: "gauge", help: "1 while the other side is not asked because it did not answer", of: ({ breaker }) => one(breaker.isOpen ? 1 : 0) },
  { name: "tieout_flow_failures", kind: "gauge", help: "Failures in a row", of: ({ breaker }) => one(breaker.failures) },
  { name: "tieout_flow_silent", kind: "gauge", help: "1 when a source that usually speaks is quiet", of: ({ isSilent }) => one(isSilent ? 1 : 0) },
  { name: "tieout_flow_streams_frozen", kind: "gauge", help: "Streams that stand still because their structure changed", of: ({ frozen }) => one(frozen.length) },
  { name: "tieout_flow_deliveries", kind: "gauge", help: "Deliveries by state", of: ({ deliveries }) => Object.entries(deliveries).map(([state, value]) => [{ state }, value]) },
];

export function metricsText(flows: readonly FlowView[]): string {
  return metrics.flatMap(({ name, kind, help, of }) => {
    const samples = flows.flatMap((flow) => of(flow).map(([labels, value]) => `${name}{${labelText({ book: flow.book, flow: flow.flow, ...labels })}} ${value}`));
    return samples.length === 0 ? [] : [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...samples];
  }).concat("").join("\n");
}

const labelText = (labels: Readonly<Record<string, string>>): string => Object.entries(labels).map(([name, value]) => `${name}="${value.replace(/[\\"\n]/g, (character) => (character === "\n" ? "\\n" : `\\${character}`))}"`).join(",");
