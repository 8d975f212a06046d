// @vitest-environment happy-dom
import { act, fireEvent, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { unwrap } from "../../../preload/contract/errors.ts";
import { sure } from "../../../preload/contract/sure.ts";
import { announced, onPage, pageText, press, says, settled, until } from "../../fake/on-page.tsx";
import { useSound } from "./alarm-sound.ts";
import { board, connected, monitor, recording } from "./live-page.fixtures.tsx";
import { RecorderWatch } from "./recorder-watch.tsx";

afterEach(() => vi.unstubAllGlobals());

/** There is room for a strip on the page, which there is not where nothing is laid out. */
function stubRoom(width: number, height: number): void {
  vi.stubGlobal(
    "ResizeObserver",
    class {
      readonly told: (entries: readonly object[]) => void;
      constructor(told: (entries: readonly object[]) => void) {
        this.told = told;
      }
      observe = (): void => this.told([{ contentRect: { width, height } }]);
      unobserve = (): void => undefined;
      disconnect = (): void => undefined;
    },
  );
}

const band = (): HTMLElement => screen.getByTestId("record-band");
const said = (): HTMLElement => screen.getByTestId("record-said");
const numberOf = (label: string): HTMLElement =>
  sure(screen.getAllByTestId("record-number").find(({ dataset }) => dataset["label"] === label));
const inTurn = { repetitions: 1, holdS: 4, changeS: 2, restS: 3, mvc: false, shuffled: false, trimS: 0.5 };
const guided = {
  ...board,
  guided: { ...inTurn, labelSet: "emg-gestures", gestures: ["hand-close", "hand-open"], seed: 1 },
};

test("a rate that does not come any more is no value: it is told as the last one, with its age, until it comes again", async () => {
  const { pass, recorder } = await recording(monitor);
  await pass(10);
  expect(numberOf("FHR1").querySelector("output")?.textContent).toMatch(/^1\d\d$/);
  recorder.unplug();
  await pass(8);
  expect(numberOf("FHR1").querySelector("output")?.textContent).toBe("– –");
  expect(numberOf("FHR1").dataset["value"]).toBeUndefined();
  expect(numberOf("FHR1").textContent).toMatch(/last value 1\d\d8 s ago/);
  expect(screen.getByTestId("record-lost").textContent).toMatch(/8 sin all about \d+ of \d+$/);
  expect(band().dataset["state"]).toBe("alarm");
  expect(said().getAttribute("role")).toBe("alert");
  const whatToDo = screen.getByTestId("record-recovery");
  expect(whatToDo.textContent).toContain("Check the RS-232 cable at the back of the monitor.");
  expect(whatToDo.textContent, "the band says it").not.toContain("No signal for");
  expect(pageText()).toContain("trying again (8)");
  recorder.mend();
  await pass(2);
  expect(band().dataset["state"]).toBe("recording");
  expect(screen.queryByTestId("record-recovery")).toBeNull();
  expect(numberOf("FHR1").querySelector("output")?.textContent).toMatch(/^1\d\d$/);
  expect(pageText(), "of a monitor that does not count, by the clock").toMatch(
    /about 32 of 80, by the clock/,
  );
});

test("what the recorder does is announced as it changes, and not again with every second that passes", async () => {
  const { pass, recorder } = await recording(monitor);
  await pass(1);
  const heard = announced();
  expect(heard).toContain("Recording");
  await pass(20);
  expect(announced()).toBe(heard);
  recorder.unplug();
  await pass(3);
  expect(said().textContent).toMatch(/^No signal for \d/);
  const lost = announced();
  await pass(9);
  expect(announced()).toBe(lost);
  recorder.mend();
  await pass(1);
  expect(announced()).toBe(heard);
  press("Mod+.");
  await settled();
  expect(announced()).toContain("press again to end");
});

test("of several alarms the heaviest is in the band, and each says what to do; a disk that fills is no loss yet", async () => {
  const { pass, recorder } = await recording(monitor);
  await pass(2);
  recorder.fillDisk(1200);
  await says("Space for 20 min is left");
  expect(said().getAttribute("role")).toBe("status");
  expect(screen.getByTestId("record-space").dataset["low"]).toBe("true");
  recorder.stall();
  await pass(4);
  expect(band().textContent).toContain("No signal for");
  expect(band().textContent).toContain("and 1 more alarm");
  const whatToDo = screen.getByTestId("record-recovery").textContent;
  expect(whatToDo).toContain("Check that the monitor is switched on.");
  expect(whatToDo).toMatch(/Space for 20 min is left.*Free space on the disk/);
  recorder.fillDisk(0);
  await says("Nothing can be stored");
  expect(band().dataset["alarm"]).toBe("storage-lost");
});

test("an alarm sounds while signal is lost and it is recorded, on any page, and is quiet where nobody wants it", async () => {
  const contexts: { state: string }[] = [];
  vi.stubGlobal(
    "AudioContext",
    class {
      state = "running";
      currentTime = 0;
      destination = {};
      constructor() {
        contexts.push(this);
      }
      createOscillator = () => ({ frequency: {}, connect: (next: unknown) => next, start() {}, stop() {} });
      createGain = () => ({
        gain: { setValueAtTime() {}, linearRampToValueAtTime() {} },
        connect: (next: unknown) => next,
      });
      close = async () => void (this.state = "closed");
    },
  );
  const sounding = (): number => contexts.filter(({ state }) => state === "running").length;
  const { pass, recorder, library, times, leave } = await recording(monitor);
  await pass(1);
  leave();
  const opened = vi.fn();
  onPage(<RecorderWatch isHere={false} onOpen={opened} />, library);
  await says("Recording 00:00:01");
  recorder.unplug();
  await pass(3);
  const elsewhere = screen.getByTestId("record-elsewhere");
  expect(elsewhere.textContent).toBe("No signal for 3 s");
  expect(elsewhere.dataset["state"]).toBe("alarm");
  expect(sounding()).toBe(1);
  fireEvent.click(elsewhere);
  expect(opened).toHaveBeenCalledOnce();
  recorder.mend();
  await pass(1);
  expect(sounding()).toBe(0);
  act(() => useSound.setState({ isOn: false }));
  recorder.unplug();
  await pass(3);
  expect(sounding()).toBe(0);
  expect(times("recorder.silence")).toBe(0);
});

test("the sound of alarms is switched by key where no label has it, and cannot be where the settings say never", async () => {
  const { times } = await recording(monitor);
  const sound = (): HTMLElement => screen.getByTestId("record-sound");
  expect(sound().getAttribute("aria-pressed")).toBe("true");
  press("Shift+A"); // A is an acceleration here
  await settled();
  expect(sound().textContent).toContain("Sound: off");
  expect(times("recorder.silence"), "what sounds already is silenced").toBe(1);
  press("Shift+A");
  await settled();
  expect(sound().getAttribute("aria-pressed")).toBe("true");
  expect(times("recorder.silence")).toBe(1);
});

test("where the settings say never, the switch of the sound says so and does nothing", async () => {
  const { times } = await recording(monitor, { settings: { recorderSound: false } });
  const sound = screen.getByTestId<HTMLButtonElement>("record-sound");
  expect(sound.disabled).toBe(true);
  expect(sound.textContent).toContain("Sound: off in the settings");
  press("Shift+A");
  await settled();
  expect(times("recorder.silence")).toBe(0);
});

test("who looks back in time is told so, keeps recording, and is back with Escape, which first calls off a stop", async () => {
  stubRoom(600, 400);
  const { pass } = await recording(board);
  await pass(30);
  const view = (): HTMLElement => screen.getByTestId("record-view");
  const back = (): HTMLButtonElement => screen.getByTestId("record-live");
  expect(view().dataset["follows"]).toBe("true");
  expect(back().disabled).toBe(true);
  press("Home");
  await settled();
  expect(view().dataset["follows"]).toBe("false");
  expect(pageText()).toContain("You are looking back.");
  expect(back().disabled).toBe(false);
  press("Mod+.");
  await says("press again to end");
  press("Escape");
  await settled();
  expect(pageText()).not.toContain("press again to end");
  expect(view().dataset["follows"], "the stop was called off, no more").toBe("false");
  press("Escape");
  await settled();
  expect(view().dataset["follows"]).toBe("true");
});

test("filters that are drawn are named with what they leave, and are switched off by key", async () => {
  const { pass } = await recording(board);
  await pass(3);
  const filter = (): HTMLElement => screen.getByTestId("record-filter");
  expect(filter().textContent).toContain("Filtered: above 20 Hz, below 95 Hz, without 50 Hz");
  expect(pageText()).toContain("display only; what is stored is as received");
  press("F");
  await settled();
  expect(filter().textContent).toContain("As received");
  expect(filter().getAttribute("aria-pressed")).toBe("false");
  expect(screen.getByTestId("record-view").dataset["filtered"]).toBe("false");
  expect(pageText()).not.toContain("display only");
});

test("of many channels the top bar counts, and each electrode says how it is", async () => {
  const { pass, recorder } = await recording(board);
  await pass(6);
  expect(pageText()).toContain("8 channels at 250 Hz");
  const electrodes = (): string[] => {
    const list = screen.getByRole("heading", { name: "Electrodes" }).parentElement;
    return [...(list?.querySelectorAll("li") ?? [])].map((one) => one.textContent);
  };
  expect(electrodes()).toHaveLength(8);
  expect(electrodes()[0]).toMatch(/EMG 1 good0\.6 %/);
  recorder.lose();
  await pass(5);
  expect(electrodes()[0]).toMatch(/lost \d+ %/);
  expect(band().textContent).toContain("Signal is being lost: 12.0 % of the last 5 s");
});

test("a guided course says what to do now and next, is paused, repeated and skipped by key, and its labels are written", async () => {
  const { pass, library, times } = await recording(guided);
  const cue = (): HTMLElement => screen.getByTestId("record-cue");
  await pass(1);
  await until(() => /[0-2]\.\d/.test(cue().textContent), "the seconds that are left");
  expect(cue().textContent).toMatch(/^Rest.*relax the arm/);
  expect(cue().querySelector("[aria-live=polite]")).not.toBeNull();
  expect(pageText()).toContain("0 of 2 done");
  await pass(2.5);
  expect(cue().textContent).toMatch(/Get ready.*Hand close/);
  expect(pageText(), "after the one that is got ready for").toMatch(/next.*Hand open/);
  await pass(2);
  expect(cue().textContent).toMatch(/Hold now.*Hand close.*steady, a third of your strength/);
  press("5"); // the key of Hand close, which belongs to the course
  await settled();
  expect(times("recorder.begun") + times("recorder.mark")).toBe(0);
  press("Space");
  await settled();
  await pass(0.25);
  expect(cue().dataset["paused"]).toBe("true");
  expect(cue().textContent).toContain("Paused");
  expect(screen.getByTestId("record-cue-pause").textContent).toContain("Go on");
  await pass(20);
  expect(cue().dataset["label"], "it stands while it is paused").toBe("hand-close");
  press("Space");
  await settled();
  await pass(4.5);
  expect(pageText()).toContain("1 of 2 done");
  await pass(2);
  press("R");
  await settled();
  await pass(0.25);
  expect(cue().textContent).toContain("Hand");
  press("ArrowRight");
  await settled();
  expect(times("recorder.guide")).toBe(4);
  await pass(12);
  expect(cue().textContent).toContain("All gestures are recorded. Press stop twice to end.");
  expect(cue().querySelector("output"), "nothing is counted down").toBeNull();
  const { recordingId = "" } = unwrap(await library.request("recorder.state", {}));
  const written = unwrap(await library.request("annotations.list", { recordingId }));
  expect(screen.getAllByTestId("record-marked")).toHaveLength(written.length);
  expect(pageText()).toContain("Labels written");
});

test("a model that decides says nothing before it can, unknown with its reason, and no word about now once nothing comes", async () => {
  const { pass, recorder } = await connected({ ...board, live: { runId: "run" } });
  await settled();
  expect(pageText()).toContain("Decisions come once enough has been received.");
  press("Mod+Enter");
  await says("on disk up to");
  await pass(0.25);
  await settled(110); // what changes faster cannot be read
  await pass(2);
  const decision = (): string | undefined => screen.queryByTestId("record-decision")?.dataset["decision"];
  expect(decision()).toBe("unknown");
  expect(screen.getByTestId("record-decision").textContent).toMatch(/p50 6\.1 ms, p95 11\.4 ms/);
  await settled(110); // what changes faster cannot be read
  await pass(4);
  await settled(110);
  await pass(0.25);
  expect(decision()).toBe("unknown");
  expect(screen.getByTestId("record-decision").textContent).toContain("no class is likely enough");
  recorder.unplug();
  await pass(0.25);
});

test("what may come is drawn while it is of now, is switched by key, and waits where nothing can be said", async () => {
  const { pass, recorder } = await recording({ ...monitor, live: { runId: "run" } });
  expect(screen.queryByTestId("record-fan"), "nothing was said yet").toBeNull();
  await pass(5);
  const fan = (): HTMLElement => screen.getByTestId("record-fan");
  expect(fan().getAttribute("aria-pressed")).toBe("true");
  expect(pageText()).toContain("it is not measured and not stored");
  expect(screen.getByTestId("record-view").dataset["ahead"]).toBe("true");
  recorder.unplug();
  await pass(8);
  expect(pageText()).toContain("nothing can be said of what comes now");
  expect(screen.getByTestId("record-view").dataset["ahead"]).toBe("false");
  press("Y");
  await settled();
  expect(fan().textContent).toContain("Forecast not on the trace");
  expect(pageText()).not.toContain("nothing can be said of what comes now");
  press("Y");
  await settled();
});
