import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { registerAll } from "../server/src/app/registry.ts";
import { checkConfig, findWayIn, type Json, readFlow, waysIn, withSecrets } from "../server/src/connectors/index.ts";
import { checkDefinition, type DeliveryFlow, targets } from "../server/src/delivery/index.ts";
import { readMappingText } from "../server/src/documents/index.ts";
import { renderProblem } from "../server/src/platform/index.ts";

registerAll();
const folder = fileURLToPath(new URL("flows/", import.meta.url));

for (const file of readdirSync(folder).filter((name) => name.endsWith(".yaml"))) {
  test(`examples/flows/${file} says nothing that would be refused`, async () => {
    const { definition, problems } = readFlow(readFileSync(folder + file, "utf8"));
    assert.deepEqual(problems.map((problem) => renderProblem(problem)), []);
    assert.ok(definition);
    if (definition.direction === "in") {
      const way = await findWayIn(waysIn, definition.connector);
      assert.deepEqual(checkConfig(definition, way).map((problem) => renderProblem(problem)), []);
      if (definition.mapping !== "") assert.ok((await readMappingText(definition.mapping)).text.length > 0);
    } else assert.deepEqual(checkDefinition(withSecrets(definition.out as Json, () => "secret") as unknown as DeliveryFlow, targets).map((problem) => renderProblem(problem)), []);
  });
}
