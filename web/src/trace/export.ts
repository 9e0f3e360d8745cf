/** The picture and its table as files. The picture carries its colours with it, so that it looks the same outside of the page. */

/** An SVG that stands alone: classes become attributes, colours of the theme become figures. */
export function aloneSvg(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const style = getComputedStyle(document.documentElement);
  const [, , width = 0, height = 0] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  const [x = 0, y = 0] = (svg.getAttribute("viewBox") ?? "").split(" ").map(Number);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("font-family", "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif");
  copy.setAttribute("font-size", "12");
  for (const text of copy.querySelectorAll<SVGTextElement>(".trace-no, .trace-voucher")) text.setAttribute("font-weight", "600");
  for (const text of copy.querySelectorAll<SVGTextElement>(".trace-no, .trace-fig")) text.setAttribute("font-size", "13");
  for (const text of copy.querySelectorAll<SVGTextElement>("text")) {
    text.setAttribute("fill", text.style.fill);
    text.removeAttribute("style");
  }
  for (const element of copy.querySelectorAll("[class], [role], [tabindex]")) for (const name of ["class", "role", "tabindex", "aria-label", "aria-pressed", "data-node"]) element.removeAttribute(name);
  const ground = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ x, y, width, height, fill: "var(--surface)" })) ground.setAttribute(name, String(value));
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy).replace(/var\((--[a-z0-9-]+)\)/g, (_, name: string) => style.getPropertyValue(name).trim() || "#000");
}

export function download(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

export const downloadSvg = (name: string, svg: SVGSVGElement): void => download(name, new Blob([aloneSvg(svg)], { type: "image/svg+xml" }));

/** Twice as sharp as the screen, less where a canvas would not hold it. */
export async function downloadPng(name: string, svg: SVGSVGElement): Promise<void> {
  const [width, height] = [svg.width.baseVal.value, svg.height.baseVal.value];
  const scale = Math.min(2, 8_000 / Math.max(width, height));
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(aloneSvg(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = Math.ceil(width * scale);
  canvas.height = Math.ceil(height * scale);
  const drawing = canvas.getContext("2d");
  drawing?.scale(scale, scale);
  drawing?.drawImage(image, 0, 0);
  const file = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/png"));
  if (file) download(name, file);
}

/** A table for a spreadsheet. A cell that would be read as a formula is text. */
export function downloadCsv(name: string, rows: readonly (readonly string[])[]): void {
  const cell = (text: string): string => { const safe = /^[=+@\t\r]/.test(text) || /^-[^\d]/.test(text) ? `'${text}` : text; return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe; };
  download(name, new Blob([`\uFEFF${rows.map((row) => row.map(cell).join(",")).join("\r\n")}\r\n`], { type: "text/csv;charset=utf-8" }));
}
