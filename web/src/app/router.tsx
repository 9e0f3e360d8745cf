/** Every page and its address, once. Pages are read when they are opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from "@tanstack/react-router";
import type { ComponentType } from "react";
import { Trouble } from "../ui/states.tsx";
import { NotFound } from "./not-found.tsx";
import { knowMe } from "./session.ts";
import { Shell } from "./shell.tsx";

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound, errorComponent: ({ error }) => <main className="center"><div className="panel"><Trouble error={error} retry={() => location.reload()} /></div></main> });

/** Whoever is not signed in is sent to the door, and afterwards back to where they wanted. */
async function signedIn({ location: at }: { readonly location: { readonly href: string; readonly pathname: string } }): Promise<void> {
  const me = await knowMe();
  if (me.user === null) throw redirect({ to: "/signin", search: { next: at.href } as never });
}

const pages = <M extends Record<string, unknown>>(load: () => Promise<M>, name: keyof M & string) => lazyRouteComponent(load as () => Promise<Record<string, ComponentType>>, name);

const home = createRoute({ getParentRoute: () => root, path: "/", beforeLoad: async (at) => {
  await signedIn(at);
  const [first] = (await knowMe()).books;
  throw redirect(first ? { to: `/b/${first.code}/${first.duties.includes("boards.read") ? "cockpit" : "todo"}` as never } : { to: "/nobook" as never });
} });
const signin = createRoute({ getParentRoute: () => root, path: "/signin", component: pages(() => import("../access/signin.tsx"), "SignIn") });
const welcome = createRoute({ getParentRoute: () => root, path: "/welcome", component: pages(() => import("../access/welcome.tsx"), "Welcome") });
const letter = createRoute({ getParentRoute: () => root, path: "/letter", component: pages(() => import("../reconciliation/statement-paper.tsx"), "LetterPage") });
const nobook = createRoute({ getParentRoute: () => root, path: "/nobook", component: pages(() => import("../books/no-book.tsx"), "NoBook") });
const book = createRoute({ getParentRoute: () => root, path: "/b/$book", component: Shell, beforeLoad: signedIn });
const printed = createRoute({ getParentRoute: () => root, path: "/print/$book", component: Outlet, beforeLoad: signedIn });

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) => createRoute({ getParentRoute: () => book, path, component: pages(load, name) });
const print = (path: string, load: () => Promise<Record<string, unknown>>, name: string) => createRoute({ getParentRoute: () => printed, path, component: pages(load, name) });

// One line a page, in the order of the menu.
const bookPages = [
  page("/cockpit", () => import("../insight/cockpit.tsx"), "Cockpit"),
  page("/todo", () => import("../app/todo.tsx"), "Todo"),
  page("/connectors", () => import("../connectors/flows.tsx"), "Flows"),
  page("/connectors/one", () => import("../connectors/flow.tsx"), "FlowPage"),
  page("/connectors/dead-letters", () => import("../connectors/letters.tsx"), "DeadLetters"),
  page("/connectors/log", () => import("../connectors/log.tsx"), "FlowLog"),
  page("/connectors/secrets", () => import("../connectors/secrets.tsx"), "Secrets"),
  page("/documents", () => import("../documents/list.tsx"), "DocumentList"),
  page("/documents/one", () => import("../documents/one.tsx"), "DocumentPage"),
  page("/documents/parked", () => import("../documents/queue.tsx"), "Parked"),
  page("/documents/waiting", () => import("../documents/queue.tsx"), "Waiting"),
  page("/documents/refused", () => import("../documents/refused.tsx"), "RefusedList"),
  page("/documents/upload", () => import("../documents/upload.tsx"), "UploadPage"),
  page("/completeness", () => import("../documents/completeness.tsx"), "CompletenessPage"),
  page("/delivery", () => import("../delivery/deliveries.tsx"), "Deliveries"),
  page("/delivery/drifts", () => import("../delivery/drifts.tsx"), "Drifts"),
  page("/books", () => import("../books/balances.tsx"), "TrialBalance"),
  page("/books/ledger", () => import("../books/ledger.tsx"), "Ledger"),
  page("/books/auxiliary", () => import("../books/auxiliary.tsx"), "Auxiliary"),
  page("/books/open-items", () => import("../books/open-items.tsx"), "OpenItems"),
  page("/books/open-items/party", () => import("../books/party.tsx"), "PartyItems"),
  page("/books/estimates", () => import("../books/estimates.tsx"), "Estimates"),
  page("/books/stock", () => import("../books/stock.tsx"), "Stock"),
  page("/books/stock/item", () => import("../books/stock.tsx"), "StockItem"),
  page("/books/statements", () => import("../books/statements.tsx"), "Statements"),
  page("/books/close", () => import("../books/close.tsx"), "Close"),
  page("/books/amortisation", () => import("../books/close-amortisation.tsx"), "Amortisations"),
  page("/books/verify", () => import("../books/verify.tsx"), "Verify"),
  page("/trace", () => import("../trace/trace.tsx"), "TracePage"),
  page("/masterdata", () => import("../masterdata/list.tsx"), "MasterData"),
  page("/masterdata/missing", () => import("../masterdata/missing.tsx"), "MissingCodes"),
  page("/masterdata/golden", () => import("../masterdata/golden-list.tsx"), "GoldenList"),
  page("/masterdata/golden/$golden", () => import("../masterdata/golden.tsx"), "GoldenPage"),
  page("/masterdata/queue", () => import("../masterdata/queue.tsx"), "MatchQueue"),
  page("/masterdata/requests", () => import("../masterdata/requests.tsx"), "Requests"),
  page("/masterdata/trees", () => import("../masterdata/trees.tsx"), "Trees"),
  page("/masterdata/standards", () => import("../masterdata/standards.tsx"), "Standards"),
  page("/masterdata/quality", () => import("../masterdata/quality.tsx"), "Quality"),
  page("/masterdata/sheets", () => import("../masterdata/sheets.tsx"), "Sheets"),
  page("/masterdata/$kind/$code", () => import("../masterdata/record.tsx"), "MasterRecord"),
  page("/rules", () => import("../rules/rules.tsx"), "Rules"),
  page("/rules/$rule", () => import("../rules/rule.tsx"), "RulePage"),
  page("/vouchers", () => import("../vouchers/list.tsx"), "VoucherList"),
  page("/vouchers/review", () => import("../vouchers/review.tsx"), "ReviewQueue"),
  page("/vouchers/new", () => import("../vouchers/enter.tsx"), "EnterVoucher"),
  page("/vouchers/$period/$number", () => import("../vouchers/voucher.tsx"), "VoucherPage"),
  page("/audit", () => import("../audit/trail.tsx"), "AuditTrail"),
  page("/access", () => import("../access/people.tsx"), "People"),
  page("/access/roles", () => import("../access/roles.tsx"), "Roles"),
  page("/access/keys", () => import("../access/keys.tsx"), "Keys"),
  page("/boards", () => import("../insight/orders.tsx"), "Orders"),
  page("/boards/orders", () => import("../insight/orders.tsx"), "Orders"),
  page("/boards/chain", () => import("../insight/chain.tsx"), "Chain"),
  page("/boards/receivables", () => import("../insight/ageing.tsx"), "Receivables"),
  page("/boards/payables", () => import("../insight/ageing.tsx"), "Payables"),
  page("/boards/margin", () => import("../insight/margin.tsx"), "Margin"),
  page("/boards/metrics", () => import("../insight/definitions.tsx"), "Definitions"),
  page("/reconciliation/payments", () => import("../reconciliation/payments.tsx"), "Payments"),
  page("/reconciliation/alerts", () => import("../reconciliation/alerts.tsx"), "Alerts"),
  page("/reconciliation/alerts/rules", () => import("../reconciliation/rules-of-alerts.tsx"), "AlertRules"),
  page("/reconciliation/three-way", () => import("../reconciliation/three-way.tsx"), "ThreeWay"),
  page("/reconciliation/board", () => import("../reconciliation/board.tsx"), "ReconciliationBoard"),
  page("/reconciliation/chain", () => import("../reconciliation/chain.tsx"), "OrderChain"),
  page("/reconciliation/letters", () => import("../reconciliation/statement.tsx"), "Letters"),
  page("/reconciliation/differences", () => import("../reconciliation/difference.tsx"), "Differences"),
  page("/reconciliation", () => import("../reconciliation/bank.tsx"), "BankDesk"),
  page("/me", () => import("../access/me.tsx"), "MePage"),
];
const printPages = [
  print("/voucher", () => import("../vouchers/print-voucher.tsx"), "PrintVouchers"),
  print("/balance", () => import("../reconciliation/bank-balance.tsx"), "PrintBalance"),
  print("/letter", () => import("../reconciliation/statement-paper.tsx"), "PrintLetter"),
  print("/ledger", () => import("../vouchers/print-ledger.tsx"), "PrintLedger"),
];

export const router = createRouter({
  routeTree: root.addChildren([home, signin, welcome, letter, nobook, book.addChildren(bookPages), printed.addChildren(printPages)]),
  defaultPreload: "intent", defaultNotFoundComponent: NotFound, scrollRestoration: true,
  // Plain words in the address, so that it can be read and typed.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => { const text = new URLSearchParams(Object.entries(search).filter(([, value]) => value !== undefined && value !== "").map(([name, value]) => [name, String(value)])).toString(); return text === "" ? "" : `?${text}`; },
});
