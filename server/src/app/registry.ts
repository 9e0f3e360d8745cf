/** Every refusal code of the system, in both languages: each folder's, registered once when a process starts. */
import { refusals as access } from "../access/index.ts";
import { refusals as audit } from "../audit/index.ts";
import { refusals as books } from "../books/index.ts";
import { refusals as connectors } from "../connectors/index.ts";
import { refusals as delivery } from "../delivery/index.ts";
import { refusals as documents } from "../documents/index.ts";
import { refusals as insight } from "../insight/index.ts";
import { refusals as masterdata } from "../masterdata/index.ts";
import { type Refusals, registerRefusals } from "../platform/index.ts";
import { refusals as reconciliation } from "../reconciliation/index.ts";
import { refusals as rules } from "../rules/index.ts";
import { refusals as vouchers } from "../vouchers/index.ts";
import { refusals as app } from "./refusals.ts";

export const allRefusals: readonly Refusals[] = [audit, access, books, documents, masterdata, connectors, rules, vouchers, delivery, reconciliation, insight, app];

export const registerAll = (): void => registerRefusals(allRefusals);
