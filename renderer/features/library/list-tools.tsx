import { Button, SegmentedControl, Select } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import type { ReactNode, RefObject } from "react";
import { useRequest } from "../../bridge/hooks.ts";
import { useCluster } from "../../state/cluster.ts";
import { goTo } from "../../state/session.ts";
import { common } from "../../ui/common-words.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import { chooseAndImport, openSampleStudy } from "./import-flow.ts";
import css from "./library.module.css";
import { filters, type View } from "./rows.ts";
import { SearchField } from "./search-field.tsx";
import { libraryWords } from "./words.ts";

interface ViewProps {
  readonly view: View;
  readonly onChange: (view: View) => void;
}

/** The bar over the list: what it shows, and where else recordings are or come from. */
export function ListTools({
  view,
  onChange,
  search,
}: ViewProps & { readonly search: RefObject<HTMLInputElement | null> }): ReactNode {
  const t = useWords(libraryWords);
  return (
    <div className={css["tools"]}>
      <SearchField
        {...{ inputRef: search, label: t("search"), testId: testIds.recordingSearch }}
        value={view.query}
        onChange={(query) => onChange({ ...view, query })}
        onEscape={() => onChange({ ...view, query: "" })}
      />
      <KindFilter view={view} onChange={onChange} />
      <Select
        w={148}
        aria-label={t("filter")}
        value={view.filter}
        data={filters.map((value) => ({ value, label: t(`filter.${value}`) }))}
        onChange={(value) => onChange({ ...view, filter: filters.find((one) => one === value) ?? "all" })}
      />
      <span className={css["fill"]} />
      <ArchiveButton />
      <BinButton />
      <Button
        variant="default"
        aria-keyshortcuts="Control+Shift+S"
        data-testid={testIds.openSample}
        onClick={() => void openSampleStudy()}
      >
        {t("sampleShort")}
      </Button>
      <ActionButton
        primary
        keys="Mod+O"
        data-testid={testIds.importFiles}
        onClick={() => void chooseAndImport()}
      >
        {t("import")}
      </ActionButton>
    </div>
  );
}

function KindFilter({ view, onChange }: ViewProps): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const kinds = ["all", "ctg", "emg", "other"] as const;
  return (
    <SegmentedControl
      value={view.kind}
      aria-label={t("kind")}
      data={kinds.map((value) => ({ value, label: value === "all" ? t("all") : c(`kind.${value}`) }))}
      onChange={(value) => onChange({ ...view, kind: kinds.find((one) => one === value) ?? "all" })}
    />
  );
}

/** Leads to the bin and says how much is in it. */
export function BinButton(): ReactNode {
  const t = useWords(libraryWords);
  const recordings = useRequest("recordings.counts", {}).data?.binned ?? 0;
  const runs = useRequest("runs.bin", {}).data?.length ?? 0;
  const count = recordings + runs;
  return (
    <Button
      variant="default"
      aria-label={count > 0 ? t("binCount", { count }) : t("bin")}
      title={t("binOpen")}
      data-testid={testIds.openBin}
      onClick={() => goTo("bin")}
    >
      <IconTrash size={15} aria-hidden />
      {count > 0 && <span className={css["count"]}>{count}</span>}
    </Button>
  );
}

/** Leads to the archive of a department, where one is connected. */
export function ArchiveButton(): ReactNode {
  const a = useWords(archiveWords);
  if (useCluster().name === null) return null;
  return (
    <Button
      variant="default"
      aria-keyshortcuts="Control+9"
      title={a("openKey")}
      data-testid={testIds.openArchive}
      onClick={() => goTo("archive")}
    >
      {a("open")}
    </Button>
  );
}
