import { expect, test } from "vitest";
import type { ArchiveTransfer, Moved } from "../../../preload/contract/cluster.ts";
import { answering, buttonsIn, drawn, textIn } from "../../fake/drawn.tsx";
import { createFakeApi, type FakeOptions } from "../../fake/fake.ts";
import { ArchivePage } from "./archive-page.tsx";
import { archiveWords } from "./archive-words.ts";
import { TransferCard } from "./transfer-card.tsx";

const words = archiveWords.en;
const page = (options: FakeOptions): Promise<string> =>
  drawn(<ArchivePage />, createFakeApi(1, options), [
    ["cluster.state", {}],
    ["archive.list", { text: "" }],
    ["archive.transfer", {}],
  ]);

test("a page of the archive is shown, with what lies here told, and more can be asked for", async () => {
  const html = await page({ cluster: "connected" });
  expect(html.match(/data-testid="archive-row"/g)).toHaveLength(200);
  expect(html.match(/data-here="true"/g)).toHaveLength(3);
  expect(buttonsIn(html)).toContain(words.more);
});

test("where none is connected the way to the settings is shown; one that is lost says so and can be asked again", async () => {
  expect(textIn(await page({}))).toContain(words.none);
  const lost = await page({ cluster: "lost" });
  expect(textIn(lost)).toContain("device/cluster-lost");
  expect(buttonsIn(lost)).toContain("Try again");
});

const moved = (change: Partial<Moved>): Moved => ({
  ...{ id: "a", name: "CTG 01", state: "new", bytes: 0, papers: 0, beside: 0, otherwise: [], subject: null },
  ...change,
});
const card = (transfer: ArchiveTransfer): Promise<string> =>
  drawn(
    <TransferCard isQuiet={false} keys={undefined} />,
    answering(createFakeApi(), { "archive.transfer": transfer }),
    [["archive.transfer", {}]],
  );

test("on its way it can be stopped; at its end it says what came, what failed, and which labels stand beside others", async () => {
  const on = await card({
    ...{ kind: "push", state: "running", at: "db" },
    recordings: [moved({}), moved({ id: "b", name: "CTG 02", state: "moving" })],
  });
  expect(textIn(on)).toContain("To the archive: 1 of 2, CTG 02");
  expect(buttonsIn(on)).toContain("Cancel");
  const error = { code: "storage/corrupt", message: "CTG 03 has damaged blocks", detail: {} };
  const recordings = [
    moved({}),
    moved({ id: "b", name: "CTG 02", state: "known", beside: 2 }),
    moved({ id: "c", name: "CTG 03", state: "failed", error }),
    moved({ id: "d", name: "CTG 04", state: "known", otherwise: ["Mori", "Sato"], subject: "S7" }),
  ];
  const text = textIn(await card({ kind: "pull", state: "done", at: "db", recordings }));
  expect(text).toContain("1 new · 2 known already · 1 failed");
  expect(text).toContain("CTG 02: 2 labels, masks or declarations differ there; both stand");
  expect(text).toContain("CTG 03: CTG 03 has damaged blocks");
  expect(text).toContain("CTG 04: what is known for reading it is said otherwise there by Mori, Sato");
  expect(text).toContain("CTG 04: the archive keeps it under another subject, S7");
});

test("an archive that is lost midway says what arrived, and what is left", async () => {
  const error = { code: "device/cluster-lost", message: "db cannot be reached", detail: {} };
  const recordings = [moved({}), moved({ id: "b", state: "waiting" })];
  const text = textIn(await card({ kind: "push", state: "stopped", at: "db", recordings, error }));
  expect(text).toContain("1 new · 1 not moved");
  expect(text).toContain(words.stopped);
});
