/** One's own settings: language, theme, density, password; what one may do and see. */
import { type FormEvent, useState } from "react";
import { api } from "../app/api.ts";
import { useBook, useMe } from "../app/session.ts";
import { Field, Page, Panel, Segments, Tag } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { density, language, theme, useChoice, useT } from "../ui/text.ts";

export function MePage() {
  const t = useT();
  const me = useMe().data;
  const book = useBook();
  const lang = useChoice(language);
  const look = useChoice(theme);
  const rows = useChoice(density);
  const [error, setError] = useState<unknown>(null);
  const [isDone, setDone] = useState(false);
  const change = async (event: FormEvent<HTMLFormElement>): Promise<void> => {
    event.preventDefault();
    const element = event.currentTarget;
    const form = new FormData(element);
    setError(null);
    setDone(false);
    try {
      await api("/me", { method: "PUT", body: { currentPassword: String(form.get("current")), password: String(form.get("password")) } });
      element.reset();
      setDone(true);
    } catch (caught) {
      setError(caught);
    }
  };
  const mine = me?.books.find(({ code }) => code === book.code);
  return (
    <Page title={t("我的设置", "My settings")}>
      <div className="grid">
        <div className="c6"><Panel title={t("显示", "Display")}><div className="pb stack">
          <div className="row"><span className="mut">{t("语言", "Language")}</span><span className="sp" /><Segments label={t("语言", "Language")} value={lang} options={[{ value: "zh", text: "中文" }, { value: "en", text: "English" }]} onChange={(value) => { language.set(value); void api("/me", { method: "PUT", body: { language: value } }).catch(setError); }} /></div>
          <div className="row"><span className="mut">{t("外观", "Theme")}</span><span className="sp" /><Segments label={t("外观", "Theme")} value={look} options={[{ value: "system", text: { zh: "随系统", en: "System" } }, { value: "light", text: { zh: "浅色", en: "Light" } }, { value: "dark", text: { zh: "深色", en: "Dark" } }]} onChange={theme.set} /></div>
          <div className="row"><span className="mut">{t("行高", "Rows")}</span><span className="sp" /><Segments label={t("行高", "Rows")} value={rows} options={[{ value: "compact", text: { zh: "紧凑", en: "Compact" } }, { value: "standard", text: { zh: "标准", en: "Standard" } }, { value: "touch", text: { zh: "宽松", en: "Touch" } }]} onChange={density.set} /></div>
        </div></Panel></div>
        <div className="c6"><Panel title={t("密码", "Password")}><form className="pb" onSubmit={(event) => void change(event)}>
          <Field label={t("现在的密码", "Current password")}><input className="in" type="password" name="current" autoComplete="current-password" required /></Field>
          <Field label={t("新密码", "New password")} hint={t("至少 10 个字符；其他已登录的设备会退出", "At least 10 characters; other devices are signed out")}><input className="in" type="password" name="password" autoComplete="new-password" minLength={10} required /></Field>
          <Trouble error={error} />{isDone ? <p className="good sub" role="status">{t("密码已更改。", "The password is changed.")}</p> : null}
          <button type="submit" className="btn">{t("更改密码", "Change password")}</button>
        </form></Panel></div>
        <div className="c12"><Panel title={t(`在 ${book.name} 可以做什么`, `What you may do in ${book.name}`)}><div className="pb row" style={{ flexWrap: "wrap" }}>{mine?.duties.map((duty) => <Tag key={duty}>{duty}</Tag>)}</div></Panel></div>
      </div>
    </Page>
  );
}
