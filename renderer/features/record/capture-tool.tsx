import { NumberInput, Select, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { DeviceList } from "../../../preload/contract/acquisition.ts";
import { errorFrom } from "../../../preload/contract/errors.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { byteSize, bytesPerSecond, length } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Facts, Failure } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import css from "./record.module.css";
import { recordWords } from "./words.ts";

/** For a device that Kodo does not know: every byte of its line, kept as it comes. */
export function CaptureTool({ list }: { readonly list: DeviceList }): ReactNode {
  const t = useWords(recordWords);
  const state = useRequest("capture.state", {}).data ?? undefined;
  const start = useSend("capture.start");
  const stop = useSend("capture.stop");
  const [port, setPort] = useState("");
  const [baudRate, setBaudRate] = useState(9600);
  const isRunning = state?.isRunning === true;
  const error = start.error ?? stop.error;
  return (
    <details className={css["capture"]} open={isRunning || undefined}>
      <summary>{t("captureTitle")}</summary>
      <p className={css["dim"]}>{t("captureText")}</p>
      <div className={css["fields"]}>
        <Select
          label={t("port")}
          placeholder={t("portNone")}
          data={list.ports.map(({ path }) => path)}
          value={list.ports.some(({ path }) => path === port) ? port : null}
          onChange={(path) => setPort(path ?? "")}
        />
        <TextInput
          label={t("portTyped")}
          value={port}
          onChange={(event) => setPort(event.currentTarget.value)}
        />
        <NumberInput
          label={t("baudRate")}
          min={110}
          max={4_000_000}
          value={baudRate}
          onChange={(value) => typeof value === "number" && setBaudRate(value)}
        />
      </div>
      <div className={css["row"]}>
        {isRunning ? (
          <ActionButton data-testid={testIds.captureStop} onClick={() => stop.mutate({})}>
            {t("captureStop")}
          </ActionButton>
        ) : (
          <ActionButton
            disabled={port.trim() === ""}
            loading={start.isPending}
            data-testid={testIds.captureStart}
            onClick={() => start.mutate({ port: port.trim(), line: { baudRate } })}
          >
            {t("captureStart")}
          </ActionButton>
        )}
      </div>
      {error && <Failure error={error} />}
      {state && <Captured state={state} />}
    </details>
  );
}

function Captured({
  state,
}: {
  readonly state: NonNullable<ReturnType<typeof useRequest<"capture.state">>["data"]>;
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const { bytes, seconds, head, repeatBytes, path, problem } = state;
  return (
    <div data-testid={testIds.captureState} data-running={state.isRunning}>
      <Facts
        facts={[
          [
            path,
            t("captureRate", {
              rate: bytesPerSecond(seconds > 0 ? bytes / seconds : 0, language),
              bytes: byteSize(bytes, language),
              seconds: length(seconds, language),
            }),
          ],
          [t("captureHead"), <code key="head">{head.replace(/(..)/g, "$1 ").trim() || "–"}</code>],
          ["", repeatBytes === undefined ? t("captureNoRepeat") : t("captureRepeat", { bytes: repeatBytes })],
        ]}
      />
      {problem && <Failure error={errorFrom({ ...problem, detail: { path } })} />}
    </div>
  );
}
