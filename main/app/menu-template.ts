import type { MenuItemConstructorOptions } from "electron";

/** What a menu item tells the window (`menu.command`). The window knows what each means on the page it shows. */
export const menuCommands = [
  "import.files",
  "import.model",
  "sample.open",
  "export",
  "edit.undo",
  "edit.redo",
  "page.library",
  "page.record",
  "page.review",
  "page.train",
  "page.layers",
  "page.models",
  "page.settings",
  "page.bin",
  "palette",
  "inspector",
  "tour",
  "keys",
] as const;
export type MenuCommand = (typeof menuCommands)[number];

type Words = Readonly<Record<"file" | "edit" | "view" | "window" | "help" | "about" | MenuCommand, string>>;

const words: Readonly<Record<"en" | "ja", Words>> = {
  en: {
    file: "File",
    edit: "Edit",
    view: "View",
    window: "Window",
    help: "Help",
    about: "About Kodo",
    "import.files": "Import…",
    "import.model": "Import a model…",
    "sample.open": "Open sample study",
    export: "Export…",
    "edit.undo": "Undo",
    "edit.redo": "Redo",
    "page.library": "Library",
    "page.record": "Record",
    "page.review": "Review",
    "page.train": "Train",
    "page.layers": "Layers",
    "page.models": "Models",
    "page.settings": "Settings",
    "page.bin": "Bin",
    palette: "Commands…",
    inspector: "Inspector",
    tour: "Five-minute tour",
    keys: "Keys",
  },
  ja: {
    file: "ファイル",
    edit: "編集",
    view: "表示",
    window: "ウインドウ",
    help: "ヘルプ",
    about: "Kodo について",
    "import.files": "取り込み…",
    "import.model": "モデルの取り込み…",
    "sample.open": "サンプル研究を開く",
    export: "書き出し…",
    "edit.undo": "元に戻す",
    "edit.redo": "やり直す",
    "page.library": "一覧",
    "page.record": "記録",
    "page.review": "判読",
    "page.train": "学習",
    "page.layers": "層",
    "page.models": "モデル",
    "page.settings": "設定",
    "page.bin": "ごみ箱",
    palette: "コマンド…",
    inspector: "詳細欄",
    tour: "5分間のツアー",
    keys: "キー一覧",
  },
};

export interface MenuOptions {
  readonly language: "en" | "ja";
  readonly isMac: boolean;
  readonly send: (command: MenuCommand) => void;
}

/** The menu as a plain description, so that it can be looked at without a window. */
export function menuTemplate({ language, isMac, send }: MenuOptions): MenuItemConstructorOptions[] {
  const text = words[language];
  const item = (command: MenuCommand, accelerator?: string): MenuItemConstructorOptions => ({
    id: command,
    label: text[command],
    ...(accelerator === undefined ? {} : { accelerator }),
    click: () => send(command),
  });
  const line: MenuItemConstructorOptions = { type: "separator" };
  const settings = item("page.settings", "CmdOrCtrl+,");
  return [
    ...(isMac ? [{ role: "appMenu" as const }] : []),
    {
      label: text.file,
      submenu: [
        item("import.files", "CmdOrCtrl+O"),
        item("import.model", "CmdOrCtrl+Shift+O"),
        item("sample.open", "CmdOrCtrl+Shift+S"),
        item("export", "CmdOrCtrl+E"),
        line,
        { role: isMac ? "close" : "quit" },
      ],
    },
    {
      label: text.edit,
      submenu: [
        item("edit.undo", "CmdOrCtrl+Z"),
        item("edit.redo", isMac ? "Cmd+Shift+Z" : "Ctrl+Y"),
        line,
        { role: "cut" },
        { role: "copy" },
        { role: "paste" },
        { role: "selectAll" },
      ],
    },
    {
      label: text.view,
      submenu: [
        item("page.library", "CmdOrCtrl+1"),
        item("page.record", "CmdOrCtrl+2"),
        item("page.review", "CmdOrCtrl+3"),
        item("page.train", "CmdOrCtrl+4"),
        item("page.layers", "CmdOrCtrl+5"),
        item("page.models", "CmdOrCtrl+6"),
        item("page.bin", "CmdOrCtrl+7"),
        settings,
        line,
        item("palette", "CmdOrCtrl+K"),
        item("inspector", "CmdOrCtrl+I"),
        line,
        { role: "resetZoom" },
        { role: "zoomIn" },
        { role: "zoomOut" },
        { role: "togglefullscreen" },
      ],
    },
    { label: text.window, role: "windowMenu" },
    {
      label: text.help,
      role: "help",
      submenu: [
        item("tour", "F1"),
        item("keys"),
        { role: "toggleDevTools" },
        ...(isMac ? [] : [{ role: "about" as const, label: text.about }]),
      ],
    },
  ];
}
