/** A database for the time of one work, beside the real ones on the same server: what is tried there never touches a real book. */
import { randomBytes } from "node:crypto";
import pg from "pg";
import { connectionConfig, openPool, type Store } from "./db.ts";
import { migrate } from "./migrate.ts";
import { appRole } from "./open-store.ts";

/** A fresh, migrated database on the server of this address; closing it drops it. The address's user must be allowed to create databases. */
export async function throwAwayStore(serverUrl: string): Promise<Store> {
  const name = `tieout_try_${randomBytes(6).toString("hex")}`;
  const admin = new pg.Client(connectionConfig(serverUrl));
  await admin.connect();
  const drop = (): Promise<void> => admin.query(`drop database if exists ${name} with (force)`).then(() => admin.end());
  try {
    await admin.query(`create database ${name}`);
    const address = new URL(serverUrl);
    address.pathname = `/${name}`;
    const owner = new pg.Client(connectionConfig(address.href));
    await owner.connect();
    await migrate(owner).finally(() => owner.end());
    const store = openPool(address.href, { max: 6, role: appRole });
    return { ...store, close: () => store.close().then(drop) };
  } catch (error) {
    await drop().catch(() => {});
    throw error;
  }
}
