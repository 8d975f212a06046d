import { ActionIcon, Tooltip } from "@mantine/core";
import { IconPin, IconPinnedOff } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { percent } from "../../../ui/format.ts";
import { Keys } from "../../../ui/widgets.tsx";
import { useWords } from "../../../ui/words.ts";
import { ctgKeys, ctgParts, turnCtg, useCtgView, type CtgView } from "./ctg-view.ts";
import { ctgWords } from "./ctg-words.ts";
import classes from "./ctg.module.css";
import { letterKeys } from "../review-keys.ts";
import type { Review } from "../use-review.ts";

const colours: Readonly<Record<keyof CtgView, string>> = {
  baseline: "var(--kodo-accent)",
  events: "var(--kodo-deceleration)",
  contractions: "var(--kodo-contraction)",
  variability: "var(--kodo-dim)",
  classes: "var(--kodo-class3)",
  falseSignal: "var(--kodo-false-signal)",
  bracket: "transparent",
};

/** What of a reading is drawn, each with its key; all off is plain paper. */
export function ReadingBar({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  if (!review.isCtg || review.blind.isBlind) return null;
  return (
    <div className={classes["bar"]} role="toolbar" aria-label={t("overlays")} data-testid="reading-bar">
      {[...ctgParts, "bracket" as const].map((part) => (
        <PartToggle key={part} part={part} />
      ))}
      <span className={classes["fill"]} />
      {review.reading.isReading && (
        <button type="button" className={classes["link"]} onClick={() => review.setTab("reading")}>
          {t("readingShort", { share: percent(review.reading.done, 0) })}
        </button>
      )}
      <PinButton review={review} />
    </div>
  );
}

function PartToggle({ part }: { readonly part: keyof CtgView }): ReactNode {
  const t = useWords(ctgWords);
  const isOn = useCtgView((view) => view[part]);
  const keys = ctgKeys[part];
  return (
    <Tooltip
      label={
        <>
          {t(`turn.${part}`)} <Keys keys={keys} onAccent />
        </>
      }
    >
      <button
        type="button"
        className={classes["toggle"]}
        aria-pressed={isOn}
        aria-keyshortcuts={keys}
        data-testid={`turn-ctg-${part}`}
        onMouseDown={(down) => down.preventDefault()}
        onClick={() => turnCtg(part)}
      >
        <i style={{ background: colours[part] }} data-part={part} aria-hidden />
        <span>{t(part)}</span>
        <kbd aria-hidden>{keys.slice(-1)}</kbd>
      </button>
    </Tooltip>
  );
}

function PinButton({ review }: { readonly review: Review }): ReactNode {
  const t = useWords(ctgWords);
  const isPinned = review.pinned !== undefined;
  const keys = letterKeys(review.set?.labels ?? []).pin;
  const Icon = isPinned ? IconPinnedOff : IconPin;
  const name = t(isPinned ? "unpin" : "pin");
  return (
    <Tooltip
      label={
        <>
          {name} <Keys keys={keys} onAccent />
        </>
      }
    >
      <ActionIcon
        variant="default"
        size={26}
        aria-label={name}
        aria-pressed={isPinned}
        aria-keyshortcuts={keys}
        onClick={review.turnPin}
        data-testid="pin"
      >
        <Icon size={15} />
      </ActionIcon>
    </Tooltip>
  );
}
