import { NumberInput, type NumberInputProps } from "@mantine/core";
import { useState, type ReactNode } from "react";

interface NumberFieldProps extends Omit<NumberInputProps, "value" | "onChange" | "onBlur"> {
  readonly value: number | undefined; // in use; undefined: none
  /** What was typed, as long as it is one; "" where the field was emptied. What does not take it is not in use. */
  readonly onType: (typed: number | "") => void;
}

/** A number to be typed. Once the field is left it shows the number in use, also where what was typed was not taken. */
export function NumberField({ value, onType, ...props }: NumberFieldProps): ReactNode {
  const [typed, setTyped] = useState<number | string>();
  return (
    <NumberInput
      {...props}
      value={typed ?? value ?? ""}
      onChange={(next) => {
        setTyped(next);
        if (typeof next === "number" || next === "") onType(next);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}
