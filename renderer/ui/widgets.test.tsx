import { MantineProvider } from "@mantine/core";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import { AppError, type ErrorCode } from "../../preload/contract/errors.ts";
import { Failure } from "./widgets.tsx";

const said = (code: ErrorCode, message: string): string =>
  renderToStaticMarkup(
    <MantineProvider>
      <Failure error={new AppError(code, message)} />
    </MantineProvider>,
  ).replace(/<[^<>]+>/g, "|");

test("what a person stopped is said in one calm word, without a code", () => {
  const text = said("cancelled/by-user", "Cancelled");
  expect(text.match(/cancelled/gi)).toHaveLength(1);
  expect(text).not.toContain("Code ");
});

test("a failure names what happened, and its code", () => {
  const text = said("storage/disk-full", "No space left on the disk");
  expect(text).toContain("Disk full");
  expect(text).toContain("No space left on the disk");
  expect(text).toContain("storage/disk-full");
});
