/** 仓储: transfers between warehouses, counts and their approval, cost adjustments, goods with agents. */
import { type Customer, type Item, warehouses } from "./company.ts";
import { isDue, plant } from "./defects.ts";
import { below, between, chance, pick } from "./random.ts";
import { type DemoLine, divide, extend, type Fen, type Milli, money, perMille, type Price, priceText, quantityText, refOf, taxOn, taxRateText } from "./record.ts";
import { arrive, bankDay, begin, later, moveStock, nextId, onHand, openDay, receivingAccount, timesToday, type World } from "./world.ts";

/** Shares of the sales in thousandths that the south and southwest warehouses serve. */
const shares = [0, 250, 130];

/** Weekly: the two outer warehouses are filled for two weeks. */
export function transferStock(world: World): void {
  for (const to of [1, 2]) {
    const lines: DemoLine[] = [];
    const send = (): void => {
      if (lines.length === 0) return;
      const record = begin(world, "transfer", "wms", nextId(world, "TR"));
      arrive(world, Object.assign(record, { fromWarehouse: "W1", toWarehouse: warehouses[to], lines: lines.splice(0) }));
    };
    for (const item of world.company.sellable) {
      const aim = divide((world.rate[item.index] as number) * 14 * (shares[to] as number), 1000);
      const have = onHand(world, item, to);
      const spare = onHand(world, item, 0) - (world.rate[item.index] as number) * 3;
      const quantity = Math.floor(Math.min(aim - have, spare) / 1000) * 1000;
      if (have * 2 >= aim || quantity < 1000) continue;
      moveStock(world, item, 0, -quantity);
      moveStock(world, item, to, quantity);
      lines.push({ lineId: String(lines.length + 1), item: item.code, quantity: quantityText(quantity) });
      if (lines.length === 20) send();
    }
    send();
  }
  if (isDue(world, "unknownCode", [1])) {
    const record = begin(world, "transfer", "wms", nextId(world, "TR"));
    arrive(world, Object.assign(record, { fromWarehouse: "W1", toWarehouse: "W2", lines: [{ lineId: "1", item: "WT-1OO", quantity: "50" }] }));
    plant(world, "unknownCode", [refOf(record)], 155_000);
  }
}

/** Towards the end of a month each warehouse counts some shelves; what differs is approved a few days later. */
export function countStock(world: World, warehouse: number): void {
  const { random, company } = world;
  const lines: DemoLine[] = [];
  const losses: { item: Item; isLoss: boolean; quantity: string; net: Fen; isTheft: boolean }[] = [];
  const candidates = [...company.sellable, ...(warehouse === 0 ? company.raws : [])];
  for (let i = 0; i < 6; i++) {
    const item = pick(random, candidates);
    const isLoss = chance(random, 700);
    const quantity = item.unit === "kg" ? between(random, 1, 8) * 500 : between(random, 1, 3) * 1000;
    if (lines.some((line) => line.item === item.code) || onHand(world, item, warehouse) < quantity * 3) continue;
    moveStock(world, item, warehouse, isLoss ? -quantity : quantity);
    const isTheft = isLoss && chance(random, 120);
    lines.push({ lineId: String(lines.length + 1), item: item.code, quantity: quantityText(quantity), difference: isLoss ? "loss" : "gain", ...(isTheft ? { reason: "mismanagement", inputTaxRate: taxRateText(1300) } : isLoss ? { reason: "normal" } : {}) });
    const net = extend(quantity, item.cost);
    if (isTheft) world.vat += taxOn(net, 1300);
    losses.push({ item, isLoss, quantity: quantityText(quantity), net, isTheft });
  }
  if (lines.length === 0) return;
  const record = begin(world, "stockCount", "wms", nextId(world, "CT"));
  arrive(world, Object.assign(record, { warehouse: warehouses[warehouse], department: "D07", lines }));
  later(world, openDay(world, world.today + between(random, 2, 5)), () => {
    const approval = begin(world, "stockCountApproval", "erp", nextId(world, "CP"));
    const payer = pick(random, company.suppliers.filter(({ role }) => role === "carrier"));
    approval.lines = losses.map(({ item, isLoss, quantity, isTheft }, i) => ({ lineId: String(i + 1), item: item.code, quantity, outcome: !isLoss ? "income" : isTheft ? "claim" : "expense", ...(isTheft ? { counterparty: payer.code } : {}), links: [{ to: `${refOf(record)}/${i + 1}`, quantity }] }));
    arrive(world, Object.assign(approval, { department: "D07" }));
  });
}

/** Now and then finance corrects the value of an item, up or down by little. */
export function adjustCosts(world: World): void {
  for (let n = timesToday(world, "costAdjustment", 18); n > 0; n--) {
    const item = pick(world.random, world.company.merchandise);
    if (onHand(world, item, 0) < 20_000) continue;
    const value = extend(onHand(world, item, 0), item.cost);
    const record = begin(world, "costAdjustment", "erp", nextId(world, "AD"));
    const sign = chance(world.random, 500) ? 1 : -1;
    arrive(world, Object.assign(record, { department: "D02", lines: [{ lineId: "1", item: item.code, warehouse: "W1", amount: money(sign * (1 + perMille(value, between(world.random, 2, 10)))) }] }));
  }
  if (isDue(world, "zeroQuantityAmount")) {
    const record = begin(world, "costAdjustment", "erp", nextId(world, "AD"));
    arrive(world, Object.assign(record, { department: "D02", lines: [{ lineId: "1", item: world.company.discontinued.code, warehouse: "W1", amount: "318.60" }] }));
    plant(world, "zeroQuantityAmount", [refOf(record)], 31_860);
  }
}

type Consigned = { readonly item: Item; readonly quantity: Milli; readonly price: Price };

/** 委托代销: early in a month goods go to agents, at its end the agent's list comes, then the money less the fee. */
export function consign(world: World): void {
  for (const agent of world.company.customers) {
    if (agent.group !== "agent") continue;
    const lines: DemoLine[] = [];
    const goods: Consigned[] = [];
    for (let i = 0; i < 4; i++) {
      const item = pick(world.random, world.company.pumps);
      const quantity = between(world.random, 3, 9) * 1000;
      if (goods.some((each) => each.item === item) || onHand(world, item, 0) < quantity * 2) continue;
      moveStock(world, item, 0, -quantity);
      world.used[item.index] = (world.used[item.index] as number) + quantity;
      lines.push({ lineId: String(lines.length + 1), item: item.code, quantity: quantityText(quantity) });
      goods.push({ item, quantity, price: item.list });
    }
    if (lines.length === 0) continue;
    const record = begin(world, "shipment", "wms", nextId(world, "SH"));
    arrive(world, Object.assign(record, { customer: agent.code, warehouse: "W1", purpose: "consignment", region: agent.region, salesperson: agent.salesperson, lines }));
    later(world, openDay(world, world.today + 19), () => listSales(world, agent, refOf(record), goods));
  }
}

function listSales(world: World, agent: Customer, shipment: string, goods: readonly Consigned[]): void {
  let net = 0;
  let tax = 0;
  const lines: DemoLine[] = [];
  for (const [i, { item, quantity, price }] of goods.entries()) {
    const sold = Math.max(1, Math.floor((quantity * (3 + below(world.random, 8))) / 10_000)) * 1000;
    const lineNet = extend(sold, price);
    const lineTax = taxOn(lineNet, 1300);
    net += lineNet;
    tax += lineTax;
    lines.push({ lineId: String(i + 1), item: item.code, quantity: quantityText(sold), price: priceText(price), taxRate: taxRateText(1300), amountNet: money(lineNet), tax: money(lineTax), links: [{ to: `${shipment}/${i + 1}`, quantity: quantityText(sold) }] });
  }
  const fee = perMille(net, 100);
  const feeTax = taxOn(fee, 600);
  const list = begin(world, "consignmentList", "crm", nextId(world, "CL"));
  arrive(world, Object.assign(list, { customer: agent.code, department: "D04", salesperson: agent.salesperson, region: agent.region, fee: money(fee), feeTax: money(feeTax), lines }));
  world.vat += tax - feeTax;
  world.revenue += net;
  later(world, bankDay(world, world.today + 9), () => {
    const amount = net + tax - fee - feeTax;
    const account = receivingAccount(world, "CNY");
    world.bank[account] += amount;
    const record = begin(world, "cashReceipt", "fin", nextId(world, "CR"));
    arrive(world, Object.assign(record, { customer: agent.code, bankAccount: account, amount: money(amount), links: [{ to: refOf(list), amount: money(amount) }] }));
  });
}
