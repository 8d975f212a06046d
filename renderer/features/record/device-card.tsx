import { NumberInput, Select, Switch, TextInput } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import {
  type DeviceList,
  type PortInfo,
  protocolKinds,
  type ProtocolInfo,
} from "../../../preload/contract/acquisition.ts";
import { useSend } from "../../bridge/hooks.ts";
import { rate } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import { ActionButton, Chip, Failure } from "../../ui/widgets.tsx";
import { useLanguage, useWords, type Language } from "../../ui/words.ts";
import { ContactCheck } from "./contact-check.tsx";
import { changeDevice, removeDevice, useDraft } from "./draft-store.ts";
import css from "./record.module.css";
import { protocolName, verifiedText } from "./said-problem.ts";
import { choiceOf, deviceOn, protocolOf, usualLine, wholeSetup, type DeviceDraft } from "./setup-draft.ts";
import { SetupFields } from "./setup-fields.tsx";
import { fieldsOf } from "./setup-form.ts";
import { recordWords } from "./words.ts";

interface DeviceProps {
  readonly device: DeviceDraft;
  readonly list: DeviceList;
}

/** One device: what it speaks, where it is, who answers, and its settings. */
export function DeviceCard({
  device,
  number,
  list,
  isConnecting,
  hasContactKeys,
}: DeviceProps & {
  readonly number: number;
  readonly isConnecting: boolean;
  readonly hasContactKeys: boolean; // it is the first that measures contact
}): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const info = protocolOf(list, device.protocol);
  const setup = wholeSetup(info, device);
  const isListed = device.port === "" || list.ports.some(({ path }) => path === device.port);
  /** Another place or protocol: what was found out about the one before does not hold. */
  const place = (protocol: DeviceDraft["protocol"], port: string): void => {
    const { line, setup: own, sites } = deviceOn(list, protocol, port);
    changeDevice(device.key, { protocol, port, line, setup: own, sites, found: undefined });
  };
  return (
    <section className={css["device"]} data-testid={testIds.recordDevice} data-device={number - 1}>
      <header className={css["deviceHead"]}>
        <h3>{t("device", { number })}</h3>
        <button
          type="button"
          className={css["quietButton"]}
          aria-label={t("removeDevice", { number })}
          data-testid={testIds.recordRemoveDevice}
          onClick={() => removeDevice(device.key)}
        >
          <IconX size={14} aria-hidden />
        </button>
      </header>
      <div className={css["fields"]}>
        <Select
          label={t("protocol")}
          data-testid={testIds.recordProtocol}
          data={list.protocols.map(({ kind }) => ({ value: kind, label: protocolName(kind, language) }))}
          value={device.protocol}
          onChange={(kind) =>
            place(protocolKinds.find((one) => one === kind) ?? device.protocol, device.port)
          }
        />
        <Select
          label={t("port")}
          data-testid={testIds.recordPort}
          placeholder={t("portNone")}
          data={list.ports.map((port) => ({ value: port.path, label: portText(port, t) }))}
          value={list.ports.some(({ path }) => path === device.port) ? device.port : null}
          onChange={(port) => place(device.protocol, port ?? "")}
        />
        <TextInput
          label={t("portTyped")}
          description={isListed ? t("portTypedHint") : t("portNotListed")}
          inputWrapperOrder={["label", "input", "description", "error"]}
          data-testid={testIds.recordPortTyped}
          value={isListed ? "" : device.port}
          placeholder={isListed ? device.port : ""}
          onChange={(event) =>
            changeDevice(device.key, { port: event.currentTarget.value, found: undefined })
          }
        />
      </div>
      <Identity device={device} list={list} />
      <SetupFields
        fields={fieldsOf(info?.form)}
        values={setup}
        onChange={(key, value) => changeDevice(device.key, { setup: { ...device.setup, [key]: value } })}
      />
      {info?.measuresContact === true && (
        <ContactCheck {...{ device, list, info, isConnecting }} hasKeys={hasContactKeys} />
      )}
      <LineSettings device={device} info={info} />
      {info && <Verified info={info} language={language} />}
    </section>
  );
}

function portText(
  port: PortInfo,
  t: (key: "portKind.serial" | "portKind.replay" | "portKind.simulated") => string,
) {
  const who = [port.name, port.maker, port.serial].filter(Boolean).join(" · ");
  return `${port.path}  ${who === "" ? t(`portKind.${port.kind}`) : who}`;
}

/** What the decoder was checked against, and that no device has confirmed it yet. */
export function Verified({
  info,
  language,
}: {
  readonly info: Pick<ProtocolInfo, "verified" | "records">;
  readonly language: Language;
}): ReactNode {
  const t = useWords(recordWords);
  return (
    <p className={css["verified"]} data-testid={testIds.recordVerified}>
      {verifiedText(info.verified, language)} {t("notOnDevice")} {info.records === "ctg" && t("onlySends")}
    </p>
  );
}

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Asks who is there, and shows who answered. Nothing is stored. */
function Identity({ device, list }: DeviceProps): ReactNode {
  const t = useWords(recordWords);
  const identify = useSend("devices.identify");
  const asked = choiceOf(list, device);
  const ask = (): void =>
    identify.mutate(asked, {
      onSuccess: (found) => {
        const now = useDraft.getState().devices.find(({ key }) => key === device.key);
        if (now && isSame(choiceOf(list, now), asked)) changeDevice(device.key, { found });
      },
    });
  const { found } = device;
  const isOfThis = isSame(identify.variables, asked); // else it says something about another place
  const isAsking = identify.isPending && isOfThis;
  const error = isOfThis ? identify.error : null;
  const state = isAsking ? "asking" : found ? "answered" : error ? "failed" : "unasked";
  return (
    <div
      className={css["identity"]}
      data-testid={testIds.recordIdentity}
      data-state={state}
      aria-live="polite"
    >
      <ActionButton
        size="compact-sm"
        loading={isAsking}
        disabled={device.port.trim() === ""}
        data-testid={testIds.recordIdentify}
        onClick={ask}
      >
        {t(isAsking ? "identifying" : "identify")}
      </ActionButton>
      {state === "failed" && error && <Failure error={error} onRetry={ask} />}
      {found && !isAsking && <Answer found={found} />}
    </div>
  );
}

function Answer({ found }: { readonly found: NonNullable<DeviceDraft["found"]> }): ReactNode {
  const t = useWords(recordWords);
  const language = useLanguage();
  const { model, serial, firmware, facts } = found.identity;
  const [first] = found.channels;
  return (
    <span className={css["chips"]}>
      <Chip tone="good">{model === undefined ? t("answeredUnnamed") : t("answered", { model })}</Chip>
      {serial !== undefined && <Chip>{t("serial", { serial })}</Chip>}
      {firmware !== undefined && <Chip>{t("firmware", { firmware })}</Chip>}
      {first && (
        <Chip>
          {t("channelsThere", { count: found.channels.length, rate: rate(first.sampleRate, language) })}
        </Chip>
      )}
      {Object.entries(facts).map(([name, value]) => (
        <Chip key={name}>
          {name}: {value}
        </Chip>
      ))}
    </span>
  );
}

const plainLine = { baudRate: 9600, dataBits: 8, parity: "none", stopBits: 1 } as const;
const parities = ["none", "even", "odd"] as const;

/** For experts: a line of its own in place of those of the protocol. */
function LineSettings({
  device,
  info,
}: {
  readonly device: DeviceDraft;
  readonly info: ProtocolInfo | undefined;
}): ReactNode {
  const t = useWords(recordWords);
  const { line } = device;
  const change = (part: Partial<NonNullable<DeviceDraft["line"]>>): void => {
    if (line) changeDevice(device.key, { line: { ...line, ...part } });
  };
  return (
    <details className={css["fold"]} open={line !== undefined || undefined}>
      <summary>{t("lineSettings")}</summary>
      <Switch
        label={t("lineOwn")}
        description={t("lineUsual")}
        checked={line !== undefined}
        onChange={(event) =>
          changeDevice(device.key, {
            line: event.currentTarget.checked ? (usualLine(info) ?? plainLine) : undefined,
          })
        }
      />
      {line && (
        <div className={css["fields"]}>
          <NumberInput
            label={t("baudRate")}
            min={110}
            max={4_000_000}
            value={line.baudRate}
            onChange={(value) => typeof value === "number" && value >= 110 && change({ baudRate: value })}
          />
          <Select
            label={t("dataBits")}
            data={["7", "8"]}
            value={String(line.dataBits)}
            onChange={(value) => change({ dataBits: value === "7" ? 7 : 8 })}
          />
          <Select
            label={t("parity")}
            data={parities.map((value) => ({ value, label: t(`parity.${value}`) }))}
            value={line.parity}
            onChange={(value) => change({ parity: parities.find((one) => one === value) ?? "none" })}
          />
          <Select
            label={t("stopBits")}
            data={["1", "2"]}
            value={String(line.stopBits)}
            onChange={(value) => change({ stopBits: value === "2" ? 2 : 1 })}
          />
        </div>
      )}
    </details>
  );
}
