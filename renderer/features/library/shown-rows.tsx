import { type ReactNode, type RefObject, useCallback } from "react";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { useReadBlind } from "../../state/blind.ts";
import { openRecording } from "../../state/session.ts";
import type { MenuPlace } from "../../ui/context-menu.tsx";
import { ActionButton, Empty, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { isTicked, named } from "./chosen.ts";
import css from "./library.module.css";
import type { List } from "./list.ts";
import { RecordingTable } from "./recording-table.tsx";
import { allFiltersOff, sortedBy, type View } from "./rows.ts";
import type { Standing } from "./use-actions.ts";
import { libraryWords } from "./words.ts";

export interface ShownRowsProps {
  readonly standing: Standing;
  readonly hasFailed: boolean; // said above: until it is asked again nothing comes
  readonly all: number; // recordings of the library
  readonly filterNames: readonly string[];
  readonly onChange: (view: View) => void;
  readonly onMenu: (place: MenuPlace) => void;
  readonly repairs: RefObject<HTMLDivElement | null>;
}

/** The rows of the list, or why there are none. */
export function ShownRows(props: ShownRowsProps): ReactNode {
  const { rows } = props.standing;
  const labelSets = useRequest("labelSets.list", {}).data ?? []; // asked beside the rows, not after them
  const runs = useRequest("runs.list", {}).data ?? [];
  if (rows === undefined) return props.hasFailed ? null : <Skeleton height={420} />;
  if (rows.shown === 0) return <NoRows {...props} />;
  const runName = (runId: string): string => runs.find((run) => run.id === runId)?.config.name ?? "";
  return <Rows {...props} {...{ rows, labelSets, runName }} />;
}

function NoRows({ standing: { view }, all, filterNames, onChange }: ShownRowsProps): ReactNode {
  const t = useWords(libraryWords);
  const language = useLanguage();
  return (
    <div className={css["hollow"]}>
      <Empty
        title={t("noRows")}
        actions={
          <ActionButton keys="Shift+Escape" onClick={() => onChange(allFiltersOff(view))}>
            {t("clearFilter")}
          </ActionButton>
        }
      >
        {t("filtersOnText", { shown: 0, all, filters: named(filterNames, language, filterNames.length) })}
      </Empty>
    </div>
  );
}

interface RowsProps extends ShownRowsProps {
  readonly rows: List;
  readonly labelSets: readonly LabelSet[];
  readonly runName: (runId: string) => string;
}

function Rows({ standing, rows, labelSets, runName, onChange, onMenu, repairs }: RowsProps): ReactNode {
  const { list, view, ticking } = standing;
  const blind = useReadBlind();
  const see = useCallback((span: readonly [number, number]) => list.see(span), [list]);
  const showRepairs = (id: string, index: number): void => {
    list.select(id, index);
    setTimeout(() => repairs.current?.scrollIntoView({ block: "nearest" }), 60);
  };
  return (
    <RecordingTable
      list={rows}
      blind={blind}
      ticks={ticking.ticks}
      ticked={ticking.ticked}
      onSee={see}
      sort={view.sort}
      labelSets={labelSets}
      runName={runName}
      onSort={(by) => onChange({ ...view, sort: sortedBy(view.sort, by) })}
      onSelect={(id, index) => list.select(id, index)}
      onOpen={openRecording}
      onMenu={(place, { recording, passes }) => {
        if (!isTicked(ticking.ticks, recording.id, passes)) ticking.clear(); // else the menu would be about others
        onMenu(place);
      }}
      onCheck={ticking.toggle}
      onCheckAll={ticking.toggleAll}
      onRepairs={showRepairs}
    />
  );
}
