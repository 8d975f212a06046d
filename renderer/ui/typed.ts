import { useState } from "react";

/**
 * Text being typed over a stored value. When the stored value changes, from here or elsewhere, it is shown and what was
 * typed is let go.
 */
export function useTyped(value: string): readonly [text: string, type: (text: string) => void] {
  const [typed, setTyped] = useState({ over: value, text: value });
  const text = typed.over === value ? typed.text : value;
  return [text, (next) => setTyped({ over: value, text: next })];
}
