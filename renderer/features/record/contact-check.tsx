import { useEffect, useRef, type ReactNode } from "react";
import type {
  ContactState,
  DeviceList,
  ElectrodeContact,
  ProtocolInfo,
} from "../../../preload/contract/acquisition.ts";
import { errorFrom } from "../../../preload/contract/errors.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { number, timeOfDay } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Failure } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./record.module.css";
import { choiceOf, type DeviceDraft } from "./setup-draft.ts";
import { recordWords } from "./words.ts";

interface ContactProps {
  readonly device: DeviceDraft;
  readonly list: DeviceList;
  readonly info: ProtocolInfo;
  readonly isConnecting: boolean;
  readonly hasKeys: boolean; // the first of several
}

/** How the electrodes of a device lie, one after the other, before anything is connected. Nothing is stored. */
export function ContactCheck({ device, list, info, isConnecting, hasKeys }: ContactProps): ReactNode {
  const t = useWords(recordWords);
  const state = useRequest("contact.state", {}).data ?? undefined;
  const start = useSend("contact.start");
  const stop = useSend("contact.stop");
  const port = device.port.trim();
  const isElsewhere = state?.isRunning === true && state.port !== port;
  const shown = state?.port === port && state.protocol === info.kind ? state : undefined;
  const isRunning = shown?.isRunning === true;
  const canStart = port !== "" && !isRunning && !isElsewhere && !isConnecting && !start.isPending;
  const begin = (): void => {
    if (canStart) start.mutate(choiceOf(list, device));
  };
  const end = (): void => {
    if (isRunning) stop.mutate({}, { onError: notifyFailure });
  };
  useKeys(
    t("keysSetup"),
    [
      { keys: "Mod+Shift+E", what: t("contactStart"), run: begin, inInputs: true },
      {
        keys: "Mod+.",
        what: t("contactStop"),
        run: end,
        enabled: isRunning,
        inInputs: true,
        hint: isRunning,
      },
    ],
    { enabled: hasKeys || isRunning },
  );
  const box = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (isRunning) box.current?.scrollIntoView({ block: "nearest" }); // it may have been begun by key
  }, [isRunning]);
  const refused = start.error && start.variables.port === port ? start.error : undefined;
  return (
    <div ref={box} className={css["contact"]} data-testid={testIds.recordContact} data-running={isRunning}>
      <div className={css["row"]}>
        {isRunning ? (
          <ActionButton size="compact-sm" keys="Mod+." data-testid={testIds.recordContactStop} onClick={end}>
            {t("contactStop")}
          </ActionButton>
        ) : (
          <ActionButton
            size="compact-sm"
            {...(hasKeys ? { keys: "Mod+Shift+E" } : {})}
            disabled={!canStart}
            data-testid={testIds.recordContactStart}
            onClick={begin}
          >
            {t("contactStart")}
          </ActionButton>
        )}
        <span className={css["dim"]}>{t("contactText")}</span>
      </div>
      {refused && !isRunning && <Failure error={refused} onRetry={begin} />}
      {shown && !refused && <Measured state={shown} onRetry={begin} />}
    </div>
  );
}

function Measured({
  state,
  onRetry,
}: {
  readonly state: ContactState;
  readonly onRetry: () => void;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const { electrodes, limits, isRunning, areSettingsBack, problem, endedAt } = state;
  const done = electrodes.filter(({ stands }) => stands === "measured").length;
  const isGreeted = electrodes.some(({ stands }) => stands !== "waiting");
  const isCalledOff = problem?.code.startsWith("cancelled/") === true;
  const all = electrodes.length;
  const time = endedAt === undefined ? "" : timeOfDay(endedAt);
  const says = (): string => {
    if (isRunning) return isGreeted ? t("contactRunning", { done, all }) : t("contactGreeting");
    if (isCalledOff) return t("contactCalledOff", { done, all, time });
    return problem ? "" : t("contactDone", { all, time });
  };
  return (
    <>
      <p className={css["dim"]} role="status" data-testid={testIds.recordContactSays}>
        {says()} {!isRunning && areSettingsBack === true && t("contactBack")}
      </p>
      {problem && !isCalledOff && <Failure error={errorFrom(problem)} onRetry={onRetry} />}
      {!isRunning && areSettingsBack === false && (
        <p className={css["contactNotBack"]} role="alert">
          {t("contactNotBack")}
        </p>
      )}
      <ul className={css["contacts"]}>
        {[...new Set(electrodes.map(({ channel }) => channel))].map((channel) => {
          const of = electrodes.filter((one) => one.channel === channel);
          return (
            <li key={channel} data-testid={testIds.recordContactChannel} data-channel={channel}>
              <span className={css["contactLabel"]}>{of[0]?.label}</span>
              {of.map((one) => (
                <Electrode key={one.input} electrode={one} isAlone={of.length === 1} />
              ))}
            </li>
          );
        })}
      </ul>
      <p className={css["verified"]}>
        {t("contactLimits", {
          good: number(limits.goodKOhm, language, 0),
          open: number(limits.openKOhm, language, 0),
        })}{" "}
        {t("contactRecalled")} {t("notOnDevice")}
      </p>
    </>
  );
}

const tones = { good: "good", poor: "warn", open: "warn", unclear: "plain" } as const;

function Electrode({
  electrode: { input, stands, word, kOhm },
  isAlone,
}: {
  readonly electrode: ElectrodeContact;
  readonly isAlone: boolean;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  return (
    <span className={css["contactOne"]} data-input={input} data-word={word} data-stands={stands}>
      {!isAlone && <span className={css["dim"]}>{t(`contactInput.${input}`)}</span>}
      <span className={css["contactOhm"]}>
        {kOhm === undefined ? "–" : `${number(kOhm, language, kOhm < 10 ? 1 : 0)} kΩ`}
      </span>
      {word === undefined ? (
        <span className={css["dim"]}>{stands === "measuring" ? t("contactNow") : ""}</span>
      ) : (
        <Chip tone={tones[word]}>{t(`contact.${word}`)}</Chip>
      )}
    </span>
  );
}
