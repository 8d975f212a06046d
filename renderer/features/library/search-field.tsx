import { TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import type { ReactNode, RefObject } from "react";
import css from "./library.module.css";

/** Where recordings are searched. Escape leaves it. */
export function SearchField({
  inputRef,
  label,
  testId,
  value,
  onChange,
  onEscape,
}: {
  readonly inputRef: RefObject<HTMLInputElement | null>;
  readonly label: string;
  readonly testId: string;
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly onEscape?: () => void;
}): ReactNode {
  return (
    <TextInput
      ref={inputRef}
      className={css["search"] ?? ""}
      size="sm"
      leftSection={<IconSearch size={14} aria-hidden />}
      placeholder={label}
      aria-label={label}
      data-testid={testId}
      maxLength={500}
      value={value}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape" || event.nativeEvent.isComposing) return;
        onEscape?.();
        event.currentTarget.blur();
      }}
    />
  );
}
