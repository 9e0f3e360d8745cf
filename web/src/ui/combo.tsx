/** A field that searches while one types (code, name, pinyin): arrows choose, ↵ takes, Esc leaves. WAI-ARIA combobox with a list. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";

export type Choice = { readonly value: string; readonly text: string; readonly right?: ReactNode };

export function Combo({ label, value, shown, search, onChoose, autoFocus, onKeyDown, invalid, placeholder }: {
  readonly label: string; readonly value: string; /** What the field shows for the value. */ readonly shown?: string; readonly search: (text: string) => Promise<readonly Choice[]> | readonly Choice[]; readonly onChoose: (value: string, choice: Choice | undefined) => void;
  readonly autoFocus?: boolean; readonly onKeyDown?: (event: KeyboardEvent<HTMLInputElement>) => void; readonly invalid?: boolean; readonly placeholder?: string;
}) {
  const id = useId();
  const [text, setText] = useState<string | null>(null);
  const [found, setFound] = useState<readonly Choice[]>([]);
  const [at, setAt] = useState(0);
  const asked = useRef(0);
  const isOpen = text !== null && found.length > 0;
  useEffect(() => {
    if (text === null) return;
    const number = ++asked.current;
    const timer = setTimeout(() => void Promise.resolve(search(text)).then((choices) => { if (number === asked.current) { setFound(choices); setAt(0); } }).catch(() => setFound([])), 60);
    return () => clearTimeout(timer);
  }, [text]);
  const take = (choice: Choice | undefined): void => {
    if (choice) onChoose(choice.value, choice);
    setText(null);
    setFound([]);
  };
  return (
    <div className="combo">
      <input
        className="in" role="combobox" aria-label={label} aria-expanded={isOpen} aria-controls={`${id}-list`} aria-autocomplete="list" aria-activedescendant={isOpen ? `${id}-${at}` : undefined} aria-invalid={invalid === true || undefined} autoComplete="off" autoFocus={autoFocus} placeholder={placeholder}
        value={text ?? shown ?? value}
        onChange={(event) => setText(event.target.value)}
        onBlur={() => { if (text === "") onChoose("", undefined); setText(null); }}
        onFocus={(event) => event.target.select()}
        onKeyDown={(event) => {
          if (isOpen && (event.key === "ArrowDown" || event.key === "ArrowUp")) {
            event.preventDefault();
            setAt((at + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length);
          } else if (isOpen && (event.key === "Enter" || event.key === "Tab")) {
            if (event.key === "Enter") event.preventDefault();
            take(found[at]);
            if (event.key === "Enter") onKeyDown?.(event);
          } else if (isOpen && event.key === "Escape") {
            event.stopPropagation();
            event.preventDefault();
            setText(null);
          } else onKeyDown?.(event);
        }}
      />
      {isOpen ? <ul role="listbox" id={`${id}-list`} aria-label={label}>{found.map((choice, index) => <li key={choice.value} id={`${id}-${index}`} role="option" aria-selected={index === at} onMouseDown={(event) => { event.preventDefault(); take(choice); }}><span className="mut">{choice.value}</span><span>{choice.text}</span>{choice.right === undefined ? null : <span className="r">{choice.right}</span>}</li>)}</ul> : null}
    </div>
  );
}
