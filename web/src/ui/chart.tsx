/**
 * A chart with the sentence it shows; ECharts is read only when a chart is on the screen. Colours come from the tokens, so that a change of
 * theme redraws. `table` is the same in figures, one key (d) away, and what those who do not see the chart read.
 */
import type { ECharts, EChartsCoreOption } from "echarts/core";
import { type ReactNode, useEffect, useRef, useState } from "react";
import { theme, useChoice, useT } from "./text.ts";

export type Palette = { readonly ink: string; readonly axis: string; readonly grid: string; readonly line: string; readonly surface: string; readonly bad: string; readonly series: readonly string[]; readonly mute: string; readonly band: string; readonly ageing: readonly string[] };
export function paletteNow(): Palette {
  const style = getComputedStyle(document.documentElement);
  const v = (name: string): string => style.getPropertyValue(name).trim();
  return { ink: v("--ink"), axis: v("--axis"), grid: v("--grid"), line: v("--line-2"), surface: v("--surface"), bad: v("--bad"), series: [1, 2, 3, 4, 5, 6].map((n) => v(`--c${n}`)), mute: v("--c1-mute"), band: v("--c1-band"), ageing: [0, 1, 2, 3, 4].map((n) => v(`--a${n}`)) };
}

export function Chart({ option, height, label, table, onPick }: { readonly option: (palette: Palette) => EChartsCoreOption; readonly height: number; /** What it shows, as a sentence. */ readonly label: string; readonly table?: ReactNode; readonly onPick?: (name: string) => void }) {
  const t = useT();
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<ECharts>(undefined);
  const [isTable, setTable] = useState(false);
  const [isDark, setDark] = useState(() => matchMedia("(prefers-color-scheme: dark)").matches);
  const chosen = useChoice(theme);
  const pick = useRef(onPick);
  pick.current = onPick;
  useEffect(() => {
    const media = matchMedia("(prefers-color-scheme: dark)");
    const told = (): void => setDark(media.matches);
    media.addEventListener("change", told);
    return () => media.removeEventListener("change", told);
  }, []);
  useEffect(() => {
    let isGone = false;
    let watch: ResizeObserver | undefined;
    void import("./echarts.ts").then(({ init }) => {
      if (isGone || !box.current) return;
      chart.current = init(box.current);
      chart.current.setOption(option(paletteNow()), { notMerge: true });
      chart.current.on("click", (event) => pick.current?.(String((event as { name?: unknown }).name ?? "")));
      watch = new ResizeObserver(() => chart.current?.resize());
      watch.observe(box.current);
    });
    return () => {
      isGone = true;
      watch?.disconnect();
      chart.current?.dispose();
      chart.current = undefined;
    };
  }, [isTable]);
  useEffect(() => void chart.current?.setOption(option(paletteNow()), { notMerge: false }), [option, isDark, chosen]);
  const save = (): void => {
    const picture = chart.current?.getDataURL({ type: "png", pixelRatio: 2, backgroundColor: paletteNow().surface });
    if (picture === undefined) return;
    const link = document.createElement("a");
    link.href = picture;
    link.download = `${label.slice(0, 40).replace(/[\\/:*?"<>|]/g, " ")}.png`;
    link.click();
  };
  return (
    <div tabIndex={table === undefined ? undefined : 0} role="group" aria-label={label} onKeyDown={(event) => { if (event.key === "d" && table !== undefined) setTable(!isTable); }}>
      {isTable ? table : <div ref={box} className="chart" role="img" aria-label={label} style={{ height }} />}
      <div className="chart-tools">
        {table === undefined ? null : <button type="button" className="link" onClick={() => setTable(!isTable)}>{isTable ? t("图", "Chart") : t("表", "Table")}</button>}
        {isTable ? null : <button type="button" className="link" onClick={save}>{t("存为图片", "Save as image")}</button>}
      </div>
    </div>
  );
}
