/** One channel as fields. Addresses and passwords are only written: what is left blank stays as it is. */
import { useState } from "react";
import { api, seg, useAct } from "../app/api.ts";
import { Dialog, Field } from "../ui/parts.tsx";
import { Trouble } from "../ui/states.tsx";
import { useT } from "../ui/text.ts";
import type { Channel } from "./alerts-model.ts";

const kinds = [{ value: "smtp", zh: "邮件 SMTP", en: "E-mail by SMTP" }, { value: "webhook", zh: "Webhook（HMAC 签名）", en: "Webhook (signed)" }, { value: "wecom", zh: "企业微信机器人", en: "WeCom robot" }, { value: "dingtalk", zh: "钉钉机器人", en: "DingTalk robot" }, { value: "feishu", zh: "飞书机器人", en: "Feishu robot" }] as const;

export function EditChannel({ base, of, onClose }: { readonly base: string; readonly of: Channel | null; readonly onClose: () => void }) {
  const t = useT();
  const [name, setName] = useState(of?.channel ?? "");
  const [kind, setKind] = useState(of?.kind ?? "smtp");
  const [isOn, setOn] = useState(of?.isOn ?? true);
  const [config, setConfig] = useState({ host: of?.config.host ?? "", port: String(of?.config.port ?? 587), user: of?.config.user ?? "", from: of?.config.from ?? "", to: (of?.config.to ?? []).join(", "), domain: of?.config.domain ?? "", isSecure: of?.config.isSecure ?? false, seesCost: (of?.config.columns ?? []).includes("cost") });
  const [secret, setSecret] = useState({ url: "", secret: "", password: "" });
  const isMail = kind === "smtp";
  const save = useAct(() => api(`${base}/alert-channels/${seg(name)}`, { method: "PUT", body: {
    kind, isOn, secret: Object.fromEntries(Object.entries(secret).filter(([, value]) => value !== "")),
    config: { ...(isMail ? { host: config.host, port: Number(config.port) || 587, isSecure: config.isSecure, from: config.from, ...(config.user === "" ? {} : { user: config.user }), ...(config.domain === "" ? {} : { domain: config.domain }), to: config.to.split(/[,，;；\s]+/).filter((one) => one !== "") } : {}), columns: config.seesCost ? ["cost"] : [] },
  } }));
  const field = (key: "host" | "port" | "user" | "from" | "to" | "domain", label: string, hint?: string) => <Field label={label} hint={hint}><input className="in" value={config[key]} onChange={(event) => setConfig({ ...config, [key]: event.target.value })} /></Field>;
  const sealed = (key: keyof typeof secret, label: string) => <Field label={label} hint={of?.hasSecret ? t("已封存；留空则不变", "sealed; blank keeps it") : t("封存保存，不再显示", "kept sealed, never shown")}><input className="in" type="password" autoComplete="new-password" value={secret[key]} onChange={(event) => setSecret({ ...secret, [key]: event.target.value })} /></Field>;
  return (
    <Dialog title={of === null ? t("新建渠道", "New channel") : of.channel} onClose={onClose} foot={<><button type="button" className="btn" onClick={onClose}>{t("取消", "Cancel")}</button><button type="button" className="btn p" disabled={save.isPending || name === ""} onClick={() => save.mutate(undefined, { onSuccess: onClose })}>{t("保存渠道", "Save the channel")}</button></>}>
      <Trouble error={save.error} />
      {of === null ? <Field label={t("代码", "Code")} hint={t("小写字母、数字、连字符", "lower case letters, digits, hyphens")}><input className="in" value={name} onChange={(event) => setName(event.target.value)} /></Field> : null}
      <Field label={t("种类", "Kind")}><select className="in" value={kind} onChange={(event) => setKind(event.target.value)}>{kinds.map((one) => <option key={one.value} value={one.value}>{t(one)}</option>)}</select></Field>
      {isMail ? <div className="alerts-two">{field("host", t("服务器", "Server"))}{field("port", t("端口", "Port"))}{field("user", t("用户名", "User"))}{sealed("password", t("口令", "Password"))}{field("from", t("发件地址", "From"))}{field("domain", t("收件人域名", "Domain of recipients"), t("登录名@域名", "login@domain"))}{field("to", t("固定收件人", "Fixed addresses"), t("填写后不再分别发送", "then nobody has a mail of their own"))}<label className="alerts-check"><input type="checkbox" checked={config.isSecure} onChange={(event) => setConfig({ ...config, isSecure: event.target.checked })} /> {t("直接 TLS（465）", "TLS from the start (465)")}</label></div>
        : <>{sealed("url", t("地址", "Address"))}{kind === "wecom" ? null : sealed("secret", kind === "webhook" ? t("签名密钥", "Key that signs") : t("加签密钥", "Secret that signs"))}</>}
      <label className="alerts-check"><input type="checkbox" checked={config.seesCost} onChange={(event) => setConfig({ ...config, seesCost: event.target.checked })} /> {t("此渠道的读者可看成本与毛利", "Whoever reads it may see cost and margin")}</label>
      <label className="alerts-check"><input type="checkbox" checked={isOn} onChange={(event) => setOn(event.target.checked)} /> {t("启用", "On")}</label>
    </Dialog>
  );
}
