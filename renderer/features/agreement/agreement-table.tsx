import { Fragment, type ReactNode } from "react";
import type {
  Agreement,
  Differences,
  Estimate,
  GroupAgreement,
  LabelAgreement,
  LabelPair,
} from "../../../preload/contract/agreement.ts";
import type { LabelSet } from "../../../preload/contract/label-set.ts";
import { percent } from "../../ui/format.ts";
import { Scroll } from "../../ui/widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import css from "./agreement.module.css";
import { inLine, intervalOf, labelName, minutes, readerName, valueOf } from "./told.ts";
import { agreementWords } from "./words.ts";

interface Props {
  readonly set: LabelSet | undefined;
}

const columns = ["label", "counts", "f1", "sensitivity", "ppv", "kappa", "onset", "duration"] as const;

/** A row a label and pair of readers, under what holds for the label's group. */
export function AgreementTable({ report, set }: Props & { readonly report: Agreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  return (
    <>
      <Scroll label={t("howFar")} className={css["table"]}>
        <table className={css["table"]} data-testid="agreement-table">
          <thead>
            <tr>
              {columns.map((one) => (
                <th key={one} scope="col">
                  {t(one)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {report.groups.map((group) => (
              <Group key={group.group} group={group} set={set} />
            ))}
          </tbody>
        </table>
      </Scroll>
      <p className={css["dim"]}>{t("reference", { a: readerName(report.compared[0] ?? "", language) })}</p>
    </>
  );
}

function Group({ group, set }: Props & { readonly group: GroupAgreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const named = set?.groups.find(({ code }) => code === group.group);
  const isCommon = group.pairs.some(({ commonS }) => commonS > 0);
  const isGiven = isCommon && group.labels.length > 0;
  return (
    <>
      <tr className={css["group"]} data-testid="agreement-group" data-group={group.group}>
        <th scope="rowgroup" colSpan={columns.length}>
          {named === undefined ? group.group : inLanguage(named.name, language)}
          {isCommon && group.labels.length === 0 && <span className={css["below"]}>{t("noneGiven")}</span>}
          {!isCommon && <span className={css["below"]}>{t("noneCommon")}</span>}
          {isGiven && (
            <span className={css["below"]}>
              {t("alpha", { value: inLine(group.alpha, t("notAssessable")) })}
            </span>
          )}
          {isGiven &&
            group.pairs.map(({ a, b, kappa, observed, commonS }) => (
              <span key={`${a} ${b}`} className={css["below"]}>
                {t("kappaIs", { value: inLine(kappa, t("notAssessable")) })}
                {" · "}
                {t("groupText", {
                  ...{ a: readerName(a, language), b: readerName(b, language), minutes: minutes(commonS) },
                  share: observed === null ? t("notAssessable") : percent(observed.value),
                })}
              </span>
            ))}
        </th>
      </tr>
      {isCommon && group.labels.map((label) => <Label key={label.label} label={label} set={set} />)}
    </>
  );
}

function Label({ label, set }: Props & { readonly label: LabelAgreement }): ReactNode {
  const t = useWords(agreementWords);
  const language = useLanguage();
  const { rule, pairs } = label;
  const ruleText =
    rule.kind === "ends"
      ? t("ruleEnds", { seconds: rule.overlapS })
      : t("ruleShare", { share: percent(rule.share, 0) });
  return (
    <>
      {pairs.map((pair) => (
        <Fragment key={`${pair.a} ${pair.b}`}>
          <tr data-testid="agreement-label" data-label={label.label}>
            <th scope="row" title={ruleText}>
              {labelName(set, label.label, language)}
              {pairs.length > 1 && (
                <span className={css["below"]}>
                  {[pair.a, pair.b].map((one) => readerName(one, language)).join(" / ")}
                </span>
              )}
            </th>
            <Figures pair={pair} />
          </tr>
        </Fragment>
      ))}
    </>
  );
}

function Figures({ pair }: { readonly pair: LabelPair }): ReactNode {
  const t = useWords(agreementWords);
  const { eventsA, eventsB, matched } = pair;
  return (
    <>
      <td className={css["counts"]}>{t("countText", { a: eventsA, b: eventsB, both: matched })}</td>
      <Figure of={pair.f1} />
      <Figure of={pair.sensitivity} />
      <Figure of={pair.ppv} />
      <Figure of={pair.kappa} />
      <Apart of={pair.onset} />
      <Apart of={pair.duration} />
    </>
  );
}

function Figure({ of }: { readonly of: Estimate | null }): ReactNode {
  const t = useWords(agreementWords);
  return (
    <td>
      {valueOf(of) ?? <span className={css["dim"]}>{t("notAssessable")}</span>}
      <span className={css["below"]}>{intervalOf(of)}</span>
    </td>
  );
}

function Apart({ of: { mean, rms, median } }: { readonly of: Differences }): ReactNode {
  const t = useWords(agreementWords);
  if (mean === null)
    return (
      <td>
        <span className={css["dim"]}>{t("notAssessable")}</span>
      </td>
    );
  return (
    <td title={intervalOf(mean, 1)}>
      {valueOf(mean, 1)}
      <span className={css["below"]}>
        {t("rmsMedian", { rms: valueOf(rms, 1) ?? "", median: valueOf(median, 1) ?? "" })}
      </span>
    </td>
  );
}
