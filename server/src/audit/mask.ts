/** What goes into the trail: no secret, nothing longer than it must be, nothing that the database cannot hold. */

/** Longer JSON keeps only its size and the names of its fields. */
export const JSON_MAX = 16 * 1024;
const textMax = 2_000;
const hidden = "***";

const secretName = /passw|passphrase|pwd|secret|token|credential|authorization|cookie|private.?key|api.?key|^totp|^otp|^link$|密码|口令|密钥|机密/i;

/** Keys of programs, of sessions, and `password=…` anywhere in a text. */
export const maskText = (text: string): string => clean(text)
  .replace(/\b(t[a-z]_[0-9a-f]{6,16})_[\w-]{16,}/gi, `$1_${hidden}`)
  .replace(/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${hidden}`)
  .replace(/((?:passw\w*|passphrase|pwd|secret|token|api[_-]?key|authorization)["']?\s*[:=]\s*)("[^"\n]*"|'[^'\n]*'|[^\s,;&"'}\]]+)/gi, `$1${hidden}`);

/** The value without its secrets, as JSON; null when there is nothing to say. `secrets` are further names of fields to hide. */
export function maskJson(value: unknown, secrets: readonly string[] = []): string | null {
  if (value === undefined || value === null) return null;
  const text = JSON.stringify(masked(value, secrets, 0));
  if (text === undefined) return null;
  const size = Buffer.byteLength(text);
  return size <= JSON_MAX ? text : JSON.stringify({ tooLong: size, ...(Array.isArray(value) ? { count: value.length } : { fields: Object.keys(value as object).slice(0, 100).map((key) => clean(key).slice(0, 100)) }) });
}

function masked(value: unknown, secrets: readonly string[], depth: number): unknown {
  if (typeof value === "bigint") return String(value);
  if (typeof value === "string") return shortened(maskText(value));
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Date) return value.toISOString();
  if (Buffer.isBuffer(value)) return { bytes: value.length };
  if (depth > 12) return "…";
  if (value instanceof Map || value instanceof Set) return masked([...value], secrets, depth);
  if (Array.isArray(value)) return value.map((one) => masked(one, secrets, depth + 1) ?? null);
  return Object.fromEntries(Object.entries(value).map(([key, held]) => [clean(key), isSecret(key, secrets) && held !== null && typeof held !== "boolean" ? hidden : masked(held, secrets, depth + 1)]));
}

const isSecret = (key: string, secrets: readonly string[]): boolean => secrets.includes(key) || secretName.test(key);
const shortened = (text: string): string => (text.length > textMax ? `${text.slice(0, textMax).toWellFormed()}… (${text.length})` : text);

/** PostgreSQL holds neither the character 0 nor half a surrogate pair. */
export const clean = (text: string): string => text.toWellFormed().replaceAll("\u0000", "\uFFFD");
