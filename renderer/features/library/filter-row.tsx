import { Button } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { common } from "../../ui/common-words.ts";
import { testIds } from "../../ui/test-ids.ts";
import { useWords } from "../../ui/words.ts";
import css from "./library.module.css";
import { allFiltersOff, filtersOn, without, type FilterPart, type View } from "./rows.ts";
import { libraryWords } from "./words.ts";

/** What a filter that is on is called. */
export function useFilterNames(): (view: View) => readonly (readonly [FilterPart, string])[] {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const nameOf = (part: FilterPart, view: View): string => {
    if (part === "query") return t("filterQuery", { query: view.query.trim() });
    if (part === "filter") return t(`filter.${view.filter}`);
    return view.kind === "all" ? t("all") : c(`kind.${view.kind}`);
  };
  return (view) => filtersOn(view).map((part) => [part, nameOf(part, view)] as const);
}

/** Says that the table is not all of the library, and takes one filter or all of them away. Nothing while none is on. */
export function FilterRow({
  view,
  shown,
  all,
  onChange,
}: {
  readonly view: View;
  readonly shown: number;
  readonly all: number;
  readonly onChange: (view: View) => void;
}): ReactNode {
  const t = useWords(libraryWords);
  const on = useFilterNames()(view);
  if (on.length === 0) return null;
  return (
    <div className={css["filters"]} role="status" data-testid={testIds.filtersOn}>
      <span>{t("shown", { shown, all })}</span>
      {on.map(([part, name]) => (
        <button
          key={part}
          type="button"
          className={css["filter"]}
          aria-label={t("clearOne", { filter: name })}
          onClick={() => onChange(without(view, part))}
        >
          <span className={css["clip"]}>{name}</span>
          <IconX size={11} aria-hidden />
        </button>
      ))}
      <Button
        variant="subtle"
        size="compact-xs"
        data-testid={testIds.clearFilters}
        onClick={() => onChange(allFiltersOff(view))}
      >
        {t("clearFilter")}
      </Button>
    </div>
  );
}
