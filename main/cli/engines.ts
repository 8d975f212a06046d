import { engineTitles } from "../../preload/contract/engine.ts";
import type { EngineInstall, EngineOffer, EngineReport } from "../../preload/contract/engine.ts";
import { answer } from "./context.ts";
import type { CommandContext } from "./context.ts";
import { exitCodes, UsageError } from "./usage.ts";

/** What trains on this machine; libtensorflow in and out. Needs no library. */
export async function engines(context: CommandContext): Promise<number> {
  const [verb, ...others] = context.positionals;
  if (others.length === 0) {
    if (verb === undefined) return list(context);
    if (verb === "install") return install(context);
    if (verb === "remove") return remove(context);
  }
  throw new UsageError("engines, engines install [--cuda] or engines remove");
}

async function list(context: CommandContext): Promise<number> {
  const found = await context.engines().list();
  await answer(context, "engines", found, () =>
    [...found.engines.map(engineLine), ...found.offers.map(offerLine)].map((line) => `${line}\n`).join(""),
  );
  return exitCodes.ok;
}

async function install(context: CommandContext): Promise<number> {
  const host = context.engines();
  const variant = context.flags["cuda"] === true ? "cuda" : "cpu";
  const offer = host.offers().find((one) => one.variant === variant);
  if (offer !== undefined) context.note(`installing ${offerWords(offer)}`);
  const off = host.onProgress((progress) =>
    context.progress(progressLine(progress), progress.state !== "running"),
  );
  try {
    const report = await host.install(variant, context.signal);
    await answer(context, "engines install", report, () => `${engineLine(report)}\n`);
    return exitCodes.ok;
  } finally {
    off();
  }
}

async function remove(context: CommandContext): Promise<number> {
  const host = context.engines();
  const removedBytes = await host.remove();
  await answer(context, "engines remove", { removedBytes }, () =>
    removedBytes === 0 ? "nothing was installed\n" : `removed ${megabytes(removedBytes)}\n`,
  );
  return exitCodes.ok;
}

const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${Math.round(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;

const progressLine = ({ step, done }: EngineInstall): string =>
  done > 0 ? `${step} ${Math.round(100 * done)} %` : step;

function engineLine({
  name,
  state,
  version,
  device,
  threads,
  selfTest,
  installed,
  error,
}: EngineReport): string {
  const facts = [
    ...(version === undefined ? [] : [version]),
    ...(device === undefined ? [] : [`on ${device}`]),
    ...(threads === undefined ? [] : [threads === 1 ? "1 thread" : `${threads} threads`]),
    ...(selfTest === undefined
      ? []
      : [`gradients within ${selfTest.largestError.toPrecision(1)} of the reference`]),
    ...(installed === undefined
      ? []
      : [`${megabytes(installed.bytes)} from ${installed.source} (${installed.licence})`]),
  ];
  if (installed?.variant === "cuda" && device === "cpu") facts.push("NO graphics card was found");
  const said = state === "ready" ? [] : [`${state}: ${error?.message ?? "no reason given"}`];
  return `${engineTitles[name]}: ${[...said, ...facts].join(", ")}`;
}

const offerWords = ({ variant, version, downloadBytes, diskBytes, licence }: EngineOffer): string =>
  [
    `libtensorflow ${version} for ${variant === "cuda" ? "NVIDIA graphics cards" : "the processor"}`,
    ...(downloadBytes === undefined ? [] : [`${megabytes(downloadBytes)} to fetch`]),
    ...(diskBytes === undefined ? [] : [`${megabytes(diskBytes)} of disk at most`]),
    `licence ${licence}`,
  ].join(", ");

const offerLine = (offer: EngineOffer): string =>
  `can be installed: ${offerWords(offer)} (engines install${offer.variant === "cuda" ? " --cuda" : ""})`;
