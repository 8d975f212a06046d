import { useEffect, useRef, useState } from "react";
import { PAGE_MOST, type Selection } from "../../../preload/contract/listing.ts";
import type { RecordingSummary } from "../../../preload/contract/recording.ts";
import { request } from "../../bridge/client.ts";
import { readBlind } from "../../state/blind.ts";
import { exportHandled, openAgreement, openRecording, useSession } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { notify, notifyFailure } from "../../ui/notify.tsx";
import { useWords } from "../../ui/words.ts";
import { isNothing } from "./chosen.ts";
import type { Exported } from "./export-dialog.tsx";
import type { List, RecordingList } from "./list.ts";
import { type Meant, meantBy, nextOf } from "./meant.ts";
import { usePush } from "./push.ts";
import type { View } from "./rows.ts";
import type { StudyChosen } from "./study-dialog.tsx";
import type { Bin } from "./use-bin.ts";
import type { Ticking } from "./use-ticks.ts";
import { useVerify } from "./use-verify.ts";
import { libraryWords } from "./words.ts";

/** What the page shows and what is ticked on it: what its actions are about. */
export interface Standing {
  readonly list: RecordingList;
  readonly rows: List | undefined;
  readonly view: View;
  readonly selected: RecordingSummary | undefined; // the row shown
  readonly ticking: Ticking;
}

/** What can be done with the recordings that are meant, and with the one that is shown. */
export interface Actions {
  readonly open: () => void;
  readonly readBlind: () => void;
  readonly remove: () => void;
  readonly exportThem: () => void;
  readonly compare: () => void;
  readonly predict: () => void;
  readonly analyse: () => void;
  readonly takeUcOut: () => void;
  readonly verify: () => void;
  readonly isVerifying: boolean;
  readonly push: (() => void) | undefined; // absent: no archive is connected
}

/** Dialogs about recordings that are meant; each is open while it has some. */
export function useDialogs() {
  const [exported, setExported] = useState<Exported>();
  const [study, setStudy] = useState<StudyChosen>();
  const [ruled, setRuled] = useState<Selection>();
  return { exported, setExported, study, setStudy, ruled, setRuled };
}

/** What is ticked is counted anew before anything is done to it: the key may come before the count of the last tick. */
const withMeant =
  ({ ticking: { ticks, isEmpty }, view, selected }: Standing) =>
  (act: (meant: Meant) => void) =>
  (): void => {
    const counted = isNothing(ticks)
      ? Promise.resolve(undefined)
      : request("recordings.selected", { selection: ticks, filter: view });
    counted.then((told) => {
      if (told?.count === 0 && !isEmpty) return; // they have just gone: the row shown was not meant
      const now = meantBy(ticks, told !== undefined && told.count > 0 ? told : undefined, selected);
      if (now !== undefined) act(now);
    }, notifyFailure);
  };

export function useActions(
  standing: Standing,
  { bin, dialogs }: { readonly bin: Bin; readonly dialogs: ReturnType<typeof useDialogs> },
): Actions {
  const t = useWords(libraryWords);
  const settings = useSettings();
  const verify = useVerify();
  const { isConnected, push } = usePush();
  const { selected } = standing;
  const withThem = withMeant(standing);
  const compare = ({ selection }: Meant): void => {
    request("recordings.ids", { selection, limit: PAGE_MOST }).then(({ ids, next }) => {
      if (next === undefined) openAgreement(ids);
      else notify(t("tooManyToCompare", { most: PAGE_MOST }));
    }, notifyFailure);
  };
  return {
    open: () => {
      if (selected) openRecording(selected.id);
    },
    readBlind: () => {
      if (selected) readBlind(settings, selected.id).then(() => openRecording(selected.id), notifyFailure);
    },
    remove: withThem((chosen) => remove(standing, bin, chosen)),
    exportThem: withThem(dialogs.setExported),
    compare: withThem(compare),
    predict: withThem(({ selection }) => dialogs.setStudy({ kind: "predict", selection })),
    analyse: withThem(({ selection }) => dialogs.setStudy({ kind: "analyse", selection })),
    takeUcOut: withThem(({ selection }) => dialogs.setRuled(selection)),
    verify: withThem(({ selection }) => void verify.start(selection)),
    isVerifying: verify.isRunning,
    push: isConnected ? withThem(({ selection }) => push(selection)) : undefined,
  };
}

function remove({ list, rows, ticking }: Standing, bin: Bin, chosen: Meant): void {
  const next = nextOf(rows, chosen.selection);
  const from = list.selected;
  bin.remove(chosen).then(() => {
    ticking.done(ticking.ticks);
    if (list.selected === from) list.select(next); // of many it takes a while, in which one may go on
  }, notifyFailure);
}

/** Another page may ask for the export of what is selected here: once it is known. */
export function useExportAsked(isListRead: boolean, exportThem: () => void): void {
  const isExportAsked = useSession((one) => one.isExportAsked);
  const wanted = useRef(exportThem);
  useEffect(() => {
    wanted.current = exportThem;
  });
  useEffect(() => {
    if (!isExportAsked || !isListRead) return;
    exportHandled();
    wanted.current();
  }, [isExportAsked, isListRead]);
}
