import { Menu } from "@mantine/core";
import type { ReactNode } from "react";
import { LabelSwatch } from "../labels/label-swatch.tsx";
import { ActionButton } from "../../../ui/widgets.tsx";
import { inLanguage, useWords } from "../../../ui/words.ts";
import type { Cue } from "./cues.ts";
import { ctgWords } from "./ctg-words.ts";
import { letterKeys } from "../review-keys.ts";
import classes from "../review.module.css";
import type { Review } from "../use-review.ts";

const wide = { gridColumn: "1 / -1" } as const;

/** What a reader makes of a cue: their own annotation of its stretch, or a mask. */
export function CueActions({ review, cue }: { readonly review: Review; readonly cue: Cue }): ReactNode {
  const { data, language, set, cueing, reading } = review;
  const t = useWords(ctgWords);
  const letter = letterKeys(set?.labels ?? []);
  const labels = data.sets.find(({ id }) => id === cueing.setId)?.labels ?? [];
  return (
    <div className={classes["actions"]}>
      {cue.kind !== "not-assessable" && (
        <ActionButton primary keys="Enter" style={wide} onClick={cueing.accept} data-testid="accept-cue">
          {cue.event ? t("accept", { name: reading.nameOf(cue.event.code) }) : t("acceptMask")}
        </ActionButton>
      )}
      {cueing.trust && (
        <ActionButton keys="Shift+Enter" style={wide} onClick={cueing.trust} data-testid="trust-cue">
          {review.t("trustSignal")}
        </ActionButton>
      )}
      <Menu opened={cueing.isRelabelling} onChange={cueing.setRelabelling} position="left-start" withinPortal>
        <Menu.Target>
          <ActionButton keys={letter.relabel} style={wide} data-testid="relabel-cue">
            {t("relabel")}
          </ActionButton>
        </Menu.Target>
        <Menu.Dropdown mah={420} style={{ overflowY: "auto" }}>
          {labels
            .filter(({ shape }) => shape === "interval")
            .map((label) => (
              <Menu.Item
                key={label.code}
                leftSection={<LabelSwatch label={label} />}
                onClick={() => cueing.relabel(label.code)}
                data-testid={`relabel-cue-${label.code}`}
              >
                {inLanguage(label.name, language)}
              </Menu.Item>
            ))}
        </Menu.Dropdown>
      </Menu>
      <ActionButton
        keys={letter.notAssessable}
        style={wide}
        onClick={cueing.notAssessable}
        data-testid="cue-not-assessable"
      >
        {t("notAssessable")}
      </ActionButton>
    </div>
  );
}
