import { defineWords } from "../../ui/words.ts";

export const clusterWords = defineWords("settings-cluster", {
  en: {
    title: "Cluster of a department",
    off: "off",
    connected: "connected",
    passwordMissingChip: "password missing",
    hint: "An archive of recordings that several machines share, with workers that train. One machine needs none of it, and nothing of it is loaded while it is off.",
    address: "Address",
    addressHint: "User, server and database, without a password: postgresql://ito@db.example.org/kodo",
    password: "Password",
    passwordKeep: "Kept by the keyring of this system, encrypted; nowhere else.",
    passwordNoRing:
      "This system has no keyring that Kodo can use: the password is known until Kodo ends, and is then asked again.",
    passwordSame: "unchanged",
    passwordShow: "Show or hide the password",
    passwordMissing: "The password is not known any more: enter it, and connect.",
    certificate: "Certificate of its authority",
    certificateSystem: "those that this system trusts",
    certificateHint: "The server is spoken to only if a certificate tells that it is the one.",
    choose: "Choose…",
    useSystem: "Use the system’s",
    test: "Test the connection",
    connect: "Connect",
    connectAgain: "Connect anew",
    forget: "Disconnect and forget",
    forgetHint:
      "Disconnecting forgets address, password and agreement here. What lies there stays, and runs under way there go on.",
    reached: "{{name}} is reached: {{recordings}} recordings in the archive, {{workers}} workers at work.",
  },
  ja: {
    title: "部門のクラスター",
    off: "オフ",
    connected: "接続を設定済み",
    passwordMissingChip: "パスワード未入力",
    hint: "複数のコンピューターで共有する記録のアーカイブと、学習を分担するワーカーです。1台だけで使う場合は不要で、オフの間は何も読み込みません。",
    address: "アドレス",
    addressHint:
      "ユーザー、サーバー、データベース。パスワードは含めません：postgresql://ito@db.example.org/kodo",
    password: "パスワード",
    passwordKeep: "このシステムのキーリングに暗号化して保存します。ほかには残しません。",
    passwordNoRing:
      "このシステムには使えるキーリングがありません。パスワードはKodoを終了するまで保持し、次回あらためて入力が必要です。",
    passwordSame: "変更なし",
    passwordShow: "パスワードの表示を切り替え",
    passwordMissing: "パスワードが残っていません。入力して接続してください。",
    certificate: "認証局の証明書",
    certificateSystem: "このシステムが信頼するもの",
    certificateHint: "証明書で本物と確認できたサーバーとだけ通信します。",
    choose: "選択…",
    useSystem: "システムのものを使う",
    test: "接続を確認",
    connect: "接続する",
    connectAgain: "接続し直す",
    forget: "切断して設定を消す",
    forgetHint:
      "切断すると、ここに残したアドレス、パスワード、同意を消します。サーバー上のものは残り、そこで進行中の学習も続きます。",
    reached:
      "{{name}} に接続できました。アーカイブの記録 {{recordings}} 件、稼働中のワーカー {{workers}} 台。",
  },
});
