/**
 * Business in a real Tryton that the seeder leaves out: goods without an invoice, an invoice at another price, goods sent back to the
 * supplier, returns made from their order, a credit note without goods, services, dozens, and amounts that end in half a cent.
 * They go through Tryton's public JSON-RPC, as its own client would send them. For tests only: this writes into the ERP.
 */

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
type Record_ = { readonly id: number; readonly [name: string]: Json };

export type TrytonWriter = {
  readonly call: (method: string, params: readonly Json[]) => Promise<Json>;
  /** A method of a model; the context is added. */
  readonly model: (model: string, method: string, ...params: readonly Json[]) => Promise<Json>;
  readonly find: (model: string, domain: Json, fields: readonly string[]) => Promise<readonly Record_[]>;
  readonly context: { readonly [name: string]: Json };
};

export async function openWriter(url: string, user: string, password: string): Promise<TrytonWriter> {
  let authorization = "";
  let count = 0;
  const call = async (method: string, params: readonly Json[]): Promise<Json> => {
    const answer = await fetch(url, { method: "POST", headers: { "content-type": "application/json", ...(authorization ? { authorization } : {}) }, body: JSON.stringify({ id: ++count, method, params }) });
    const text = await answer.text();
    if (answer.status !== 200) throw new Error(`${method}: HTTP ${answer.status}`);
    const { result, error } = JSON.parse(text) as { readonly result?: Json; readonly error?: Json };
    if (error) throw new Error(`${method}: ${JSON.stringify(error).slice(0, 600)}`);
    return result ?? null;
  };
  const [id, token] = (await call("common.db.login", [user, { password }, "en"])) as readonly [number, string];
  authorization = `Session ${Buffer.from(`${user}:${id}:${token}`).toString("base64")}`;
  const preferences = (await call("model.res.user.get_preferences", [true, {}])) as { readonly [name: string]: Json };
  const context = { ...preferences };
  const model = (name: string, method: string, ...params: readonly Json[]): Promise<Json> => call(`model.${name}.${method}`, [...params, context]);
  return { call, model, context, find: async (name, domain, fields) => (await model(name, "search_read", domain, 0, null, [["id", "ASC"]], fields)) as readonly Record_[] };
}

const decimal = (text: string): Json => ({ __class__: "Decimal", decimal: text });

type Line = { readonly product?: Record_; readonly quantity: number; readonly price: string; readonly unit?: number };

/** Runs the flows once and says what each made, by its name. */
export async function runFlows(tryton: TrytonWriter, today: { readonly year: number; readonly month: number; readonly day: number }): Promise<Record<string, number[]>> {
  const { model, find } = tryton;
  const date: Json = { __class__: "date", ...today };
  const company = tryton.context.company as number;
  const [own] = await find("company.company", [["id", "=", company]], ["currency"]);
  const [warehouse] = await find("stock.location", [["type", "=", "warehouse"]], ["name"]);
  const [term] = await find("account.invoice.payment_term", [], ["name"]);
  const products = await find("product.product", [["template.type", "=", "goods"]], ["code", "default_uom", "cost_price_method", "account_category.customer_taxes", "account_category.supplier_taxes"]);
  const byMethod = (method: string, nth = 0): Record_ => {
    const candidates = products.filter((product) => product.cost_price_method === method);
    return candidates[nth % candidates.length] as Record_;
  };
  const addresses = await find("party.address", [], ["party", "party.name"]);
  const party = (name: string): Json => ({ party: addresses.find((address) => nameOf(address).startsWith(name))?.party as number, invoice_address: addresses.find((address) => nameOf(address).startsWith(name))?.id as number });
  const made: Record<string, number[]> = {};

  const order = async (side: "purchase" | "sale", lines: readonly Line[], more: { readonly [name: string]: Json } = {}): Promise<number> => {
    const taxes = side === "purchase" ? "supplier_taxes" : "customer_taxes";
    const [id] = (await model(`${side}.${side}`, "create", [{
      company, ...(party(side === "purchase" ? "Supplier" : "Customer") as object), currency: own?.currency as number, payment_term: term?.id as number, warehouse: warehouse?.id as number, [`${side}_date`]: date,
      invoice_method: "shipment", ...(side === "sale" ? { shipment_method: "order", shipment_address: (party("Customer") as { readonly invoice_address: number }).invoice_address } : {}), ...more,
      lines: [["create", lines.map(({ product, quantity, price, unit }) => ({
        type: "line", description: "flow", quantity, unit_price: decimal(price),
        ...(product ? { product: product.id, unit: unit ?? (product.default_uom as number), taxes: [["add", (product["account_category."] as { readonly [name: string]: Json })[taxes] as Json]] } : {}),
      }))]],
    }])) as readonly number[];
    await model(`${side}.${side}`, "quote", [id as number]);
    await model(`${side}.${side}`, "confirm", [id as number]);
    return id as number;
  };
  const one = async (name: string, id: number, field: string): Promise<number[]> => ((await find(name, [["id", "=", id]], [field]))[0]?.[field] ?? []) as number[];
  const post = async (invoice: number, values: { readonly [name: string]: Json } = {}): Promise<void> => {
    await model("account.invoice", "write", [invoice], { invoice_date: date, reference: `MORE-${invoice}`, ...values });
    await model("account.invoice", "post", [invoice]);
  };
  const receive = async (purchase: number, supplier: number): Promise<number> => {
    const moves = await one("purchase.purchase", purchase, "moves");
    const [id] = (await model("stock.shipment.in", "create", [{ supplier, company, warehouse: warehouse?.id as number, effective_date: date, incoming_moves: [["add", moves]] }])) as readonly number[];
    await model("stock.shipment.in", "receive", [id as number]);
    await model("stock.shipment.in", "done", [id as number]);
    return id as number;
  };
  const ship = async (sale: number): Promise<void> => {
    for (const id of await one("sale.sale", sale, "shipments")) {
      if (!(await model("stock.shipment.out", "assign_try", [id]))) await model("stock.shipment.out", "assign_force", [id]);
      for (const button of ["pick", "pack", "done"]) await model("stock.shipment.out", button, [id]);
    }
  };
  const wizard = async (name: string, active: string, id: number, state: string, data: Json): Promise<Json> => {
    const context = { ...tryton.context, active_model: active, active_id: id, active_ids: [id] };
    const [session] = (await tryton.call(`wizard.${name}.create`, [context])) as readonly [number];
    const result = await tryton.call(`wizard.${name}.execute`, [session, data, state, context]);
    await tryton.call(`wizard.${name}.delete`, [session, context]);
    return result;
  };
  /** Pays part of an invoice, or all that is open; a credit note is refunded. */
  const pay = async (invoice: number, amount?: string): Promise<void> => {
    const context = { ...tryton.context, active_model: "account.invoice", active_id: invoice, active_ids: [invoice] };
    const [session, state] = (await tryton.call("wizard.account.invoice.pay.create", [context])) as readonly [number, string];
    const step = async (name: string, data: Json): Promise<{ readonly [name: string]: Json }> => {
      const { view } = (await tryton.call("wizard.account.invoice.pay.execute", [session, data, name, context])) as { readonly view?: { readonly defaults?: { readonly [name: string]: Json } } };
      return Object.fromEntries(Object.entries(view?.defaults ?? {}).filter(([field]) => !field.includes(".")));
    };
    const [method] = await find("account.invoice.payment.method", [["name", "=", "Bank"]], ["name"]);
    const start = { ...(await step(state, {})), payment_method: method?.id as number, date, description: "flow", ...(amount ? { amount: decimal(amount) } : {}) };
    const ask = await step("choice", { start });
    if (Object.keys(ask).length > 0) await step("pay", { start, ask: { ...ask, type: "partial" } });
    await tryton.call("wizard.account.invoice.pay.delete", [session, context]);
  };
  const supplier = (party("Supplier") as { readonly party: number }).party;

  // 货到票未到: an estimate that stays open.
  const open = await order("purchase", [{ product: byMethod("average"), quantity: 7, price: "11.1111" }, { product: byMethod("fifo"), quantity: 3, price: "22.2222" }]);
  made["goods without invoice"] = [open, await receive(open, supplier)];

  // 票价与订单不同: the invoice is dearer than the order.
  const dearer = await order("purchase", [{ product: byMethod("average"), quantity: 10, price: "100" }, { product: byMethod("fifo"), quantity: 10, price: "50" }, { product: byMethod("fixed"), quantity: 10, price: "30" }]);
  made["dearer invoice"] = [dearer, await receive(dearer, supplier)];
  for (const invoice of await one("purchase.purchase", dearer, "invoices")) {
    // Through the invoice: Tryton then computes its taxes anew.
    for (const line of await find("account.invoice.line", [["invoice", "=", invoice]], ["unit_price"]))
      await model("account.invoice", "write", [invoice], { lines: [["write", [line.id], { unit_price: decimal("101.5") }]] });
    await post(invoice);
    made["dearer invoice"].push(invoice);
  }

  // 退货给供应商, with the supplier's credit note.
  const back = await order("purchase", [{ product: byMethod("average", 1), quantity: -2, price: "40" }]);
  made["return to supplier"] = [back];
  for (const id of await one("purchase.purchase", back, "shipment_returns")) {
    await model("stock.shipment.in.return", "wait", [id]);
    if (!(await model("stock.shipment.in.return", "assign_try", [id]))) await model("stock.shipment.in.return", "assign_force", [id]);
    await model("stock.shipment.in.return", "done", [id]);
    made["return to supplier"].push(id);
  }
  for (const invoice of await one("purchase.purchase", back, "invoices")) await post(invoice);

  // 按原单退货: a return made from its sale, so Tryton knows where the goods came from.
  const sold = await order("sale", [{ product: byMethod("average", 2), quantity: 6, price: "88.8888" }]);
  await ship(sold);
  for (const invoice of await one("sale.sale", sold, "invoices")) {
    await post(invoice);
    await pay(invoice, "100.00");
    await pay(invoice, "23.45");
  }
  await wizard("sale.return_sale", "sale.sale", sold, "return_", {});
  const [returned] = await find("sale.sale", [["origin", "=", `sale.sale,${sold}`]], ["lines"]);
  if (returned) {
    for (const line of returned.lines as readonly number[]) await model("sale.line", "write", [line], { quantity: -2 });
    await model("sale.sale", "quote", [returned.id]);
    await model("sale.sale", "confirm", [returned.id]);
    for (const id of await one("sale.sale", returned.id, "shipment_returns")) {
      await model("stock.shipment.out.return", "receive", [id]);
      await model("stock.shipment.out.return", "done", [id]);
    }
    for (const invoice of await one("sale.sale", returned.id, "invoices")) {
      await post(invoice);
      await pay(invoice);
    }
    made["return from its sale"] = [sold, returned.id];
  }

  // 红字发票、不退货: an invoice that is credited as a whole.
  const wrong = await order("sale", [{ product: byMethod("fifo", 1), quantity: 2, price: "75" }]);
  await ship(wrong);
  for (const invoice of await one("sale.sale", wrong, "invoices")) {
    await post(invoice);
    await wizard("account.invoice.credit", "account.invoice", invoice, "credit", { start: { with_refund: true, with_refund_allowed: true, invoice_date: date } });
  }
  made["credited invoice"] = [wrong];

  // 已出库未开票: shipped, the invoice still a draft.
  const waiting = await order("sale", [{ product: byMethod("average", 3), quantity: 4, price: "60" }]);
  await ship(waiting);
  made["shipped without invoice"] = [waiting];

  // 半分: quantity × price ends in exactly half a cent; Tryton rounds to the even cent, 四舍五入 rounds up.
  const half = await order("sale", [{ product: byMethod("fixed", 1), quantity: 1, price: "12.345" }, { product: byMethod("fixed", 1), quantity: 3, price: "0.115" }]);
  await ship(half);
  for (const invoice of await one("sale.sale", half, "invoices")) await post(invoice);
  const halfIn = await order("purchase", [{ product: byMethod("average", 4), quantity: 1, price: "12.345" }]);
  await receive(halfIn, supplier);
  for (const invoice of await one("purchase.purchase", halfIn, "invoices")) await post(invoice);
  made["half a cent"] = [half, halfIn];

  // 辅助单位: bought by the dozen.
  const [dozen] = await find("product.uom", [["symbol", "=", "dz"]], ["symbol"]);
  const unitRows = dozen ? [dozen] : await makeDozen(tryton, products[0] as Record_);
  const twelve = await order("purchase", [{ product: byMethod("average", 5), quantity: 2, price: "120", unit: (unitRows[0] as Record_).id }]);
  await receive(twelve, supplier);
  for (const invoice of await one("purchase.purchase", twelve, "invoices")) await post(invoice);
  made["by the dozen"] = [twelve];
  return made;
}

const nameOf = (address: Record_): string => ((address["party."] as { readonly name?: string } | null)?.name ?? "");

async function makeDozen({ model, find }: TrytonWriter, product: Record_): Promise<readonly Record_[]> {
  const [unit] = await find("product.uom", [["id", "=", product.default_uom as number]], ["category"]);
  await model("product.uom", "create", [{ name: "Dozen", symbol: "dz", category: unit?.category as number, factor: 12, rate: 0.083333333333, rounding: 1, digits: 0 }]);
  return find("product.uom", [["symbol", "=", "dz"]], ["symbol"]);
}
