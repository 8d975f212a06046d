import { Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useKeyGroups, useKeys } from "../ui/keys.ts";
import { testIds } from "../ui/test-ids.ts";
import { Keys } from "../ui/widgets.tsx";
import { useWords } from "../ui/words.ts";
import css from "./shell.module.css";
import { shell } from "./words.ts";

/** Every key on offer now, by group. */
export function KeyOverlay({
  opened,
  onClose,
}: {
  readonly opened: boolean;
  readonly onClose: () => void;
}): ReactNode {
  const t = useWords(shell);
  const groups = useKeyGroups();
  const title = t("keysTitle");
  useKeys(title, [{ keys: "?", what: t("allKeys"), run: onClose }], { exclusive: true, enabled: opened });
  return (
    <Modal opened={opened} onClose={onClose} title={title} size={760}>
      <div className={css["keysGrid"]} data-testid={testIds.keyOverlay}>
        {groups
          .filter((group) => !group.exclusive && group.bindings.length > 0)
          .map((group) => (
            <div key={group.id} className={css["keysGroup"]}>
              <h3>{group.name}</h3>
              {group.bindings.map((one) => (
                <div key={one.keys} className={css["keysRow"]} data-off={one.enabled === false}>
                  <span>{one.what}</span>
                  <Keys keys={one.keys} />
                </div>
              ))}
            </div>
          ))}
      </div>
      <p style={{ color: "var(--kodo-dim)", fontSize: 12 }}>{t("keysNote")}</p>
    </Modal>
  );
}
