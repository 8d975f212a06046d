import { useMemo, useState } from "react";
import { create } from "zustand";
import type { RecorderState } from "../../../preload/contract/acquisition.ts";
import type { Forecast } from "../../../preload/contract/finding.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { useEvent } from "../../bridge/hooks.ts";
import type { FanBranch, ShownFan } from "../../trace/strip/fan-picture.ts";
import type { TraceChannel } from "../../trace/tracks/track.ts";
import { fixed } from "../../ui/format.ts";
import type { Scheme } from "../../ui/tokens.ts";
import { useWords } from "../../ui/words.ts";
import { heardS } from "./live-view.ts";
import { coloursOfWays } from "./way-colours.ts";
import { recordWords } from "./words.ts";

/** Older than this it is no word about now. */
const OLD_AFTER_S = 4;

/** Whether what may come is drawn behind the newest sample; it stays from one recording to the next. */
const useFanSwitch = create<{ readonly isOn: boolean }>(() => ({ isOn: true }));
const toggle = (): void => useFanSwitch.setState(({ isOn }) => ({ isOn: !isOn }));

export interface LiveFan {
  readonly isThere: boolean; // a model looks ahead of this recording
  readonly isOn: boolean;
  readonly toggle: () => void;
  readonly forecast: Forecast | undefined; // that is drawn: of now, and where it is wanted
  readonly roomS: number; // behind the newest sample; as long as it is wanted, also where nothing can be said for a while
}

interface Told {
  readonly recordingId: string | undefined;
  readonly newest: Forecast | undefined; // undefined: the model said that it knows nothing
  readonly horizonS: number; // of the last there was
}
const nothing: Told = { recordingId: undefined, newest: undefined, horizonS: 0 };

/** What a model says may come next of the recording under way, once a second. */
export function useLiveFan(state: RecorderState): LiveFan {
  const isOn = useFanSwitch((one) => one.isOn);
  const { recordingId } = state;
  const [told, setTold] = useState(nothing);
  useEvent("recorder.decided", ({ forecast, classes, decision }) => {
    if (classes !== undefined || decision !== undefined) return; // of a model that judges windows
    setTold((before) =>
      forecast === undefined && before.newest === undefined
        ? before
        : { recordingId, newest: forecast, horizonS: forecast?.horizonS ?? before.horizonS },
    );
  });
  const own = told.recordingId === recordingId ? told : nothing;
  const isThere = own.horizonS > 0;
  return {
    ...{ isThere, isOn, toggle },
    forecast: isOn ? currentOf(own.newest, state) : undefined,
    roomS: isOn ? own.horizonS : 0,
  };
}

/** A forecast from where the recording has come to. Where nothing comes, or it comes late, there is none. */
export const currentOf = (
  forecast: Forecast | undefined,
  state: Pick<RecorderState, "phase" | "channels" | "devices">,
): Forecast | undefined =>
  forecast !== undefined && state.phase === "recording" && heardS(state) - forecast.fromS <= OLD_AFTER_S
    ? forecast
    : undefined;

/**
 * As it is drawn: its bands and ways over the channel it speaks of, and what it takes for granted of another. The ways are
 * named beside the trace: words at their ends would lie upon what is just coming.
 */
export function useShownFan(
  forecast: Forecast | undefined,
  {
    channels,
    sets,
    scheme,
  }: {
    readonly channels: readonly TraceChannel[];
    readonly sets: readonly LabelSet[];
    readonly scheme: Scheme;
  },
): ShownFan | undefined {
  const t = useWords(recordWords);
  return useMemo(() => {
    const called = (label: string | undefined): TraceChannel | undefined =>
      channels.find((one) => one.label === label);
    const channel = called(forecast?.over);
    if (forecast === undefined || channel === undefined) return undefined;
    return {
      ...{ forecast, channel, isCameShown: false, forkText: undefined, areNamed: false },
      branches: waysOf(forecast, sets, scheme),
      assumed: forecast.assumed.flatMap(({ channel: label, untilS, value }) => {
        const under = called(label);
        return under === undefined
          ? []
          : [{ channel: under, untilS, value, text: t("fanAssumed", { channel: label }) }];
      }),
    };
  }, [forecast, channels, sets, scheme, t]);
}

function waysOf({ branches }: Forecast, sets: readonly LabelSet[], scheme: Scheme): readonly FanBranch[] {
  if (branches.length < 2) return [];
  const colours = coloursOfWays(branches, sets, scheme);
  return branches.map(({ code = "", probability, value, quantiles }, i) => ({
    ...{ name: code, letter: "", colour: colours[i] ?? "", interval: "" },
    ...{ probability, share: fixed(probability, 2), value, quantiles },
  }));
}
