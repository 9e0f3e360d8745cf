/** Where a one-time link leads: the first owner, somebody who was invited, or a password that is to be set again. */
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api, useApi, withQuery } from "../app/api.ts";
import { forgetAll } from "../app/session.ts";
import { Mark } from "../app/shell.tsx";
import { useFilters } from "../ui/filters.ts";
import { Field } from "../ui/parts.tsx";
import { Loaded, Trouble } from "../ui/states.tsx";
import { language, useChoice, useT } from "../ui/text.ts";

type Link = { readonly purpose: "first-owner" | "invite" | "reset"; readonly login: string | null; readonly name: string | null; readonly expiresAt: string };

export function Welcome() {
  const t = useT();
  const lang = useChoice(language);
  const navigate = useNavigate();
  const [{ token }] = useFilters();
  const link = useApi<Link>(withQuery("/welcome", { token: token ?? "" }));
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  const enter = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const text = (name: string): string | undefined => { const value = form.get(name); return typeof value === "string" && value !== "" ? value : undefined; };
    setBusy(true);
    setError(null);
    try {
      await api("/welcome", { body: { token, login: text("login"), name: text("name"), password: text("password") } });
      await forgetAll();
      void navigate({ to: "/" });
    } catch (caught) {
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <main className="center">
      <section className="panel">
        <div className="pt"><Mark /><h1>业财通 <small className="mut">Tieout</small></h1><button type="button" className="btn q sp" onClick={() => language.set(lang === "zh" ? "en" : "zh")}>中 / EN</button></div>
        <Loaded of={link} rows={3} columns={2}>{(one) => (
          <form className="pb" onSubmit={(event) => void enter(event)}>
            <p className="sub" style={{ marginBottom: 12 }}>{one.purpose === "first-owner" ? t("您是第一位所有者：设定账号与密码，之后可邀请同事。", "You are the first owner: choose a login and a password. You can invite colleagues afterwards.") : one.purpose === "invite" ? t("您受邀加入：设定密码即可开始。", "You were invited: set a password to begin.") : t("重新设定密码。", "Set your password again.")}</p>
            <Field label={t("账号", "Login")}><input className="in" name="login" autoComplete="username" required pattern="[A-Za-z0-9_.@\-]{2,60}" defaultValue={one.login ?? ""} readOnly={one.purpose !== "first-owner"} /></Field>
            {one.purpose === "reset" ? null : <Field label={t("姓名", "Name")}><input className="in" name="name" autoComplete="name" required defaultValue={one.name ?? ""} /></Field>}
            <Field label={t("密码", "Password")} hint={t("至少 10 个字符，不与账号相同", "At least 10 characters, not your login")}><input className="in" name="password" type="password" autoComplete="new-password" minLength={10} required /></Field>
            <Trouble error={error} />
            <button type="submit" className="btn p wide" disabled={isBusy}>{t("开始使用", "Begin")}</button>
          </form>
        )}</Loaded>
      </section>
    </main>
  );
}
