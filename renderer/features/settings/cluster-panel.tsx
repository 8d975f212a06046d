import { PasswordInput, TextInput } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { ClusterEntry, ClusterState } from "../../../preload/contract/cluster.ts";
import { request } from "../../bridge/client.ts";
import { useRequest, useSend } from "../../bridge/hooks.ts";
import { number } from "../../ui/format.ts";
import { useKeys } from "../../ui/keys.ts";
import { notifyFailure } from "../../ui/notify.tsx";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Failure, Panel, Skeleton } from "../../ui/widgets.tsx";
import { useLanguage, useWords } from "../../ui/words.ts";
import { clusterWords } from "./cluster-words.ts";
import css from "./settings.module.css";

/** Where a department's archive and workers are. Off until a person connects it. */
export function ClusterPanel(): ReactNode {
  const t = useWords(clusterWords);
  const state = useRequest("cluster.state", {});
  return (
    <Panel
      title={t("title")}
      aside={state.data && <Standing state={state.data} />}
      className={css["wide"] ?? ""}
    >
      <div
        className={css["stack"]}
        data-testid={testIds.settingsCluster}
        data-password={state.data?.password}
      >
        <p className={css["hint"]}>{t("hint")}</p>
        {state.isError && <Failure error={state.error} onRetry={() => void state.refetch()} />}
        {state.isPending && <Skeleton height={120} />}
        {state.data && <Entry key={JSON.stringify(state.data.place)} state={state.data} />}
      </div>
    </Panel>
  );
}

function Standing({ state }: { readonly state: ClusterState }): ReactNode {
  const t = useWords(clusterWords);
  if (state.place === null) return <Chip>{t("off")}</Chip>;
  if (state.password === "missing") return <Chip tone="warn">{t("passwordMissingChip")}</Chip>;
  return <Chip tone="good">{t("connected")}</Chip>;
}

function Entry({ state }: { readonly state: ClusterState }): ReactNode {
  const t = useWords(clusterWords);
  const [address, setAddress] = useState(state.place?.address ?? "");
  const [password, setPassword] = useState("");
  const [file, setFile] = useState(state.place?.file ?? null);
  const test = useSend("cluster.test");
  const connect = useSend("cluster.connect");
  const forget = useSend("cluster.forget");
  const entry: ClusterEntry = { address, file, ...(password === "" ? {} : { password }) };
  /** What was said of another address, password or certificate says nothing of these. */
  const isOfThis = (asked: ClusterEntry | undefined): boolean =>
    JSON.stringify(asked) === JSON.stringify(entry);
  const refused =
    (isOfThis(test.variables) ? test.error : null) ?? (isOfThis(connect.variables) ? connect.error : null);
  const isBusy = test.isPending || connect.isPending;
  const canTry = address.trim() !== "" && !isBusy;
  const tryIt = (): void => {
    connect.reset();
    test.mutate(entry);
  };
  const connectIt = (): void => {
    test.reset();
    connect.mutate(entry, { onSuccess: () => setPassword("") });
  };
  const choose = (): void => {
    request("cluster.chooseCertificate", {}).then((chosen) => {
      if (chosen !== null) setFile(chosen);
    }, notifyFailure);
  };
  const useSystem = (): void => setFile(null);
  const forgetIt = (): void => void forget.mutateAsync({}).catch(notifyFailure);
  const isConnected = state.place !== null;
  useKeys(t("title"), [
    { keys: "C", what: `${t("certificate")}: ${t("choose")}`, run: choose },
    { keys: "Shift+C", what: t("useSystem"), run: useSystem, enabled: file !== null },
    { keys: "K", what: t("test"), run: tryIt, enabled: canTry },
    { keys: "Mod+Enter", what: t("connect"), run: connectIt, enabled: canTry, inInputs: true },
    { keys: "Shift+K", what: t("forget"), run: forgetIt, enabled: isConnected },
  ]);
  return (
    <>
      <div className={css["columns"]}>
        <TextInput
          label={t("address")}
          description={t("addressHint")}
          inputWrapperOrder={["label", "input", "description"]}
          data-testid={testIds.clusterAddress}
          value={address}
          maxLength={1000}
          spellCheck={false}
          onChange={(event) => setAddress(event.currentTarget.value)}
        />
        <PasswordInput
          label={t("password")}
          description={t(state.canKeep ? "passwordKeep" : "passwordNoRing")}
          inputWrapperOrder={["label", "input", "description"]}
          placeholder={isConnected && state.password !== "missing" ? t("passwordSame") : ""}
          data-testid={testIds.clusterPassword}
          value={password}
          maxLength={1000}
          autoComplete="off"
          visibilityToggleButtonProps={{ "aria-label": t("passwordShow") }}
          onChange={(event) => setPassword(event.currentTarget.value)}
        />
      </div>
      {isConnected && state.password === "missing" && <p role="status">{t("passwordMissing")}</p>}
      <Certificate file={file} choose={choose} useSystem={useSystem} />
      <div className={css["buttons"]}>
        <ActionButton
          primary
          keys="Mod+Enter"
          size="compact-sm"
          disabled={!canTry}
          loading={connect.isPending}
          data-testid={testIds.clusterConnect}
          onClick={connectIt}
        >
          {t(isConnected ? "connectAgain" : "connect")}
        </ActionButton>
        <ActionButton
          keys="K"
          size="compact-sm"
          disabled={!canTry}
          loading={test.isPending}
          data-testid={testIds.clusterTest}
          onClick={tryIt}
        >
          {t("test")}
        </ActionButton>
        {isConnected && (
          <ActionButton
            keys="Shift+K"
            size="compact-sm"
            loading={forget.isPending}
            data-testid={testIds.clusterForget}
            onClick={forgetIt}
          >
            {t("forget")}
          </ActionButton>
        )}
      </div>
      <div role="status" data-testid={testIds.clusterTold}>
        {test.data && isOfThis(test.variables) && <Reached {...test.data} />}
      </div>
      {refused && <Failure error={refused} />}
      {isConnected && <p className={css["hint"]}>{t("forgetHint")}</p>}
    </>
  );
}

function Certificate({
  file,
  choose,
  useSystem,
}: {
  readonly file: string | null;
  readonly choose: () => void;
  readonly useSystem: () => void;
}): ReactNode {
  const t = useWords(clusterWords);
  return (
    <div className={css["field"]}>
      <span className={css["label"]}>{t("certificate")}</span>
      <div className={css["buttons"]}>
        <span>{file ?? t("certificateSystem")}</span>
        <ActionButton keys="C" size="compact-sm" data-testid={testIds.clusterCertificate} onClick={choose}>
          {t("choose")}
        </ActionButton>
        {file !== null && (
          <ActionButton keys="Shift+C" size="compact-sm" onClick={useSystem}>
            {t("useSystem")}
          </ActionButton>
        )}
      </div>
      <p className={css["hint"]}>{t("certificateHint")}</p>
    </div>
  );
}

function Reached({
  name,
  recordings,
  workers,
}: {
  readonly name: string;
  readonly recordings: number;
  readonly workers: number;
}): ReactNode {
  const t = useWords(clusterWords);
  const language = useLanguage();
  const told = { name, recordings: number(recordings, language, 0), workers: number(workers, language, 0) };
  return <p>{t("reached", told)}</p>;
}
