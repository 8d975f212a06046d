import { expect, test, vi } from "vitest";
import { request } from "../../../bridge/client.ts";
import { maskingOf } from "./masking.ts";
import { reviewed } from "../reviewing.fixtures.ts";

async function masking() {
  const review = await reviewed();
  const { recordingId } = review.reviewing;
  const listed = () => request("masks.list", { recordingId });
  const before = new Set((await listed()).map(({ id }) => id));
  return {
    ...review,
    at: (given: Partial<Parameters<typeof maskingOf>[1]>) =>
      maskingOf(review.reviewing, {
        ...{ editor: review.editor, author: "A. Mori", mask: undefined, selectedSpan: undefined },
        ...{ channelMeant: 0, ...given },
      }),
    fresh: async () => (await listed()).filter(({ id }) => !before.has(id)),
  };
}

test("an artefact is masked on the channel that is meant; with none shown, nothing is masked on any", async () => {
  const { at, fresh, rangeAt, last } = await masking();
  rangeAt(10, 25);
  at({ channelMeant: undefined }).artefact();
  expect(last()).toBe("No channel is shown");
  expect(await fresh()).toEqual([]);
  at({ channelMeant: 1 }).artefact();
  await vi.waitFor(() => expect(last()).toBe("Masked 00:00:10.0 to 00:00:25.0"));
  expect(await fresh()).toMatchObject([{ channel: 1, onsetS: 10, durationS: 15, layer: "person" }]);
});

test("what is out of sight is not masked", async () => {
  const { at, fresh, last } = await masking();
  at({ selectedSpan: { fromS: 5000, toS: 5010 } }).add(undefined);
  expect(last()).toBe("Nothing that is selected is in sight");
  expect(await fresh()).toEqual([]);
});

test("a mask taken away comes back by undo", async () => {
  const { at, fresh, rangeAt, editor, last } = await masking();
  rangeAt(10, 25);
  at({}).add(undefined);
  await vi.waitFor(async () => expect(await fresh()).toHaveLength(1));
  const [mask] = await fresh();
  at({ mask }).remove();
  await vi.waitFor(() => expect(last()).toContain("0:10.0"));
  await vi.waitFor(async () => expect(await fresh()).toEqual([]));
  await editor.undo();
  expect(await fresh()).toEqual([mask]);
});
