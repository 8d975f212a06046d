import { defineWords } from "../../ui/words.ts";

export const recordWords = defineWords("record", {
  en: {
    title: "Record",
    heading: "This version does not record from devices yet",
    text: "Recordings made with other equipment can be imported and worked on like any other.",
    import: "Import files",
    library: "Go to the library",
  },
  ja: {
    title: "記録",
    heading: "この版では、機器からの記録はまだできません",
    text: "ほかの装置で取った記録を取り込めば、同じように扱えます。",
    import: "ファイルを取り込む",
    library: "一覧へ",
  },
});
