/**
 * Tryton's own books, read from its account moves and laid beside Tieout's trial balance. Where the two systems book the same fact
 * differently, the difference is worked out from Tryton's records, line by line; what is left over is unexplained.
 */
import { openTryton, type TrytonLogin } from "../server/src/connectors/index.ts";
import { movementIdOf, movementKindOf, readUnit, unitFields } from "../server/src/connectors/tryton-mapping.ts";
import { at, idAt, idsAt, numberAt, quantityAt, referenceAt, type Row, textAt } from "../server/src/connectors/tryton-values.ts";
import { divideRound, formatMoney, formatTrimmed, parseDecimal, parseMoney, QUANTITY_SCALE } from "../server/src/values/index.ts";

/** A figure of the company: the same thing on both sides, and the accounts that hold it. `credit` counts credits as positive. */
export type Figure = { readonly name: string; readonly zh: string; readonly en: string; readonly side: "debit" | "credit"; readonly tieout: readonly string[] };

export const figures = [
  { name: "revenue", zh: "主营业务收入", en: "revenue", side: "credit", tieout: ["6001"] },
  { name: "outputVat", zh: "销项税额", en: "output VAT", side: "credit", tieout: ["2221.01.02"] },
  { name: "inputVat", zh: "进项税额", en: "input VAT", side: "debit", tieout: ["2221.01.01"] },
  { name: "receivable", zh: "应收账款", en: "receivables", side: "debit", tieout: ["1122"] },
  { name: "payable", zh: "应付账款", en: "payables", side: "credit", tieout: ["2202.01"] },
  { name: "openEstimates", zh: "暂估应付款", en: "open estimates", side: "credit", tieout: ["2202.02"] },
  { name: "money", zh: "货币资金", en: "money", side: "debit", tieout: ["1001", "1002"] },
  { name: "stock", zh: "存货", en: "stock value", side: "debit", tieout: ["1405"] },
  { name: "shipped", zh: "发出商品", en: "shipped, not invoiced", side: "debit", tieout: ["1406"] },
  { name: "costOfSales", zh: "主营业务成本", en: "cost of sales", side: "debit", tieout: ["6401"] },
  { name: "expense", zh: "费用与价差", en: "expense and price variances", side: "debit", tieout: ["6602", "6601", "1404"] },
] as const satisfies readonly Figure[];
export type FigureName = (typeof figures)[number]["name"];

/** Accounts of the company that the seeder makes. 1402 and 1403 serve suppliers and customers alike, so the move decides. */
const trytonAccounts: Readonly<Record<string, FigureName>> = {
  "6001": "revenue", "222101": "outputVat", "222102": "inputVat", "1122": "receivable", "2202": "payable", "1001": "money", "1002": "money", "1405": "stock", "6401": "costOfSales", "6602": "expense",
};

/** Why Tieout's figure is not Tryton's, with what each record contributes (debit positive). */
export type Cause = { readonly code: string; readonly zh: string; readonly en: string; readonly lines: { readonly record: string; readonly what: string; readonly effect: Readonly<Partial<Record<FigureName, bigint>>> }[] };

export type TrytonBooks = {
  readonly currency: string;
  /** Debit less credit, in minor units. */
  readonly totals: ReadonlyMap<FigureName, bigint>;
  readonly causes: readonly Cause[];
  /** Balance of each party on the receivable and payable accounts, by party code. */
  readonly parties: ReadonlyMap<string, bigint>;
  /** Quantity of each product in the company, in its own unit, six decimals. */
  readonly quantities: ReadonlyMap<string, bigint>;
  /** How often each kind of account move occurs, as "origin journal accounts". */
  readonly patterns: ReadonlyMap<string, number>;
};

export async function readTrytonBooks(login: TrytonLogin): Promise<TrytonBooks> {
  const tryton = await openTryton(login);
  const company = ["company", "=", tryton.company] as const;
  const lines = await tryton.find("account.move.line", [["move.company", "=", tryton.company], ["move.state", "=", "posted"]], ["move", "move.origin", "move.number", "move.journal.code", "account.code", "party.code", "debit", "credit", "origin"]);
  const moves = await tryton.find("stock.move", [company, ["state", "=", "done"]], ["product.code", "product.default_uom", "product.cost_price_method", "quantity", "uom", "unit_price", "cost_price", "shipment", "from_location.type", "to_location.type"]);
  const invoices = await tryton.find("account.invoice", [company], ["type", "state", "number", "move"]);
  const invoiceLines = await tryton.find("account.invoice.line", [["invoice.company", "=", tryton.company]], ["invoice", "product.code", "quantity", "stock_moves", "type"]);
  const units = new Map((await tryton.find("product.uom", [], unitFields)).map((row) => [row.id, readUnit(row)]));
  const moveById = new Map(moves.map((move) => [move.id, move]));
  const invoiceById = new Map(invoices.map((invoice) => [invoice.id, invoice]));

  const amount = (line: Row): bigint => (numberAt(line, "debit", 2) ?? 0n) - (numberAt(line, "credit", 2) ?? 0n);
  const totals = new Map<FigureName, bigint>();
  const parties = new Map<string, bigint>();
  const patterns = new Map<string, number>();
  const add = <Key>(map: Map<Key, bigint>, key: Key, value: bigint): void => void map.set(key, (map.get(key) ?? 0n) + value);

  const standardCost: Cause = { code: "standard cost", zh: "固定成本价物料:Tryton 按标准价入库,价差当即进费用;Tieout 按实际价入库", en: "a product at fixed cost: Tryton takes it in at standard cost and expenses the difference at once, Tieout takes it in at its price", lines: [] };
  const priceVariance: Cause = { code: "price variance", zh: "票价与订单不同:Tryton 全部进费用;Tieout 在库部分进存货(P5)", en: "an invoice at another price than its receipt: Tryton expenses all of it, Tieout puts the share on hand into stock (P5)", lines: [] };
  const creditWithoutGoods: Cause = { code: "credit without goods", zh: "红字发票但货未退回:Tryton 冲回成本、挂在 1402;Tieout 货未回则成本不动", en: "a credit note without returned goods: Tryton takes the cost back and leaves it on 1402, Tieout leaves the cost until goods come", lines: [] };
  const clearingCents: Cause = { code: "cents on clearing", zh: "一行发票对多次入库:Tryton 合计一次取整,尾差留在 1402;Tieout 计入存货", en: "an invoice line for several receipts: Tryton rounds their sum once and leaves the cent on 1402, Tieout takes it into stock", lines: [] };
  const notPulled: Cause = { code: "not pulled", zh: "Tryton 里不来自采购、销售、收付款的分录,未拉取", en: "account moves that come from no purchase, sale or payment: not pulled", lines: [] };

  /** What each goods move put on the clearing account of suppliers, debit positive. */
  const cleared = new Map<number, bigint>();
  for (const line of lines) {
    const origin = referenceAt(line, "move.origin");
    if (origin?.model === "stock.move" && textAt(line, "account.code") === "1402") add(cleared, origin.id, amount(line));
  }
  const movesOf = (invoiceId: number): Set<number> => new Set(invoiceLines.filter((line) => idAt(line, "invoice") === invoiceId).flatMap((line) => idsAt(line, "stock_moves")));

  for (const [, group] of Map.groupBy(lines, (line) => idAt(line, "move"))) {
    const first = group[0] as Row;
    const origin = referenceAt(first, "move.origin");
    const move = origin?.model === "stock.move" ? moveById.get(origin.id) : undefined;
    const invoice = origin?.model === "account.invoice" ? invoiceById.get(origin.id) : undefined;
    const kind = move ? movementKindOf(move) : invoice ? `${textAt(invoice, "type")} ${textAt(first, "move.journal.code")}` : undefined;
    const isSupplier = kind === "goodsReceipt" || kind === "goodsReturn" || kind?.startsWith("in ") === true;
    const record = textAt(first, "move.number");
    const figureOf = (line: Row): FigureName | undefined => {
      const code = textAt(line, "account.code");
      return code === "1402" || code === "1403" ? (isSupplier ? "openEstimates" : "shipped") : trytonAccounts[code];
    };
    const sum = (name: FigureName): bigint => group.filter((line) => figureOf(line) === name).reduce((total, line) => total + amount(line), 0n);
    const pattern = [...new Set(group.map((line) => `${amount(line) < 0n ? "Cr" : "Dr"} ${textAt(line, "account.code")}`))].sort().join(", ");
    patterns.set(`${kind ?? origin?.model ?? "none"}: ${pattern}`, (patterns.get(`${kind ?? origin?.model ?? "none"}: ${pattern}`) ?? 0) + 1);
    for (const line of group) {
      const name = figureOf(line);
      if (name) add(totals, name, amount(line));
      if (name === "receivable" || name === "payable") add(parties, textAt(line, "party.code"), amount(line));
    }

    if (invoice && isSupplier && sum("openEstimates") !== 0n) {
      const own = [...movesOf(invoice.id)];
      const residual = own.reduce((total, id) => total + (cleared.get(id) ?? 0n), sum("openEstimates"));
      // More than a cent a move is no rounding, and stays unexplained.
      if (residual !== 0n && (residual < 0n ? -residual : residual) <= BigInt(own.length)) clearingCents.lines.push({ record, what: `supplierInvoice/${invoice.id} ${textAt(invoice, "number")}`, effect: { openEstimates: -residual, stock: residual } });
    }
    if (kind === undefined) {
      notPulled.lines.push({ record, what: pattern, effect: Object.fromEntries(figures.map(({ name }) => [name, -sum(name)])) });
    } else if (move && sum("expense") !== 0n) {
      const variance = sum("expense");
      standardCost.lines.push({ record, what: `${kind}/${movementIdOf(move)}/${move.id} ${textAt(move, "product.code")}`, effect: { stock: variance, expense: -variance } });
    } else if (invoice && isSupplier && sum("expense") !== 0n) {
      const variance = sum("expense");
      priceVariance.lines.push({ record, what: `supplierInvoice/${invoice.id} ${textAt(invoice, "number")}`, effect: { stock: variance, expense: -variance } });
    } else if (invoice && kind === "out REV" && sum("costOfSales") < 0n) {
      const own = invoiceLines.filter((line) => idAt(line, "invoice") === invoice.id && at(line, "type") === "line");
      const isReturned = (line: Row): boolean => idsAt(line, "stock_moves").some((id) => movementKindOf(moveById.get(id) ?? { id }) === "shipmentReturn");
      if (!own.some(isReturned)) creditWithoutGoods.lines.push({ record, what: `salesInvoice/${invoice.id} ${textAt(invoice, "number")}`, effect: { costOfSales: -sum("costOfSales"), shipped: -sum("shipped") } });
    }
  }

  const quantities = new Map<string, bigint>();
  for (const move of moves) {
    const kind = movementKindOf(move);
    const unit = units.get(idAt(move, "uom") ?? 0);
    const stockUnit = units.get(idAt(move, "product.default_uom") ?? 0);
    if (!kind || !unit || !stockUnit) continue;
    const quantity = divideRound((quantityAt(move, "quantity", unit.digits) ?? 0n) * unit.over * stockUnit.under, unit.under * stockUnit.over);
    add(quantities, textAt(move, "product.code"), kind === "goodsReceipt" || kind === "shipmentReturn" ? quantity : -quantity);
  }
  return { currency: tryton.currency, totals, parties, quantities, patterns, causes: [standardCost, priceVariance, creditWithoutGoods, clearingCents, notPulled].filter(({ lines: found }) => found.length > 0) };
}

/** Rows of `tieout balances --json`, as far as they are needed. */
export type BalanceRow = { readonly account: string; readonly dimensions?: Readonly<Record<string, string>>; readonly closingDebit: string; readonly closingCredit: string };
export type StockRow = { readonly item: string; readonly quantity: string };

export type Compared = { readonly figure: Figure; readonly tryton: string; readonly tieout: string; readonly difference: string; readonly explained: readonly { readonly cause: string; readonly amount: string }[]; readonly unexplained: string };

export type Comparison = {
  readonly figures: readonly Compared[];
  readonly causes: readonly Cause[];
  /** Parties whose balance differs, items whose quantity differs. */
  readonly parties: readonly { readonly party: string; readonly tryton: string; readonly tieout: string }[];
  readonly quantities: readonly { readonly item: string; readonly tryton: string; readonly tieout: string }[];
  readonly isExplained: boolean;
};

/** Lays Tieout's closing balances beside Tryton's books. */
export function compareBooks(books: TrytonBooks, balances: readonly BalanceRow[], stock: readonly StockRow[]): Comparison {
  const money = (text: string): bigint => parseMoney(text, books.currency) ?? 0n;
  const show = (value: bigint): string => formatMoney(value, books.currency);
  const closing = (row: BalanceRow): bigint => money(row.closingDebit) - money(row.closingCredit);
  const isBelow = (account: string, above: string): boolean => account === above || account.startsWith(`${above}.`);

  const rows = figures.map((figure): Compared => {
    const sign = figure.side === "debit" ? 1n : -1n;
    const tryton = (books.totals.get(figure.name) ?? 0n) * sign;
    const tieout = balances.filter(({ account }) => figure.tieout.some((above) => isBelow(account, above))).reduce((sum, row) => sum + closing(row), 0n) * sign;
    const explained = books.causes.map((cause) => ({ cause: cause.code, amount: cause.lines.reduce((sum, { effect }) => sum + (effect[figure.name] ?? 0n), 0n) * sign })).filter(({ amount }) => amount !== 0n);
    const unexplained = tieout - tryton - explained.reduce((sum, { amount }) => sum + amount, 0n);
    return { figure, tryton: show(tryton), tieout: show(tieout), difference: show(tieout - tryton), explained: explained.map(({ cause, amount }) => ({ cause, amount: show(amount) })), unexplained: show(unexplained) };
  });

  const ours = new Map<string, bigint>();
  for (const row of balances) {
    const party = row.dimensions?.counterparty ?? row.dimensions?.customer ?? row.dimensions?.supplier;
    if (party !== undefined && (isBelow(row.account, "1122") || isBelow(row.account, "2202.01"))) ours.set(party, (ours.get(party) ?? 0n) + closing(row));
  }
  const parties = [...new Set([...books.parties.keys(), ...ours.keys()])].filter((party) => (books.parties.get(party) ?? 0n) !== (ours.get(party) ?? 0n))
    .map((party) => ({ party, tryton: show(books.parties.get(party) ?? 0n), tieout: show(ours.get(party) ?? 0n) }));

  const onHand = new Map<string, bigint>();
  for (const row of stock) onHand.set(row.item, (onHand.get(row.item) ?? 0n) + (parseDecimal(row.quantity, QUANTITY_SCALE) ?? 0n));
  const quantities = [...new Set([...books.quantities.keys(), ...onHand.keys()])].filter((item) => (books.quantities.get(item) ?? 0n) !== (onHand.get(item) ?? 0n))
    .map((item) => ({ item, tryton: formatTrimmed(books.quantities.get(item) ?? 0n, QUANTITY_SCALE), tieout: formatTrimmed(onHand.get(item) ?? 0n, QUANTITY_SCALE) }));

  return { figures: rows, causes: books.causes, parties, quantities, isExplained: parties.length === 0 && quantities.length === 0 && rows.every(({ unexplained }) => (parseMoney(unexplained, books.currency) ?? 1n) === 0n) };
}
