import { createUser, type GrantGiven, listRoles, listUsers, makeOwnerLink, makeUserLink, setUserState } from "../../access/index.ts";
import { loadBook } from "../../books/index.ts";
import { type Call, type Command, left } from "../command.ts";

/** Where people find the server, as far as this machine knows. */
const baseOf = (call: Call): string => call.config.publicUrl ?? `http://${call.config.host === "0.0.0.0" ? "127.0.0.1" : call.config.host}:${call.config.port}`;
const codesOf = (call: Call, option: string): readonly string[] | null => (call.options(option).length === 0 ? null : call.options(option));

export const accessCommands: readonly Command[] = [
  {
    name: "user list", zh: "用户及其角色", en: "users and their roles", examples: ["user list", "user list --json"],
    async run(call) {
      const users = await listUsers(await call.open());
      call.list(users, ["账号 login", "姓名 name", "状态 state", "角色 roles", "最近登录 last seen"].map(left), (user) => [
        user.login, user.name, user.state === "disabled" ? "已停用 disabled" : user.lockedUntil !== null ? "已锁定 locked" : user.hasPassword || user.hasOidc ? "在用 active" : "待接受邀请 invited",
        user.grants.map(({ role, book, scope }) => `${role}${book === "*" ? "" : `@${book}`}${scope === null ? "" : `(${[scope.employees, scope.departments, scope.regions].map((part) => part?.join("+")).filter((part) => part !== undefined).join(" ")})`}`).join(" "), user.lastSeenAt ?? "",
      ]);
    },
  },
  {
    name: "user invite", zh: "邀请用户,打印一次性链接", en: "invite a user; prints a one-time link",
    arguments: [{ name: "LOGIN", required: true, zh: "账号;用统一登录时为邮箱", en: "the login; with a company login the e-mail address" }, { name: "NAME", required: true, zh: "姓名", en: "the name" }],
    options: {
      role: { value: "ROLE", many: true, required: true, zh: "角色,可多次:owner controller accountant reviewer cashier sales buyer it auditor", en: "a role; may be repeated" },
      book: { value: "CODE", zh: "只在这本账簿;缺省全部", en: "only in this book; default all" },
      employee: { value: "CODE", many: true, zh: "只看这些业务员或采购员的往来单位,可多次", en: "only parties of this salesperson or buyer; may be repeated" },
      department: { value: "CODE", many: true, zh: "只看这些部门的往来单位,可多次", en: "only parties of this department; may be repeated" },
      region: { value: "CODE", many: true, zh: "只看这些地区的往来单位,可多次", en: "only parties of this region; may be repeated" },
    },
    examples: ["user invite lin 林芳 --role accountant --book B1", "user invite zhao@example.com 赵雷 --role sales --book B1 --employee E12"],
    async run(call) {
      const ctx = await call.open();
      const book = call.option("book") === undefined ? "*" : (await loadBook(ctx.db, call.required("book"))).code;
      const part = { employees: codesOf(call, "employee"), departments: codesOf(call, "department"), regions: codesOf(call, "region") };
      const scope = Object.values(part).every((one) => one === null) ? null : part;
      const needing = new Set((await listRoles(ctx)).filter(({ needsScope }) => needsScope).map(({ role }) => role));
      // A scope is for the roles that need one; where none does, for all that are named.
      const isFor = (role: string): boolean => needing.has(role) || !call.options("role").some((one) => needing.has(one));
      const grants = call.options("role").map((role): GrantGiven => ({ role, book, scope: isFor(role) ? scope : null }));
      const user = await createUser(ctx, { login: call.argument(0), name: call.argument(1), employee: part.employees?.length === 1 ? (part.employees[0] ?? null) : null, grants });
      const { path, expiresAt } = await makeUserLink(ctx, user.login, "invite");
      call.answer({ ...user, link: baseOf(call) + path, expiresAt }, () => `${user.login}  ${user.name}\n一次性链接,有效至 one-time link, until ${expiresAt}\n  ${baseOf(call)}${path}`);
    },
  },
  {
    name: "user disable", zh: "停用用户,立即退出所有设备", en: "disable a user, who is signed out everywhere at once", arguments: [{ name: "LOGIN", required: true, zh: "账号", en: "the login" }], examples: ["user disable lin"],
    async run(call) {
      const user = await setUserState(await call.open(), call.argument(0), "disabled");
      call.answer(user, () => `已停用 disabled  ${user.login}  ${user.name}`);
    },
  },
  {
    name: "user enable", zh: "重新启用用户", en: "enable a user again", arguments: [{ name: "LOGIN", required: true, zh: "账号", en: "the login" }], examples: ["user enable lin"],
    async run(call) {
      const user = await setUserState(await call.open(), call.argument(0), "active");
      call.answer(user, () => `已启用 enabled  ${user.login}  ${user.name}`);
    },
  },
  {
    name: "access link", zh: "进不去时:打印设新所有者或重设某人密码的一次性链接", en: "when locked out: prints a one-time link that makes an owner, or sets somebody's password anew",
    arguments: [{ name: "LOGIN", zh: "重设此人的密码;缺省为新的所有者", en: "whose password; default a new owner" }], examples: ["access link", "access link wang"],
    more: [{ zh: "要能读写数据目录才能运行。", en: "It needs access to the data folder, and nothing else." }],
    async run(call) {
      const ctx = await call.open();
      const login = call.arguments[0];
      const { path, purpose, expiresAt } = login === undefined ? await makeOwnerLink(ctx) : await makeUserLink(ctx, login, "reset");
      call.answer({ link: baseOf(call) + path, purpose, expiresAt }, () => `一次性链接,有效至 one-time link, until ${expiresAt}\n  ${baseOf(call)}${path}`);
    },
  },
];
