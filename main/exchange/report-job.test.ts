import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { ReportRequest } from "../../preload/contract/report.ts";
import { gatherFonts } from "../../scripts/fonts.ts";
import { readPdf } from "../paper/pdf.test-support.ts";
import { naming } from "./file-error.ts";
import { FileSink } from "./file-sink.ts";
import { doJob } from "./jobs.ts";
import { reportJob } from "./report-job.ts";
import { type Bench, emgTable, withBench } from "./testing.ts";

const fontFolder = mkdtempSync(join(tmpdir(), "kodo-fonts-"));
beforeAll(() => gatherFonts(fontFolder));
afterAll(() => rmSync(fontFolder, { recursive: true, force: true }));

const tools = { fontFolder, software: "Kodo 0", now: () => new Date(0) };

/** Half an hour of heart rate and contractions, a second a row. */
function ctgTable(): string {
  const rows = Array.from({ length: 1800 }, (_, t) => {
    const rate = t > 600 && t < 660 ? "" : (140 + 5 * Math.sin(t / 7)).toFixed(1);
    return `${t},${rate},${(20 + 15 * Math.sin(t / 40)).toFixed(1)}`;
  });
  return `time_s,FHR (bpm),UC\n${rows.join("\n")}\n`;
}

async function ctg(bench: Bench, name = "Sato Hanako"): Promise<string> {
  const job = await bench.import(bench.put(`${name}.csv`, ctgTable()), { subject: "Sato", kind: "ctg" });
  return job.files[0]?.recordingIds[0] ?? "";
}

function request(bench: Bench, recordingIds: string[], change: Partial<ReportRequest> = {}): ReportRequest {
  const directory = join(bench.folder, "out");
  mkdirSync(directory, { recursive: true });
  return {
    ...{ recordingIds, directory, files: ["pdf", "png", "csv"], deidentify: false },
    ...{ paperSpeed: 1, fhrRange: "50-210", withOverlays: true, withAnnotations: true, language: "en" },
    ...change,
  };
}
const outFiles = (bench: Bench): string[] => readdirSync(join(bench.folder, "out")).sort();
const textOf = (bench: Bench, file: string): string =>
  readPdf(readFileSync(join(bench.folder, "out", file)))
    .pages.map(({ text }) => text)
    .join("\n");

test("a stretch beyond the end of a recording is refused, and no empty page is left", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    for (const span of [
      { fromS: 1800, toS: 2400 },
      { fromS: 600, toS: 600 },
    ]) {
      const job = await bench.run(reportJob(bench.context, request(bench, [id], { span }), tools));
      expect(job.files[0]).toMatchObject({ state: "failed", error: { code: "data/beyond-end" } });
    }
    expect(outFiles(bench)).toEqual([]);
    const within = request(bench, [id], { span: { fromS: 1790, toS: 4000 }, files: ["csv"] });
    expect((await bench.run(reportJob(bench.context, within, tools))).files[0]).toMatchObject({
      state: "done",
    });
  }));

test("a recording is put on paper, as pictures and as a table, with the checksum of its data", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    const job = await bench.run(reportJob(bench.context, request(bench, [id]), tools));
    expect(job.files[0]).toMatchObject({ state: "done" });
    expect(outFiles(bench)).toEqual([
      "Sato_Hanako-page-1.png",
      "Sato_Hanako-page-2.png",
      "Sato_Hanako.csv",
      "Sato_Hanako.pdf",
    ]);
    const { sha256 } = await bench.storage.library.checksum(id);
    expect(textOf(bench, "Sato_Hanako.pdf")).toContain(sha256);
    expect(readFileSync(join(bench.folder, "out", "Sato_Hanako.csv"), "utf8")).toContain("longest-gap");
    expect((await bench.storage.library.readLog(1))[0]?.action).toBe("recording.report");
  }));

test("what nobody has read is not told as if nothing were there", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    await bench.run(reportJob(bench.context, request(bench, [id], { files: ["pdf"] }), tools));
    const text = textOf(bench, "Sato_Hanako.pdf");
    expect(text).toContain("Not read by rule");
    expect(text).not.toContain("None found");
  }));

test("without names no name is on the paper or in its file's", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    const set = await bench.storage.library.getLabelSet("ctg-events");
    await bench.storage.library.addAnnotations([
      {
        ...{ recordingId: id, label: "acceleration", labelSet: set.id, labelSetVersion: set.version },
        ...{ onsetS: 100, durationS: 30, author: "Dr Tanaka", source: "person", note: "Sato moved" },
      },
    ]);
    await bench.run(reportJob(bench.context, request(bench, [id], { deidentify: true }), tools));
    const files = outFiles(bench);
    expect(files.every((file) => file.startsWith("recording-"))).toBe(true);
    const pdf = files.find((file) => file.endsWith(".pdf")) ?? "";
    const said =
      textOf(bench, pdf) +
      readFileSync(join(bench.folder, "out", pdf), "latin1") +
      readFileSync(join(bench.folder, "out", pdf.replace(".pdf", ".csv")), "utf8");
    expect(said).toContain("Acceleration");
    for (const name of ["Sato", "Hanako", "Tanaka"]) expect(said).not.toContain(name);
  }));

test("paper that cannot be written to the end leaves nothing, and one sentence says why", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    const full = Object.assign(new Error("no space"), { code: "ENOSPC" });
    const close = vi.spyOn(FileSink.prototype, "close").mockImplementation(function (
      this: InstanceType<typeof FileSink>,
    ) {
      return naming(this.path, () => (this.path.endsWith(".png") ? Promise.reject(full) : Promise.resolve()));
    });
    const job = await bench.run(reportJob(bench.context, request(bench, [id]), tools));
    close.mockRestore();
    expect(job.state).toBe("failed");
    expect(job.files[0]?.error).toMatchObject({
      ...{ code: "storage/disk-full", message: "Sato_Hanako-page-1.png was not written: the disk is full" },
    });
    expect(outFiles(bench)).toEqual([]);
  }));

test("whoever stops it between two pages finds nothing of it", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    const stop = new AbortController();
    const job = await doJob(
      { jobId: "j", kind: "export", signal: stop.signal, report: ({ done }) => done > 0 && stop.abort() },
      reportJob(bench.context, request(bench, [id], { paperSpeed: 3 }), tools),
    );
    expect(job.state).toBe("cancelled");
    expect(outFiles(bench)).toEqual([]);
  }));

test("a name that was given is never another's: what is there stays", () =>
  withBench(async (bench) => {
    const id = await ctg(bench);
    const asked = request(bench, [id], { fileName: "report.pdf", files: ["pdf"] });
    writeFileSync(join(bench.folder, "out", "report.pdf"), "mine");
    const job = await bench.run(reportJob(bench.context, asked, tools));
    expect(job.files[0]?.error?.code).toBe("data/file-exists");
    expect(readFileSync(join(bench.folder, "out", "report.pdf"), "utf8")).toBe("mine");
    expect(outFiles(bench)).toEqual(["report.pdf"]);
  }));

test("what is no cardiotocogram is refused, the others are written", () =>
  withBench(async (bench) => {
    const arm = await bench.import(bench.put("arm.csv", emgTable(400)));
    const ids = [arm.files[0]?.recordingIds[0] ?? "", await ctg(bench)];
    const job = await bench.run(reportJob(bench.context, request(bench, ids, { files: ["pdf"] }), tools));
    expect(job.files.map(({ state }) => state)).toEqual(["failed", "done"]);
    expect(job.files[0]?.error?.code).toBe("data/not-a-ctg");
    expect(job.files[0]?.error?.message).toContain("paper is drawn of these alone");
  }));
