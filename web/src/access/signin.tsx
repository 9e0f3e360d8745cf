/** The door: a password, or the company's own login. */
import { useNavigate } from "@tanstack/react-router";
import { type FormEvent, useEffect, useState } from "react";
import { api, Problem } from "../app/api.ts";
import { forgetAll, useMe } from "../app/session.ts";
import { Mark } from "../app/shell.tsx";
import { useFilters } from "../ui/filters.ts";
import { Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { language, useChoice, useT } from "../ui/text.ts";

/** Only a place of this app: an address from outside is not followed. */
export const placeAfter = (next: string | undefined): string => (next !== undefined && /^\/(?![/\\])/.test(next) ? next : "/");

export function SignIn() {
  const t = useT();
  const lang = useChoice(language);
  const me = useMe();
  const navigate = useNavigate();
  const [{ next, problem }] = useFilters();
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setBusy] = useState(false);
  useEffect(() => {
    document.title = `${t("登录", "Sign in")} · 业财通 Tieout`;
  }, [lang]);
  const signIn = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    setBusy(true);
    setError(null);
    try {
      await api("/login", { body: { login: String(form.get("login")), password: String(form.get("password")) } });
      await forgetAll();
      void navigate({ to: placeAfter(next) as never });
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
        {me.data?.needsOwner ? <div className="state"><b>{t("还没有所有者", "There is no owner yet")}</b><div className="sub">{t("打开服务启动时终端里打印的一次性链接。", "Open the one-time link that the server printed in its terminal.")}</div></div> : null}
        {problem && !error ? <Trouble error={new Problem(401, { code: problem, zh: "登录没有成功", en: "Signing in did not succeed", todo: { zh: "用密码登录，或请管理员核对账号。", en: "Use your password, or ask an owner to check your account." } })} /> : null}
        <Trouble error={error} />
        <form className="pb" onSubmit={(event) => void signIn(event)}>
          <Field label={t("账号", "Login")}><input className="in" name="login" autoComplete="username" autoFocus required /></Field>
          <Field label={t("密码", "Password")}><input className="in" name="password" type="password" autoComplete="current-password" required /></Field>
          <button type="submit" className="btn p wide" disabled={isBusy}>{t("登录", "Sign in")}</button>
          {me.data?.oidc ? <p style={{ marginTop: 8 }}><a className="btn wide" href={`/api/v1/login/oidc?next=${encodeURIComponent(placeAfter(next))}`}>{t(`用 ${me.data.oidc} 登录`, `Sign in with ${me.data.oidc}`)}</a></p> : null}
        </form>
      </section>
    </main>
  );
}
