/** What people see on a terminal: lines, aligned tables, progress. Nothing else writes to stdout. */

export type Terminal = {
  print(text: string): void;
  /** For notes and problems: stderr, so that stdout stays clean for pipes. */
  note(text: string): void;
  readonly isInteractive: boolean;
  readonly paint: Paint;
  /** A bar when a person watches; silent otherwise. */
  progress(label: string, total: number): Progress;
};

export type Progress = { step(count?: number): void; done(): void };
export type Paint = { bold(text: string): string; dim(text: string): string; red(text: string): string; green(text: string): string; yellow(text: string): string };

type Output = { write(text: string): unknown; readonly isTTY?: boolean; readonly columns?: number };

export function openTerminal(options: { out?: Output; err?: Output; isColorOff?: boolean } = {}): Terminal {
  const out = options.out ?? process.stdout;
  const err = options.err ?? process.stderr;
  const isInteractive = out.isTTY === true;
  return {
    print: (text) => void out.write(`${text}\n`),
    note: (text) => void err.write(`${text}\n`),
    isInteractive,
    paint: painter(isInteractive && options.isColorOff !== true),
    progress: (label, total) => (err.isTTY === true ? progressBar(err, label, total) : { step: () => {}, done: () => {} }),
  };
}

function painter(isOn: boolean): Paint {
  const code = (open: number, close: number) => (text: string) => (isOn ? `\u001b[${open}m${text}\u001b[${close}m` : text);
  return { bold: code(1, 22), dim: code(2, 22), red: code(31, 39), green: code(32, 39), yellow: code(33, 39) };
}

function progressBar(err: Output, label: string, total: number): Progress {
  const since = performance.now();
  let count = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;
  const draw = (): void => {
    drawnAt = performance.now();
    const share = total === 0 ? 1 : Math.min(count / total, 1);
    const width = 24;
    const full = Math.round(share * width);
    const rate = count / Math.max((drawnAt - since) / 1000, 0.001);
    err.write(`\r\u001b[2K${label} ${"█".repeat(full)}${"░".repeat(width - full)} ${Math.floor(share * 100)}%  ${count}/${total}  ${Math.round(rate)}/s`);
  };
  return {
    step(by = 1) {
      count += by;
      if (performance.now() - drawnAt > 100) draw();
    },
    done() {
      draw();
      err.write("\n");
    },
  };
}

export type Column = { readonly title: string; readonly align?: "left" | "right" };

/** Rows under headings, two spaces apart; Chinese characters count as the two cells that they take. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const widths = columns.map(({ title }, at) => Math.max(cellWidth(title), ...rows.map((row) => cellWidth(row[at] ?? ""))));
  const line = (cells: readonly string[]): string =>
    columns.map(({ align }, at) => pad(cells[at] ?? "", widths[at] ?? 0, align ?? "left")).join("  ").trimEnd();
  return [line(columns.map(({ title }) => title)), line(widths.map((width) => "─".repeat(width))), ...rows.map(line)].join("\n");
}

/** Fills up to a width in terminal cells. */
export function pad(text: string, width: number, align: "left" | "right" = "left"): string {
  const gap = " ".repeat(Math.max(0, width - cellWidth(text)));
  return align === "right" ? gap + text : text + gap;
}

/** Terminal cells that a text takes: two for East Asian wide characters, none for combining marks and colours. */
export function cellWidth(text: string): number {
  let width = 0;
  for (const character of text.replace(/\u001b\[[0-9;]*m/g, "")) {
    if (/\p{Mark}|\u200b|\u200d|\ufe0f/u.test(character)) continue;
    width += isWide(character.codePointAt(0) ?? 0) ? 2 : 1;
  }
  return width;
}

const wideRanges: readonly (readonly [number, number])[] = [
  [0x1100, 0x115f], [0x2e80, 0x303e], [0x3041, 0x33ff], [0x3400, 0x4dbf], [0x4e00, 0x9fff], [0xa000, 0xa4cf], [0xac00, 0xd7a3],
  [0xf900, 0xfaff], [0xfe30, 0xfe6f], [0xff00, 0xff60], [0xffe0, 0xffe6], [0x1f300, 0x1f64f], [0x1f900, 0x1f9ff], [0x20000, 0x3fffd],
];
const isWide = (point: number): boolean => point >= 0x1100 && wideRanges.some(([from, to]) => point >= from && point <= to);
