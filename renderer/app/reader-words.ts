import { defineWords } from "../ui/words.ts";

export const readerWords = defineWords("reader", {
  en: {
    nameTitle: "Who is reading?",
    nameText:
      "Labels, readings and decisions carry this name. It is asked once and can be changed in the settings.",
    name: "Your name or code",
    keepName: "Use this name",
    otherTitle: "This is by {{reader}}",
    "otherText.label": "The label was given by {{reader}}, not by you.",
    "otherText.declaration": "{{reader}} declared this read, not you.",
    "otherText.edit": "The edit that would be taken back or done again was made by {{reader}}, not by you.",
    "otherYes.label": "Change {{reader}}’s label",
    "otherYes.declaration": "Take {{reader}}’s declaration back",
    "otherYes.edit": "Go on with {{reader}}’s edit",
    leaveIt: "Leave it as it is",
  },
  ja: {
    nameTitle: "判読者名を入力してください",
    nameText: "ラベル、判読完了の宣言、裁定にこの名前が付きます。入力は一度だけで、設定から変更できます。",
    name: "名前またはコード",
    keepName: "この名前を使う",
    otherTitle: "{{reader}} によるものです",
    "otherText.label": "このラベルは {{reader}} が付けたもので、あなたのものではありません。",
    "otherText.declaration": "判読完了を宣言したのは {{reader}} で、あなたではありません。",
    "otherText.edit": "対象の編集は {{reader}} が行ったもので、あなたのものではありません。",
    "otherYes.label": "{{reader}} のラベルを変更する",
    "otherYes.declaration": "{{reader}} の宣言を取り消す",
    "otherYes.edit": "{{reader}} の編集に対して続ける",
    leaveIt: "そのままにする",
  },
});
