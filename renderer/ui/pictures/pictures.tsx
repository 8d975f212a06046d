import type { ReactNode } from "react";
import type { Words } from "../../../preload/contract/label-set.ts";
import type { Picture } from "../../../preload/contract/method.ts";
import { number } from "../format.ts";
import { Bar, Facts } from "../widgets.tsx";
import { inLanguage, useLanguage, useWords } from "../words.ts";
import { ComponentsPicture } from "./components.tsx";
import { CurvesPicture } from "./curves.tsx";
import { DensitiesPicture } from "./densities.tsx";
import type { LookOf } from "./look.ts";
import { MatrixPicture } from "./matrix.tsx";
import css from "./pictures.module.css";
import { picturesWords } from "./words.ts";

/** What a model learned, whatever model it is: each kind of picture has one way to be drawn. */
export function Pictures({
  pictures,
  lookOf,
}: {
  readonly pictures: readonly Picture[];
  readonly lookOf: LookOf;
}): ReactNode {
  const t = useWords(picturesWords);
  const language = useLanguage();
  if (pictures.length === 0) return <p className={css["hint"]}>{t("nothing")}</p>;
  return pictures.map((picture, i) => (
    <section key={i} className={css["picture"]} data-picture={picture.kind}>
      {picture.kind !== "facts" && <h3>{inLanguage(picture.title, language)}</h3>}
      <Drawn picture={picture} lookOf={lookOf} say={(words) => inLanguage(words, language)} />
    </section>
  ));
}

function Drawn({
  picture,
  lookOf,
  say,
}: {
  readonly picture: Picture;
  readonly lookOf: LookOf;
  readonly say: (words: Words) => string;
}): ReactNode {
  switch (picture.kind) {
    case "components":
      return <ComponentsPicture picture={picture} lookOf={lookOf} name={say(picture.title)} />;
    case "densities":
      return <DensitiesPicture picture={picture} lookOf={lookOf} name={say(picture.title)} />;
    case "curves":
      return (
        <CurvesPicture
          picture={picture}
          name={say(picture.title)}
          across={say(picture.across)}
          up={say(picture.up)}
        />
      );
    case "bars":
      return <BarsPicture picture={picture} lookOf={lookOf} unit={say(picture.unit)} />;
    case "matrix":
      return <MatrixPicture picture={picture} lookOf={lookOf} name={say(picture.title)} />;
    case "facts":
      return <Facts facts={picture.facts.map(({ name, value }) => [say(name), value] as const)} />;
  }
}

/** More would be a wall: the largest are shown. */
const MOST_BARS = 30;

function BarsPicture({
  picture: { bars },
  lookOf,
  unit,
}: {
  readonly picture: Extract<Picture, { readonly kind: "bars" }>;
  readonly lookOf: LookOf;
  readonly unit: string;
}): ReactNode {
  const t = useWords(picturesWords);
  const language = useLanguage();
  const most = bars.reduce((a, { value }) => Math.max(a, Math.abs(value)), 0) || 1;
  const largest = [...bars].sort((a, b) => Math.abs(b.value) - Math.abs(a.value)).slice(0, MOST_BARS);
  const shown = bars.length > MOST_BARS ? largest : bars;
  return (
    <div>
      <p className={css["hint"]}>{unit}</p>
      <div className={css["bars"]}>
        {shown.map(({ name, value }, i) => (
          <div key={i} style={{ display: "contents" }}>
            <span>{typeof name === "string" ? lookOf(name).name : inLanguage(name, language)}</span>
            <Bar share={Math.abs(value) / most} />
            <span>{number(value, language, 3)}</span>
          </div>
        ))}
      </div>
      {shown !== bars && (
        <p className={css["hint"]}>{t("largest", { shown: shown.length, all: bars.length })}</p>
      )}
    </div>
  );
}
