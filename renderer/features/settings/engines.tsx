import type { ReactNode } from "react";
import type { EngineInstall, EngineOffer, EngineReport } from "../../../preload/contract/engine.ts";
import { AppError, type ErrorCode } from "../../../preload/contract/errors.ts";
import { useRequest, useSend, useSendOnce } from "../../bridge/hooks.ts";
import { byteSize, percent } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { errorLine } from "../../ui/said.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Bar, Chip, Failure, Panel, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./settings.module.css";
import { settingsWords } from "./words.ts";

/** What trains on this machine, whether it passed its test, and what more can be installed. */
export function EnginePanel(): ReactNode {
  const t = useWords(settingsWords);
  const found = useRequest("engines.list", {}, { keepPrevious: true });
  const progress = useRequest("engines.progress", {});
  const again = useSend("engines.list");
  const isInstalling = progress.data?.state === "running";
  const canTest = !isInstalling && !found.isPending && !again.isPending;
  const testAgain = () =>
    void again
      .mutateAsync({ again: true })
      .then(() => found.refetch())
      .catch(notifyFailure);
  useKeys(t("engines"), [{ keys: "T", what: t("testAgain"), run: testAgain, enabled: canTest }]);
  return (
    <Panel
      title={t("engines")}
      aside={
        <ActionButton
          keys="T"
          size="compact-sm"
          loading={again.isPending}
          disabled={!canTest}
          onClick={testAgain}
        >
          {t("testAgain")}
        </ActionButton>
      }
      className={css["wide"] ?? ""}
    >
      <div className={css["stack"]} data-testid={testIds.settingsEngines}>
        <p className={css["hint"]}>{t("enginesHint")}</p>
        {found.isError && <Failure error={found.error} onRetry={() => void found.refetch()} />}
        {found.isPending && (
          <div aria-busy>
            <p className={css["hint"]}>{t("testingEngines")}</p>
            <Skeleton height={96} />
          </div>
        )}
        {found.data && (
          <ul className={css["engines"]}>
            {found.data.engines.map((engine) => (
              <Engine key={engine.name} engine={engine} isBusy={isInstalling} />
            ))}
          </ul>
        )}
        <Installation progress={progress.data ?? undefined} />
        {found.data && !isInstalling && <Offers {...found.data} />}
      </div>
    </Panel>
  );
}

const isGraphics = (name: EngineReport["name"]): boolean =>
  name === "onnxruntime-webgpu" || name === "onnxruntime-directml";

/** Not a fault: the machine lacks what the engine computes on. */
const isLacking = ({ error }: EngineReport): boolean =>
  error?.code === "model/engine-no-card" || error?.code === "model/engine-unsupported";

const deviceWord = (device: string): "device.cpu" | "device.cuda" | undefined => {
  if (device === "cpu") return "device.cpu";
  return ["cuda", "webgpu", "directml"].includes(device) ? "device.cuda" : undefined;
};

function Engine({ engine, isBusy }: { readonly engine: EngineReport; readonly isBusy: boolean }): ReactNode {
  const t = useWords(settingsWords);
  const language = useLanguage();
  const remove = useSendOnce("engines.remove");
  const { name, state, version, device, threads, selfTest, installed, error } = engine;
  const canRemove = installed !== undefined && !isBusy && !remove.isPending;
  const removeIt = () => remove.send({}, { onError: notifyFailure });
  useKeys(t(`engine.${name}`), [{ keys: "Shift+Delete", what: t("removeEngine"), run: removeIt }], {
    enabled: canRemove,
  });
  const word = device === undefined ? undefined : deviceWord(device);
  const facts = [
    version,
    word === undefined ? device : t(word),
    threads === undefined ? undefined : t("threads", { count: threads }),
    selfTest === undefined ? undefined : t("selfTest", { error: selfTest.largestError.toExponential(0) }),
  ].filter((one) => one !== undefined);
  return (
    <li className={css["engine"]} data-testid={testIds.engineRow} data-engine={name} data-state={state}>
      <div>
        <strong>{t(`engine.${name}`)}</strong>{" "}
        <Chip tone={state === "ready" ? "good" : state === "failed" && !isLacking(engine) ? "bad" : "plain"}>
          {t(`engine.${state}`)}
        </Chip>
        {facts.length > 0 && <p>{facts.join(" · ")}</p>}
        {state === "failed" && error && <p className={css["hint"]}>{errorLine(error, language)}</p>}
        {installed?.variant === "cuda" && device === "cpu" && <p className={css["hint"]}>{t("noCard")}</p>}
        {name === "reference" && <p className={css["hint"]}>{t("engine.referenceHint")}</p>}
        {isGraphics(name) && state === "ready" && <p className={css["hint"]}>{t("engine.graphicsHint")}</p>}
        {installed && (
          <p className={css["hint"]}>
            {t("installed", {
              size: byteSize(installed.bytes, language),
              source: installed.source,
              licence: installed.licence,
            })}
          </p>
        )}
      </div>
      {installed && (
        <ActionButton
          keys="Shift+Delete"
          size="compact-sm"
          data-testid={testIds.removeEngine}
          disabled={!canRemove}
          loading={remove.isPending}
          onClick={removeIt}
        >
          {t("removeEngine")}
        </ActionButton>
      )}
    </li>
  );
}

/** The installation under way, or how the last one ended badly. */
function Installation({ progress }: { readonly progress: EngineInstall | undefined }): ReactNode {
  const t = useWords(settingsWords);
  const cancel = useSend("engines.cancel");
  const cancelIt = () => void cancel.mutateAsync({}).catch(notifyFailure);
  useKeys(
    t("engine.libtensorflow"),
    [{ keys: "X", what: t("cancelInstall"), run: cancelIt, enabled: !cancel.isPending }],
    { enabled: progress?.state === "running" },
  );
  if (progress === undefined || progress.state === "done") return null;
  if (progress.state === "cancelled") return <p className={css["hint"]}>{t("installCancelled")}</p>;
  if (progress.state === "failed") {
    const { code, message, detail } = progress.error ?? {
      code: "internal/unexpected",
      message: "",
      detail: {},
    };
    return <Failure error={new AppError(code as ErrorCode, message, detail)} />;
  }
  const label = t(`step.${progress.step}`);
  return (
    <div className={css["engine"]}>
      <div className={css["installing"]}>
        <p aria-live="polite">
          {label}
          {progress.done > 0 && <span aria-live="off">{` ${percent(progress.done, 0)}`}</span>}
        </p>
        <div
          role="progressbar"
          aria-label={label}
          aria-valuenow={Math.round(progress.done * 100)}
          aria-valuemin={0}
          aria-valuemax={100}
        >
          <Bar share={progress.done} />
        </div>
      </div>
      <ActionButton
        keys="X"
        size="compact-sm"
        data-testid={testIds.cancelInstall}
        loading={cancel.isPending}
        onClick={cancelIt}
      >
        {t("cancelInstall")}
      </ActionButton>
    </div>
  );
}

/** With Shift, as taking an engine away: neither hundreds of megabytes nor their loss hang on a stray key. */
const installKeys: Readonly<Record<EngineOffer["variant"], string>> = { cpu: "Shift+I", cuda: "Shift+G" };

/** What is not there yet and could be. */
function Offers({
  engines,
  offers,
}: {
  readonly engines: readonly EngineReport[];
  readonly offers: readonly EngineOffer[];
}): ReactNode {
  const t = useWords(settingsWords);
  const language = useLanguage();
  const install = useSendOnce("engines.install");
  const there = engines.find(({ installed }) => installed !== undefined)?.installed?.variant;
  const open = offers.filter(({ variant }) => variant !== there);
  const begin = (variant: EngineOffer["variant"]) => install.send({ variant }, { onError: notifyFailure });
  useKeys(
    t("engine.libtensorflow"),
    open.map(({ variant }) => ({
      keys: installKeys[variant],
      what: `${t("install")} (${t(`device.${variant}`)})`,
      run: () => begin(variant),
      enabled: !install.isPending,
    })),
  );
  if (open.length === 0) return null;
  return (
    <ul className={css["engines"]}>
      {open.map(({ variant, version, licence, downloadBytes, diskBytes }) => (
        <li key={variant} className={css["engine"]}>
          <div>
            <strong>{t("engine.libtensorflow")}</strong>
            <p>{t("offer", { device: t(`device.${variant}`), version, licence })}</p>
            {downloadBytes !== undefined && diskBytes !== undefined && (
              <p className={css["hint"]}>
                {t("offerSize", {
                  download: byteSize(downloadBytes, language),
                  disk: byteSize(diskBytes, language),
                })}
              </p>
            )}
          </div>
          <ActionButton
            keys={installKeys[variant]}
            size="compact-sm"
            data-testid={testIds.installEngine}
            data-variant={variant}
            loading={install.isPending}
            onClick={() => begin(variant)}
          >
            {t("install")}
          </ActionButton>
        </li>
      ))}
    </ul>
  );
}
