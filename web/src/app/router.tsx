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
const nobook = createRoute({ getParentRoute: () => root, path: "/nobook", component: pages(() => import("../books/no-book.tsx"), "NoBook") });
const book = createRoute({ getParentRoute: () => root, path: "/b/$book", component: Shell, beforeLoad: signedIn });
const printed = createRoute({ getParentRoute: () => root, path: "/print/$book", component: Outlet, beforeLoad: signedIn });

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) => createRoute({ getParentRoute: () => book, path, component: pages(load, name) });
const print = (path: string, load: () => Promise<Record<string, unknown>>, name: string) => createRoute({ getParentRoute: () => printed, path, component: pages(load, name) });

// One line a page, in the order of the menu.
const bookPages = [
  page("/todo", () => import("../app/todo.tsx"), "Todo"),
  page("/audit", () => import("../audit/trail.tsx"), "AuditTrail"),
  page("/access", () => import("../access/people.tsx"), "People"),
  page("/access/roles", () => import("../access/roles.tsx"), "Roles"),
  page("/access/keys", () => import("../access/keys.tsx"), "Keys"),
  page("/me", () => import("../access/me.tsx"), "MePage"),
];
const printPages: ReturnType<typeof print>[] = [];

export const router = createRouter({
  routeTree: root.addChildren([home, signin, welcome, nobook, book.addChildren(bookPages), printed.addChildren(printPages)]),
  defaultPreload: "intent", defaultNotFoundComponent: NotFound, scrollRestoration: true,
  // Plain words in the address, so that it can be read and typed.
  parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
  stringifySearch: (search) => { const text = new URLSearchParams(Object.entries(search).filter(([, value]) => value !== undefined && value !== "").map(([name, value]) => [name, String(value)])).toString(); return text === "" ? "" : `?${text}`; },
});
