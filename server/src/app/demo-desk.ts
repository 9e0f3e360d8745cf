/**
 * What a year leaves on the desks of the demo company, beside its documents: the statements of its bank, accounts of suppliers and a payment that
 * waits for a second person, a tolerance of the three-way match, and statements of account with and without an answer. The bank's files are written from the books and then
 * differ from them as a bank's do: names cut short, two invoices paid at once, one paid in parts, a fee kept back, money nobody knows.
 */
import type { Book } from "../books/index.ts";
import type { Ctx } from "../platform/index.ts";
import { answerLetter, decideSupplierAccount, type Desk, listPayables, makeLetter, matchAccount, openLetter, type Payable, proposePayments, reconcileBalance, setSupplierAccount, setTolerance, showDesk, takeStatement } from "../reconciliation/index.ts";
import { addDays, formatDecimal, parseDecimal } from "../values/index.ts";

const bankAccount = "BA1";
/** Days at the end of the year that the bank has not told yet. */
const untoldDays = 2;
type Line = Desk["lines"][number];
type Movement = { readonly day: string; readonly amount: bigint; readonly name: string; readonly text: string; readonly reference: string };

/** For the first start; the books are there already. */
export async function layDesk(ctx: Ctx, book: Book): Promise<void> {
  await takeStatements(ctx, book);
  await preparePayments(ctx, book);
  await sendLetters(ctx, book);
}

async function takeStatements(ctx: Ctx, book: Book): Promise<void> {
  const { lines } = await showDesk(ctx, book, bankAccount);
  const [first, last] = [lines[0], lines.at(-1)];
  if (first === undefined || last === undefined) return;
  const told = addDays(last.date, -untoldDays);
  let balance = minor((await reconcileBalance(ctx, book, bankAccount, addDays(`${first.date.slice(0, 7)}-01`, -1))).bookBalance);
  const movements = asTheBankSaw(lines.filter(({ date }) => date <= told), told.slice(0, 7));
  for (const [month, rows] of Map.groupBy(movements, ({ day }) => day.slice(0, 7))) {
    await takeStatement(ctx, book, bankAccount, `交易明细-${month}.csv`, writeFile(rows, balance));
    balance = rows.reduce((sum, { amount }) => sum + amount, balance);
  }
  await matchAccount(ctx, book, bankAccount);
}

/** The last month is as months are; before it everything was settled. */
function asTheBankSaw(lines: readonly Line[], lastMonth: string): Movement[] {
  const plain = (line: Line): Movement => {
    const isIn = minor(line.amount) > 0n;
    return { day: line.date, amount: minor(line.amount), name: line.partyName, text: isIn && line.pays.length > 0 ? `货款 ${line.pays.slice(0, 4).join(" ")}` : line.summary, reference: isIn && line.pays.length > 0 ? "" : numberOf(line) };
  };
  const movements = lines.filter(({ date }) => date.slice(0, 7) < lastMonth).map((line) => ({ ...plain(line), reference: numberOf(line) }));
  const month = lines.filter(({ date }) => date.slice(0, 7) === lastMonth);
  const receipts = month.filter((line) => minor(line.amount) > 1_000_00n && line.pays.length > 0 && line.partyName !== "");
  const payments = month.filter((line) => minor(line.amount) < -1_000_00n && line.partyName !== "");
  const changed = new Set<Line>();
  const take = (from: readonly Line[], isRight: (line: Line) => boolean = () => true): Line | undefined => {
    const line = from.findLast((one) => !changed.has(one) && isRight(one));
    if (line) changed.add(line);
    return line;
  };
  const as = (line: Line | undefined, ...of: readonly Partial<Movement>[]): void => void (line && movements.push(...of.map((change) => ({ ...plain(line), reference: "", ...change }))));
  // A bank on the way kept its fee.
  const net = take(receipts);
  if (net) as(net, { amount: minor(net.amount) - 25_00n, text: "货款 扣手续费" });
  // A group's treasury pays for its subsidiary, and writes no number.
  as(take(receipts), { name: "汇海集团财务公司", text: "往来款" });
  // Paid in two parts.
  const parts = take(receipts);
  if (parts) as(parts, { amount: (minor(parts.amount) * 6n) / 10n, text: "货款 第一笔" }, { amount: minor(parts.amount) - (minor(parts.amount) * 6n) / 10n, text: "货款 第二笔" });
  // One transfer for two invoices.
  const one = take(receipts, (line) => receipts.filter((other) => other.party === line.party).length > 1);
  const other = one && take(receipts, (line) => line.party === one.party);
  if (one && other) as(one, { amount: minor(one.amount) + minor(other.amount), text: "货款" });
  else as(one, {});
  // Its number was cut short by the other bank.
  const cut = take(receipts);
  if (cut) as(cut, { text: `货款 ${(cut.pays[0] ?? "").slice(0, -2)}` });
  // We paid, and the bank has not.
  take(payments);
  const day = (n: number): string => `${lastMonth}-${String(n).padStart(2, "0")}`;
  movements.push(
    { day: day(21), amount: 1_862_40n, name: "", text: "结息", reference: "" }, { day: day(22), amount: -38_00n, name: "", text: "电汇手续费", reference: "" },
    { day: day(24), amount: -1_280_00n, name: "栖浦市自来水公司", text: "水费 代扣", reference: "" }, { day: day(25), amount: 36_500_00n, name: "周敏", text: "货款", reference: "" },
  );
  movements.push(...month.filter((line) => !changed.has(line)).map(plain));
  return movements.map((movement, at) => ({ movement, at })).sort((a, b) => (a.movement.day < b.movement.day ? -1 : a.movement.day > b.movement.day ? 1 : a.at - b.at)).map(({ movement }) => movement);
}

const numberOf = ({ document }: Line): string => document.slice(document.indexOf("/") + 1);

/** The columns of a bank's own download. */
function writeFile(movements: readonly Movement[], opening: bigint): Buffer {
  let balance = opening;
  const rows = movements.map(({ day, amount, name, text, reference }, at) => {
    balance += amount;
    return [day.replaceAll("-", ""), "100000", "转账", amount < 0n ? money(-amount) : "", amount > 0n ? money(amount) : "", money(balance), text, `D${day.slice(2, 7).replace("-", "")}${String(at + 1).padStart(7, "0")}`, reference, name, ""].map((cell) => cell.replaceAll(",", "，")).join(",");
  });
  return Buffer.from(`交易日,交易时间,交易类型,借方金额,贷方金额,余额,摘要,流水号,业务参考号,收(付)方名称,收(付)方账号\n${rows.join("\n")}\n`);
}

/** Accounts of the suppliers that come next, one of which is being changed; a proposal that somebody has to approve; one tolerance of their own. */
async function preparePayments(ctx: Ctx, book: Book): Promise<void> {
  const [clerk, controller]: readonly [Ctx, Ctx] = [{ ...ctx, actor: { id: "demo" } }, { ...ctx, actor: { id: "system" } }];
  const payables: readonly Payable[] = (await listPayables(ctx, book, { limit: 200 })).filter(({ currency, left }) => currency === book.currency && minor(left) > 0n);
  const suppliers = [...new Map(payables.map((one) => [one.supplier, one])).values()].slice(0, 12);
  for (const [at, { supplier, supplierName }] of suppliers.entries()) {
    const { accountNo } = await setSupplierAccount(clerk, book, { supplier, name: supplierName, number: `62001000000000${String(1000 + at)}`, bank: `10310000${String(1000 + at)}`, bankName: "样例银行栖浦支行", province: "栖浦", city: "栖浦", reason: "合同所附账户" });
    await decideSupplierAccount(controller, book, accountNo, true);
  }
  const changing = suppliers.at(-1);
  if (changing) await setSupplierAccount(clerk, book, { supplier: changing.supplier, name: changing.supplierName, number: "6200200000000009999", bank: "104100009999", bankName: "演示银行砚滩支行", province: "砚滩", city: "砚滩", reason: "来函变更，待电话核实" });
  const known = new Set(suppliers.slice(0, -1).map(({ supplier }) => supplier));
  const items = payables.filter(({ supplier, match }) => known.has(supplier) && match === "matched").slice(0, 6);
  const last = payables.at(-1);
  if (items.length > 0) await proposePayments(clerk, book, { bankAccount, executeOn: addDays(items.reduce((latest, { dueOn }) => (dueOn > latest ? dueOn : latest), items[0]?.dueOn ?? ""), 1), items: items.map(({ item }) => ({ item })), note: "到期货款" });
  if (last) await setTolerance(clerk, book, { supplier: last.supplier, itemGroup: "", quantity: "0", quantityPercent: "2", price: "0", pricePercent: "1", tax: "0.05", reason: "框架协议：数量 2%，单价 1%" });
}

async function sendLetters(ctx: Ctx, book: Book): Promise<void> {
  const clerk: Ctx = { ...ctx, actor: { id: "demo" } };
  const customers = ["C0001", "C0002", "C0003"];
  for (const [at, party] of customers.entries()) {
    const letter = await makeLetter(clerk, book, { party, kind: "customer" }).catch(() => undefined);
    if (letter === undefined || at === 2) continue;
    const { hash, balance } = await openLetter(ctx, letter.token);
    await answerLetter(ctx, letter.token, at === 0 ? { agrees: true, by: "财务部 林敏", hash } : { agrees: false, by: "财务部 高远", hash, theirBalance: money(minor(balance) - 1_200_00n), remark: "有一笔退货未冲" });
  }
}

const minor = (text: string): bigint => parseDecimal(text, 2) ?? 0n;
const money = (amount: bigint): string => formatDecimal(amount, 2);
