/**
 * Statements of one transaction, sent at once and answered at once. The sender works on meanwhile; sending one by one, it
 * would have to come back to the socket for each answer. PostgreSQL runs what stands before a Sync as one transaction and,
 * after an error, passes over the rest (manual, "Extended query": pipelining).
 */
import type pg from "pg";
import { writeData } from "./copy.ts";

/** None may need the answer of another. Numbers, texts, moments as text, arrays of those, bytes. */
export type Statement = { readonly text: string; readonly values: readonly Value[] } | { readonly copy: string; readonly rows: string };
type Value = string | number | bigint | boolean | null | Buffer | readonly (string | number | bigint | null)[];

export function sendAll(client: pg.ClientBase, statements: readonly Statement[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const nothing = (): void => {};
    client.query({
      submit(connection: pg.Connection): void {
        const { stream } = connection;
        stream.cork();
        for (const statement of statements) {
          const isCopy = "copy" in statement;
          connection.parse({ name: "", text: isCopy ? `copy ${statement.copy} from stdin` : statement.text, types: [] }, true);
          connection.bind({ values: isCopy ? [] : statement.values.map(parameter) }, true);
          connection.execute({ portal: "", rows: "0" }, true);
          if (!isCopy) continue;
          writeData(stream, statement.rows);
          stream.write(copyDone);
        }
        connection.sync();
        stream.uncork();
      },
      handleCopyInResponse: nothing,
      handleDataRow: nothing,
      handleCommandComplete: nothing,
      handleEmptyQuery: nothing,
      handleReadyForQuery: () => resolve(),
      handleError: reject,
    } as pg.Submittable);
  });
}

const copyDone = Buffer.from([0x63, 0, 0, 0, 4]); // c

function parameter(value: Value): string | Buffer | null {
  if (value === null || typeof value === "string" || value instanceof Buffer) return value;
  if (!Array.isArray(value)) return String(value);
  return `{${value.map((element: Value) => (element === null ? "NULL" : typeof element === "string" ? `"${element.replace(/[\\"]/g, "\\$&")}"` : String(element))).join(",")}}`;
}
