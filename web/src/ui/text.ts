/** Chinese first, English beside it: a text is both, the reader's language is chosen once. */
import { useSyncExternalStore } from "react";

export type Words = { readonly zh: string; readonly en: string };
export type Text = Words | string;
export type Language = "zh" | "en";

const stored = (name: string): string | null => {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
};
const keep = (name: string, value: string): void => {
  try {
    localStorage.setItem(name, value);
  } catch {
    // a browser that keeps nothing still shows everything
  }
};

/** A choice of the person, kept in this browser. */
export function choice<T extends string>(name: string, values: readonly T[], fallback: T, apply: (value: T) => void) {
  const was = stored(`tieout.${name}`);
  let value: T = values.find((one) => one === was) ?? fallback;
  const listeners = new Set<() => void>();
  apply(value);
  return {
    get: (): T => value,
    set(next: T): void {
      value = next;
      keep(`tieout.${name}`, next);
      apply(next);
      for (const told of listeners) told();
    },
    subscribe(told: () => void): () => void {
      listeners.add(told);
      return () => void listeners.delete(told);
    },
  };
}
export const useChoice = <T extends string>(of: { get(): T; subscribe(told: () => void): () => void }): T => useSyncExternalStore(of.subscribe, of.get);

export const language = choice<Language>("language", ["zh", "en"], "zh", (value) => {
  document.documentElement.lang = value === "zh" ? "zh-CN" : "en";
});
export const theme = choice("theme", ["system", "light", "dark"] as const, "system", (value) => {
  if (value === "system") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = value;
});
export const density = choice("density", ["compact", "standard", "touch"] as const, "standard", (value) => void (document.documentElement.dataset.density = value));

/** Outside of components; inside them use `useT`, which follows the switch. */
export const say = (text: Text): string => (typeof text === "string" ? text : text[language.get()]);

export type T = { (zh: string, en: string): string; (text: Text): string };
/** `t("凭证", "Vouchers")` or `t({ zh, en })`. */
export function useT(): T {
  const now = useChoice(language);
  return (text: Text, en?: string): string => (typeof text === "string" ? (now === "en" && en !== undefined ? en : text) : text[now]);
}
