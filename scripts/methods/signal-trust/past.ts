import { SignalTrustConfig } from "../../../main/models/sequences/signal-trust/config.ts";
import { fitSignalTrust } from "../../../main/models/sequences/signal-trust/fit.ts";
import { trustJudge } from "../../../main/models/sequences/signal-trust/judge.ts";
import type { LearnedSignalTrust } from "../../../main/models/sequences/signal-trust/learned.ts";
import type { Runtime } from "../../../main/compute/runtime.ts";
import { type CheckTools, figure, type MethodCheck, type Outcome } from "../check.ts";
import { withRuntime } from "../identity/networks.ts";
import {
  calibrationTold,
  differenceRow,
  isHeld,
  line,
  names,
  recipe,
  taught,
  told,
  viewed,
  type Views,
  views,
} from "./false-signal.ts";
import { trustRecords, type TrustRecord } from "./fhrma.ts";
import { askedOf, judgedLive } from "./live.ts";
import {
  aucOf,
  cardOf,
  eceOf,
  figureOf,
  intervalOf,
  type Judged,
  only,
  PPV,
  sensitivityOf,
} from "./scores.ts";

const figures = [
  ["AUC", aucOf],
  [`sensitivity at PPV ${PPV}`, sensitivityOf],
  ["ECE", eceOf],
] as const;

interface Tools {
  readonly runtime: Runtime;
  readonly say: CheckTools["say"];
}

async function viewsOf(
  name: string,
  learned: LearnedSignalTrust,
  records: readonly TrustRecord[],
  { runtime, say }: Tools,
): Promise<Views> {
  const judge = await trustJudge(learned, runtime);
  const held = records.filter(({ number }) => isHeld(number));
  const own = await viewed(held, (input) => judge.judge(input)).finally(() => judge.dispose());
  for (const view of views) say(`${name}, ${view}: ${line(cardOf(own[view]))}`);
  return own;
}

const howLearned = ({ config, calibration }: LearnedSignalTrust): string =>
  `one network, cycles of ${config.cycles.map(({ steps }) => steps).join(" and ")} steps; ${calibrationTold(calibration)}`;

interface Networks {
  readonly past: LearnedSignalTrust;
  readonly whole: LearnedSignalTrust; // of the same length and seed
}

const [PAST, WHOLE] = ["by the past alone", "seeing what comes after"] as const;

/** A network that sees nothing of what comes after beside one as long that does: of every sample, in pairs. */
export async function pastMeasured(
  networks: Networks,
  records: readonly TrustRecord[],
  tools: Tools,
): Promise<Outcome[]> {
  const past = await viewsOf(PAST, networks.past, records, tools);
  const whole = await viewsOf(WHOLE, networks.whole, records, tools);
  const rowsOf = (name: string, own: Views): readonly Outcome[] =>
    views.map((view) =>
      told(`${name}, ${names[view]}`, line(cardOf(own[view])), "not measured before", recipe),
    );
  const intervals = figures.map(([what, of]) => {
    const [low, high] = intervalOf(past.all, of).map((end) => figure(end, 4));
    return told(
      `${PAST}, all: ${what}`,
      `${figure(figureOf(past.all, of), 4)} [95 % ${low}, ${high}]`,
      "told",
      recipe,
    );
  });
  const beside = (
    [
      ["all", figures],
      ["withMhr", figures.slice(0, 2)],
      ["without", figures.slice(0, 2)],
      ["hidden", figures.slice(0, 1)],
    ] as const
  ).flatMap(([view, own]) =>
    own.map(([what, of]) =>
      differenceRow(`${PAST} − ${WHOLE}, ${names[view]}: ${what}`, [past[view], whole[view]], of),
    ),
  );
  const doppler = records.filter(({ sensor, number }) => sensor === "doppler" && isHeld(number));
  return [
    ...intervals,
    ...rowsOf(PAST, past),
    ...rowsOf(WHOLE, whole),
    ...beside,
    ...(await besideUsedLive(networks.whole, past.all, { records: doppler, runtime: tools.runtime })),
    told(`how that ${PAST} was learned`, howLearned(networks.past), "told", recipe),
    told(`how that ${WHOLE} was learned`, howLearned(networks.whole), "told", recipe),
  ];
}

const DELAYS_S = [0, 30] as const;

/** Beside the network that was not learned for it, used while a recording comes: one marked sample in two minutes. */
async function besideUsedLive(
  whole: LearnedSignalTrust,
  past: readonly Judged[],
  { records, runtime }: { readonly records: readonly TrustRecord[]; readonly runtime: Runtime },
): Promise<readonly Outcome[]> {
  const hasMhr = (one: Judged, i: number): boolean => one.hasMhr[i] === 1;
  const asked = askedOf(past);
  const rowsOf = (name: string, own: readonly Judged[]): readonly Outcome[] => [
    told(name, line(cardOf(own)), "not measured before", recipe),
    told(`${name}, MHR observed`, line(cardOf(only(own, hasMhr))), "not measured before", recipe),
  ];
  const rows = [...rowsOf(`${PAST}, one sample in two minutes`, asked)];
  for (const delayS of DELAYS_S) {
    const live = await judgedLive(whole, records, delayS, runtime);
    const name = `${WHOLE}, used live, ${delayS} s after a sample came`;
    rows.push(...rowsOf(name, live), differenceRow(`${PAST} − ${name}: AUC`, [asked, live], aucOf));
  }
  return rows;
}

export const falseSignalPastCheck: MethodCheck = {
  id: "false-signal-past",
  about:
    "The same by a network that sees nothing of what comes after, for recordings under way, beside one of the same length and seed that does",
  run: async ({ data, say }) => {
    const records = trustRecords(data());
    const fit = (pastOnly: boolean, runtime: Runtime) =>
      fitSignalTrust(taught(records), SignalTrustConfig.parse({ members: 1, pastOnly }), { runtime });
    return withRuntime(async (runtime) => {
      const networks = { past: await fit(true, runtime), whole: await fit(false, runtime) };
      return pastMeasured(networks, records, { runtime, say });
    });
  },
};
