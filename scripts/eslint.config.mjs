import js from "@eslint/js";
import a11y from "eslint-plugin-jsx-a11y";
import hooks from "eslint-plugin-react-hooks";
import regexp from "eslint-plugin-regexp";
import ts from "typescript-eslint";

export default ts.config(
  { ignores: ["renderer/public/", "out/", "node_modules/", "scripts/bench/drawing/run.mjs"] },
  {
    files: ["**/*.{ts,tsx}"],
    extends: [js.configs.recommended, ts.configs.strictTypeChecked],
    languageOptions: {
      parserOptions: {
        project: ["./tsconfig.json", "./renderer/tsconfig.json", "./e2e/tsconfig.json"],
        tsconfigRootDir: process.cwd(),
      },
    },
    rules: {
      "@typescript-eslint/consistent-type-imports": "error",
      "no-eval": "error", // new Function is caught by no-implied-eval
      "@typescript-eslint/switch-exhaustiveness-check": "error",
      "@typescript-eslint/restrict-template-expressions": [
        "error",
        { allowNumber: true, allowBoolean: true },
      ],
      "@typescript-eslint/no-confusing-void-expression": ["error", { ignoreArrowShorthand: true }],
      "@typescript-eslint/no-unnecessary-condition": "off", // noUncheckedIndexedAccess guards look unnecessary to it in places
      "@typescript-eslint/prefer-for-of": "off",
    },
  },
  {
    // A pattern that tries again from every place takes minutes over a few hostile bytes.
    files: ["**/*.{ts,tsx,mjs,cjs}"],
    plugins: { regexp },
    rules: {
      "regexp/no-super-linear-backtracking": "error",
      "regexp/no-super-linear-move": "error",
    },
  },
  {
    files: ["renderer/**/*.{ts,tsx}"],
    plugins: { "react-hooks": hooks, "jsx-a11y": a11y },
    rules: {
      ...hooks.configs.recommended.rules,
      ...a11y.configs.recommended.rules,
      // A region that scrolls must be reachable by keyboard.
      "jsx-a11y/no-noninteractive-tabindex": ["error", { tags: ["section"], roles: ["tabpanel"] }],
    },
  },
  {
    files: ["**/*.test.{ts,tsx}", "**/*fake*.ts"],
    rules: { "@typescript-eslint/require-await": "off" }, // stand-ins answer at once where the real thing takes time
  },
  {
    // A test that reads what is not there fails where it does; elsewhere sure() says so.
    files: [
      "**/*.test.{ts,tsx}",
      "**/*{.test-support,.fixtures}.ts",
      "**/testing.ts",
      "renderer/fake/**/*.ts",
      "e2e/**/*.ts",
      "scripts/**/*.ts",
    ],
    rules: { "@typescript-eslint/no-non-null-assertion": "off" },
  },
  {
    files: ["main/models/**/*.ts", "main/compute/**/*.ts", "main/training/**/*.ts", "scripts/bench/*.ts"],
    rules: { "@typescript-eslint/no-unnecessary-type-assertion": "off" }, // an op's rank is asserted where the shape is written
  },
);
