import { TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useRef, useState, type ReactNode } from "react";
import type { DeviceList, SessionTemplate } from "../../../preload/contract/acquisition.ts";
import { request } from "../../bridge/client.ts";
import { requestKey, useRequest } from "../../bridge/hooks.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys } from "../../ui/keys.ts";
import { hideNote, notify, notifyFailure, notifyUndoable } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { useDraft } from "./draft-store.ts";
import css from "./record.module.css";
import { draftFrom, setupOf, type Draft } from "./setup-draft.ts";
import { recordWords } from "./words.ts";

const NOBODY = "-"; // a template is about no one
const NOTE = "template-removed";

/** Removes a template and gives the way back: it is kept anew as it was. */
export async function removeTemplate(template: SessionTemplate): Promise<() => Promise<void>> {
  await request("recorder.removeTemplate", { name: template.name });
  return async () => {
    await request("recorder.saveTemplate", template);
  };
}

/** Set-ups kept for the next time. */
export function Templates({
  draft,
  list,
  canKeep,
}: {
  readonly draft: Draft;
  readonly list: DeviceList;
  readonly canKeep: boolean;
}): ReactNode {
  const t = useWords(recordWords);
  const c = useWords(common);
  const client = useQueryClient();
  const templates = useRequest("recorder.templates", {}).data ?? [];
  const [name, setName] = useState("");
  const undo = useRef<(() => Promise<void>) | undefined>(undefined);
  const [canUndo, setCanUndo] = useState(false);
  const refresh = (): void =>
    void client.invalidateQueries({ queryKey: requestKey("recorder.templates", {}) });
  const bringBack = (): void => {
    const back = undo.current;
    undo.current = undefined;
    setCanUndo(false);
    hideNote(NOTE);
    void back?.().then(refresh, notifyFailure);
  };
  const remove = (template: SessionTemplate): void =>
    void removeTemplate(template).then((back) => {
      undo.current = back;
      setCanUndo(true);
      refresh();
      notifyUndoable({
        id: NOTE,
        message: t("templateRemoved", { name: template.name }),
        testId: testIds.undoRemoveTemplate,
        undo: bringBack,
        onGone: () => setCanUndo(false),
      });
    }, notifyFailure);
  const keep = (): void => {
    const template = { name: name.trim(), setup: { ...setupOf(draft, list), subject: NOBODY, note: "" } };
    if (template.name === "" || !canKeep) return;
    void request("recorder.saveTemplate", template).then(() => {
      notify(t("templateKept", { name: template.name }));
      setName("");
      refresh();
    }, notifyFailure);
  };
  useKeys(t("templates"), [
    { keys: "Mod+Z", what: c("undo"), run: bringBack, enabled: canUndo },
    ...templates.slice(0, 5).map((template, i) => ({
      keys: `Alt+${i + 1}`,
      what: `${t("templateUse")}: ${template.name}`,
      run: () => useDraft.setState(draftFrom(template.setup, draft)),
    })),
  ]);
  return (
    <section className={css["sideBlock"]}>
      <h2>{t("templates")}</h2>
      {templates.length === 0 && <p className={css["dim"]}>{t("templatesNone")}</p>}
      <ul className={css["templates"]}>
        {templates.map((template, i) => (
          <li key={template.name} data-testid={testIds.recordTemplate} data-name={template.name}>
            <ActionButton
              size="compact-sm"
              className={css["templateUse"] ?? ""}
              {...(i < 5 ? { keys: `Alt+${i + 1}` } : {})}
              onClick={() => useDraft.setState(draftFrom(template.setup, draft))}
            >
              {template.name}
            </ActionButton>
            <button
              type="button"
              className={css["quietButton"]}
              aria-label={t("templateRemove", { name: template.name })}
              data-testid={testIds.recordTemplateRemove}
              onClick={() => remove(template)}
            >
              <IconX size={14} aria-hidden />
            </button>
          </li>
        ))}
      </ul>
      <form
        className={css["row"]}
        onSubmit={(event) => {
          event.preventDefault();
          keep();
        }}
      >
        <TextInput
          aria-label={t("templateName")}
          placeholder={t("templateName")}
          maxLength={200}
          value={name}
          className={css["nameField"] ?? ""}
          data-testid={testIds.recordTemplateName}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <ActionButton
          type="submit"
          disabled={name.trim() === "" || !canKeep}
          data-testid={testIds.recordTemplateSave}
        >
          {t("templateKeep")}
        </ActionButton>
      </form>
    </section>
  );
}
