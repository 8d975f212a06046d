import { Checkbox, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Chip } from "../../../ui/widgets.tsx";
import classes from "../review.module.css";
import type { ListedFinding } from "./use-findings.ts";
import type { Review } from "../use-review.ts";

/** What models and rules found in this recording, each to be shown or hidden. */
export function FindingsList({ review }: { readonly review: Review }): ReactNode {
  const { t, findings } = review;
  if (findings.listed.length === 0) return null;
  return (
    <section data-testid="findings" data-count={findings.listed.length}>
      <h2 className={classes["groupName"]}>{t("findings")}</h2>
      {findings.listed.map((one) => (
        <Checkbox
          key={one.summary.id}
          size="xs"
          mb={6}
          checked={one.isShown}
          onChange={() => findings.toggle(one.summary.id)}
          label={<Said review={review} finding={one} />}
          styles={{ label: { overflowWrap: "anywhere" } }}
        />
      ))}
    </section>
  );
}

function Said({
  review: { t },
  finding: { summary, title, names },
}: {
  readonly review: Review;
  readonly finding: ListedFinding;
}): ReactNode {
  const { content, isOutdated } = summary;
  const what =
    content.kind === "events"
      ? t("findingEvents", { count: content.events })
      : content.kind === "curves"
        ? t("findingCurves", { names: names.join(", ") })
        : content.kind === "verdicts"
          ? t("findingVerdicts", { count: content.verdicts })
          : t("findingWindows", { count: content.windows });
  return (
    <>
      {title} <span className={classes["dim"]}>{what}</span>{" "}
      {isOutdated && <Chip tone="warn">{t("outdated")}</Chip>}
      {content.kind === "events" && content.verdict !== undefined && (
        <Text size="xs" c="dimmed">
          {[content.verdict.text, ...content.verdict.reasons].join(" · ")}
        </Text>
      )}
    </>
  );
}
