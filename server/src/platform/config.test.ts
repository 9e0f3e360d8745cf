import assert from "node:assert/strict";
import { test } from "node:test";
import { config } from "./config.ts";

test("without any variable the data lies in .tieout below the working folder, and port 4380 is served to this machine only", () => {
  const { dataDir, host, port, databaseUrl } = config({}, "/srv");
  assert.deepEqual({ dataDir, host, port, databaseUrl }, { dataDir: "/srv/.tieout", host: "127.0.0.1", port: 4380, databaseUrl: undefined });
});

test("a relative TIEOUT_DATA starts at the working folder, and an empty variable counts as unset", () => {
  assert.equal(config({ TIEOUT_DATA: "store", DATABASE_URL: " " }, "/srv").dataDir, "/srv/store");
  assert.equal(config({ DATABASE_URL: " " }).databaseUrl, undefined);
});

test("a variable that cannot be used is named together with what it may be", () => {
  assert.throws(() => config({ TIEOUT_PORT: "many" }), /TIEOUT_PORT is "many"; it must be a whole number from 0 to 65535/);
  assert.throws(() => config({ TIEOUT_LOG: "loud" }), /TIEOUT_LOG is "loud"/);
});
