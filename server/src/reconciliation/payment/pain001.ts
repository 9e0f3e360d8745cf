/**
 * A payment file for the bank: ISO 20022 pain.001.001.03 and .09. Numbers of transactions and control sums are what the bank checks; a message id
 * is made once with the batch and used again when the same file is written again, because a bank takes a second id for a second payment.
 */
import { formatDecimal, exponentOf } from "../../values/index.ts";

export type BankParty = { readonly name: string; readonly account: string; /** BIC, or the twelve digits of CNAPS. */ readonly bank: string };
export type PaymentOrder = { /** At most 35 characters; comes back on the statement. */ readonly endToEndId: string; readonly to: BankParty; /** Minor units, above zero. */ readonly amount: bigint; readonly currency: string; readonly remittance: string };
export type PaymentBatch = { readonly messageId: string; readonly madeAt: string; /** YYYY-MM-DD */ readonly executeOn: string; readonly from: BankParty; readonly currency: string; readonly orders: readonly PaymentOrder[] };
export type PainVersion = "pain.001.001.03" | "pain.001.001.09";

/** Throws `RangeError` for what a batch cannot be: empty, mixed currencies, amounts not above zero, ids too long or used twice. These are the maker's mistakes, not the user's. */
export function writePain001(batch: PaymentBatch, version: PainVersion): string {
  if (batch.orders.length === 0) throw new RangeError("a batch without payments");
  for (const { amount, currency, endToEndId } of batch.orders) if (amount <= 0n || currency !== batch.currency || endToEndId.length > 35 || endToEndId === "") throw new RangeError(`payment ${endToEndId} cannot stand in this batch`);
  if (new Set(batch.orders.map(({ endToEndId }) => endToEndId)).size !== batch.orders.length || batch.messageId.length > 35) throw new RangeError("an id is used twice or too long");
  const isNew = version === "pain.001.001.09";
  const money = (minor: bigint): string => formatDecimal(minor, exponentOf(batch.currency));
  const sum = money(batch.orders.reduce((total, { amount }) => total + amount, 0n));
  const agent = (bank: string): string => (/^\d{12}$/.test(bank) ? `<ClrSysMmbId><ClrSysId><Cd>CNAPS</Cd></ClrSysId><MmbId>${bank}</MmbId></ClrSysMmbId>` : isNew ? `<BICFI>${text(bank, 11)}</BICFI>` : `<BIC>${text(bank, 11)}</BIC>`);
  return `<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:${version}">
<CstmrCdtTrfInitn>
<GrpHdr><MsgId>${text(batch.messageId, 35)}</MsgId><CreDtTm>${text(batch.madeAt.replace(/\.\d+Z$/, "Z"), 25)}</CreDtTm><NbOfTxs>${batch.orders.length}</NbOfTxs><CtrlSum>${sum}</CtrlSum><InitgPty><Nm>${text(batch.from.name, 70)}</Nm></InitgPty></GrpHdr>
<PmtInf><PmtInfId>${text(batch.messageId, 35)}</PmtInfId><PmtMtd>TRF</PmtMtd><NbOfTxs>${batch.orders.length}</NbOfTxs><CtrlSum>${sum}</CtrlSum><ReqdExctnDt>${isNew ? `<Dt>${batch.executeOn}</Dt>` : batch.executeOn}</ReqdExctnDt><Dbtr><Nm>${text(batch.from.name, 70)}</Nm></Dbtr><DbtrAcct><Id><Othr><Id>${text(batch.from.account, 34)}</Id></Othr></Id><Ccy>${batch.currency}</Ccy></DbtrAcct><DbtrAgt><FinInstnId>${agent(batch.from.bank)}</FinInstnId></DbtrAgt><ChrgBr>SHAR</ChrgBr>
${batch.orders.map((order) => `<CdtTrfTxInf><PmtId><InstrId>${text(order.endToEndId, 35)}</InstrId><EndToEndId>${text(order.endToEndId, 35)}</EndToEndId></PmtId><Amt><InstdAmt Ccy="${order.currency}">${money(order.amount)}</InstdAmt></Amt><CdtrAgt><FinInstnId>${agent(order.to.bank)}</FinInstnId></CdtrAgt><Cdtr><Nm>${text(order.to.name, 70)}</Nm></Cdtr><CdtrAcct><Id><Othr><Id>${text(order.to.account, 34)}</Id></Othr></Id></CdtrAcct>${order.remittance === "" ? "" : `<RmtInf><Ustrd>${text(order.remittance, 140)}</Ustrd></RmtInf>`}</CdtTrfTxInf>`).join("\n")}
</PmtInf>
</CstmrCdtTrfInitn>
</Document>
`;
}

/** At most so many characters, none of them a control, escaped. */
const text = (value: string, max: number): string => [...value.replace(/[\p{Cc}\p{Cf}]/gu, " ").trim()].slice(0, max).join("").replace(/[&<>"']/g, (character) => ({ "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&apos;" })[character] ?? "");
