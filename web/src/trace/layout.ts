/**
 * Places a graph in columns, one for each stage, and draws its edges at right angles. Pure and deterministic: the same graph gives the same
 * picture whatever the order it came in. No two boxes touch; an edge that skips a column runs over the top, so that it crosses no box.
 */
export type Box = { readonly id: string; /** Columns stand in this order; empty ones fall away. */ readonly stage: number; readonly height: number; /** Orders what nothing else orders. */ readonly rank: string };
export type Wire = { readonly id: string; readonly from: string; readonly to: string };
export type Placed = { readonly id: string; readonly x: number; readonly y: number; readonly width: number; readonly height: number };
export type Drawn = { readonly id: string; readonly path: string; /** Where the arrow ends. */ readonly end: { readonly x: number; readonly y: number }; /** Where a label has room; null where it has none. */ readonly label: { readonly x: number; readonly y: number; readonly anchor: "start" | "end" } | null };
export type Layout = { readonly width: number; readonly height: number; readonly columns: readonly { readonly stage: number; readonly x: number }[]; readonly boxes: ReadonlyMap<string, Placed>; readonly wires: readonly Drawn[] };

export const boxWidth = 214;
const gap = 86;
const between = 18;
const portAt = 45;
const lane = 7;
const lanesMax = 5;
const channel = 12;
const channelsMax = 8;
const labelRoom = 14;

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

export function layoutGraph(boxes: readonly Box[], wires: readonly Wire[]): Layout {
  const known = new Map(boxes.map((box) => [box.id, box]));
  const stages = [...new Set(boxes.map(({ stage }) => stage))].sort((a, b) => a - b);
  const columnOf = new Map(boxes.map((box) => [box.id, stages.indexOf(box.stage)]));
  const column = (id: string): number => columnOf.get(id) ?? 0;
  const edges = wires.filter(({ from, to }) => from !== to && known.has(from) && known.has(to)).toSorted((a, b) => byText(a.from, b.from) || byText(a.to, b.to) || byText(a.id, b.id));
  const skips = edges.filter(({ from, to }) => Math.abs(column(from) - column(to)) > 1);
  const top = skips.length === 0 ? 4 : 10 + channel * Math.min(skips.length, channelsMax);
  const placed = place(stages.map((_, at) => boxes.filter(({ id }) => column(id) === at)), edges, top, column);
  const height = Math.max(top, ...[...placed.values()].map((box) => box.y + box.height)) + 4;
  return { width: stages.length * (boxWidth + gap) - gap, height, columns: stages.map((stage, at) => ({ stage, x: at * (boxWidth + gap) })), boxes: placed, wires: draw(edges, skips, placed, column, top) };
}

/** Each column in the order of what its boxes hang on, each box beside the first of those or as near below as there is room. */
function place(columns: readonly (readonly Box[])[], edges: readonly Wire[], top: number, column: (id: string) => number): Map<string, Placed> {
  const placed = new Map<string, Placed>();
  columns.forEach((boxes, at) => {
    const before = new Map<string, Placed[]>();
    for (const { from, to } of edges) for (const [id, other] of [[from, to], [to, from]] as const) { const beside = placed.get(other); if (column(id) === at && column(other) < at && beside) before.set(id, [...(before.get(id) ?? []), beside]); }
    const wanted = new Map(boxes.map(({ id }) => { const beside = before.get(id) ?? []; return [id, beside.length === 0 ? Number.POSITIVE_INFINITY : Math.min(...beside.map(({ y }) => y))] as const; }));
    const ordered = inFamilies(boxes.toSorted((a, b) => (wanted.get(a.id) ?? 0) - (wanted.get(b.id) ?? 0) || byText(a.rank, b.rank) || byText(a.id, b.id)), edges);
    let bottom = top - between;
    for (const { id, height } of ordered) {
      const aim = wanted.get(id) ?? top;
      const y = Math.max(bottom + between, Number.isFinite(aim) ? aim : top);
      placed.set(id, { id, x: at * (boxWidth + gap), y, width: boxWidth, height });
      bottom = y + height;
    }
  });
  return placed;
}

/** What came of a box of the same column stands right below it: a return below its shipment. */
function inFamilies(boxes: readonly Box[], edges: readonly Wire[]): Box[] {
  const byId = new Map(boxes.map((box) => [box.id, box]));
  const done = new Set<string>();
  const ordered: Box[] = [];
  const inside = edges.filter(({ from, to }) => byId.has(from) && byId.has(to));
  const isChild = new Set(inside.map(({ to }) => to));
  const childrenOf = Map.groupBy(inside, ({ from }) => from);
  const placeOf = new Map(boxes.map(({ id }, at) => [id, at]));
  function take(box: Box): void {
    if (done.has(box.id)) return;
    done.add(box.id);
    ordered.push(box);
    for (const { to } of (childrenOf.get(box.id) ?? []).toSorted((a, b) => (placeOf.get(a.to) ?? 0) - (placeOf.get(b.to) ?? 0))) take(byId.get(to) as Box);
  }
  for (const box of boxes) if (!isChild.has(box.id)) take(box);
  for (const box of boxes) take(box); // a circle has no first
  return ordered;
}

function draw(edges: readonly Wire[], skips: readonly Wire[], placed: ReadonlyMap<string, Placed>, column: (id: string) => number, top: number): Drawn[] {
  const at = (id: string): Placed => placed.get(id) as Placed;
  const ports = portsOf(edges, at, column);
  const lanes = new Map<string, number>();
  const laneIn = (columnAt: number, source: string): number => {
    const key = `${columnAt} ${source}`;
    const known = lanes.get(key);
    if (known !== undefined) return known;
    const used = [...lanes.keys()].filter((one) => one.startsWith(`${columnAt} `)).length % lanesMax;
    lanes.set(key, used);
    return used;
  };
  return edges.map((edge): Drawn => {
    const [from, to] = [at(edge.from), at(edge.to)];
    const [a, b] = [column(edge.from), column(edge.to)];
    const y1 = from.y + Math.min(portAt, from.height / 2);
    const port = ports.get(edge.id) ?? { y: to.y + portAt, hasRoom: true };
    if (a === b) {
      const isBelow = to.y > from.y && ![...placed.values()].some((box) => box.x === from.x && box.y > from.y && box.y < to.y);
      if (isBelow) return { id: edge.id, path: `M${from.x + boxWidth / 2} ${from.y + from.height}V${to.y}`, end: { x: to.x + boxWidth / 2, y: to.y }, label: null };
      const x = from.x + boxWidth;
      return { id: edge.id, path: bend([[x, y1], [x + 10 + lane * laneIn(a, `same ${edge.from}`), y1], [x + 10 + lane * laneIn(a, `same ${edge.from}`), port.y], [x, port.y]]), end: { x, y: port.y }, label: null };
    }
    const isForward = b > a;
    const [x1, x2] = isForward ? [from.x + boxWidth, to.x] : [from.x, to.x + boxWidth];
    const way = isForward ? 1 : -1;
    const turn = x1 + way * (12 + lane * laneIn(isForward ? a : a - 1, edge.from));
    const label = port.hasRoom ? { x: x2 - way * 8, y: port.y - 6, anchor: isForward ? "end" : "start" } as const : null;
    if (Math.abs(a - b) === 1) return { id: edge.id, path: y1 === port.y ? `M${x1} ${y1}H${x2}` : bend([[x1, y1], [turn, y1], [turn, port.y], [x2, port.y]]), end: { x: x2, y: port.y }, label };
    const over = top - 8 - channel * (skips.indexOf(edge) % channelsMax);
    const down = x2 - way * (12 + lane * laneIn(isForward ? b - 1 : b, `skip ${edge.from}`));
    return { id: edge.id, path: bend([[x1, y1], [turn, y1], [turn, over], [down, over], [down, port.y], [x2, port.y]]), end: { x: x2, y: port.y }, label: label && { ...label, x: down - way * 6 } };
  });
}

/** Edges that end at one side of a box end below each other, as far as the box is high. */
function portsOf(edges: readonly Wire[], at: (id: string) => Placed, column: (id: string) => number): Map<string, { readonly y: number; readonly hasRoom: boolean }> {
  const ports = new Map<string, { y: number; hasRoom: boolean }>();
  const sideOf = ({ from, to }: Wire): string => `${to} ${Math.sign(column(from) - column(to))}`;
  for (const group of Map.groupBy(edges, sideOf).values()) {
    const ordered = group.toSorted((one, other) => at(one.from).y - at(other.from).y || byText(one.from, other.from) || byText(one.id, other.id));
    const box = at((ordered[0] as Wire).to);
    const first = Math.min(portAt, box.height / 2);
    const step = ordered.length === 1 ? 0 : Math.min(20, Math.max(2, (box.height - first - 8) / (ordered.length - 1)));
    ordered.forEach((edge, place) => ports.set(edge.id, { y: box.y + first + step * place, hasRoom: ordered.length === 1 || step >= labelRoom }));
  }
  return ports;
}

/** A line through these points with rounded corners. */
function bend(points: readonly (readonly [number, number])[]): string {
  const way = (a: number, b: number): number => (b > a ? 1 : b < a ? -1 : 0);
  return points.map(([x, y], at) => {
    if (at === 0) return `M${x} ${y}`;
    const [px, py] = points[at - 1] as readonly [number, number];
    const next = points[at + 1];
    if (!next) return `L${x} ${y}`;
    const radius = Math.min(8, Math.abs(x - px) / 2 + Math.abs(y - py) / 2, Math.abs(next[0] - x) / 2 + Math.abs(next[1] - y) / 2);
    return `L${x - way(px, x) * radius} ${y - way(py, y) * radius}Q${x} ${y} ${x + way(x, next[0]) * radius} ${y + way(y, next[1]) * radius}`;
  }).join("");
}
