import { TextInput } from "@mantine/core";
import { useEffect, useRef, type ReactNode } from "react";
import type { Label, LabelSet } from "../../../preload/contract/label-set.ts";
import { clock } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Keys } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { Letter } from "./guide-panel.tsx";
import type { Begun } from "./marking.ts";
import { momentOf } from "./recorder-clock.ts";
import css from "./record.module.css";
import type { NoteDraft } from "./use-marking.ts";
import { recordWords } from "./words.ts";

export interface MarkBarProps {
  readonly set: LabelSet | undefined;
  readonly begun: Begun;
  readonly note: NoteDraft | undefined; // while one is being written
  readonly onPress: (label: Label, pressedMs: number) => void;
  readonly onNoteSaved: (text: string) => void;
  readonly onNoteLeft: () => void;
}

/** Marks of this moment, each with its key. */
export function MarkBar(props: MarkBarProps): ReactNode {
  const { set, begun, note, onPress } = props;
  const t = useWords(recordWords);
  const language = useLanguage();
  const downMs = useRef<number | undefined>(undefined); // a button is pressed when it goes down
  if (!set && note === undefined) return null;
  return (
    <div className={css["marks"]}>
      <strong>{t("markNow")}</strong>
      <div className={css["markKeys"]}>
        {(set?.labels ?? []).map((label) => {
          const name = inLanguage(label.name, language);
          const isBegun = begun.has(label.code);
          return (
            <button
              key={label.code}
              type="button"
              className={css["mark"]}
              data-testid={testIds.recordMark}
              data-label={label.code}
              data-begun={isBegun}
              aria-pressed={label.shape === "interval" ? isBegun : undefined}
              onPointerDown={(event) => (downMs.current = momentOf(event))}
              onClick={(event) => {
                const byPointerMs = event.detail > 0 ? downMs.current : undefined; // not by a key
                downMs.current = undefined;
                onPress(label, byPointerMs ?? momentOf(event));
              }}
            >
              <Letter label={label} />
              <span className={css["markName"]} title={name}>
                {isBegun ? t("markEnd", { name }) : name}
              </span>
              {label.key !== undefined && label.key.toUpperCase() !== label.letter && (
                <Keys keys={label.key.toUpperCase()} />
              )}
            </button>
          );
        })}
        {note !== undefined && <NoteField {...props} {...note} />}
      </div>
    </div>
  );
}

/** The time is that of the key, not of the last letter. */
function NoteField({
  atS,
  text,
  onNoteSaved,
  onNoteLeft,
}: Pick<MarkBarProps, "onNoteSaved" | "onNoteLeft"> & NoteDraft): ReactNode {
  const t = useWords(recordWords);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.focus(), []); // the key that opens it asks for it
  return (
    <form
      className={css["row"]}
      onSubmit={(event) => {
        event.preventDefault();
        onNoteSaved(field.current?.value ?? "");
      }}
    >
      <TextInput
        ref={field}
        size="xs"
        aria-label={t("notePlaceholder", { at: clock(atS) })}
        placeholder={t("notePlaceholder", { at: clock(atS) })}
        maxLength={10_000}
        defaultValue={text}
        data-testid={testIds.recordNoteField}
        onKeyDown={(event) => {
          if (event.key === "Escape" && !event.nativeEvent.isComposing) {
            event.preventDefault();
            onNoteLeft();
          }
        }}
      />
      <ActionButton type="submit" size="compact-sm">
        {t("noteSave")}
      </ActionButton>
    </form>
  );
}
