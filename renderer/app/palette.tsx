import { Spotlight, spotlight } from "@mantine/spotlight";
import { useState, type ReactNode } from "react";
import { useRequest } from "../bridge/hooks.ts";
import { openRecording } from "../state/session.ts";
import { common } from "../ui/common-words.ts";
import { length } from "../ui/format.ts";
import { useKeyGroups, type KeyBinding } from "../ui/keys.ts";
import { testIds } from "../ui/test-ids.ts";
import { Keys } from "../ui/widgets.tsx";
import { useLanguage, useWords } from "../ui/words.ts";
import { actionsOf, matches } from "./actions.ts";
import type { Command } from "./commands.ts";
import { shell } from "./words.ts";

const SHOWN = 12;
const SHOWN_UNASKED = 4; // so that the commands are in sight before anything is typed

const byName = { by: "name", isDescending: false } as const;

export function Palette({ commands }: { readonly commands: readonly Command[] }): ReactNode {
  const t = useWords(shell);
  const c = useWords(common);
  const language = useLanguage();
  const [query, setQuery] = useState("");
  const { data, isPlaceholderData } = useRequest(
    "recordings.page",
    { view: { query, sort: byName }, limit: query.trim() === "" ? SHOWN_UNASKED : SHOWN },
    { keepPrevious: true },
  );
  // Enter may come before the answer: of what was found before only that is offered which is found now, too.
  const found = (data?.rows ?? []).filter(
    ({ name, subject, study }) => !isPlaceholderData || matches(`${name} ${subject} ${study}`, query),
  );
  const onPage = actionsOf(useKeyGroups(), query, t("application"));
  const able = commands.filter((one) => matches(one.what, query));
  return (
    <Spotlight.Root
      query={query}
      onQueryChange={setQuery}
      shortcut={null}
      scrollable
      maxHeight={420}
      lockScroll={false}
      centered={false}
      yOffset="12vh"
      overlayProps={{ blur: 0, backgroundOpacity: 0.35 }}
      transitionProps={{ duration: 80 }}
      styles={{ actionsGroup: { textTransform: "none" } }}
    >
      <Spotlight.Search
        placeholder={t("findPlaceholder")}
        data-testid={testIds.paletteInput}
        aria-label={t("palette")}
      />
      <Spotlight.ActionsList>
        {found.length > 0 && (
          <Spotlight.ActionsGroup label={t("recordings")}>
            {found.map((one) => (
              <Spotlight.Action
                key={one.id}
                label={one.name}
                description={[c(`kind.${one.kind}`), one.subject, one.study, length(one.durationS, language)]
                  .filter(Boolean)
                  .join(" · ")}
                onClick={() => openRecording(one.id)}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {onPage.map(({ name, actions }) => (
          <Spotlight.ActionsGroup key={name} label={name}>
            {actions.map((one) => (
              <Spotlight.Action
                key={one.keys}
                label={one.what}
                rightSection={<Keys keys={one.keys} />}
                onClick={() => afterwards(one)}
              />
            ))}
          </Spotlight.ActionsGroup>
        ))}
        {able.length > 0 && (
          <Spotlight.ActionsGroup label={t("commands")}>
            {able.map((one) => (
              <Spotlight.Action
                key={one.id}
                label={one.what}
                rightSection={<Keys keys={one.keys} />}
                onClick={one.run}
              />
            ))}
          </Spotlight.ActionsGroup>
        )}
        {found.length + onPage.length + able.length === 0 && (
          <Spotlight.Empty>{t("nothingFound")}</Spotlight.Empty>
        )}
      </Spotlight.ActionsList>
    </Spotlight.Root>
  );
}

/** Once the palette has closed: it gives the focus back to where it was, unless that has gone elsewhere since. */
const afterwards = ({ run }: KeyBinding): void => void setTimeout(() => run(new KeyboardEvent("keydown")));

export const openPalette = (): void => spotlight.open();
