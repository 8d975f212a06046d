import { useCallback, useEffect, useRef, useState, type ReactNode } from "react";
import { request } from "../../bridge/client.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { useJobs } from "../../state/jobs.ts";
import { goTo, openRecording, useSession } from "../../state/session.ts";
import { endTour, turnTour, useTour } from "../../state/tour.ts";
import { common } from "../../ui/common-words.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton } from "../../ui/widgets.tsx";
import { useWords } from "../../ui/words.ts";
import { recordingFor, steps, type Step } from "./steps.ts";
import { studyOf, type Making, type Study } from "./study.ts";
import css from "./tour.module.css";
import { tourWords } from "./words.ts";

// Those of the arrows are the review's.
const ON = "Mod+PageDown";
const BACK = "Mod+PageUp";

/** The tour over the real pages: a small panel that says what can be done here, and leads on. */
export function TourPanel(): ReactNode {
  const at = useTour((one) => one.step);
  const step = at === undefined ? undefined : steps[at];
  if (at === undefined || step === undefined) return null;
  return <Shown at={at} step={step} />;
}

/** Where the synthetic study is. */
const ofTheStudy = { kind: "ctg", isSynthetic: true, sort: { by: "name", isDescending: false } } as const;

/** The study the tour walks through is made once, where the library has none: an empty one needs no asking. */
function useStudy(): { readonly study: Study; readonly make: () => void } {
  const recordings = useRequest("recordings.page", { view: ofTheStudy }).data?.rows;
  const isEmpty = useRequest("recordings.counts", {}).data?.recordings === 0;
  const jobs = useJobs((one) => one.jobs);
  const [making, setMaking] = useState<Making>();
  const study = studyOf(recordings, making, jobs, isEmpty);
  const hasBegun = useRef(false);
  const make = useCallback(() => {
    hasBegun.current = true;
    setMaking({ jobId: undefined, hasFailed: false });
    request("sample.open", {}).then(
      ({ jobId }) => setMaking({ jobId, hasFailed: false }),
      (error: unknown) => {
        setMaking({ jobId: undefined, hasFailed: true });
        notifyFailure(error);
      },
    );
  }, []);
  useEffect(() => {
    if (study === "absent" && !hasBegun.current) make();
  }, [study, make]);
  useEffect(() => {
    request("settings.set", { welcomed: true }).catch(() => undefined); // the first start asks again, no more
  }, []);
  return { study, make };
}

function Shown({ at, step }: { readonly at: number; readonly step: Step }): ReactNode {
  const t = useWords(tourWords);
  const c = useWords(common);
  const { study, make } = useStudy();
  const recordings = useRequest("recordings.page", { view: ofTheStudy }).data?.rows;
  const wanted = recordings && recordingFor(step, recordings)?.id;
  const panel = useRef<HTMLElement>(null);
  const led = useRef<Step>(undefined); // once a step: removing what it opened leads nowhere else
  useEffect(() => {
    if (led.current === step) return;
    if (step.opens === undefined || wanted !== undefined) led.current = step;
    if (wanted !== undefined && useSession.getState().recordingId !== wanted) openRecording(wanted);
    else goTo(step.page);
    panel.current?.focus();
  }, [step, wanted]);
  const isLast = at === steps.length - 1;
  const next = () => turnTour(1, steps.length);
  const back = () => turnTour(-1, steps.length);
  const on =
    study === "asked"
      ? { what: t("make"), run: make }
      : study === "failed"
        ? { what: c("retry"), run: make }
        : { what: isLast ? t("done") : t("next"), run: next };
  const canGoOn = study === "ready" || study === "asked" || study === "failed";
  useKeys(t("tour"), [
    { keys: ON, what: on.what, run: on.run, enabled: canGoOn },
    { keys: BACK, what: t("back"), run: back, enabled: at > 0 },
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
      {(study === "absent" || study === "making") && <p className={css["waiting"]}>{t("waiting")}</p>}
      {study === "asked" && <p role="status">{t("ask")}</p>}
      {study === "failed" && <p role="alert">{t("notMade")}</p>}
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
          <ActionButton size="compact-sm" keys={BACK} onClick={back}>
            {t("back")}
          </ActionButton>
        )}
        <ActionButton
          primary
          size="compact-sm"
          keys={ON}
          disabled={!canGoOn}
          data-testid={testIds.tourNext}
          onClick={on.run}
        >
          {on.what}
        </ActionButton>
      </div>
    </section>
  );
}
