import { NumberInput, Select, Switch, TextInput, type InputWrapperProps } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { testIds } from "../../ui/test-ids.ts";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import css from "./record.module.css";
import { fieldProblem, readList, type SetupField } from "./setup-form.ts";
import { problemWords } from "./said-problem.ts";
import { recordWords } from "./words.ts";

const wrapperOrder: NonNullable<InputWrapperProps["inputWrapperOrder"]> = [
  "label",
  "input",
  "description",
  "error",
];

interface FieldProps {
  readonly field: SetupField;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
}

/** The settings that a protocol asks for, plain ones first, the others folded away. */
export function SetupFields({
  fields,
  values,
  onChange,
}: {
  readonly fields: readonly SetupField[];
  readonly values: Readonly<Record<string, unknown>>;
  readonly onChange: (key: string, value: unknown) => void;
}): ReactNode {
  const t = useWords(recordWords);
  const draw = (field: SetupField): ReactNode => (
    <SetupInput
      key={field.key}
      field={field}
      value={values[field.key]}
      onChange={(value) => onChange(field.key, value)}
    />
  );
  const expert = fields.filter(({ isExpert }) => isExpert);
  const isWrong = expert.some(({ key, shape }) => fieldProblem(shape, values[key]) !== undefined);
  return (
    <>
      <div className={css["fields"]}>{fields.filter(({ isExpert }) => !isExpert).map(draw)}</div>
      {expert.length > 0 && (
        <details className={css["fold"]} open={isWrong || undefined}>
          <summary>{t("expertSettings")}</summary>
          <div className={css["fields"]}>{expert.map(draw)}</div>
        </details>
      )}
    </>
  );
}

function SetupInput({ field, value, onChange }: FieldProps): ReactNode {
  const language = useLanguage();
  const problem = fieldProblem(field.shape, value);
  const common = {
    label: inLanguage(field.name, language),
    description: field.hint && inLanguage(field.hint, language),
    error: problem && problemWords(problem, language),
    inputWrapperOrder: wrapperOrder,
    "data-testid": testIds.recordSetting,
    "data-key": field.key,
  };
  const { shape } = field;
  switch (shape.kind) {
    case "switch":
      return (
        <Switch
          label={common.label}
          description={common.description}
          data-testid={testIds.recordSetting}
          data-key={field.key}
          checked={value === true}
          onChange={(event) => onChange(event.currentTarget.checked)}
        />
      );
    case "choice":
      return (
        <Select
          {...common}
          data={shape.values.map(String).map((one) => {
            const name = shape.names[one];
            return { value: one, label: name === undefined ? one : inLanguage(name, language) };
          })}
          value={String(value)}
          onChange={(next) => onChange(shape.values.find((one) => String(one) === next))}
        />
      );
    case "number":
      return (
        <NumberInput
          {...common}
          value={typeof value === "number" ? value : ""}
          {...(shape.isWhole ? { decimalScale: 0 } : {})}
          onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
        />
      );
    case "text":
      return (
        <TextInput
          {...common}
          value={typeof value === "string" ? value : ""}
          onChange={(event) => onChange(event.currentTarget.value)}
        />
      );
    case "list":
      return <ListInput {...common} shape={shape} value={value} onChange={onChange} />;
  }
}

/** Several values in one line, parted by commas or spaces; read as they are typed, tidied when the field is left. */
function ListInput({
  shape,
  value,
  onChange,
  ...rest
}: {
  readonly shape: Extract<SetupField["shape"], { kind: "list" }>;
  readonly value: unknown;
  readonly onChange: (value: unknown) => void;
  readonly label: string;
  readonly description: string | undefined;
  readonly error: string | undefined;
}): ReactNode {
  const t = useWords(recordWords);
  const stored = Array.isArray(value) ? value.join(", ") : "";
  const [typed, setTyped] = useState<string | undefined>(undefined);
  return (
    <TextInput
      {...rest}
      placeholder={t("listPlaceholder")}
      value={typed ?? stored}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
        onChange(readList(event.currentTarget.value, shape.of));
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}
