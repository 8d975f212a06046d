import { Button, Checkbox, Select } from "@mantine/core";
import type { ReactNode } from "react";
import type { Agreement } from "../../../preload/contract/agreement.ts";
import { isReadBlind } from "../../../preload/contract/settings.ts";
import { useRequest } from "../../bridge/hooks.ts";
import { goTo, useSession } from "../../state/session.ts";
import { useSettings } from "../../state/settings.ts";
import { useKeys } from "../../ui/keys.ts";
import { Inspector, TopBar } from "../../ui/slots.tsx";
import { Chip, Empty, Failure, Panel, Skeleton } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import { AgreementTable } from "./agreement-table.tsx";
import css from "./agreement.module.css";
import { Decide } from "./decide.tsx";
import { Places } from "./places.tsx";
import { inLine, minutes, readerName } from "./told.ts";
import { choiceOf, useAgreement, type AgreementInUse } from "./use-agreement.ts";
import { agreementWords } from "./words.ts";

/** How far readers agree on recordings, where they differ, and what is decided of that. */
export function AgreementPage(): ReactNode {
  const t = useWords(agreementWords);
  const ids = useSession((one) => one.compared);
  const settings = useSettings();
  const there = useRequest("recordings.some", { ids: [...ids] }).data;
  const blind = there?.filter(({ id }) => isReadBlind(settings, id)) ?? [];
  return (
    <div className={css["page"]} data-testid="agreement-page">
      <TopBar>
        <h1>{t("title")}</h1>
        {there !== undefined && there.length > 0 && (
          <Chip>{there.length === 1 ? there[0]?.name : t("recordings", { count: there.length })}</Chip>
        )}
      </TopBar>
      {there === undefined ? (
        <Skeleton height={320} />
      ) : there.length === 0 ? (
        <Hollow title={t("nothingOpen")} text={t("nothingOpenText")} />
      ) : blind.length > 0 ? (
        <Hollow
          title={t("blindTitle")}
          text={t("blindTextOne", { names: blind.map(({ name }) => name).join(", ") })}
        />
      ) : (
        <Compared key={ids.join(" ")} ids={there.map(({ id }) => id)} />
      )}
    </div>
  );
}

function Hollow({ title, text }: { readonly title: string; readonly text: string }): ReactNode {
  const t = useWords(agreementWords);
  return (
    <div className={css["state"]}>
      <Empty title={title} actions={<Button onClick={() => goTo("library")}>{t("toLibrary")}</Button>}>
        {text}
      </Empty>
    </div>
  );
}

function Compared({ ids }: { readonly ids: readonly string[] }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const agreement = useAgreement(ids);
  const { report, error, retry, move, show, decideVerdict, takeBack, undo, chosen } = agreement;
  const isOpen = chosen !== undefined && chosen.decision === null;
  useKeys(t("title"), [
    { keys: "ArrowDown", what: t("next"), run: () => move(1), hint: true },
    { keys: "ArrowUp", what: t("previous"), run: () => move(-1) },
    { keys: "S", what: t("show"), run: show, enabled: chosen !== undefined, hint: true },
    ...(chosen?.opinions ?? []).slice(0, 9).map(({ reader, events: [event, ...more] }, i) => ({
      keys: String(i + 1),
      what: t("takeOf", { reader: readerName(reader, language) }),
      run: () => {
        if (event && more.length === 0) agreement.decide(choiceOf(event));
        else if (!event) decideVerdict("nothing");
      },
      enabled: isOpen && more.length === 0,
    })),
    { keys: "N", what: t("verdict.nothing"), run: () => decideVerdict("nothing"), enabled: isOpen },
    { keys: "C", what: t("verdict.cannot-tell"), run: () => decideVerdict("cannot-tell"), enabled: isOpen },
    { keys: "Delete", what: t("takeBack"), run: takeBack, enabled: chosen !== undefined && !isOpen },
    { keys: "Mod+Z", what: t("said.undone"), run: undo },
  ]);
  if (error && !report) return <Failure error={error} onRetry={retry} />;
  if (!report) return <Skeleton height={320} />;
  return (
    <>
      <Chooser agreement={agreement} report={report} />
      {report.compared.length < 2 ? (
        <Hollow title={t("tooFew")} text={t("tooFewText")} />
      ) : (
        <>
          <Panel title={t("howFar")} aside={<Drawn report={report} />}>
            <AgreementTable report={report} set={agreement.set} />
          </Panel>
          <Baselines report={report} />
          <Places agreement={agreement} report={report} />
          <Inspector>
            <Decide agreement={agreement} report={report} />
          </Inspector>
        </>
      )}
    </>
  );
}

function Chooser({
  agreement: { chooseSet, chooseReaders },
  report,
}: {
  readonly agreement: AgreementInUse;
  readonly report: Agreement;
}): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const sets = useRequest("labelSets.list", {}).data ?? [];
  const nameOf = (id: string): string => {
    const set = sets.find((one) => one.id === id);
    return set === undefined ? id : inLanguage(set.name, language);
  };
  const { readers, compared, labelSets, labelSet } = report;
  return (
    <div className={css["choice"]}>
      {labelSets.length > 1 && (
        <Select
          size="xs"
          aria-label={t("labelSet")}
          allowDeselect={false}
          value={labelSet}
          onChange={(id) => id !== null && chooseSet(id)}
          data={labelSets.map((id) => ({ value: id, label: nameOf(id) }))}
        />
      )}
      {readers.map(({ name, events, readS }) => (
        <Checkbox
          key={name}
          size="xs"
          checked={compared.includes(name)}
          onChange={({ currentTarget: { checked } }) =>
            chooseReaders(
              readers
                .map((one) => one.name)
                .filter((one) => (one === name ? checked : compared.includes(one))),
            )
          }
          label={t("reader", { name: readerName(name, language), events, minutes: minutes(readS) })}
          data-testid="compared-reader"
        />
      ))}
    </div>
  );
}

function Drawn({ report: { drawn } }: { readonly report: Agreement }): ReactNode {
  const t = useWords(agreementWords);
  return (
    <span className={css["dim"]}>
      {t(drawn.unit === "blocks" ? "drawnBlocks" : "drawnRecordings", { units: drawn.units })}
    </span>
  );
}

function Baselines({ report: { baselines } }: { readonly report: Agreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  if (baselines.length === 0) return null;
  return (
    <Panel title={t("baselines")}>
      {baselines.map(({ a, b, icc, difference, seconds }) => (
        <p key={`${a} ${b}`} className={css["dim"]} data-testid="baseline-agreement">
          {t("baselineText", {
            ...{ a: readerName(a, language), b: readerName(b, language), minutes: minutes(seconds) },
            icc: inLine(icc, t("notAssessable"), 3),
            difference: inLine(difference, t("notAssessable"), 1),
          })}
        </p>
      ))}
    </Panel>
  );
}
