import type { MethodCheck } from "./check.ts";
import { ctgEvents } from "./ctg/events.ts";
import { ctgBaselines } from "./ctg/baselines.ts";
import { coupledChecks, coupledControlCheck, coupledToyCheck } from "./coupled/checks.ts";
import { coupledEnergyCheck } from "./coupled/energy.ts";
import { coupledComparatorsCheck } from "./coupled/comparators.ts";
import {
  emgEnvelopes,
  emgFewLabels,
  emgMissing,
  emgRaw,
  emgUnseen,
  emgUnseenLong,
  emgWithin,
} from "./emg/checks.ts";
import { emgGaps } from "./emg/gaps.ts";
import { johnsonDensity, johnsonDictionary, johnsonMissing, johnsonToy } from "./johnson.ts";
import { identityDepthCheck } from "./identity/depth.ts";
import { identityLayersCheck } from "./identity/layers.ts";
import { metaPoolingCharactersCheck } from "./pooling/characters.ts";
import { metaPoolingLoopCheck } from "./pooling/loop.ts";
import { metaPoolingCheck } from "./pooling/meta.ts";
import { regularisedPoolingCheck } from "./pooling/regularised.ts";
import { ldaCheck } from "./lda.ts";
import { forkMethods } from "./forks/all.ts";
import { stateSpaceEnvelopes } from "./state-space/envelopes.ts";
import { stateSpaceGaps } from "./state-space/gaps.ts";
import { stateSpaceFolds } from "./state-space/folds.ts";
import { stateSpaceNetRegimes } from "./state-space/net-regimes.ts";
import { stateSpaceReal } from "./state-space/real.ts";
import { falseSignalCalibrationCheck } from "./signal-trust/calibration.ts";
import { falseSignalCheck, falseSignalWeightsCheck } from "./signal-trust/false-signal.ts";
import { falseSignalPastCheck } from "./signal-trust/past.ts";
import { falseSignalSeedsCheck } from "./signal-trust/seeds.ts";
import { ctgOutcome } from "./outcome/check.ts";
import { ctgUci } from "./outcome/uci.ts";
import { sdgmMethods } from "./sdgm/all.ts";
import { ssmAdjoint } from "./state-space/adjoint.ts";
import { ssmBaseline } from "./state-space/baseline.ts";
import { ssmEvents } from "./state-space/events.ts";
import { ssmReaders } from "./state-space/readers.ts";
import { ssmRegimes } from "./state-space/regimes.ts";
import { ssmStates } from "./state-space/states.ts";
import { ssmSynthetic } from "./state-space/synthetic.ts";

/** Every check there is; a new one is one file here and one line. */
export const checks: readonly MethodCheck[] = [
  ldaCheck,
  emgWithin,
  emgEnvelopes,
  emgRaw,
  emgUnseen,
  emgUnseenLong,
  emgMissing,
  emgGaps,
  emgFewLabels,
  coupledToyCheck,
  coupledComparatorsCheck,
  coupledChecks,
  coupledControlCheck,
  coupledEnergyCheck,
  ...sdgmMethods,
  johnsonDensity,
  johnsonDictionary,
  johnsonToy,
  johnsonMissing,
  identityDepthCheck,
  identityLayersCheck,
  regularisedPoolingCheck,
  metaPoolingCheck,
  metaPoolingLoopCheck,
  metaPoolingCharactersCheck,
  ...forkMethods,
  ssmAdjoint,
  ssmSynthetic,
  ssmRegimes,
  ssmBaseline,
  ssmEvents,
  ssmReaders,
  ssmStates,
  stateSpaceReal,
  stateSpaceFolds,
  stateSpaceNetRegimes,
  stateSpaceEnvelopes,
  stateSpaceGaps,
  ctgEvents,
  ctgOutcome,
  ctgUci,
  ctgBaselines,
  falseSignalCheck,
  falseSignalPastCheck,
  falseSignalSeedsCheck,
  falseSignalCalibrationCheck,
  falseSignalWeightsCheck,
];
