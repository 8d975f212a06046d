import { createRef } from "react";
import { renderToStaticMarkup } from "react-dom/server";
import { expect, test } from "vitest";
import type { Channel } from "../../../preload/contract/recording.ts";
import type { Api } from "../../../preload/contract/channels.ts";
import { unwrap } from "../../../preload/contract/errors.ts";
import { buttonsIn, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi, type FakeOptions } from "../../fake/fake.ts";
import { BinPage } from "./bin-page.tsx";
import { OtherClocks } from "./other-clocks.tsx";
import { RecordingInspector } from "./recording-inspector.tsx";

const nothing = () => undefined;
const firstOf = async (api: Api): Promise<string> =>
  unwrap(await api.request("recordings.page", {})).rows[0]?.id ?? "";

async function inspector(options: FakeOptions = {}): Promise<string> {
  const api = createFakeApi(1, options);
  const id = await firstOf(createFakeApi());
  return drawn(
    <RecordingInspector
      id={id}
      repairsRef={createRef()}
      nameRef={createRef()}
      isVerifying={false}
      {...{ onOpen: nothing, onExport: nothing, onRemove: nothing, onVerify: nothing }}
      {...{ onCompare: nothing, onReadBlind: nothing, onPush: undefined }}
      {...{ onPredict: nothing, onAnalyse: nothing, onUc: nothing }}
    />,
    api,
    [["recordings.get", { id }]],
  );
}

test("a damaged recording says what is damaged, and can still be opened, exported and removed", async () => {
  const whole = await inspector();
  const damaged = await inspector({ damaged: true });
  expect(whole).not.toContain('data-testid="recording-fault"');
  expect(textIn(damaged)).toContain("Its row is not what was written");
  expect(buttonsIn(damaged).slice(0, 3)).toEqual(buttonsIn(whole).slice(0, 3));
  expect(buttonsIn(damaged).some((name) => name.endsWith("(off)"))).toBe(false);
});

test("one that cannot be read is a failure with its code and a way to try again", async () => {
  const html = await inspector({ failing: ["recordings.get"] });
  expect(textIn(html)).toContain("storage/disk-full");
  expect(buttonsIn(html)).toContain("Try again");
});

test("the bin is empty, filled or cannot be read, and never two of them", async () => {
  const bin = (api: Api) =>
    drawn(<BinPage />, api, [
      ["recordings.bin", {}],
      ["runs.bin", {}],
    ]);
  const empty = createFakeApi();
  expect(textIn(await bin(empty))).toContain("The bin is empty");
  const filled = createFakeApi();
  await filled.request("recordings.remove", { id: await firstOf(filled) });
  const html = await bin(filled);
  expect(html.match(/data-testid="bin-row"/g)).toHaveLength(1);
  expect(textIn(html)).not.toContain("The bin is empty");
  for (const name of ["recordings.bin", "runs.bin"] as const) {
    const failed = await bin(createFakeApi(1, { failing: [name] }));
    expect(textIn(failed)).toContain("storage/disk-full");
    expect(textIn(failed)).not.toContain("The bin is empty"); // half of it was not seen
  }
});

test("a device with a clock of its own is told with by how much its samples lie off their own count", () => {
  const channel = (position: number): Channel => ({
    ...{ position, label: `EMG ${position}`, unit: "uV", sampleRate: 100, role: "emg", sampleType: "int16" },
    ...{ gain: 1, offset: 0, sampleCount: 6000, observedCount: 6000 },
  });
  const channels = [0, 1, 2, 3, 4, 5].map(channel);
  const pieces = [{ first: 0, atS: 0.25, rate: 101 }];
  const told = (own: readonly number[]): string =>
    textIn(
      renderToStaticMarkup(
        <OtherClocks recording={{ channels, clocks: [{ channels: [...own], pieces }] }} />,
      ),
    );
  expect(told([1, 2])).toMatch(/^\|EMG 1, EMG 2: .*\+0\.25 s at their beginning and −0\.34 s at their end/);
  expect(told([1, 2, 3, 4])).toMatch(/^\|EMG 1 … EMG 4 \(4\): /);
  expect(told([9])).toBe("");
  expect(renderToStaticMarkup(<OtherClocks recording={{ channels }} />)).toBe("");
});
