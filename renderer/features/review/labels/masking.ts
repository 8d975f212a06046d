import { maskReasons, type MaskSpan } from "../../../../preload/contract/mask.ts";
import type { Editor } from "../../../state/annotations.ts";
import { named } from "../../../state/questions.ts";
import type { TimeRange } from "../../../state/selection.ts";
import { guarded, spanText, stretchOf, type Reviewing } from "../reviewing.ts";

export interface Masking {
  /** Puts the stretch that is meant aside; on all channels where none is named. */
  readonly add: (channel: number | undefined) => void;
  readonly artefact: () => void; // the same on the channel that is meant
  readonly remove: () => void; // the selected one
  readonly layRules: () => void;
  readonly liftRules: () => void;
}

/** What is put aside by hand or by rule. */
export function maskingOf(
  { recordingId, place, telling: { t }, say }: Reviewing,
  {
    editor,
    author,
    mask,
    selectedSpan,
    channelMeant,
  }: {
    readonly editor: Editor;
    readonly author: string;
    readonly mask: MaskSpan | undefined; // the selected one
    readonly selectedSpan: TimeRange | undefined;
    readonly channelMeant: number | undefined;
  },
): Masking {
  const { selection } = place;
  const add = (channel: number | undefined): void => {
    const span = stretchOf(place, selectedSpan);
    if (!span) {
      say(t("said.noStretch"));
      return;
    }
    const given: Omit<MaskSpan, "id" | "createdAt" | "author"> = {
      recordingId,
      layer: "person",
      reason: maskReasons.artefactByPerson,
      onsetS: span.fromS,
      durationS: span.toS - span.fromS,
      ...(channel === undefined ? {} : { channel }),
    };
    guarded(
      named(author)
        .then((reader) => editor.mask({ ...given, author: reader }))
        .then((made) => {
          selection.setState({ selected: { kind: "mask", id: made.id }, range: undefined });
          say(t("said.masked", spanText(span.fromS, span.toS)));
        }),
    );
  };
  return {
    add,
    artefact: () => {
      // Without a channel the mask would lie on all of them.
      if (channelMeant === undefined) say(t("said.noChannel"));
      else add(channelMeant);
    },
    remove: () => {
      if (!mask) return;
      selection.setState({ selected: undefined });
      guarded(
        editor
          .unmask(mask.id)
          .then(() => say(t("said.unmasked", spanText(mask.onsetS, mask.onsetS + mask.durationS)))),
      );
    },
    layRules: () =>
      guarded(
        editor
          .layRules()
          .then((laid) =>
            say(t(laid.length > 0 ? "said.rulesLaid" : "said.rulesNone", { count: laid.length })),
          ),
      ),
    liftRules: () => guarded(editor.liftRules().then(() => say(t("said.rulesLifted")))),
  };
}
