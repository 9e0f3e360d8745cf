/** 预警: what stands, what one does about it, the rules as fields, the channels. Whoever has no `alerts.read` sees what called them. */
import { Type } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { type Principal } from "../../access/index.ts";
import { loadBook } from "../../books/index.ts";
import { type Ctx, refuse } from "../../platform/index.ts";
import { acknowledgeAlert, type AlertDefinition, channelKinds, isMeasure, listAlertRules, listAlerts, listChannels, measures, noteAlert, saveAlertRule, saveChannel, showAlert, snoozeAlert, testChannel, tryAlertRule } from "../../reconciliation/index.ts";
import { boardFigures, wakeAlerts } from "../alerting.ts";
import { BookParams, errors, PageQuery } from "../contract.ts";
import { actorOf, type Http } from "../http.ts";

const closed = { additionalProperties: false } as const;
const Maybe = Type.Union([Type.String(), Type.Null()]);
const Name = Type.String({ maxLength: 60 });
const Minutes = Type.Integer({ minimum: 0, maximum: 525_600 });
const AlertFields = {
  alertNo: Type.String(), rule: Type.String(), ruleZh: Type.String(), ruleEn: Type.String(), subject: Type.String(), label: Type.String(), state: Type.String(), value: Maybe, valueEn: Maybe, worst: Maybe, line: Maybe, lineEn: Maybe, is: Type.String(), note: Type.String(), since: Type.String(), openedAt: Maybe, rangAt: Maybe, rangTo: Type.String(), step: Type.Integer(), acknowledgedBy: Maybe,
  snoozedUntil: Maybe, closedAt: Maybe, to: Type.String(), cursor: Type.String(),
};
const AlertView = Type.Object(AlertFields);
const EventView = Type.Object({ at: Type.String(), by: Type.String(), what: Type.String(), to: Type.String(), value: Maybe, note: Type.String(), sent: Type.Array(Type.Object({ channel: Type.String(), recipient: Type.String(), state: Type.String(), problem: Type.String() })) });
const Quiet = Type.Union([Type.Object({ from: Type.String({ maxLength: 5 }), to: Type.String({ maxLength: 5 }) }, closed), Type.Null()]);
const RuleFields = {
  zh: Type.String({ maxLength: 100 }), en: Type.String({ maxLength: 100 }), measure: Name, params: Type.Object({ days: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_660 })), weeks: Type.Optional(Type.Integer({ minimum: 1, maximum: 13 })), metric: Type.Optional(Name), dimension: Type.Optional(Name) }, closed),
  is: Type.Union([Type.Literal("above"), Type.Literal("below")]), line: Type.String({ maxLength: 30 }), margin: Type.String({ maxLength: 30 }), afterMinutes: Minutes, repeatMinutes: Minutes, escalateMinutes: Minutes, everyMinutes: Type.Integer({ minimum: 1, maximum: 1_440 }), quiet: Quiet, isUrgent: Type.Boolean(), callsOwner: Type.Boolean(),
  roles: Type.Array(Name, { maxItems: 10 }), channels: Type.Array(Name, { maxItems: 10 }), language: Type.Union([Type.Literal("zh"), Type.Literal("en"), Type.Literal("both")]),
};
const RuleView = Type.Object({ rule: Type.String(), ...RuleFields, isOn: Type.Boolean(), changedAt: Maybe, changedBy: Type.String(), unit: Type.String(), measureZh: Type.String(), measureEn: Type.String(), standing: Type.Integer() });
const ConfigView = Type.Object({
  host: Type.Optional(Type.String({ maxLength: 200 })), port: Type.Optional(Type.Integer({ minimum: 1, maximum: 65_535 })), isSecure: Type.Optional(Type.Boolean()), user: Type.Optional(Type.String({ maxLength: 200 })), from: Type.Optional(Type.String({ maxLength: 200 })), to: Type.Optional(Type.Array(Type.String({ maxLength: 200 }), { maxItems: 50 })),
  domain: Type.Optional(Type.String({ maxLength: 200 })), columns: Type.Optional(Type.Array(Type.Union([Type.Literal("cost"), Type.Literal("bank"), Type.Literal("salary")]))),
}, closed);
const Secret = Type.Object({ url: Type.Optional(Type.String({ maxLength: 1_000 })), secret: Type.Optional(Type.String({ maxLength: 500 })), password: Type.Optional(Type.String({ maxLength: 500 })) }, closed);
const ChannelView = Type.Object({ channel: Type.String(), kind: Type.String(), config: ConfigView, hasSecret: Type.Boolean(), isOn: Type.Boolean(), changedAt: Type.String(), changedBy: Type.String(), last: Type.Union([Type.Object({ state: Type.String(), problem: Type.String(), sentAt: Maybe }), Type.Null()]) });

export function alertRoutes(api: Http, ctx: Ctx): void {
  const tags = ["reconciliation"];
  const manage = { asks: "alerts.manage" } as const;
  // Whom an alert called may read and answer it, whatever else they may do: each is held against what its reader may be told.
  const own = { asks: "signedIn" } as const;
  const AlertParams = Type.Object({ book: Type.String(), alert: Type.String() });
  const principalOf = (request: FastifyRequest): Principal => request.principal ?? refuse("access.signed_out");
  /** Not through the wall of a part: alerts are held against the reader one by one. */
  const acting = (request: FastifyRequest): Ctx => ({ ...actorOf(ctx, request), db: ctx.db });

  api.get("/books/:book/alerts", {
    config: own, schema: { tags, summary: "预警 Alerts", params: BookParams, querystring: Type.Object({ state: Type.Optional(Type.Union([Type.Literal("standing"), Type.Literal("closed")])), rule: Type.Optional(Name), mine: Type.Optional(Type.Boolean()), ...PageQuery }, closed), response: { 200: Type.Array(AlertView), ...errors } },
  }, async (request) => listAlerts(acting(request), await loadBook(ctx.db, request.params.book), principalOf(request), { ...request.query, isMine: request.query.mine }));
  api.get("/books/:book/alerts/:alert", { config: own, schema: { tags, summary: "一条预警与其经过 One alert and what happened", params: AlertParams, response: { 200: Type.Object({ ...AlertFields, events: Type.Array(EventView) }), ...errors } } },
    async (request) => showAlert(acting(request), await loadBook(ctx.db, request.params.book), principalOf(request), request.params.alert));
  const Note = Type.Optional(Type.String({ maxLength: 500 }));
  api.post("/books/:book/alerts/:alert/acknowledge", { config: own, schema: { tags, summary: "认领预警 Acknowledge", params: AlertParams, body: Type.Object({ note: Note }, closed), response: { 200: AlertView, ...errors } } },
    async (request) => acknowledgeAlert(acting(request), await loadBook(ctx.db, request.params.book), principalOf(request), request.params.alert, request.body.note ?? ""));
  api.post("/books/:book/alerts/:alert/snooze", { config: own, schema: { tags, summary: "推迟预警 Snooze", params: AlertParams, body: Type.Object({ minutes: Type.Integer(), note: Note }, closed), response: { 200: AlertView, ...errors } } },
    async (request) => snoozeAlert(acting(request), await loadBook(ctx.db, request.params.book), principalOf(request), request.params.alert, request.body.minutes, request.body.note ?? ""));
  api.post("/books/:book/alerts/:alert/note", { config: own, schema: { tags, summary: "写处理说明 Note what was done", params: AlertParams, body: Type.Object({ note: Type.String({ maxLength: 500 }) }, closed), response: { 200: AlertView, ...errors } } },
    async (request) => noteAlert(acting(request), await loadBook(ctx.db, request.params.book), principalOf(request), request.params.alert, request.body.note));

  api.get("/books/:book/alert-rules", { config: { asks: "alerts.read" }, schema: { tags, summary: "预警规则 Rules", params: BookParams, response: { 200: Type.Object({ rules: Type.Array(RuleView), measures: Type.Array(Type.Object({ measure: Type.String(), zh: Type.String(), en: Type.String(), unit: Type.String(), ofParty: Type.Boolean() })) }), ...errors } } }, async (request) => ({
    rules: await listAlertRules(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)), measures: Object.entries(measures).map(([measure, one]) => ({ measure, zh: one.zh, en: one.en, unit: one.unit, ofParty: "ofParty" in one })),
  }));
  /** Refuses what no measure has before the verb reads it. */
  const definitionOf = (rule: string, body: Omit<AlertDefinition, "rule" | "measure"> & { readonly measure: string }): AlertDefinition => (isMeasure(body.measure) ? { ...body, rule, measure: body.measure } : refuse("alert.rule_invalid", { what: body.measure }));
  api.put("/books/:book/alert-rules/:rule", { config: manage, schema: { tags, summary: "保存预警规则 Keep a rule", params: Type.Object({ book: Type.String(), rule: Name }), body: Type.Object({ ...RuleFields, isOn: Type.Boolean() }, closed), response: { 200: Type.Object({ rule: Type.String() }), ...errors } } }, async (request) => {
    const { isOn, ...definition } = request.body;
    const saved = await saveAlertRule(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), definitionOf(request.params.rule, definition), isOn);
    wakeAlerts(ctx.db);
    return saved;
  });
  api.post("/books/:book/alert-rules/:rule/try", {
    config: { asks: "alerts.manage", act: "none" }, schema: {
      tags, summary: "试算预警规则 What a rule would find now", params: Type.Object({ book: Type.String(), rule: Name }), body: Type.Object(RuleFields, closed),
      response: { 200: Type.Object({ subjects: Type.Integer(), crossed: Type.Integer(), first: Type.Array(Type.Object({ subject: Type.String(), label: Type.String(), value: Type.String(), isCrossed: Type.Boolean(), employee: Type.String() })) }), ...errors },
    },
  }, async (request) => tryAlertRule(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), definitionOf(request.params.rule, request.body), boardFigures));

  api.get("/books/:book/alert-channels", { config: manage, schema: { tags, summary: "预警渠道 Channels", params: BookParams, response: { 200: Type.Array(ChannelView), ...errors } } }, async (request) => listChannels(actorOf(ctx, request), await loadBook(ctx.db, request.params.book)));
  api.put("/books/:book/alert-channels/:channel", {
    config: manage, schema: { tags, summary: "保存渠道(地址与口令只写) Keep a channel; addresses and passwords are only written", params: Type.Object({ book: Type.String(), channel: Name }), body: Type.Object({ kind: Type.Union(channelKinds.map((kind) => Type.Literal(kind))), config: ConfigView, secret: Type.Optional(Secret), isOn: Type.Boolean() }, closed), response: { 200: Type.Object({ channel: Type.String() }), ...errors } },
  }, async (request) => saveChannel(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), { ...request.body, channel: request.params.channel }));
  api.post("/books/:book/alert-channels/:channel/test", { config: manage, schema: { tags, summary: "试发 Send a test", params: Type.Object({ book: Type.String(), channel: Name }), response: { 200: Type.Object({ channel: Type.String() }), ...errors } } }, async (request) => {
    const asked = await testChannel(actorOf(ctx, request), await loadBook(ctx.db, request.params.book), principalOf(request), request.params.channel);
    wakeAlerts(ctx.db);
    return asked;
  });
}
