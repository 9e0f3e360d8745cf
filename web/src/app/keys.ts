/** Keys that work everywhere while nobody types: `/` search, `g` and a letter to go, `?` the list of keys. A page adds its own with `useKeys`. */
import { useEffect, useRef } from "react";

const isTyping = (event: KeyboardEvent): boolean => event.ctrlKey || event.metaKey || event.altKey || (event.target instanceof HTMLElement && (event.target.isContentEditable || event.target.matches("input:not([type=checkbox], [type=radio]), select, textarea")));

/** "g c" is g, then c within a second. */
export function useKeys(keys: Readonly<Record<string, () => void>>): void {
  const now = useRef(keys);
  now.current = keys;
  useEffect(() => {
    let first = "";
    let timer: ReturnType<typeof setTimeout> | undefined;
    const pressed = (event: KeyboardEvent): void => {
      if (isTyping(event) || document.querySelector("dialog[open]")) return;
      const act = now.current[first === "" ? event.key : `${first} ${event.key}`];
      clearTimeout(timer);
      const isFirst = first === "" && Object.keys(now.current).some((key) => key.startsWith(`${event.key} `));
      first = isFirst ? event.key : "";
      if (isFirst) timer = setTimeout(() => void (first = ""), 1_000);
      if (!act) return;
      event.preventDefault();
      act();
    };
    addEventListener("keydown", pressed);
    return () => removeEventListener("keydown", pressed);
  }, []);
}
