// @vitest-environment happy-dom
import { MantineProvider } from "@mantine/core";
import { cleanup, fireEvent, render, screen } from "@testing-library/react";
import { useState, type ReactNode } from "react";
import { afterEach, expect, test } from "vitest";
import { NumberField } from "./number-field.tsx";

afterEach(cleanup);

function Share(): ReactNode {
  const [share, setShare] = useState(1);
  return (
    <>
      <NumberField
        label="Share"
        value={share}
        onType={(typed) => typed !== "" && typed > 0 && setShare(typed)}
      />
      <output>{share}</output>
    </>
  );
}

test("a number that is not taken is shown while it is typed, and gives way to the one in use", () => {
  render(
    <MantineProvider>
      <Share />
    </MantineProvider>,
  );
  const field = screen.getByLabelText<HTMLInputElement>("Share");
  const type = (text: string): readonly string[] => {
    fireEvent.change(field, { target: { value: text } });
    const typed = field.value;
    fireEvent.blur(field);
    return [typed, field.value, screen.getByRole("status").textContent];
  };
  expect(type("5")).toEqual(["5", "5", "5"]);
  expect(type("0")).toEqual(["0", "5", "5"]);
  expect(type("")).toEqual(["", "5", "5"]);
});
