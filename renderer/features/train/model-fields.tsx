import { NumberInput, Select, Switch } from "@mantine/core";
import { useState, type ReactNode } from "react";
import type { ModelField } from "../../../preload/contract/model.ts";
import type { RecordingKind } from "../../../preload/contract/recording.ts";
import { number } from "../../ui/format.ts";
import { testIds } from "../../ui/test-ids.ts";
import {
  inLanguage,
  useLanguage,
  useWords,
  type KeyOf,
  type Language,
  type Translate,
} from "../../ui/words.ts";
import { isAskedFor, usualValue, withSetting, type Settings } from "./model-settings.ts";
import css from "./train.module.css";
import { trainWords } from "./words.ts";

type Change = (key: string, value: unknown) => void;

export interface ModelFieldsProps {
  readonly fields: readonly ModelField[];
  readonly kind: RecordingKind;
  readonly settings: Settings; // that a person changed
  readonly problems: ReadonlyMap<string, string>; // by key
  readonly onChange: Change; // undefined: as usual
}

/** The settings of a model, drawn from what it says of them: plain ones first, the others folded away. */
export function ModelFields({ fields, kind, ...rest }: ModelFieldsProps): ReactNode {
  const t = useWords(trainWords);
  const asked = fields.filter((field) => isAskedFor(field, kind));
  const draw = (field: ModelField): ReactNode => (
    <ModelFieldInput key={field.key} field={field} kind={kind} {...rest} />
  );
  const expert = asked.filter(({ level }) => level === "expert");
  const [isOpen, setOpen] = useState(false);
  const isWrong = expert.some(({ key }) => rest.problems.has(key));
  const changed = expert.filter(({ key }) => rest.settings[key] !== undefined).length;
  return (
    <>
      {asked.filter(({ level }) => level === "plain").map(draw)}
      {expert.length > 0 && (
        <details
          className={css["expert"]}
          data-testid={testIds.trainExpert}
          open={isOpen || isWrong}
          onToggle={(event) => setOpen(event.currentTarget.open)}
        >
          <summary>
            {t("expert")}
            {changed > 0 && <span className={css["dim"]}> · {t("expertChanged", { count: changed })}</span>}
          </summary>
          <div className={css["stack"]}>{expert.map(draw)}</div>
        </details>
      )}
    </>
  );
}

interface InputProps extends Omit<ModelFieldsProps, "fields"> {
  readonly field: ModelField;
}

function ModelFieldInput({ field, kind, settings, problems, onChange }: InputProps): ReactNode {
  const t = useWords(trainWords);
  const language = useLanguage();
  const { key } = field;
  const label = inLanguage(field.name, language);
  const hint = field.hint && inLanguage(field.hint, language);
  const value = settings[key] ?? usualValue(field, kind);
  const wrong = problems.get(key);
  const common = { label, "data-testid": testIds.trainSetting, "data-key": key };
  switch (field.type) {
    case "number": {
      const said =
        wrong === undefined ? undefined : numberProblem(field, value, { t, language, message: wrong });
      return (
        <NumberSetting
          {...common}
          bounds={field}
          hint={hint}
          problem={said}
          value={typeof value === "number" ? value : undefined}
          onChange={(next) => onChange(key, next)}
        />
      );
    }
    case "switch":
      return (
        <Switch
          {...common}
          description={hint}
          error={wrong}
          checked={value === true}
          onChange={(event) => onChange(key, event.currentTarget.checked)}
        />
      );
    case "choice": {
      const does = field.options.find((option) => option.value === value)?.hint;
      return (
        <Select
          {...common}
          description={[hint, does && inLanguage(does, language)].filter(Boolean).join(" ") || undefined}
          inputWrapperOrder={["label", "input", "description", "error"]}
          classNames={{ input: css["clipped"] ?? "" }}
          error={wrong}
          data={field.options.map((option) => ({
            value: option.value,
            label: inLanguage(option.name, language),
          }))}
          value={typeof value === "string" ? value : null}
          allowDeselect={false}
          onChange={(next) => next !== null && onChange(key, next)}
        />
      );
    }
    case "group":
      return (
        <GroupSetting
          field={field}
          kind={kind}
          hint={hint}
          problem={wrong}
          settings={isSettings(value) ? value : undefined}
          onChange={onChange}
        />
      );
  }
}

const isSettings = (value: unknown): value is Settings => typeof value === "object" && value !== null;

interface NumberSettingProps {
  readonly label: string;
  readonly hint?: string | undefined;
  readonly problem?: string | undefined;
  readonly bounds: {
    readonly low?: number | undefined;
    readonly high?: number | undefined;
    readonly isWhole: boolean;
    readonly isOptional: boolean;
  };
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
}

/** A number beside its name. What is out of range stays as it was typed and is said, rather than changed in silence. */
function NumberSetting({
  bounds: { low, high, isWhole, isOptional },
  hint,
  problem,
  value,
  onChange,
  ...rest
}: NumberSettingProps): ReactNode {
  const t = useWords(trainWords);
  const [isEmpty, setEmpty] = useState(false); // while another number is typed in place of this one
  return (
    <NumberInput
      {...rest}
      description={hint}
      error={problem}
      inputWrapperOrder={["label", "input", "description", "error"]}
      classNames={{ root: css["setting"] ?? "", description: css["whole"] ?? "", error: css["whole"] ?? "" }}
      {...(low === undefined ? {} : { min: low })}
      {...(high === undefined ? {} : { max: high })}
      {...(isOptional ? { placeholder: t("usual") } : {})}
      clampBehavior="none"
      allowDecimal={!isWhole}
      decimalScale={12}
      step={stepOf(isWhole, high)}
      value={isEmpty ? "" : (value ?? "")}
      onBlur={() => setEmpty(false)}
      onChange={(next) => {
        setEmpty(next === "");
        if (next === "" && isOptional) onChange(undefined);
        const typed = typeof next === "number" ? next : Number.parseFloat(next);
        if (Number.isFinite(typed)) onChange(typed);
      }}
    />
  );
}

const stepOf = (isWhole: boolean, high: number | undefined): number =>
  isWhole ? 1 : high !== undefined && high <= 1 ? 0.01 : 0.1;

/** Where the range says what is wrong, that; else main's own sentence. */
function numberProblem(
  {
    low,
    high,
    isWhole,
  }: { readonly low?: number | undefined; readonly high?: number | undefined; readonly isWhole: boolean },
  value: unknown,
  said: {
    readonly t: Translate<KeyOf<typeof trainWords>>;
    readonly language: Language;
    readonly message: string;
  },
): string {
  const { t, language, message } = said;
  if (typeof value !== "number") return message;
  if (isWhole && !Number.isInteger(value)) return t("setting.whole");
  const shown = (end: number): string => number(end, language);
  if (high !== undefined && value > high)
    return low === undefined
      ? t("setting.atMost", { high: shown(high) })
      : t("setting.between", { low: shown(low), high: shown(high) });
  if (low !== undefined && value < low)
    return high === undefined
      ? t("setting.atLeast", { low: shown(low) })
      : t("setting.between", { low: shown(low), high: shown(high) });
  return message;
}

interface GroupSettingProps {
  readonly field: Extract<ModelField, { readonly type: "group" }>;
  readonly kind: RecordingKind;
  readonly hint: string | undefined;
  readonly problem: string | undefined;
  readonly settings: Settings | undefined; // undefined: off
  readonly onChange: Change;
}

/** Settings that come together or not at all; switched on with what is suggested for the kind of recordings. */
function GroupSetting({ field, kind, hint, problem, settings, onChange }: GroupSettingProps): ReactNode {
  const language = useLanguage();
  const { key, fields, suggested } = field;
  return (
    <div className={css["stack"]}>
      <Switch
        label={inLanguage(field.name, language)}
        description={hint}
        error={problem}
        data-testid={testIds.trainSetting}
        data-key={key}
        checked={settings !== undefined}
        onChange={(event) => onChange(key, event.currentTarget.checked ? (suggested[kind] ?? {}) : undefined)}
      />
      {settings !== undefined && (
        <div className={css["inner"]}>
          {fields
            .filter((inner) => isAskedFor(inner, kind))
            .map((inner) => {
              const value = settings[inner.key];
              return (
                <NumberSetting
                  key={inner.key}
                  label={inLanguage(inner.name, language)}
                  bounds={{ ...inner, isWhole: false, isOptional: false }}
                  value={typeof value === "number" ? value : inner.usual}
                  onChange={(next) => onChange(key, withSetting(settings, inner.key, next))}
                />
              );
            })}
        </div>
      )}
    </div>
  );
}
