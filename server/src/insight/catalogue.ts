/** The catalogue of figures as somebody sees it: every metric and dimension with its definition, and, where it is hidden from them, why. */
import type { Sight } from "../access/index.ts";
import { type Dimension, dimensions, componentsOf, hiddenDimension, hiddenMetric, lineage, type Metric, metrics, reasonOf, usedBy, type Words } from "./metric.ts";

export type MetricShown = Pick<Metric, "id" | "label" | "definition" | "unit" | "additive" | "owner" | "version" | "kind"> & {
  readonly madeFrom: readonly string[]; readonly usedBy: readonly string[]; /** By which it can be split. */ readonly dimensions: readonly string[]; readonly needs: string | null; readonly hidden: Words | null;
};
export type DimensionShown = { readonly id: string; readonly label: Words; readonly time: string | null; readonly drillTo: string | null; readonly labels: Readonly<Record<string, Words>> | null; readonly hidden: Words | null };

export function catalogue(sight: Sight): { readonly metrics: readonly MetricShown[]; readonly dimensions: readonly DimensionShown[] } {
  return {
    metrics: [...metrics.values()].map((metric) => {
      const hidden = hiddenMetric(metric.id, sight);
      const { id, label, definition, unit, additive, owner, version, kind } = metric;
      return {
        id, label, definition, unit, additive, owner, version, kind, madeFrom: [...new Set(lineage(id).slice(1).map((part) => part.id))], usedBy: usedBy(id),
        dimensions: [...dimensions.values()].filter((dimension) => carries(dimension, id)).map((dimension) => dimension.id), needs: metric.kind === "sum" ? (metric.needs ?? null) : null, hidden: hidden === undefined ? null : reasonOf(hidden),
      };
    }),
    dimensions: [...dimensions.values()].map((dimension) => {
      const hidden = hiddenDimension(dimension, sight);
      return { id: dimension.id, label: dimension.label, time: dimension.time ?? null, drillTo: dimension.drillTo ?? null, labels: dimension.labels ?? null, hidden: hidden === undefined ? null : reasonOf(hidden) };
    }),
  };
}

const carries = (dimension: Dimension, id: string): boolean => componentsOf(id).every(({ fact, additive }) => dimension.facts[fact] !== undefined && (dimension.time === undefined || additive !== "now"));
