/** The way to the server. Everything that goes wrong arrives as a `Problem`, in both languages, with what to do next. */
import { QueryClient, useInfiniteQuery, useMutation, useQuery, useQueryClient, type UseQueryResult } from "@tanstack/react-query";
import type { Words } from "../ui/text.ts";

export class Problem extends Error {
  override readonly name = "Problem";
  readonly status: number;
  readonly code: string;
  readonly said: Words;
  readonly where: string | null;
  readonly todo: Words;
  constructor(status: number, from: { code: string; zh: string; en: string; where?: string | null; todo?: Words }) {
    super(from.en);
    this.status = status;
    this.code = from.code;
    this.said = { zh: from.zh, en: from.en };
    this.where = from.where ?? null;
    this.todo = from.todo ?? { zh: "", en: "" };
  }
  /** A rule said no; anything else is our fault or the network's. */
  get isRefusal(): boolean {
    return this.status >= 400 && this.status < 500;
  }
}

let csrf = "";
/** The session's token, which every request that changes something carries. */
/** For downloads, which are no JSON. */
export const carried = (): string => csrf;
export const carryCsrf = (token: string): void => void (csrf = token);

export type Call = { readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE"; readonly body?: unknown; readonly signal?: AbortSignal | undefined; /** Sent as it is, with this type. */ readonly raw?: { readonly body: BodyInit; readonly type: string } };

export async function api<T>(path: string, call: Call = {}): Promise<T> {
  const method = call.method ?? (call.body === undefined && call.raw === undefined ? "GET" : "POST");
  const headers: Record<string, string> = { accept: "application/json" };
  if (method !== "GET") headers["x-tieout-csrf"] = csrf;
  if (call.raw) headers["content-type"] = call.raw.type;
  else if (call.body !== undefined) headers["content-type"] = "application/json";
  let response: Response;
  try {
    response = await fetch(path.startsWith("/api/") ? path : `/api/v1${path}`, { method, headers, credentials: "same-origin", signal: call.signal ?? null, body: call.raw?.body ?? (call.body === undefined ? null : JSON.stringify(call.body)) });
  } catch (error) {
    if (call.signal?.aborted) throw error;
    throw new Problem(0, { code: "network", zh: "连接不上服务器", en: "The server cannot be reached", todo: { zh: "已保存的内容不受影响。检查网络后重试。", en: "What was saved is safe. Check the network and try again." } });
  }
  const text = await response.text();
  const answer: unknown = text === "" ? null : /json/.test(response.headers.get("content-type") ?? "") ? JSON.parse(text) : text;
  const problem = (answer as { error?: ConstructorParameters<typeof Problem>[1] } | null)?.error;
  if (!response.ok) throw new Problem(response.status, problem ?? { code: `http.${response.status}`, zh: `服务器答复 ${response.status}`, en: `The server answered ${response.status}` });
  return answer as T;
}

export const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: 5_000, gcTime: 120_000, refetchOnWindowFocus: true, retry: (count, error) => count < 2 && error instanceof Problem && (error.status === 0 || error.status >= 503) } },
});

/** Reads a path; null waits. The path is the key: whoever reads the same shares one answer. */
export const useApi = <T>(path: string | null, options: { readonly refetchMs?: number; readonly keep?: boolean } = {}): UseQueryResult<T> =>
  useQuery<T>({
    queryKey: [path], enabled: path !== null, queryFn: ({ signal }) => api<T>(path as string, { signal }), refetchInterval: options.refetchMs ?? false,
    ...(options.keep === true ? { placeholderData: (before: T | undefined) => before } : {}),
  } as Parameters<typeof useQuery<T>>[0]);

/** Reads pages of rows that carry a cursor. `path` is without `after`. */
export function usePages<Row extends { readonly cursor?: string }>(path: string | null, size = 100) {
  const query = useInfiniteQuery({
    queryKey: [path, "pages", size], enabled: path !== null, initialPageParam: "",
    queryFn: ({ signal, pageParam }) => api<Row[]>(`${path}${path?.includes("?") ? "&" : "?"}limit=${size}${pageParam === "" ? "" : `&after=${encodeURIComponent(pageParam)}`}`, { signal }),
    getNextPageParam: (last: Row[]) => (last.length < size ? undefined : last.at(-1)?.cursor),
  });
  return { ...query, rows: query.data?.pages.flat() ?? [], more: query.hasNextPage ? () => void query.fetchNextPage() : undefined };
}

/** Does something, then everything that was read is read again: figures on the screen never lag behind an act. */
export function useAct<Input, Output = unknown>(act: (input: Input) => Promise<Output>) {
  const client = useQueryClient();
  return useMutation<Output, Error, Input>({ mutationFn: act, onSuccess: () => void client.invalidateQueries() });
}

/** A query string of what is set. */
export function withQuery(path: string, query: Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>): string {
  const parts = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === null || value === "") continue;
    for (const one of Array.isArray(value) ? (value as readonly string[]) : [value]) parts.append(name, String(one));
  }
  return parts.size === 0 ? path : `${path}?${parts.toString()}`;
}
export const seg = encodeURIComponent;
