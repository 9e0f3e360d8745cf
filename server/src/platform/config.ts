/** Everything that the surroundings decide. This file alone reads environment variables; all others get a value of `config()`. */
import { resolve } from "node:path";

export type LogLevel = "debug" | "info" | "warn" | "error" | "silent";

export type Config = {
  /** Folder of the embedded database, its password, keys and anchors. TIEOUT_DATA; `.tieout` below the working folder if unset. */
  readonly dataDir: string;
  /** TIEOUT_HOST and TIEOUT_PORT: where the HTTP API and the web pages are served. */
  readonly host: string;
  readonly port: number;
  /** DATABASE_URL: another PostgreSQL server (15 or newer) in place of the embedded one. */
  readonly databaseUrl: string | undefined;
  /** TIEOUT_POOL: connections a process keeps at most. */
  readonly connectionsMax: number;
  /** TIEOUT_LOG: debug, info, warn, error or silent. */
  readonly logLevel: LogLevel;
  /** TIEOUT_LOG_FILE: structured logs go there in place of stderr. */
  readonly logFile: string | undefined;
  /** TIEOUT_KEY: 32 bytes in hex or base64, under which secrets are sealed; without it a key file below the data folder. */
  readonly key: Buffer | undefined;
  /** TIEOUT_PUBLIC_URL: how people reach the server, where that is not its own address: behind a proxy that ends TLS. No trailing slash. */
  readonly publicUrl: string | undefined;
  /** TIEOUT_OIDC_ISSUER, _CLIENT_ID, _CLIENT_SECRET and _NAME: the company's own login, beside passwords. */
  readonly oidc: OidcSettings | undefined;
  /** NO_COLOR (any value) turns colours off. */
  readonly isColorOff: boolean;
  /** TIEOUT_TEST_DATABASE: the template database that `npm test` prepared; see testing.ts. */
  readonly testTemplateUrl: string | undefined;
};

/** `name` stands on the button: "企业微信", "Microsoft". */
export type OidcSettings = { readonly issuer: string; readonly clientId: string; readonly clientSecret: string | undefined; readonly name: string };

export type Environment = Readonly<Record<string, string | undefined>>;

const logLevels: readonly LogLevel[] = ["debug", "info", "warn", "error", "silent"];

/** Throws `RangeError` with a sentence for the operator when a variable cannot be used. */
export function config(environment: Environment = process.env, workingFolder: string = process.cwd()): Config {
  const text = (name: string): string | undefined => environment[name]?.trim() || undefined;
  const whole = (name: string, fallback: number, min: number, max: number): number => {
    const value = Number(text(name) ?? fallback);
    if (!Number.isInteger(value) || value < min || value > max) {
      throw new RangeError(`${name} is "${text(name)}"; it must be a whole number from ${min} to ${max}`);
    }
    return value;
  };
  const level = text("TIEOUT_LOG") ?? "info";
  if (!isLogLevel(level)) throw new RangeError(`TIEOUT_LOG is "${level}"; it must be one of ${logLevels.join(", ")}`);
  return {
    dataDir: resolve(workingFolder, text("TIEOUT_DATA") ?? ".tieout"),
    host: text("TIEOUT_HOST") ?? "127.0.0.1",
    port: whole("TIEOUT_PORT", 4380, 0, 65_535),
    databaseUrl: text("DATABASE_URL"),
    connectionsMax: whole("TIEOUT_POOL", 10, 2, 500),
    logLevel: level,
    logFile: text("TIEOUT_LOG_FILE"),
    key: keyOf(text("TIEOUT_KEY")),
    publicUrl: webAddress("TIEOUT_PUBLIC_URL", text("TIEOUT_PUBLIC_URL")),
    oidc: oidcOf(text),
    isColorOff: text("NO_COLOR") !== undefined,
    testTemplateUrl: text("TIEOUT_TEST_DATABASE"),
  };
}

const isLogLevel = (text: string): text is LogLevel => (logLevels as readonly string[]).includes(text);

function webAddress(name: string, text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const isAddress = URL.canParse(text) && /^https?:$/.test(new URL(text).protocol) && new URL(text).pathname === "/";
  if (!isAddress) throw new RangeError(`${name} is "${text}"; it must be an address such as https://tieout.example.com, without a path`);
  return new URL(text).origin;
}

function oidcOf(text: (name: string) => string | undefined): OidcSettings | undefined {
  const issuer = text("TIEOUT_OIDC_ISSUER");
  if (issuer === undefined) return undefined;
  const clientId = text("TIEOUT_OIDC_CLIENT_ID");
  if (!URL.canParse(issuer) || clientId === undefined) throw new RangeError("TIEOUT_OIDC_ISSUER must be an address, and TIEOUT_OIDC_CLIENT_ID must be set with it");
  return { issuer, clientId, clientSecret: text("TIEOUT_OIDC_CLIENT_SECRET"), name: text("TIEOUT_OIDC_NAME") ?? new URL(issuer).hostname };
}

function keyOf(text: string | undefined): Buffer | undefined {
  if (text === undefined) return undefined;
  const key = Buffer.from(text, /^[0-9a-f]{64}$/i.test(text) ? "hex" : "base64");
  if (key.length !== 32) throw new RangeError("TIEOUT_KEY must be 32 bytes, written in hex or base64; make one with: openssl rand -hex 32");
  return key;
}
