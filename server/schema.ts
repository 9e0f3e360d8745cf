/** `npm run schema`: writes migrations/schema.sql anew. `npm test` compares it. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { dumpSchema, migrationsFolder } from "./src/platform/index.ts";
import { onTemplate } from "./src/platform/testing.ts";

await writeFile(join(migrationsFolder, "schema.sql"), await onTemplate(dumpSchema));
