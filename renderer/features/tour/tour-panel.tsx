import { useEffect, useRef, type ReactNode } from "react";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { goTo, openRecording, useSession } from "../../state/session.ts";
import { endTour, turnTour, useTour } from "../../state/tour.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { recordingFor, steps, type Step } from "./steps.ts";
import css from "./tour.module.css";
import { tourWords } from "./words.ts";

/** The tour over the real pages: a small panel that says what can be done here, and leads on. */
export function TourPanel(): ReactNode {
  const at = useTour((one) => one.step);
  const step = at === undefined ? undefined : steps[at];
  if (at === undefined || step === undefined) return null;
  return <Shown at={at} step={step} />;
}

/** The study the tour walks through is made once, where the library has none. */
function useStudy(): boolean {
  const recordings = useRequest("recordings.list", {}).data;
  const isThere = recordings?.some((one) => one.synthetic && one.state === "complete");
  const isAsked = useRef(false);
  useEffect(() => {
    if (isThere !== false || isAsked.current) return;
    isAsked.current = true;
    request("sample.open", {}).catch(notifyFailure);
  }, [isThere]);
  useEffect(() => {
    request("settings.set", { welcomed: true }).catch(() => undefined); // the first start asks again, no more
  }, []);
  return isThere === true;
}

function Shown({ at, step }: { readonly at: number; readonly step: Step }): ReactNode {
  const t = useWords(tourWords);
  const isReady = useStudy();
  const recordings = useRequest("recordings.list", {}).data;
  const wanted = recordings && recordingFor(step, recordings)?.id;
  const panel = useRef<HTMLElement>(null);
  useEffect(() => {
    if (step.opens === undefined) goTo(step.page);
    else if (wanted !== undefined && useSession.getState().recordingId !== wanted) openRecording(wanted);
    else goTo(step.page);
    panel.current?.focus();
  }, [step, wanted]);
  const isLast = at === steps.length - 1;
  const next = () => turnTour(1, steps.length);
  const back = () => turnTour(-1, steps.length);
  useKeys(t("tour"), [
    { keys: "Mod+ArrowRight", what: isLast ? t("done") : t("next"), run: next, enabled: isReady },
    { keys: "Mod+ArrowLeft", what: t("back"), run: back, enabled: at > 0 },
    { keys: "Mod+.", what: t("end"), run: endTour, inInputs: true },
  ]);
  return (
    <section
      ref={panel}
      className={css["panel"]}
      tabIndex={-1}
      aria-label={t("tour")}
      data-testid={testIds.tourPanel}
      data-step={step.id}
    >
      <small>{t("place", { step: at + 1, all: steps.length })}</small>
      <h2>{t(`${step.id}.title`)}</h2>
      <p aria-live="polite">{t(`${step.id}.text`)}</p>
      {!isReady && <p className={css["waiting"]}>{t("waiting")}</p>}
      <div className={css["foot"]}>
        <ActionButton
          size="compact-sm"
          variant="subtle"
          keys="Mod+."
          data-testid={testIds.tourEnd}
          onClick={endTour}
        >
          {t("end")}
        </ActionButton>
        <span className={css["fill"]} />
        {at > 0 && (
          <ActionButton size="compact-sm" keys="Mod+ArrowLeft" onClick={back}>
            {t("back")}
          </ActionButton>
        )}
        <ActionButton
          primary
          size="compact-sm"
          keys="Mod+ArrowRight"
          disabled={!isReady}
          data-testid={testIds.tourNext}
          onClick={next}
        >
          {isLast ? t("done") : t("next")}
        </ActionButton>
      </div>
    </section>
  );
}
