import { expect, test } from "vitest";
import { z } from "zod";
import { Words } from "../../../preload/contract/label-set.ts";
import { protocols } from "./registry.ts";

const Shape = z.object({ properties: z.record(z.string(), z.unknown()) });
const Choice = z.object({
  enum: z.array(z.string()),
  asked: z.object({ choices: z.record(z.string(), Words) }),
});
const isChoice = z.object({ enum: z.array(z.string()) });

test.each(Object.entries(protocols))(
  "%s: every value to choose from has a name in both languages",
  (_, { setup }) => {
    const form = Shape.parse(z.toJSONSchema(setup, { io: "input", unrepresentable: "any" }));
    for (const [key, property] of Object.entries(form.properties)) {
      if (!isChoice.safeParse(property).success) continue;
      const { enum: values, asked } = Choice.parse(property);
      expect(Object.keys(asked.choices).sort(), key).toEqual([...values].sort());
      for (const { en, ja } of Object.values(asked.choices)) {
        expect(Math.min(en.length, ja.length), key).toBeGreaterThan(0);
        expect(widthOf(en), en).toBeLessThan(28); // else it is cut off in its field
        expect(widthOf(ja), ja).toBeLessThan(28);
      }
    }
  },
);

/** In letters; those of Japanese are twice as wide. */
const widthOf = (text: string): number => text.length + (text.match(/[\u2e80-\uffff]/g)?.length ?? 0);
