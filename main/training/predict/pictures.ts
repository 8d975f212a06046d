import type { Picture } from "../../../preload/contract/method.ts";
import { chooseFront } from "../../models/fronts/registry.ts";
import type { FrontLayout } from "../../models/fronts/front.ts";
import type { PictureNames } from "../../models/model.ts";
import { modelOf } from "../../models/registry.ts";
import type { Standardisation } from "../data/dataset.ts";
import { unpackModel, type TrainedModel } from "../model-file/model-file.ts";
import { unpackSequenceModel } from "../model-file/sequence-file.ts";
import type { Trained } from "../work.ts";

/** What the first member of a run's model learned; none where the model shows nothing. Inputs are told in their own units. */
export function picturesOfRun({ run, model: bytes }: Trained): Picture[] {
  const model = modelOf(run.config.model.kind);
  if (model.over === "sequences") return model.pictures?.(unpackSequenceModel(bytes).learned) ?? [];
  if (model.pictures === undefined) return [];
  const trained = unpackModel(bytes);
  const layout = chooseFront(trained.front, []).layout(
    run.config.data.channels,
    run.config.data.windows.windowS,
  );
  const names = { inputs: inputNames(layout), classes: trained.classes };
  return picturesOf(trained, names).map((picture) =>
    inOwnUnits(picture, names.inputs, trained.standardisation),
  );
}

function picturesOf({ kind, network, members, learned }: TrainedModel, names: PictureNames): Picture[] {
  const model = modelOf(kind);
  if (model.over !== "windows") return [];
  if ("file" in model) return learned[0] === undefined ? [] : (model.pictures?.(learned[0], names) ?? []);
  return members[0] === undefined ? [] : (model.pictures?.(network, members[0], names) ?? []);
}

/** Rows of the layout; where a window has columns, each with its time from the window's start. */
function inputNames({ rows, columns, columnS, width }: FrontLayout): string[] {
  const seconds = (column: number): string => String(Number((column * columnS).toFixed(3)));
  return Array.from({ length: width }, (_, i) => {
    const row = rows[Math.floor(i / columns)] ?? String(i + 1);
    return columns > 1 ? `${row}, ${seconds(i % columns)} s` : row;
  });
}

/** Models know standardised inputs z = (x − mean) · scale; densities and normals are told of x. */
function inOwnUnits(picture: Picture, inputs: readonly string[], { mean, scale }: Standardisation): Picture {
  const at = (name: string): { readonly mean: number; readonly sd: number } | undefined => {
    const i = inputs.indexOf(name);
    return i < 0 ? undefined : { mean: mean[i] ?? 0, sd: 1 / (scale[i] ?? 1) };
  };
  if (picture.kind === "components") {
    const own = picture.inputs.map((name) => at(name) ?? { mean: 0, sd: 1 });
    const d = own.length;
    return {
      ...picture,
      components: picture.components.map((one) => ({
        ...one,
        mean: one.mean.map((z, i) => (own[i]?.mean ?? 0) + z * (own[i]?.sd ?? 1)),
        covariance: one.covariance.map(
          (value, i) => value * (own[Math.floor(i / d)]?.sd ?? 1) * (own[i % d]?.sd ?? 1),
        ),
      })),
    };
  }
  if (picture.kind !== "densities") return picture;
  return {
    ...picture,
    densities: picture.densities.map((one) => {
      const own = at(one.input);
      if (own === undefined) return one;
      const back = (z: number): number => own.mean + z * own.sd;
      return {
        ...one,
        at: one.at.map(back),
        density: one.density.map((value) => value / own.sd),
        low: back(one.low),
        high: back(one.high),
      };
    }),
  };
}
