/**
 * A stand-in for a CRM: two lists, oldest change first, paged by a token, behind a bearer token. `npx node examples/flows/crm/serve.ts`.
 * What stands in data.json is read at each call: edit it and look at what the next run brings.
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

type Listed = { readonly updatedAt: string };

export type Crm = { readonly url: string; readonly close: () => Promise<void> };

export async function startCrm(port: number, token: string): Promise<Crm> {
  const server = createServer((request, response) => void answer(request.url ?? "/", request.headers.authorization === `Bearer ${token}`).then(([status, body]) => {
    response.writeHead(status, { "content-type": "application/json; charset=utf-8" }).end(body);
  }));
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api`,
    close: () => new Promise((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

async function answer(path: string, isKnown: boolean): Promise<readonly [status: number, body: string]> {
  if (!isKnown) return [401, JSON.stringify({ error: "unauthorized" })];
  const url = new URL(path, "http://crm");
  const text = await readFile(new URL("data.json", import.meta.url), "utf8");
  const lists = JSON.parse(text) as Readonly<Record<string, readonly Listed[]>>;
  const rows = lists[url.pathname.replace(/^\/api\//, "")];
  if (!rows) return [404, JSON.stringify({ error: "no such list" })];
  const since = Date.parse(url.searchParams.get("changedSince") ?? "1970-01-01T00:00:00Z");
  const sorted = rows.filter(({ updatedAt }) => Date.parse(updatedAt) >= since).sort((a, b) => Date.parse(a.updatedAt) - Date.parse(b.updatedAt));
  const from = Number(url.searchParams.get("after") ?? 0);
  const to = from + Number(url.searchParams.get("limit") ?? 50);
  return [200, JSON.stringify({ items: sorted.slice(from, to), next: to < sorted.length ? String(to) : null })];
}

if (import.meta.main) {
  const { url } = await startCrm(8801, process.argv[2] ?? "crm-token");
  process.stdout.write(`CRM ${url}  Ctrl-C\n`);
}
