import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { fixedClock, momentOf, silentLog, systemClock } from "../../platform/index.ts";
import { acceptSource, readSource, type Read, type Sample } from "../acceptance.ts";
import { FlowFault, type ConnectorCtx, type Json, type States } from "../connector.ts";
import { momentAt } from "./cursor.ts";
import { openHttp } from "./http.ts";
import { at, parseExact } from "../json.ts";
import { rest, type RestConfig } from "./rest.ts";

type Row = { id: number; name: string; amount: string; updated: string; deleted?: boolean };
type Handler = (request: { readonly url: URL; readonly headers: IncomingMessage["headers"]; readonly body: string; readonly method: string }, response: ServerResponse) => void;

const ctx: ConnectorCtx = { now: systemClock, log: silentLog };
const read = (config: RestConfig, states: States = new Map()): Promise<Read> => readSource(rest, config, states, { ctx, quietMs: 100, acks: true });
const ids = (found: Read): string[] => found.records.map(({ op, key }) => (op === "d" ? `-${key}` : key));

async function serve(t: { after: (work: () => unknown) => void } | undefined, handler: Handler): Promise<{ url: string; close: () => Promise<void> }> {
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => (body += part.toString()));
    request.on("end", () => handler({ url: URL.parse(request.url ?? "/", "http://x") as URL, headers: request.headers, body, method: request.method ?? "" }, response));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = (): Promise<void> => new Promise((resolve) => {
    server.closeAllConnections();
    server.close(() => resolve());
  });
  t?.after(close);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

/** JSON in which `amount` is a number with exactly these digits, as other systems write it. */
const json = (response: ServerResponse, value: unknown, status = 200, headers: Record<string, string> = {}): void => {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(JSON.stringify(value).replace(/"amount":"(-?[\d.]+)"/g, '"amount":$1'));
};

const rowsOf = (count: number): Row[] => Array.from({ length: count }, (_, index) => ({ id: index + 1, name: `n${index + 1}`, amount: `${index + 1}.10`, updated: `2026-03-01T00:${String(Math.floor(index / 60)).padStart(2, "0")}:${String(index % 60).padStart(2, "0")}Z` }));
const inOrder = (rows: readonly Row[]): Row[] => [...rows].sort((a, b) => (a.updated < b.updated ? -1 : a.updated > b.updated ? 1 : a.id - b.id));
const since = (rows: readonly Row[], url: URL): Row[] => {
  const from = momentOf(url.searchParams.get("since") ?? "1970-01-01T00:00:00Z");
  return inOrder(rows).filter(({ updated }) => momentOf(updated) >= from);
};

const ordered = { field: "updated", format: "moment", isOrdered: true, overlap: 60 } satisfies RestConfig["streams"][string]["cursor"];
const offsets = { path: "/orders", query: { since: "{since}", offset: "{offset}", limit: "{size}" }, records: "data", key: ["id"], paging: { is: "offset", size: 10, total: "total" } } satisfies RestConfig["streams"][string];
const offsetPage = (rows: readonly Row[], url: URL): { data: Row[]; total: number } => {
  const [offset, limit] = [Number(url.searchParams.get("offset")), Number(url.searchParams.get("limit"))];
  return { data: rows.slice(offset, offset + limit), total: rows.length };
};

const kinds = '[{"id":1,"int64":9007199254740993,"small":-42,"decimal":12345678901234567.89,"whole":12.00,"exponent":1.5e3,"tiny":-2.5E-3,"code":"00123","none":null,"flag":false,"text":"北京 ✓ \\u0000","list":[0.10,{"a":1e0}]}]';
const kindRows = [{ id: 1, int64: "9007199254740993", small: -42, decimal: "12345678901234567.89", whole: "12.00", exponent: "1500", tiny: "-0.0025", code: "00123", none: null, flag: false, text: "北京 ✓ \u0000", list: ["0.10", { a: "1" }] }];

acceptSource({
  source: rest,
  make: async () => {
    let rows: Row[] = [];
    let tick = 0;
    const stamp = (): string => `2026-03-01T00:00:${String(tick++ % 60).padStart(2, "0")}.${String(tick).padStart(6, "0")}Z`;
    const { url, close } = await serve(undefined, ({ url: asked, headers }, response) => {
      if (headers.authorization === "Bearer limited") return json(response, { message: "no" }, 403);
      if (headers.authorization !== "Bearer right") return json(response, { message: "who?" }, 401);
      if (asked.pathname === "/api/kinds") return void response.end(kinds);
      if (asked.pathname !== "/api/orders") return json(response, { message: "not here" }, 404);
      // It gives far less at once than it is asked for.
      asked.searchParams.set("limit", rows.length < 1000 ? "10" : "100");
      json(response, offsetPage(since(rows, asked), asked));
    });
    const config = { baseUrl: `${url}/api`, auth: { is: "bearer", token: "right" }, streams: { orders: { ...offsets, paging: { is: "offset", size: 500, total: "total" }, cursor: ordered, deletes: { is: "flag", field: "deleted", value: "true" } } } } satisfies RestConfig;
    const put = (samples: readonly Sample[]): Promise<void> => {
      for (const sample of samples) rows = [...rows.filter(({ id }) => id !== sample.id), { ...sample, updated: stamp() }];
      return Promise.resolve();
    };
    return {
      config, stream: "orders", close, insert: put, update: put,
      remove: (gone) => Promise.resolve(void (rows = rows.map((row) => (gone.includes(row.id) ? { ...row, deleted: true, updated: stamp() } : row)))),
      broken: {
        auth: { ...config, auth: { is: "bearer", token: "wrong" } },
        permission: { ...config, auth: { is: "bearer", token: "limited" } },
        network: { ...config, baseUrl: "http://127.0.0.1:1/api" },
        config: { ...config, baseUrl: `${url}/elsewhere` },
      },
      types: () => Promise.resolve({ config: { ...config, streams: { kinds: { path: "/kinds", key: ["id"] } } }, stream: "kinds", rows: kindRows }),
      fill: (count, bytesEach) => {
        const name = "x".repeat(bytesEach);
        rows = Array.from({ length: count }, (_, index) => ({ id: index + 1, name, amount: "1.00", updated: momentAt(BigInt(1_772_323_200_000 + index)) }));
        return Promise.resolve();
      },
    };
  },
});

const fault = (failure: string, code: string) => (error: unknown): boolean => {
  assert.ok(error instanceof FlowFault, String(error));
  assert.deepEqual([error.failure, error.problem.code], [failure, code]);
  return true;
};
const pathOf = (url: string, path = "/orders"): RestConfig => ({ baseUrl: url, streams: { orders: { path, key: ["id"] } } });

test("a path names a place in the answer, also through names that hold dots", () => {
  const document = parseExact('{"a":{"b":[{"c":1}]},"@odata.nextLink":"x","d.e":{"f":2}}');
  assert.deepEqual([at(document, "a.b.0.c"), at(document, "@odata.nextLink"), at(document, "d.e.f"), at(document, "a.z"), at(document, "toString")], [1, "x", 2, undefined, undefined]);
});

test("a listing that loses a row while it is paged by offset is read again, and no row is passed over", async (t) => {
  let rows = rowsOf(30);
  let asked = 0;
  const { url } = await serve(t, ({ url: at }, response) => {
    // After the first page somebody deletes a row of it: everything behind moves up by one.
    if (++asked === 2) rows = rows.filter(({ id }) => id !== 3);
    json(response, offsetPage(rows, at));
  });
  for (const total of ["total", undefined]) {
    [rows, asked] = [rowsOf(30), 0];
    const found = await read({ baseUrl: url, streams: { orders: { ...offsets, cursor: { ...ordered, isOrdered: false }, paging: { is: "offset", size: 10, total } } } });
    assert.deepEqual([...new Set(ids(found))].length, 30);
    assert.equal(ids(found).length, 30, "and none came twice");
  }
});

test("a listing without order that repeats and skips is read until it holds still; if it never does, the position stays", async (t) => {
  let shifts = 1;
  const { url } = await serve(t, ({ url: at }, response) => {
    const rows = rowsOf(25);
    const page = Number(at.searchParams.get("page"));
    const from = (page - 1) * 10 - (page === 2 && shifts-- > 0 ? 1 : 0);
    json(response, rows.slice(from, from + 10));
  });
  const config: RestConfig = { baseUrl: url, streams: { orders: { path: "/orders", query: { page: "{page}" }, key: ["id"], cursor: { ...ordered, isOrdered: false }, paging: { is: "page", size: 10 } } } };
  const steady = await read(config);
  assert.equal(new Set(ids(steady)).size, 25);
  assert.equal((steady.states.get("orders") as { cursor: Json }).cursor, "2026-03-01T00:00:24Z");
  shifts = 99;
  const moving = await read(config, steady.states);
  assert.equal((moving.states.get("orders") as { cursor: Json }).cursor, "2026-03-01T00:00:24Z");
  assert.equal(((await read(config)).states.get("orders") as { cursor: Json }).cursor, null);
});

test("many rows of one moment, more than a page, are all read in order", async (t) => {
  const rows = rowsOf(40).map((row) => ({ ...row, updated: row.id > 5 && row.id < 36 ? "2026-03-01T00:00:10Z" : row.id <= 5 ? "2026-03-01T00:00:01Z" : row.updated }));
  const { url } = await serve(t, ({ url: at }, response) => json(response, offsetPage(since(rows, at), at)));
  const found = await read({ baseUrl: url, streams: { orders: { ...offsets, cursor: { ...ordered, overlap: 0 } } } });
  assert.deepEqual(ids(found).sort((a, b) => Number(a) - Number(b)), rows.map(({ id }) => String(id)));
});

test("a row that becomes visible behind the position is found by the overlap", async (t) => {
  const rows = rowsOf(20);
  const late = rows.splice(14, 1);
  const { url } = await serve(t, ({ url: at }, response) => json(response, offsetPage(since(rows, at), at)));
  const config: RestConfig = { baseUrl: url, streams: { orders: { ...offsets, cursor: ordered } } };
  const before = await read(config);
  rows.push(...late);
  assert.deepEqual(ids(await read(config, before.states)), ["15"]);
});

test("a record dated in the future does not carry the position there", async (t) => {
  const rows = [...rowsOf(3), { id: 4, name: "typing mistake", amount: "1.00", updated: "2206-01-01T00:00:00Z" }];
  const { url } = await serve(t, ({ url: at }, response) => json(response, offsetPage(since(rows, at), at)));
  const config: RestConfig = { baseUrl: url, streams: { orders: { ...offsets, cursor: ordered } } };
  const before = await read(config);
  rows.push({ id: 5, name: "today", amount: "1.00", updated: systemClock().toISOString() });
  assert.deepEqual(ids(await read(config, before.states)), ["5"]);
  const future = { ...(before.states.get("orders") as object), cursor: "2206-01-01T00:00:00Z" } as Json;
  await assert.rejects(read(config, new Map([["orders", future]])), { code: "source.state" });
});

test("a source that promises order and breaks it is stopped before a row is passed over", async (t) => {
  const { url } = await serve(t, ({ url: at }, response) => json(response, offsetPage(rowsOf(20).reverse(), at)));
  await assert.rejects(read({ baseUrl: url, streams: { orders: { ...offsets, cursor: ordered } } }), fault("config", "rest.not_ordered"));
});

test("a server that gives smaller pages than asked for is read to the end, and one that answers 404 behind the last page too", async (t) => {
  const rows = rowsOf(23);
  const { url } = await serve(t, ({ url: at }, response) => {
    const page = Number(at.searchParams.get("page"));
    const slice = rows.slice((page - 1) * 5, page * 5);
    if (slice.length === 0) return json(response, { detail: "Invalid page." }, 404);
    json(response, { results: slice });
  });
  const found = await read({ baseUrl: url, streams: { orders: { path: "/orders", query: { page: "{page}", page_size: "{size}" }, records: "results", key: ["id"], paging: { is: "page", size: 500 } } } });
  assert.equal(found.records.length, 23);
});

test("OData is followed by its next link, relative or absolute, with the page size asked for", async (t) => {
  const rows = rowsOf(7);
  const seen: string[] = [];
  const server = await serve(t, ({ url: at, headers }, response) => {
    seen.push(`${String(headers.prefer)} ${at.search}`);
    const skip = Number(at.searchParams.get("$skiptoken") ?? 0);
    json(response, { value: rows.slice(skip, skip + 3), ...(skip + 3 < rows.length ? { "@odata.nextLink": skip === 0 ? "Orders?$skiptoken=3" : `${server.url}/b1s/v2/Orders?$skiptoken=6` } : {}) });
  });
  const config: RestConfig = { baseUrl: `${server.url}/b1s/v2`, streams: { orders: { path: "Orders", query: { $filter: "updated ge {since}", $orderby: "updated asc" }, key: ["id"], cursor: { ...ordered, start: "2026-03-01T00:00:00Z" }, paging: { is: "odata", size: 3 } } } };
  assert.equal((await read(config)).records.length, 7);
  assert.deepEqual(seen, ["odata.maxpagesize=3 ?$filter=updated%20ge%202026-03-01T00%3A00%3A00Z&$orderby=updated%20asc", "odata.maxpagesize=3 ?$skiptoken=3", "odata.maxpagesize=3 ?$skiptoken=6"]);
});

test("tokens and Link headers are followed; links in a circle are stopped, and so are links to another server", async (t) => {
  const rows = rowsOf(5);
  const { url } = await serve(t, ({ url: at }, response) => {
    const after = Number(at.searchParams.get("after") ?? 0);
    if (at.pathname === "/circle") return json(response, [rows[0]], 200, { link: '</circle>; rel="next"' });
    if (at.pathname === "/away") return json(response, [rows[0]], 200, { link: '<http://127.0.0.1:9/steal>; rel="next"' });
    if (at.pathname === "/link") return json(response, rows.slice(after, after + 2), 200, after < 4 ? { link: `<${url}/link?after=0>; rel="prev", <${url}/link?after=${after + 2}>; rel="next"` } : {});
    json(response, { items: rows.slice(after, after + 2), meta: { next: after < 4 ? after + 2 : null } });
  });
  const stream = { key: ["id"] };
  const one = (orders: RestConfig["streams"][string]): Promise<Read> => read({ baseUrl: url, streams: { orders } });
  assert.equal((await one({ ...stream, path: "/token", query: { after: "{next}" }, records: "items", paging: { is: "cursor", next: "meta.next" } })).records.length, 5);
  assert.equal((await one({ ...stream, path: "/link", paging: { is: "link" } })).records.length, 5);
  await assert.rejects(one({ ...stream, path: "/circle", paging: { is: "link" } }), fault("config", "rest.loop"));
  await assert.rejects(one({ ...stream, path: "/away", paging: { is: "link" } }), fault("config", "rest.elsewhere"));
});

test("the whole document of each new record is fetched, and only of those; one that is gone is kept as bad", async (t) => {
  const rows = rowsOf(6);
  const fetched: string[] = [];
  const { url } = await serve(t, ({ url: at }, response) => {
    const id = /^\/orders\/(\d+)$/.exec(at.pathname)?.[1];
    if (id === undefined) return json(response, offsetPage(since(rows, at), at));
    fetched.push(id);
    if (id === "4") return json(response, {}, 404);
    json(response, { order: { ...rows.find((row) => String(row.id) === id), lines: [{ sku: "A" }] } });
  });
  const config: RestConfig = { baseUrl: url, streams: { orders: { ...offsets, cursor: ordered, detail: "/orders/{id}", detailRecord: "order" } } };
  const found = await read(config);
  assert.deepEqual(found.records.map(({ row }) => at(row, "lines.0.sku")), Array(5).fill("A"));
  const bad = found.messages.flatMap((message) => (message.is === "bad" ? [[message.key, message.problem.code]] : []));
  assert.deepEqual(bad, [["4", "rest.no_detail"]]);
  fetched.length = 0;
  assert.equal((await read(config, found.states)).records.length + fetched.length, 0);
});

test("deletions are told by a list of their own, or by absence in two complete readings", async (t) => {
  let [rows, hidden] = [rowsOf(4), 2];
  const { url } = await serve(t, ({ url: at }, response) => (at.pathname === "/gone" ? json(response, [{ order: 2, when: "2026-03-02T00:00:00Z" }].filter(({ when }) => when >= (at.searchParams.get("since") ?? ""))) : json(response, offsetPage(since(rows, at).filter(({ id }) => id !== hidden), at))));
  const listed: RestConfig = { baseUrl: url, streams: { orders: { ...offsets, cursor: ordered, deletes: { is: "list", path: "/gone", query: { since: "{since}" }, records: "", key: ["order"], field: "when" } } } };
  const first = await read(listed);
  assert.deepEqual(ids(first), ["1", "3", "4", "-2"]);
  assert.deepEqual(ids(await read(listed, first.states)), []);

  const whole: RestConfig = { baseUrl: url, streams: { orders: { path: "/orders", query: { offset: "{offset}", limit: "{size}" }, records: "data", key: ["id"], paging: { is: "offset", size: 3 }, deletes: { is: "absence" } } } };
  hidden = 0;
  const before = await read(whole);
  rows = rows.filter(({ id }) => id !== 3);
  const once = await read(whole, before.states);
  assert.deepEqual(ids(once), []);
  const twice = await read(whole, once.states);
  assert.deepEqual(ids(twice), ["-3"]);
  assert.deepEqual(ids(await read(whole, twice.states)), []);
});

test("a record without its key is kept with its content, once, and the others arrive", async (t) => {
  const { url } = await serve(t, (_, response) => json(response, [{ id: 1 }, { name: "no id" }, { id: 2 }]));
  const found = await read(pathOf(url));
  assert.deepEqual(ids(found), ["1", "2"]);
  assert.deepEqual(found.messages.flatMap((message) => (message.is === "bad" ? [message.bytes.toString()] : [])), ['{"name":"no id"}']);
  assert.ok(!(await read(pathOf(url), found.states)).messages.some(({ is }) => is === "bad"));
});

test("a connection that is cut in the middle of a page is tried again; nothing of the torn page is taken", async (t) => {
  let asked = 0;
  const { url } = await serve(t, (_, response) => {
    if (++asked > 2) return json(response, rowsOf(3));
    response.writeHead(200, { "content-type": "application/json", "content-length": "5000" });
    response.write('[{"id":1},{"id":', () => response.destroy());
  });
  assert.deepEqual(ids(await read(pathOf(url))), ["1", "2", "3"]);
  asked = -99;
  await assert.rejects(read(pathOf(url)), fault("network", "rest.unreachable"));
});

test("429 waits as long as it is told to: a short while here, a long while in the flow", async (t) => {
  let [asked, wait] = [0, "0"];
  const { url } = await serve(t, (_, response) => (++asked === 1 ? json(response, {}, 429, { "retry-after": wait }) : json(response, rowsOf(1))));
  assert.deepEqual(ids(await read(pathOf(url))), ["1"]);
  [asked, wait] = [0, "120"];
  await assert.rejects(read(pathOf(url)), (error) => fault("network", "rest.rate_limited")(error) && (error as FlowFault).retryAfterMs === 120_000);
  [asked, wait] = [0, "Sun, 01 Mar 2026 00:01:00 GMT"];
  const stopped = openHttp({ baseUrl: url }, { now: fixedClock("2026-03-01T00:00:00Z"), log: silentLog });
  await assert.rejects(stopped.send({ path: "/" }), (error) => (error as FlowFault).retryAfterMs === 60_000);
});

test("a POST is never repeated by itself", async (t) => {
  let asked = 0;
  const { url } = await serve(t, (_, response) => json(response, { message: "down" }, 503 + 0 * ++asked));
  await assert.rejects(read({ baseUrl: url, streams: { orders: { path: "/search", method: "POST", body: {}, key: ["id"] } } }), fault("network", "rest.server_error"));
  assert.equal(asked, 1);
});

test("a token is fetched once, kept until it ends, and renewed once when it is refused", async (t) => {
  let [given, valid] = [0, ""];
  const { url } = await serve(t, ({ url: at, headers, body }, response) => {
    if (at.pathname === "/token") {
      const login = Buffer.from(String(headers.authorization).slice(6), "base64").toString();
      if (login !== "client:s%2Fcret" || !body.includes("grant_type=client_credentials")) return json(response, { error: "invalid_client" }, 401);
      valid = `token-${++given}`;
      return json(response, { access_token: valid, token_type: "bearer", expires_in: 3600 });
    }
    if (headers.authorization !== `Bearer ${valid}`) return json(response, {}, 401);
    json(response, rowsOf(2));
  });
  const config = (clientSecret: string): RestConfig => ({ ...pathOf(url), auth: { is: "oauth2", tokenUrl: `${url}/token`, clientId: "client", clientSecret } });
  await read(config("s/cret"));
  await read(config("s/cret"));
  assert.equal(given, 1);
  valid = "ended early";
  await read(config("s/cret"));
  assert.equal(given, 2);
  assert.deepEqual((await rest.check(config("wrong"), ctx)).map(({ failure, problem }) => [failure, problem.code]), [["auth", "rest.login_refused"]]);
});

test("a slow answer and one that is too large end in the time and size that were given", async (t) => {
  const { url } = await serve(t, ({ url: at }, response) => {
    response.writeHead(200);
    if (at.pathname === "/slow") response.write("[");
    else response.end(`[${'"x",'.repeat(40_000)}1]`);
  });
  await assert.rejects(read({ ...pathOf(url, "/slow"), timeoutSeconds: 0.1 }), fault("network", "rest.timeout"));
  await assert.rejects(read({ ...pathOf(url, "/large"), bodyMegabytesMax: 0.1 }), fault("config", "rest.too_large"));
});

test("no secret stands in what is said about a failure, even if the other side repeats it", async (t) => {
  const { url } = await serve(t, ({ url: at, headers }, response) => json(response, { error: `bad key ${headers["x-key"]} ${at.search}` }, 400));
  for (const where of [{ header: "x-key" }, { query: "apikey" }]) {
    const [failure] = await rest.check({ ...pathOf(url), auth: { is: "apiKey", key: "TOP-SECRET", ...where } }, ctx);
    assert.equal(failure?.problem.code, "rest.refused");
    assert.ok(!JSON.stringify(failure).includes("TOP-SECRET"), JSON.stringify(failure));
  }
});

test("a name that does not exist, a page that is no JSON and a list that is not there are told apart", async (t) => {
  const { url } = await serve(t, ({ url: at }, response) => (at.pathname === "/html" ? void response.end("<html>log in</html>") : json(response, { data: 1 })));
  assert.deepEqual((await rest.check(pathOf("http://no-such-host.invalid"), ctx)).map(({ failure, problem }) => [failure, problem.code]), [["network", "rest.unreachable"]]);
  assert.deepEqual((await rest.check(pathOf(url, "/html"), ctx)).map(({ failure, problem }) => [failure, problem.code]), [["config", "rest.not_json"]]);
  assert.deepEqual((await rest.check(pathOf(url), ctx)).map(({ failure, problem }) => [failure, problem.code, problem.where]), [["config", "rest.no_records", "/streams/orders/records"]]);
});

test("requests keep the pace that was set", async (t) => {
  const moments: number[] = [];
  const { url } = await serve(t, (_, response) => {
    moments.push(performance.now());
    json(response, []);
  });
  const http = openHttp({ baseUrl: url, ratePerSecond: 20 }, ctx);
  await Promise.all([1, 2, 3, 4].map(() => http.send({ path: "/" })));
  assert.ok((moments.at(-1) as number) - (moments[0] as number) >= 140, String(moments));
});
