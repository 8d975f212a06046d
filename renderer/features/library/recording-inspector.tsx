import { Checkbox, Select } from "@mantine/core";
import { useEffect, type ReactNode, type RefObject } from "react";
import type { RecordingDetail, Repair } from "../../../preload/contract/recording.ts";
import { missingShareOf, RecordingKind } from "../../../preload/contract/recording.ts";
import { isReadBlind } from "../../../preload/contract/settings.ts";
import { labelledShare } from "../../../preload/contract/listing.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { useSettings } from "../../state/settings.ts";
import { common } from "../../ui/common-words.ts";
import { dateTime, length, moment, percent, rate } from "../../ui/format.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { repairText } from "../../ui/said.ts";
import { SavedField } from "../../ui/saved-field.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Facts, Failure, Skeleton, type Fact } from "../../ui/widgets.tsx";
import { unitText } from "../../ui/unit.ts";
import { useLanguage, useWords } from "../../ui/words.ts";
import { archiveWords } from "./archive-words.ts";
import { faultText } from "./fault.ts";
import { chooseAnnotationsFor, sayReadComplete, useReadComplete } from "./import-flow.ts";
import css from "./library.module.css";
import { OtherClocks } from "./other-clocks.tsx";
import { passWords } from "./pass-words.ts";
import { studyWords } from "./study-words.ts";
import { libraryWords } from "./words.ts";

export interface RecordingInspectorProps {
  readonly id: string;
  readonly repairsRef: RefObject<HTMLDivElement | null>;
  readonly nameRef: RefObject<HTMLInputElement | null>;
  readonly onOpen: () => void;
  readonly onExport: () => void;
  readonly onRemove: () => void;
  readonly onVerify: () => void;
  readonly onCompare: () => void;
  readonly onReadBlind: () => void;
  readonly onPredict: () => void;
  readonly onAnalyse: () => void;
  readonly onUc: () => void;
  readonly isVerifying: boolean;
  readonly onPush: (() => void) | undefined; // absent: no archive is connected
}

export function RecordingInspector(props: RecordingInspectorProps): ReactNode {
  const detail = useRequest("recordings.get", { id: props.id });
  if (detail.isError) return <Failure error={detail.error} onRetry={() => void detail.refetch()} />;
  if (!detail.data) return <Skeleton height={320} />;
  return <About key={props.id} {...props} recording={detail.data} />;
}

function About({
  recording: one,
  repairsRef,
  nameRef,
  onOpen,
  onExport,
  onRemove,
  onVerify,
  onCompare,
  onReadBlind,
  onPredict,
  onAnalyse,
  onUc,
  isVerifying,
  onPush,
}: RecordingInspectorProps & { readonly recording: RecordingDetail }): ReactNode {
  const t = useWords(libraryWords);
  const a = useWords(archiveWords);
  const s = useWords(studyWords);
  const p = useWords(passWords);
  const c = useWords(common);
  const language = useLanguage();
  const isBlind = isReadBlind(useSettings(), one.id);
  const isRead = useReadComplete(({ recordingId }) => recordingId === one.id);
  useEffect(() => () => sayReadComplete(undefined), [one.id]);
  const facts: Fact[] = [
    [t("date"), one.startedAt === undefined ? c("unknown") : dateTime(one.startedAt, language)],
    [t("length"), length(one.durationS, language)],
    [
      t("annotations"),
      isBlind
        ? t("blindHere")
        : `${one.annotationCount} · ${t("labelled", { share: percent(labelledShare(one), 0) })}`,
    ],
    [t("source"), `${one.source.file} (${one.source.format})`],
    [t("imported"), moment(one.importedAt, language)],
  ];
  return (
    <div className={css["inspector"]}>
      <div className={css["block"]}>
        <h2>{one.name}</h2>
        <span style={{ display: "flex", gap: 6, flexWrap: "wrap" }}>
          <Chip>{c(`kind.${one.kind}`)}</Chip>
          {one.synthetic && <Chip tone="warn">{c("synthetic")}</Chip>}
          {one.state !== "complete" && <Chip tone="warn">{t(`state.${one.state}`)}</Chip>}
          {one.fault !== undefined && <Chip tone="bad">{t("damaged")}</Chip>}
        </span>
        {one.fault !== undefined && (
          <p role="status" data-testid={testIds.recordingFault}>
            {t("faultText", { fault: faultText(one.fault, language) })}
          </p>
        )}
        {one.state === "interrupted" && <p className={css["dim"]}>{t("interruptedText")}</p>}
      </div>
      <div className={css["actions"]}>
        <ActionButton primary keys="Enter" data-testid={testIds.openReview} onClick={onOpen}>
          {t("open")}
        </ActionButton>
        <ActionButton keys="E" data-testid={testIds.exportRecordings} onClick={onExport}>
          {t("export")}
        </ActionButton>
        <ActionButton keys="Delete" data-testid={testIds.removeRecording} onClick={onRemove}>
          {t("remove")}
        </ActionButton>
        <ActionButton keys="V" loading={isVerifying} onClick={onVerify}>
          {t("verify")}
        </ActionButton>
        <ActionButton
          keys="M"
          className={css["whole"] ?? ""}
          data-testid={testIds.predictRecordings}
          onClick={onPredict}
        >
          {s("predict")}
        </ActionButton>
        <ActionButton
          keys="R"
          className={css["whole"] ?? ""}
          data-testid={testIds.analyseRecordings}
          onClick={onAnalyse}
        >
          {s("analyse")}
        </ActionButton>
        {one.kind === "ctg" && (
          <ActionButton
            keys="U"
            className={css["whole"] ?? ""}
            data-testid={testIds.ucRecordings}
            onClick={onUc}
          >
            {p("uc")}
          </ActionButton>
        )}
        <ActionButton keys="B" className={css["whole"] ?? ""} data-testid="read-blind" onClick={onReadBlind}>
          {t("readBlind")}
        </ActionButton>
        <ActionButton
          keys="C"
          className={css["whole"] ?? ""}
          data-testid="compare-readers"
          onClick={onCompare}
        >
          {t("compareReaders")}
        </ActionButton>
        {onPush && (
          <ActionButton
            keys="P"
            style={{ gridColumn: "1 / -1" }}
            data-testid={testIds.pushRecordings}
            onClick={onPush}
          >
            {a("push")}
          </ActionButton>
        )}
        <ActionButton
          keys="A"
          className={css["whole"] ?? ""}
          data-testid={testIds.addAnnotations}
          onClick={() => void chooseAnnotationsFor(one.id)}
        >
          {t("addAnnotations")}
        </ActionButton>
        <Checkbox
          size="xs"
          className={css["whole"] ?? ""}
          data-testid="annotations-read"
          label={t("annotationsRead")}
          checked={isRead}
          onChange={(change) => sayReadComplete(change.currentTarget.checked ? one.id : undefined)}
        />
      </div>
      <Edit recording={one} nameRef={nameRef} />
      <Facts facts={facts} />
      <div className={css["block"]}>
        <h3>{t("channels")}</h3>
        <ul className={css["list"]}>
          {one.channels.map((channel) => (
            <li key={channel.position} className={css["channelRow"]}>
              <span className={css["clip"]}>
                {channel.label} <span className={css["dim"]}>{unitText(language, channel)}</span>
              </span>
              <span className={css["dim"]}>
                {rate(channel.sampleRate, language)} ·{" "}
                {t("channelMissing", {
                  share: percent(missingShareOf(channel)),
                })}
              </span>
            </li>
          ))}
        </ul>
        <OtherClocks recording={one} />
      </div>
      {one.repairs.length > 0 && (
        <div className={css["block"]} ref={repairsRef} tabIndex={-1}>
          <h3>{t("repairsTitle", { count: one.repairs.length })}</h3>
          <ul className={css["list"]}>
            {one.repairs.map((repair, i) => (
              <RepairLine key={i} repair={repair} />
            ))}
          </ul>
        </div>
      )}
      {Object.keys(one.facts).length > 0 && (
        <div className={css["block"]}>
          <h3>{t("headerFacts")}</h3>
          <Facts facts={Object.entries(one.facts)} />
        </div>
      )}
    </div>
  );
}

function RepairLine({ repair }: { readonly repair: Repair }): ReactNode {
  const t = useWords(libraryWords);
  const where = [
    repair.code,
    repair.file ?? "",
    repair.offset === undefined ? "" : t("offset", { offset: repair.offset }),
  ];
  return (
    <li className={css["repair"]}>
      {repairText(repair, useLanguage())}
      <br />
      <small>
        {t(`severity.${repair.severity}`)} · {where.filter((part) => part !== "").join(" · ")}
      </small>
    </li>
  );
}

function Edit({
  recording: one,
  nameRef,
}: {
  readonly recording: RecordingDetail;
  readonly nameRef: RefObject<HTMLInputElement | null>;
}): ReactNode {
  const t = useWords(libraryWords);
  const c = useWords(common);
  const change = useSend("recordings.change");
  const send = (patch: {
    name?: string;
    subject?: string;
    study?: string;
    note?: string;
    kind?: RecordingKind;
  }) => void change.mutateAsync({ id: one.id, ...patch }).catch(notifyFailure); // heard even when the page was left
  return (
    <div className={css["fields"]}>
      <SavedField
        label={t("name")}
        value={one.name}
        isRequired
        onSave={(name) => send({ name })}
        inputRef={nameRef}
      />
      <div className={css["pair"]}>
        <SavedField
          label={t("subject")}
          value={one.subject}
          isRequired
          onSave={(subject) => send({ subject })}
        />
        <Select
          label={t("kind")}
          value={one.kind}
          data={RecordingKind.options.map((value) => ({ value, label: c(`kind.${value}`) }))}
          onChange={(value) => {
            const kind = RecordingKind.options.find((known) => known === value);
            if (kind && kind !== one.kind) send({ kind });
          }}
        />
      </div>
      <SavedField label={t("study")} value={one.study} onSave={(study) => send({ study })} />
      <SavedField label={t("note")} value={one.note} isLong onSave={(note) => send({ note })} />
    </div>
  );
}
