/** What requests that change something are called in the trail, and what is kept of how things stood before and after. A route may say so itself in `config.act`. */
import type { FastifyRequest } from "fastify";
import { listRoles, showKey, showUser } from "../access/index.ts";
import type { Act, AuditObject } from "../audit/index.ts";
import { type Book, loadBook, readPeriods } from "../books/index.ts";
import { flows } from "../connectors/index.ts";
import { listDrifts, showDelivery } from "../delivery/index.ts";
import type { Ctx } from "../platform/index.ts";
import { listTolerances } from "../reconciliation/index.ts";
import { loadRuleVersion } from "../rules/index.ts";
import { listDrafts, readVouchers } from "../vouchers/index.ts";
import type { RouteAct } from "./audited.ts";
import { findFlow } from "./flows/find.ts";
import { listLetters, showLetter } from "./flows/letters.ts";

type Params = { readonly book: string; readonly key: string; readonly period: string; readonly number: string; readonly task: string; readonly version: string; readonly draft: string; readonly flow: string; readonly name: string; readonly no: string; readonly user: string; readonly role: string; readonly session: string };
const of = (request: FastifyRequest): Params => request.params as Params;
const at = (request: FastifyRequest, name: string): string => (request.params as Readonly<Record<string, string>>)[name] ?? "";
const body = (request: FastifyRequest): Readonly<Record<string, unknown>> => (request.body ?? {}) as Readonly<Record<string, unknown>>;
const bookOf = (ctx: Ctx, request: FastifyRequest): Promise<Book> => loadBook(ctx.db, of(request).book);
const named = (act: Act, kind: string, id: (request: FastifyRequest) => unknown, more: Omit<RouteAct, "name" | "object"> = {}): RouteAct => ({ name: act, object: (request): AuditObject => ({ kind, id: String(id(request) ?? "") }), ...more });
/** What the handler answered says best what came of it. */
const answered = (_request: FastifyRequest, answer: unknown): unknown => answer;
const few = (list: unknown): string => (Array.isArray(list) ? `${list.slice(0, listed).join(", ")}${list.length > listed ? ` … (${list.length})` : ""}` : "");
const listed = 20;

// How it stood -----------------------------------------------------------------------------------------------------------

const periodBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const period = (await readPeriods(ctx.db, await bookOf(ctx, request))).find((one) => one.period === of(request).period);
  return period && { state: period.state, ...(period.closedBy === null ? {} : { closedBy: period.closedBy, closedAt: period.closedAt }) };
};
const versionBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const { body: _, ...version } = await loadRuleVersion(ctx.db, await bookOf(ctx, request), Number(of(request).version));
  return version;
};
const draftBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const draft = (await listDrafts(ctx, of(request).book)).find((one) => one.draft === of(request).draft);
  return draft && { date: draft.date, summary: draft.summary, amount: draft.total, preparedBy: draft.preparedBy, preparedAt: draft.preparedAt, why: draft.why };
};
const voucherBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const [voucher] = await readVouchers(ctx, await bookOf(ctx, request), { period: of(request).period, number: of(request).number, limit: 1 });
  return voucher && { number: voucher.number, date: voucher.date, summary: voucher.summary, postedBy: voucher.postedBy, lines: voucher.lines.slice(0, 50).map(({ account, debit, credit, dimensions }) => ({ account, debit, credit, dimensions })) };
};
const flowBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const { wanted, version, changedBy, changedAt } = await findFlow(ctx, await bookOf(ctx, request), of(request).flow);
  return { wanted, version, changedBy, changedAt };
};
const lettersBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const book = await bookOf(ctx, request);
  const { ids, flow, fingerprint } = body(request) as { readonly ids?: readonly string[]; readonly flow?: string; readonly fingerprint?: string };
  const letters = ids === undefined ? await listLetters(ctx, book, { flow, fingerprint, limit: listed }) : await Promise.all(ids.slice(0, listed).map((id) => showLetter(ctx, book, id)));
  return letters.map(({ id, status, code, attempts }) => ({ id, status, code, attempts }));
};
const deliveryBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const { flow, voucher, state, targetNumber, attempts } = await showDelivery(ctx, await bookOf(ctx, request), BigInt(of(request).no));
  return { flow, voucher, state, targetNumber, attempts };
};
const toleranceBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => (await listTolerances(ctx, await bookOf(ctx, request))).own.find(({ supplier, itemGroup }) => supplier === body(request).supplier && itemGroup === body(request).itemGroup);
const secretBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => {
  const kept = (await flows.listSecrets(ctx.db, (await bookOf(ctx, request)).bookId)).find(({ name }) => name === of(request).name);
  return kept ? { setBy: kept.setBy, setAt: kept.setAt } : { setBy: null };
};
const userBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => showUser(ctx, of(request).user);
const roleBefore = async (ctx: Ctx, request: FastifyRequest): Promise<unknown> => (await listRoles(ctx)).find(({ role }) => role === of(request).role);

// What it is called --------------------------------------------------------------------------------------------------------

const ofVoucher = (request: FastifyRequest): string => `${of(request).period}/${of(request).number}`;
const ofLetters = (request: FastifyRequest): string => (body(request).ids === undefined ? `${String(body(request).flow ?? "")} ${String(body(request).fingerprint ?? "")}`.trim() : few(body(request).ids));
type Posted = { readonly summary?: unknown; readonly results?: readonly { readonly document?: string }[] };
/** Which documents, and how many of each state; what they say stands in the stage itself. */
const counts = (_request: FastifyRequest, answer: unknown): unknown => {
  const { summary, results = [] } = (answer ?? {}) as Posted;
  return { ...(summary === undefined ? {} : { summary }), documents: results.slice(0, listed).map(({ document }) => document) };
};
const isDryRun = (request: FastifyRequest): boolean => (request.query as { readonly dryRun?: boolean }).dryRun === true;

const own = "/api/v1";
const book = `${own}/books/:book`;
export const routeActs: Readonly<Record<string, RouteAct | "none">> = {
  // These record by themselves, without what was typed.
  [`POST ${own}/login`]: "none",
  [`POST ${own}/logout`]: "none",
  [`POST ${own}/welcome`]: "none",
  // These only read; their question is too long for an address.
  [`POST ${book}/rules/lint`]: "none",
  [`POST ${book}/rules/view`]: "none",
  [`POST ${book}/rules/edit`]: "none",
  [`POST ${book}/rules/try`]: "none",
  [`POST ${book}/vouchers/check`]: "none",
  [`POST ${book}/documents/upload/preview`]: "none",

  [`POST ${own}/books`]: named("book.created", "book", (request) => body(request).code),
  [`PUT ${book}/settings/:key`]: named("setting.changed", "setting", (request) => of(request).key, {
    before: async (ctx, request) => ({ value: ((await bookOf(ctx, request)).settings as Readonly<Record<string, string>>)[of(request).key] }), after: (request) => ({ value: body(request).value }),
  }),
  [`POST ${book}/periods/:period/close`]: named("period.closed", "period", (request) => of(request).period, { before: periodBefore, after: answered }),
  [`POST ${book}/periods/:period/reopen`]: named("period.reopened", "period", (request) => of(request).period, { before: periodBefore, after: answered }),
  [`POST ${book}/periods/:period/run/:task`]: named("monthEnd.ran", "monthEnd", (request) => `${of(request).period}/${of(request).task}`, { after: (request, answer) => ({ with: body(request), result: answer }) }),

  [`POST ${book}/payment-batches`]: named("payments.proposed", "paymentBatch", () => "", { after: answered }),
  [`POST ${book}/payment-batches/:batch/approve`]: named("payments.approved", "paymentBatch", (request) => at(request, "batch"), { after: answered }),
  [`POST ${book}/payment-batches/:batch/withdraw`]: named("payments.withdrawn", "paymentBatch", (request) => at(request, "batch")),
  [`POST ${book}/payment-batches/:batch/export`]: named("payments.exported", "paymentBatch", (request) => at(request, "batch"), { after: (request) => ({ format: body(request).format }) }), // not the file
  [`POST ${book}/payment-batches/settle`]: named("payments.settled", "paymentBatch", () => "", { after: answered }),
  [`POST ${book}/payables/approve`]: named("payable.approved", "payable", (request) => body(request).item, { after: answered }),
  [`POST ${book}/supplier-accounts`]: named("supplierAccount.set", "supplier", (request) => body(request).supplier, { after: (request, answer) => ({ name: body(request).name, bank: body(request).bank, number: `****${String(body(request).number ?? "").slice(-4)}`, ...(answer as object) }) }),
  [`POST ${book}/supplier-accounts/:account/decide`]: named("supplierAccount.decided", "supplierAccount", (request) => at(request, "account"), { after: (request, answer) => ({ approve: body(request).approve, ...(answer as object) }) }),
  [`POST ${book}/periods/:period/steps/:step`]: named("monthEnd.ran", "monthEnd", (request) => `${of(request).period}/${at(request, "step")}`, { after: answered }),
  [`POST ${book}/periods/:period/close-run`]: named("period.closed", "period", (request) => of(request).period, { before: periodBefore, after: (request, answer) => ({ accepted: body(request).accept, ...(answer as object) }) }),
  [`POST ${book}/periods/:period/modules/:module/close`]: named("module.closed", "period", (request) => of(request).period, { after: answered }),
  [`POST ${book}/periods/:period/modules/:module/reopen`]: named("module.reopened", "period", (request) => of(request).period, { after: answered }),
  [`POST ${book}/amortisations`]: named("amortisation.set", "amortisation", (request) => body(request).code),
  [`POST ${book}/amortisations/:code/end`]: named("amortisation.ended", "amortisation", (request) => at(request, "code")),
  [`POST ${book}/alerts/:alert/acknowledge`]: named("alert.acknowledged", "alert", (request) => at(request, "alert")),
  [`POST ${book}/alerts/:alert/snooze`]: named("alert.snoozed", "alert", (request) => at(request, "alert")),
  [`POST ${book}/alerts/:alert/note`]: named("alert.noted", "alert", (request) => at(request, "alert")),
  [`PUT ${book}/alert-rules/:rule`]: named("alertRule.saved", "alertRule", (request) => at(request, "rule")),
  [`PUT ${book}/alert-channels/:channel`]: named("alertChannel.saved", "alertChannel", (request) => at(request, "channel"), { after: (request) => ({ kind: body(request).kind, config: body(request).config, isOn: body(request).isOn }) }), // without its secrets
  [`POST ${book}/alert-channels/:channel/test`]: named("alertChannel.tested", "alertChannel", (request) => at(request, "channel")),
  [`POST ${book}/documents`]: named("documents.posted", "documents", (request) => (isDryRun(request) ? "dryRun" : ""), { after: counts }),
  [`POST ${book}/documents/upload`]: named("documents.posted", "file", (request) => body(request).name ?? body(request).file, { after: counts }),
  [`POST ${book}/documents/retry`]: named("documents.retried", "documents", (request) => few(body(request).documents), { after: counts }),
  [`POST ${book}/documents/correct`]: named("document.corrected", "document", (request) => body(request).of, { after: counts }),

  [`POST ${book}/rules`]: named("rules.proposed", "rules", () => "", { after: (request, answer) => ({ ...(answer as object), effectiveOn: body(request).effectiveOn, note: body(request).note }) }),
  [`POST ${book}/rules/:version/approve`]: named("rules.approved", "rules", (request) => of(request).version, { before: versionBefore, after: answered }),
  [`POST ${book}/rules/:version/reject`]: named("rules.rejected", "rules", (request) => of(request).version, { before: versionBefore }),

  [`POST ${book}/vouchers`]: named("voucher.entered", "entry", (request) => body(request).entry, { after: answered }),
  [`POST ${book}/drafts/:draft/review`]: named("voucher.reviewed", "draft", (request) => of(request).draft, { before: draftBefore, after: answered }),
  [`POST ${book}/drafts/review`]: named("voucher.reviewed", "draft", (request) => few(body(request).drafts), { after: answered }),
  [`POST ${book}/drafts/:draft/send-back`]: named("voucher.sentBack", "draft", (request) => of(request).draft, { before: draftBefore }),
  [`POST ${book}/drafts/:draft/withdraw`]: named("voucher.withdrawn", "draft", (request) => of(request).draft, { before: draftBefore }),
  [`POST ${book}/vouchers/:period/:number/reverse`]: named("voucher.reversed", "voucher", ofVoucher, { before: voucherBefore, after: answered }),
  [`POST ${book}/vouchers/:period/:number/correct`]: named("voucher.corrected", "voucher", ofVoucher, { before: voucherBefore, after: (request, answer) => ({ wanted: body(request).lines, results: answer }) }),

  [`POST ${book}/flows`]: named("flow.applied", "flow", (request) => /^flow:\s*["']?([\w-]+)/m.exec(String(body(request).yaml ?? ""))?.[1], { after: answered }), // the version keeps its definition
  [`POST ${book}/flows/:flow/check`]: named("flow.checked", "flow", (request) => of(request).flow, { after: answered }),
  [`POST ${book}/flows/:flow/discover`]: named("flow.discovered", "flow", (request) => of(request).flow, { after: () => undefined }),
  [`POST ${book}/flows/:flow/run`]: named("flow.run", "flow", (request) => of(request).flow, { before: flowBefore }),
  [`POST ${book}/flows/:flow/pause`]: named("flow.paused", "flow", (request) => of(request).flow, { before: flowBefore, after: () => ({ wanted: "paused" }) }),
  [`POST ${book}/flows/:flow/resume`]: named("flow.resumed", "flow", (request) => of(request).flow, { before: flowBefore, after: () => ({ wanted: "running" }) }),
  [`POST ${book}/flows/:flow/accept`]: named("flow.accepted", "flow", (request) => of(request).flow, { before: flowBefore }),
  [`POST ${book}/flows/:flow/replay`]: named("flow.replayed", "flow", (request) => of(request).flow, { before: flowBefore, after: (request) => ({ with: body(request) }) }),
  ...Object.fromEntries(["", "/*"].flatMap((end) => ["POST", "PUT"].map((method) => [`${method} ${book}/flows/:flow/receive${end}`, named("flow.received", "flow", (request) => of(request).flow)]))),
  [`PUT ${book}/secrets/:name`]: named("secret.set", "secret", (request) => of(request).name, { before: secretBefore, after: () => undefined }),
  [`POST ${book}/dead-letters/retry`]: named("deadLetter.retried", "deadLetter", ofLetters, { before: lettersBefore, after: answered }),
  [`POST ${book}/dead-letters/fix`]: named("deadLetter.fixed", "deadLetter", ofLetters, { before: lettersBefore, after: (request, answer) => ({ patch: body(request).patch, ...(answer as object) }) }),
  [`POST ${book}/dead-letters/ignore`]: named("deadLetter.ignored", "deadLetter", ofLetters, { before: lettersBefore, after: answered }),
  [`POST ${book}/deliveries/:no/resolve`]: named("delivery.resolved", "delivery", (request) => of(request).no, { before: deliveryBefore, after: (request) => ({ as: body(request).as, number: body(request).number }) }),
  [`POST ${book}/drifts/:no/accept`]: named("drift.accepted", "drift", (request) => of(request).no, { before: async (ctx, request) => (await listDrifts(ctx, await bookOf(ctx, request), { after: BigInt(of(request).no) - 1n, limit: 1 }))[0] }),

  [`POST ${book}/reconciliation/run`]: named("book.reconciled", "book", (request) => of(request).book, { after: answered }),
  [`POST ${book}/bank-accounts/:account/statements`]: named("bank.taken", "bankAccount", (request) => at(request, "account"), { after: (request, answer) => ({ name: (request.query as { readonly name?: string }).name, statements: answer }) }),
  [`POST ${book}/bank-accounts/:account/match`]: named("bank.matched", "bankAccount", (request) => at(request, "account"), { after: answered }),
  [`POST ${book}/bank-accounts/:account/decide`]: named("bank.matched", "bankAccount", (request) => at(request, "account"), { after: (request, answer) => ({ with: { ...body(request), movements: few(body(request).movements), lines: few(body(request).lines) }, ...(answer as object) }) }),
  [`POST ${book}/bank-accounts/:account/ignore`]: named("bank.ignored", "bankAccount", (request) => at(request, "account"), { after: (request) => ({ movements: few(body(request).movements), reason: body(request).reason }) }),
  [`POST ${book}/bank-accounts/:account/book`]: named("bank.booked", "bankAccount", (request) => at(request, "account"), { after: (request, answer) => ({ movements: few(body(request).movements), lines: few(body(request).lines), as: body(request).as, party: body(request).party, account: body(request).account, ...(answer as object) }) }),
  [`POST ${book}/bank-matches/:match/undo`]: named("bank.undone", "bankMatch", (request) => at(request, "match"), { after: answered }),
  [`POST ${book}/bank-payers/forget`]: named("payer.forgotten", "party", (request) => body(request).party, { after: (request) => ({ name: body(request).name }) }),
  ...Object.fromEntries((["statement", "payment"] as const).flatMap((purpose) => [
    [`PUT ${book}/${purpose}-layouts/:name`, named("layout.saved", "layout", (request) => `${purpose}/${at(request, "name")}`, { after: (request) => body(request) })],
    [`DELETE ${book}/${purpose}-layouts/:name`, named("layout.removed", "layout", (request) => `${purpose}/${at(request, "name")}`)],
  ])),
  [`PUT ${book}/match-tolerances`]: named("tolerance.set", "tolerance", (request) => `${String(body(request).supplier || "*")}/${String(body(request).itemGroup || "*")}`, { before: toleranceBefore, after: (request) => body(request) }),
  [`POST ${book}/match-tolerances/remove`]: named("tolerance.removed", "tolerance", (request) => `${String(body(request).supplier || "*")}/${String(body(request).itemGroup || "*")}`, { before: toleranceBefore }),
  [`POST ${book}/letters`]: named("letter.made", "letter", (request) => body(request).party, { after: (_request, answer) => ({ letter: (answer as { readonly letter?: string } | undefined)?.letter, balance: (answer as { readonly balance?: string } | undefined)?.balance }) }), // never its link
  [`POST ${book}/letters/:letter/withdraw`]: named("letter.withdrawn", "letter", (request) => (request.params as { readonly letter?: string }).letter),
  [`POST ${own}/letters/:token/answer`]: named("letter.answered", "letter", () => "", { after: (request, answer) => ({ ...(answer as object), agrees: body(request).agrees, by: body(request).by }) }),
  [`POST ${book}/differences/:no/correct`]: named("difference.corrected", "difference", (request) => of(request).no, { after: answered }),
  [`POST ${book}/differences/:no/assign`]: named("difference.assigned", "difference", (request) => of(request).no, { after: (request) => body(request) }),
  [`POST ${book}/differences/:no/accept`]: named("difference.accepted", "difference", (request) => of(request).no),
  [`POST ${book}/differences/:no/reopen`]: named("difference.reopened", "difference", (request) => of(request).no),

  [`POST ${own}/users`]: named("user.created", "user", (request) => body(request).login),
  [`PUT ${own}/users/:user`]: named("user.changed", "user", (request) => of(request).user, { before: userBefore }),
  [`POST ${own}/users/:user/disable`]: named("user.disabled", "user", (request) => of(request).user, { before: userBefore }),
  [`POST ${own}/users/:user/enable`]: named("user.enabled", "user", (request) => of(request).user, { before: userBefore }),
  [`POST ${own}/users/:user/invite`]: named("user.invited", "user", (request) => of(request).user),
  [`POST ${own}/users/:user/reset`]: named("password.reset", "user", (request) => of(request).user),
  [`PUT ${own}/users/:user/grants`]: named("role.granted", "user", (request) => of(request).user, { before: userBefore }),
  [`DELETE ${own}/users/:user/sessions/:session`]: named("session.ended", "session", (request) => `${of(request).user}/${of(request).session}`),
  [`DELETE ${own}/me/sessions/:session`]: named("session.ended", "session", (request) => of(request).session),
  [`PUT ${own}/me`]: named("user.changed", "user", (request) => request.principal?.id),
  [`POST ${own}/roles`]: named("role.created", "role", (request) => body(request).role),
  [`PUT ${own}/roles/:role`]: named("role.changed", "role", (request) => of(request).role, { before: roleBefore }),
  [`DELETE ${own}/roles/:role`]: named("role.removed", "role", (request) => of(request).role, { before: roleBefore }),
  [`POST ${own}/keys`]: named("key.created", "key", (request) => body(request).name, { after: (request, answer) => ({ key: (answer as { readonly key?: string } | undefined)?.key, ...body(request) }) }),
  [`POST ${own}/keys/:key/revoke`]: named("key.revoked", "key", (request) => of(request).key, { before: (ctx, request) => showKey(ctx, of(request).key) }),

  [`GET ${book}/voucher-list/export`]: named("list.exported", "list", () => "vouchers", { after: (request) => request.query }),
  [`GET ${book}/document-list/export`]: named("list.exported", "list", () => "documents", { after: (request) => request.query }),
};
