import type { ReactNode } from "react";
import type { Words } from "../../../preload/contract/label-set.ts";
import { Formula } from "../../ui/formula.tsx";
import { inLanguage, useLanguage, useWords } from "../../ui/words.ts";
import type { Method } from "./methods.ts";
import css from "./models.module.css";
import { unbroken } from "./unbroken.ts";
import { WaysFigure } from "./ways-figure.tsx";
import { modelsWords } from "./words.ts";

/** Everything a method says of itself. */
export function MethodText({
  method: { name, sentence, about, model },
}: {
  readonly method: Method;
}): ReactNode {
  const t = useWords(modelsWords);
  const language = useLanguage();
  const say = (words: Words): string => unbroken(inLanguage(words, language));
  return (
    <article className={css["text"]}>
      <header>
        <h2>{say(name)}</h2>
        <p className={css["lead"]}>{say(sentence)}</p>
        {model && (
          <p className={css["facts"]}>
            {[
              t(`over.${model.over}`),
              t(`learning.${model.learning}`),
              model.kinds.map((kind) => t(`kind.${kind}`)).join(t("comma")),
            ].join(" · ")}
          </p>
        )}
      </header>
      <Section title={t("idea")}>
        {about.idea.map((one) => (
          <p key={one.en}>{say(one)}</p>
        ))}
      </Section>
      {about.figure && (
        <Section title={t("figure")}>
          <WaysFigure figure={about.figure} />
        </Section>
      )}
      <Section title={t("formulas")}>
        {about.formulas.map(({ tex, says }) => (
          <figure key={tex} className={css["formula"]}>
            <Formula tex={tex} />
            <figcaption>{say(says)}</figcaption>
          </figure>
        ))}
      </Section>
      <Section title={t("assumes")}>
        <ul>
          {about.assumes.map((one) => (
            <li key={one.en}>{say(one)}</li>
          ))}
        </ul>
      </Section>
      <Section title={t("missing")}>
        <p>{say(about.missing)}</p>
      </Section>
      <Section title={t("where")}>
        <p>{say(about.where)}</p>
      </Section>
      <Section title={t("claims")}>
        <ul className={css["claims"]}>
          {about.claims.map(({ says, evidence }) => (
            <li key={says.en}>
              <span>{say(says)}</span>
              <small data-evidence={evidence}>{t(`evidence.${evidence}`)}</small>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={t("references")}>
        <ul className={css["references"]}>
          {about.references.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      </Section>
    </article>
  );
}

function Section({ title, children }: { readonly title: string; readonly children: ReactNode }): ReactNode {
  return (
    <section>
      <h3>{title}</h3>
      <div>{children}</div>
    </section>
  );
}
