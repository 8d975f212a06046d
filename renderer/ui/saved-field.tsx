import { Textarea, TextInput } from "@mantine/core";
import type { ReactNode, RefObject } from "react";
import { common } from "./common-words.ts";
import { useTyped } from "./typed.ts";
import { useWords } from "./words.ts";

export interface SavedFieldProps {
  readonly label: string;
  readonly value: string;
  readonly isRequired?: boolean; // left empty, the stored text comes back
  readonly isLong?: boolean;
  readonly onSave: (value: string) => void;
  readonly inputRef?: RefObject<HTMLInputElement | null>;
  readonly testId?: string;
}

/** A text that is saved when its field is left or with Enter; Escape takes back what was typed. */
export function SavedField(props: SavedFieldProps): ReactNode {
  const { label, value, isRequired = false, isLong = false, onSave, inputRef, testId } = props;
  const c = useWords(common);
  const [typed, setTyped] = useTyped(value);
  const save = () => {
    const text = typed.trim();
    if (text === value || (isRequired && text === "")) setTyped(value);
    else onSave(text);
  };
  if (isLong)
    return (
      <Textarea
        label={label}
        value={typed}
        autosize
        minRows={2}
        maxRows={6}
        data-testid={testId}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={save}
      />
    );
  return (
    <TextInput
      label={label}
      value={typed}
      error={isRequired && typed.trim() === "" ? c("needed") : undefined}
      data-testid={testId}
      {...(inputRef ? { ref: inputRef } : {})}
      onChange={(event) => setTyped(event.currentTarget.value)}
      onBlur={save}
      onKeyDown={(event) => {
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") event.currentTarget.blur();
        if (event.key === "Escape") setTyped(value);
      }}
    />
  );
}
