/**
 * What stands in for a system that cannot be installed here: an HTTP server that enforces the rules that its vendor documents, keeps
 * what it was sent, and fails on request before or after it has done what it was asked.
 */
import { createServer, type IncomingHttpHeaders } from "node:http";
import type { AddressInfo } from "node:net";
import { sleep } from "../../../platform/index.ts";

export type Asked = { readonly method: string; readonly path: string; readonly query: URLSearchParams; readonly headers: IncomingHttpHeaders; readonly body: string };
export type Answered = { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly json?: unknown; readonly text?: string };

/** How the next write fails. `cutAfter` and `lateAfter` come when it has been done. */
export type Failing = { readonly is: "cutBefore" | "cutAfter" } | { readonly is: "lateAfter"; readonly ms: number } | ({ readonly is: "answer" } & Answered);

export type StandIn = {
  readonly url: string;
  readonly port: number;
  /** One for each of the next writes. */
  readonly fail: (...failings: readonly Failing[]) => void;
  readonly close: () => Promise<void>;
};

export async function openStandIn(answer: (asked: Asked) => Answered, isWrite: (asked: Asked) => boolean): Promise<StandIn> {
  const failings: Failing[] = [];
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const url = new URL(request.url ?? "/", "http://stand-in");
    const asked: Asked = { method: request.method ?? "", path: decodeURIComponent(url.pathname), query: url.searchParams, headers: request.headers, body: Buffer.concat(parts).toString("utf8") };
    const failing = isWrite(asked) ? failings.shift() : undefined;
    if (failing?.is === "cutBefore") return void request.socket.destroy();
    const answered = failing?.is === "answer" ? failing : answer(asked);
    if (failing?.is === "cutAfter") return void request.socket.destroy();
    if (failing?.is === "lateAfter") await sleep(failing.ms);
    const text = answered.text ?? JSON.stringify(answered.json ?? {});
    response.writeHead(answered.status ?? 200, { "content-type": answered.text === undefined ? "application/json; charset=utf-8" : "text/xml; charset=utf-8", ...answered.headers }).end(text);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`, port,
    fail: (...more) => void failings.push(...more),
    close: () => new Promise<void>((resolve) => {
      server.closeAllConnections();
      server.close(() => resolve());
    }),
  };
}

/** Text of a figure, or undefined: a stand-in keeps digits as they came. */
export const figureOf = (value: unknown): string | undefined => {
  const text = typeof value === "number" || typeof value === "string" ? String(value) : "";
  return /^-?\d+(?:\.\d+)?$/.test(text) ? text : undefined;
};
