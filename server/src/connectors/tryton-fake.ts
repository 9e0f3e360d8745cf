/**
 * A Tryton for tests: answers JSON-RPC over HTTP from rows recorded in fixtures/tryton.json (by e2e/record-tryton.ts, from a real server).
 * It joins dotted fields, filters by the domains that the connector uses, and can misbehave. Tests may change `rows` between pulls.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { Wire } from "./tryton-values.ts";

export type FakeRow = { id: number; [field: string]: Wire };

export type FakeTryton = {
  readonly url: string;
  readonly rows: Record<string, FakeRow[]>;
  readonly row: (model: string, id: number) => FakeRow;
  /** Methods called so far, without log-ins. */
  readonly calls: string[];
  logIns: number;
  /** A session ends after so many answers; then every call gets 401 until the next log-in. */
  sessionCalls: number;
  /** The next answers, before any real one: an HTTP status each, or "drop" for a connection that breaks. */
  readonly misbehave: (...answers: (number | "drop")[]) => void;
  readonly close: () => Promise<void>;
};

export const fakeLogin = { user: "admin", password: "right" };

type Fixture = { readonly relations: Readonly<Record<string, string>>; readonly rows: Record<string, FakeRow[]> };

export async function startFakeTryton(): Promise<FakeTryton> {
  const fixture = JSON.parse(readFileSync(new URL("fixtures/tryton.json", import.meta.url), "utf8"), (_, value: Wire) => long(value)) as Fixture;
  const { relations, rows } = fixture;
  rows["ir.model"] = Object.keys(rows).map((model, i) => ({ id: i + 1, model }));
  const calls: string[] = [];
  const bad: (number | "drop")[] = [];
  let token = 0;
  let answered = 0;

  const row = (model: string, id: number): FakeRow => {
    const found = rows[model]?.find((each) => each.id === id);
    if (!found) throw new Error(`no ${model},${id} in the fixture`);
    return found;
  };

  /** All values at a dotted path: several where a link is to many. */
  function values(model: string, from: FakeRow, path: string): Wire[] {
    const [field, ...rest] = path.split(".") as [string, ...string[]];
    const value = from[field] ?? null;
    const list = Array.isArray(value) ? (value as Wire[]) : [value];
    if (rest.length === 0) return list.length === 0 ? [null] : list;
    const next = relations[`${model}.${field}`] ?? (typeof value === "string" ? value.split(",")[0] : undefined);
    if (!next) return [null];
    return list.flatMap((id) => {
      const linked = rows[next]?.find((each) => each.id === Number(String(id).split(",").at(-1)));
      return linked ? values(next, linked, rest.join(".")) : [null];
    });
  }

  function matches(model: string, candidate: FakeRow, domain: readonly Wire[]): boolean {
    if (domain[0] === "OR") return domain.slice(1).some((part) => matches(model, candidate, part as readonly Wire[]));
    if (typeof domain[0] === "string") {
      const [path, operator, operand] = domain as readonly [string, string, Wire];
      return values(model, candidate, path).some((value) => compare(value, operator, operand));
    }
    return domain.every((part) => matches(model, candidate, part as readonly Wire[]));
  }

  function shaped(model: string, from: FakeRow, fields: readonly string[]): FakeRow {
    const out: FakeRow = { id: from.id };
    const nested = new Map<string, string[]>();
    for (const path of fields) {
      const [field, ...rest] = path.split(".") as [string, ...string[]];
      if (rest.length === 0) {
        if (field !== "id" && !(field in from)) throw new Error(`${model} has no field ${field} in the fixture`);
        out[field] = from[field] ?? null;
      } else nested.set(field, [...(nested.get(field) ?? []), rest.join(".")]);
    }
    for (const [field, paths] of nested) {
      const value = from[field] ?? null;
      const next = relations[`${model}.${field}`] ?? (typeof value === "string" ? value.split(",")[0] : undefined);
      const linked = value === null || !next ? undefined : rows[next]?.find((each) => each.id === Number(String(value).split(",").at(-1)));
      out[`${field}.`] = linked && next ? shaped(next, linked, paths) : null;
    }
    return out;
  }

  function answer(method: string, params: readonly Wire[]): Wire {
    if (method === "model.res.user.get_preferences") return { company: 1, language: "en" };
    const model = /^model\.(.+)\.search_read$/.exec(method)?.[1];
    if (!model || !rows[model]) throw new Error(`the fake does not know ${method}`);
    const [domain, offset, limit, , fields] = params as readonly [Wire[], number, number | null, Wire, string[]];
    const found = rows[model].filter((each) => matches(model, each, domain)).sort((a, b) => a.id - b.id);
    return found.slice(offset, limit === null ? undefined : offset + limit).map((each) => shaped(model, each, fields));
  }

  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (chunk: Buffer) => (text += chunk.toString("utf8")));
    request.on("end", () => {
      const fault = bad.shift();
      if (fault === "drop") return void request.socket.destroy();
      if (fault !== undefined) return void response.writeHead(fault).end("busy");
      if (request.url !== "/erp/") return void response.writeHead(404).end();
      const { id, method, params } = JSON.parse(text) as { id: number; method: string; params: readonly Wire[] };
      const send = (body: object): void => void response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ id, ...body }));
      if (method === "common.db.login") {
        fake.logIns++;
        if ((params[1] as { readonly password: string }).password !== fakeLogin.password) return void response.writeHead(401).end();
        answered = 0;
        return send({ result: [1, `token-${++token}`] });
      }
      if (answered++ >= fake.sessionCalls || request.headers.authorization !== `Session ${Buffer.from(`admin:1:token-${token}`).toString("base64")}`) return void response.writeHead(401).end();
      calls.push(method);
      try {
        send({ result: answer(method, params) });
      } catch (error) {
        send({ error: ["UserError", [(error as Error).message, "", null]] });
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeTryton = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/erp/`, rows, row, calls, logIns: 0, sessionCalls: Number.POSITIVE_INFINITY,
    misbehave: (...answers) => void bad.push(...answers),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return fake;
}

/** The fixture's short text back as Tryton's tagged objects: "D 12.50", "d 2026-11-24", "t 2026-11-24T03:40:57.543411". */
export function long(value: Wire): Wire {
  if (typeof value !== "string") return value;
  if (/^D -?[\d.E+-]+$/.test(value)) return { __class__: "Decimal", decimal: value.slice(2) };
  const parts = /^[dt] (\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)\.(\d{6}))?$/.exec(value)?.slice(1).map(Number) as number[] | undefined;
  if (!parts) return value;
  const [year, month, day, hour, minute, second, microsecond] = parts as [number, number, number, number, number, number, number];
  return value.startsWith("d ") ? { __class__: "date", year, month, day } : { __class__: "datetime", year, month, day, hour, minute, second, microsecond };
}

function compare(value: Wire, operator: string, operand: Wire): boolean {
  const key = (each: Wire): string | number | boolean | null => (each !== null && typeof each === "object" ? momentText(each) : each);
  if (operator === "in") return (operand as readonly Wire[]).some((each) => key(each) === key(value));
  if (operator === "=") return key(value) === key(operand);
  if (operator === "!=") return key(value) !== key(operand);
  const [left, right] = [key(value), key(operand)];
  if (left === null || right === null) return false;
  if (operator === ">=") return left >= right;
  if (operator === ">") return left > right;
  throw new Error(`the fake does not know the operator ${operator}`);
}

const momentText = (value: Wire): string => {
  const part = value as { readonly [name: string]: number };
  return ["year", "month", "day", "hour", "minute", "second", "microsecond"].map((name) => String(part[name] ?? 0).padStart(6, "0")).join(" ");
};
