import { problemSentences, repairSentences } from "../../preload/contract/sentences.ts";
import { defineWords } from "./words.ts";

/** What a reader mended, in main's English and in Japanese. */
export const repairWords = defineWords("repairs", {
  en: { ...repairSentences, inAll: "({{times}} in all)" },
  ja: {
    ALREADY_THERE: "{{file}} はすでにライブラリにあります（{{recording}}）",
    ANNOTATIONS_ADDED: "{{recording}} にアノテーションを {{count}} 件追加しました",
    ANNOTATIONS_ADDED_MORE:
      "ほかの {{recordings}} 件の記録にアノテーションを合わせて {{count}} 件追加しました",
    ANNOTATIONS_BESIDE:
      "{{file}} にはアノテーションだけが入っています。開始時刻が同じ {{recording}} に追加しました",
    ANNOTATIONS_BY_NAME:
      "{{file}} にはアノテーションだけが入っています。同じ名前の {{recording}} に追加しました（どちらかの開始時刻が不明です）",
    ANNOTATIONS_FAR:
      "{{file}}: {{limit}} 秒より先にあるアノテーション {{count}} 件を除きました（そこまで続く記録はありません）",
    ANNOTATIONS_KNOWN: "{{file}} のアノテーション {{count}} 件はすでにライブラリにあるため、追加していません",
    ANNOTATIONS_OUTSIDE: "{{recording}} の範囲外にある {{count}} 件のアノテーションを除きました",
    BIDS_BAD_CHANNEL: "{{file}} ではチャネル「{{label}}」が不良とされています{{why}}。サンプルは残しました",
    BIDS_CHANNELS_ABSENT: "{{file}} に、記録にないチャネルが {{count}} 個あります: {{names}}",
    BIDS_DESCRIPTION: "{{file}} は JSON ではないため読みません",
    BIDS_EVENTS: "{{file}}: {{count}} 件のイベントをアノテーションにしました",
    BIDS_EVENTS_LEFT_OUT: "{{file}}: 開始や長さが秒でない行を {{rows}} 行除きました（最初は {{line}} 行目）",
    BIDS_TOO_LONG: "{{file}} は {{size}} バイトあり、記録の説明としては長すぎるため読みません",
    BIDS_UNIT: "{{file}} では「{{label}}」の単位が {{theirs}} ですが、記録のヘッダーの {{ours}} を使いました",
    CSV_COLUMNS_LEFT_OUT: "{{file}}: チャネルではない {{count}} 列を除きました: {{columns}}",
    CSV_CUT_ROW: "{{file}}: {{line}} 行目の途中でファイルが終わっています。この行を除きました",
    CSV_DATE_ORDER: "{{file}}: 日付の日と月のどちらが先かわかりません。選んでください",
    CSV_ENDS_APART:
      "{{file}}: 列の終わる時刻が異なります（早い列は {{shortest}} 秒、遅い列は {{longest}} 秒）",
    CSV_EXTRA_CELLS: "{{file}}: {{line}} 行目のセルが列より多くあります。余りは読みません",
    CSV_HELD:
      "{{file}}: 時刻の間隔が一定ではありません。指定の {{rate}} Hz に合わせ、{{held}} サンプルは直前の行の値です",
    CSV_IRREGULAR_TIME:
      "{{file}}: 時刻の間隔が {{shortest}} 秒から {{longest}} 秒まで変わります。サンプリング周波数を指定するか、時刻の列を「なし」にしてください",
    CSV_LABEL_COLUMN:
      "{{file}}: 「{{column}}」列を {{count}} 件のアノテーションにしました（同じ値の連続を 1 件とします）",
    CSV_NO_COLUMNS: "{{file}} に数値の列がありません",
    CSV_NO_RATE:
      "{{file}} に時刻の列がないか、時刻からサンプリング周波数がわかりません。周波数（Hz）を指定してください",
    CSV_NO_ROWS: "{{file}} には見出し {{headerRows}} 行のあとに値の行がありません",
    CSV_OWN_HEADER: "{{file}} は Kodo の書き出しとありますが、列が合いません。通常の表として読みました",
    CSV_PADDING: "{{file}}: {{columns}} の最後のサンプルより下のゼロは埋め草とみなし、除きました",
    CSV_PART_ALONE: "{{file}} は {{main}} の一部です。この表のチャネルだけを読みました",
    CSV_PART_MISSING:
      "{{file}} の一部である {{part}} が同じフォルダーにないか、合いません。そのチャネルは読めませんでした",
    CSV_RATE_CONFLICT:
      "{{file}}: 時刻の列は約 {{measured}} Hz ですが、指定の {{given}} Hz を使い、時刻の列は読みません",
    CSV_RATE_OF_FETUS:
      "{{file}}: 「{{column}}」は誰の心拍数か書かれていません。陣痛と並んでいるため、胎児の心拍数として読みました",
    CSV_RATE_UNCLEAR:
      "{{file}}: 見出しには {{stated}} Hz とありますが、時刻は約 {{measured}} Hz で進みます。正しいサンプリング周波数を指定してください",
    CSV_REPEATED_TIME:
      "{{file}}: 時刻が直前の行以前の行が {{rows}} 行あります（最初は {{line}} 行目）。除きました",
    CSV_REPEATED_TIME_HELD:
      "{{file}}: 時刻が直前の行以前の行が {{rows}} 行あります（最初は {{line}} 行目）。後の行を残しました",
    CSV_SEVERAL_RATES:
      "サンプリング周波数が {{count}} 種類あります。表は 1 種類ずつなので {{count}} 個に分けて書き出しました。同じフォルダーに置けば 1 つの記録として読み込めます",
    CSV_SHORT_ROW:
      "{{file}}: セルが足りない行が {{rows}} 行あります（最初は {{line}} 行目）。足りない値は欠測とします",
    CSV_SIDECAR: "{{file}} は Kodo が表に添えるファイルではありません。アノテーションは読みません",
    CSV_TIME: "{{file}}: 時刻の列を使えません（{{line}} 行目の {{value}}）",
    CSV_TIME_MILLISECONDS:
      "{{file}}: 時刻の列に単位がありません。整数をミリ秒とみなしました。サンプリング周波数を指定するとそちらが優先されます",
    CSV_TIME_SECONDS:
      "{{file}}: 時刻の列に単位がありません。整数を秒とみなしました。サンプリング周波数を指定するとそちらが優先されます",
    CSV_TRUNCATED: "{{file}} には {{expected}} 行のうち {{rows}} 行しかありません。残りは未記録とします",
    CSV_UNCLEAR_TIMES:
      "{{file}}: 「{{column}}」列の左に時刻の列がありません。どの時刻の列を使うか選ぶか、この列を外してください",
    DEIDENTIFIED:
      "氏名・日付・メモ・入力された文字列を除きました。対象者・記録・作成者は符号にし、このライブラリのどの書き出しでも同じ符号になります",
    DEIDENTIFIED_CHANNELS: "ラベルか単位に氏名が入りうる {{count}} 個のチャネルを、役割の名前で書きました",
    DEIDENTIFIED_TEXTS:
      "組み込みのラベルセットにない {{count}} 種類のアノテーションの文字列は、氏名が入りうるため符号（label-...）で書きました",
    EDF_ANNOTATION: "アノテーションではないバイト列を除きました: 「{{value}}」",
    EDF_ANNOTATION_CONTROL: "「{{label}}」の制御文字を空白にして書き出しました",
    EDF_ANNOTATION_DURATION: "数値ではない持続時間をなしとしました: 「{{value}}」",
    EDF_ANNOTATION_EMPTY:
      "文字のないアノテーションは「(empty)」と書きました。EDF+ では空にできないためで、Kodo では元どおりに読めます",
    EDF_ANNOTATION_LONG:
      "「{{label}}...」は、ほかのプログラム向けに {{limit}} バイトで切りました。Kodo では全文を読めます",
    EDF_ANNOTATION_SIGN: "符号のない開始時刻を正として読みました: 「{{value}}」",
    EDF_ANNOTATION_SIGNAL_LONG:
      "アノテーション信号が 1 レコード {{length}} バイトあります。{{limit}} バイトまで読みました",
    EDF_ANNOTATION_TEXT: "UTF-8 ではないアノテーションを「{{value}}」と読みました",
    EDF_AS_BDF:
      "BDF+（24 ビット）で書き出しました。{{channels}} の整数は、欠測用の値を 1 つ残すと 16 ビットに収まりません",
    EDF_CONTINUOUS_ONSET:
      "レコード {{record}} の開始は {{startS}} 秒とありますが、レコード長からは {{expected}} 秒です。連続記録の指定に従って読みました",
    EDF_DATE: "開始日「{{date}}」は日付ではありません（dd.mm.yy）",
    EDF_DATE_FORM: "開始日「{{date}}」は dd.mm.yy の書き方ではありません",
    EDF_DATE_MISMATCH: "開始日「{{date}}」が記録欄の「{{used}}」と異なります。記録欄の日付を使いました",
    EDF_DECIMALS:
      "{{label}}: 小数 {{decimals}} 桁の {{type}} 値を、{{type}} の精度の範囲で整数にして書き出しました",
    EDF_DETAILS:
      "{{count}} 件のアノテーションのメモ・チャネル・作成者は別の文字列に入れました。Kodo は読み、ほかのプログラムは読み飛ばします",
    EDF_DUPLICATE_LABEL:
      "「{{label}}」という名前のチャネルが {{count}} 個あります。すべて残し、名前で指すアノテーションは最初のものに付けます",
    EDF_EMPTY_SIGNAL: "{{label}} は 1 レコードのサンプル数が 0 なので除きました",
    EDF_FACTS: "EDF+ に欄のないヘッダー項目 {{count}} 件を、Kodo だけが読む文字列に入れました: {{names}}",
    EDF_FIRST_ONSET: "レコード 0 の開始が {{onset}} 秒とあります。0 秒として読みました",
    EDF_FIRST_ONSET_MISSING: "レコード 0 に開始時刻がありません。0 秒として読みました",
    EDF_GAIN:
      "{{label}}: ゲイン {{gain}} は 8 文字では {{written}} になります。デジタル値は同じで、物理値の差は最大 {{change}} {{unit}} です",
    EDF_HEADER_BYTES: "ヘッダーにバイト 0x{{byte}} があります（許容 0x20〜0x7E）。空白として読みました",
    EDF_HEADER_CHOSEN: "ヘッダーが ASCII ではありません。選ばれた {{encoding}} で読みました",
    EDF_HEADER_ENCODING: "ヘッダーが ASCII ではありません。{{encoding}} として読みました",
    EDF_HEADER_LENGTH:
      "ヘッダー長「{{value}}」が {{signals}} 信号に合いません。{{expected}} として読みました",
    EDF_LABEL:
      "チャネル {{channel}}「{{label}}」を「{{written}}」と書き出しました（ASCII 16 文字、重複なし）",
    EDF_NEGATIVE_GAIN:
      "{{label}}: 物理最小値 {{physMin}} が最大値 {{physMax}} より大きく、記載どおり負のゲインとします",
    EDF_NO_ANNOTATION_SIGNAL:
      "{{mark}} とありますがアノテーション信号がありません。通常の {{base}} として読みました",
    EDF_NO_RECORD_TIMES:
      "{{mark}} とありますがアノテーション信号がありません。通常の {{base}} として、レコードの時刻が不明なまま連続とみなして読みました",
    EDF_NUMBER: "{{label}}: {{text}} は EDF の書き方ではありません。{{value}} と読みました",
    EDF_OUT_OF_RANGE:
      "{{label}}: {{count}} サンプルがデジタル範囲 {{digMin}}〜{{digMax}} の外にあります。値と尺度はそのままです",
    EDF_OUT_OF_RANGE_CHANNELS:
      "{{channels}} チャネル（{{labels}}）: {{count}} サンプルがデジタル範囲の外にあります。値と尺度はそのままです",
    EDF_PADDED:
      "最後の {{duration}} 秒のレコードに余りがあり、埋めてあります。ほかのプログラムでは終わりの後に最低値が見えます。Kodo では正確な長さで読めます",
    EDF_PATIENT: "患者欄「{{text}}」の 4 項目のうち {{missing}} 項目がありません。不明としました",
    EDF_PATIENT_CUT: "患者欄は 80 文字までのため「{{patient}}」と書きました。Kodo では全体を読めます",
    EDF_PLUS_UNMARKED: "EDF+ の印（「{{mark}}」）がありませんが、アノテーション信号があるので読みました",
    EDF_QUANTISED: "{{label}}: {{type}} 値を {{step}} 刻みに丸めました。差は最大で半刻みです",
    EDF_RATE: "{{label}}: {{rate}} Hz が {{written}} Hz になります（1 時間に {{drift}} 秒のずれ）",
    EDF_RECORDING: "記録欄「{{text}}」の 5 項目のうち {{missing}} 項目がありません。不明としました",
    EDF_RECORD_COUNT:
      "レコード数は {{declared}} とありますが、ファイルには {{records}} あります。ある分を読みました",
    EDF_RECORD_COUNT_MISSING: "ヘッダーにレコード数がありません。ファイルの大きさから {{records}} としました",
    EDF_RECORD_DURATION: "レコード長「{{value}}」は正しくありません。1 秒として読みました",
    EDF_RECORD_FAR:
      "レコード {{record}} の開始（{{startS}} 秒）が直前から 1 年以上離れています。続きとして読みました",
    EDF_RECORD_GRID:
      "{{label}} のサンプルとサンプルの間から始まるレコードがあり、近いほうに置きました（{{shift}} 秒のずれ）",
    EDF_RECORD_ONSET: "レコード {{record}} に開始時刻がありません。続きとして読みました",
    EDF_RECORD_ORDER:
      "レコード {{record}} の開始（{{startS}} 秒）が直前の終わり（{{expected}} 秒）より前です。続きとして読みました",
    EDF_OUTAGE_LONG:
      "{{label}}：欠落が長すぎるため、途中からの欠落の理由は残りません（「記録されていない」として扱います）",
    EDF_RECORD_PLACE: "レコードの開始がサンプル {{sample}} となり、あり得ません。続きとして読みました",
    EDF_SCALE: "{{label}}: ゲイン {{gain}} とオフセット {{offset}} は書けません。計数値で書き出しました",
    EDF_SIGNAL_COUNT: "信号数「{{value}}」は正しくありません。ヘッダー長から {{signals}} としました",
    EDF_START_OFFSET: "レコード 0 は {{onset}} 秒から始まります。記録の開始をその分ずらしました",
    EDF_START_UNKNOWN: "開始が不明なので 01.01.85 00.00.00、Startdate X と書き出しました",
    EDF_START_UNREADABLE: "開始「{{start}}」は ISO 8601 ではありません。不明として書き出しました",
    EDF_SUBJECT: "対象者「{{subject}}」を「{{written}}」と書き出しました（ASCII、空白なし）",
    EDF_TAIL: "最後のレコードのあとの {{bytes}} バイトは読みません",
    EDF_TAIL_RECORDS:
      "記載の {{records}} レコードのあとの {{bytes}} バイトはレコードではないため（開始時刻なし）読みません",
    EDF_TIME: "開始時刻「{{time}}」は時刻ではありません（hh.mm.ss）",
    EDF_TIME_FORM: "開始時刻「{{time}}」は hh.mm.ss の書き方ではありません",
    EDF_TRUNCATED_RECORD:
      "最後のレコードが途中で切れています（{{recordBytes}} バイトのうち {{bytes}} バイト）。ある分のサンプルを残しました",
    EDF_UNCALIBRATED:
      "{{label}}: 物理範囲「{{physMin}}」〜「{{physMax}}」とデジタル範囲「{{digMin}}」〜「{{digMax}}」からは尺度が決まりません。計数値のまま残しました（ゲイン 1、単位なし）",
    EDF_UNIT: "{{label}}: 単位「{{unit}}」を「{{written}}」と書き出しました（ASCII 8 文字）",
    EDF_UNIT_PREFIX: "{{label}}: {{unit}} の範囲は 8 文字に収まらないため、{{written}} で書き出しました",
    EDF_VALUE_LOST: "{{label}}: 有限の数ではない {{count}} サンプルを欠測として書き出しました",
    EDF_VERSION: "版の欄がゼロバイトで埋められています",
    EDF_ZONE: "開始 {{start}}: EDF には時間帯がないため、「{{zone}}」を除いて書き出しました",
    FACTS_LEFT_OUT: "{{file}}: ヘッダー項目は {{limit}} 件まで残します。{{count}} 件を除きました",
    FHRMA_NO_START: "開始時刻が 0 なので不明としました",
    FHRMA_TAIL: "末尾の {{bytes}} バイトは 1 サンプル（{{sampleBytes}} バイト）に足りないため読みません",
    FHRMA_UNUSED_CHANNEL: "{{label}} は全区間 0（欠測）なので除きました",
    FILES_LEFT_OUT: "{{folder}}: 対応していない形式のファイル {{count}} 件を除きました: {{files}}",
    GZIP_DAMAGED:
      "{{file}} は展開後 {{inflated}} バイトの所で破損しています（{{cause}}）。そこまでを残しました",
    GZIP_LENGTH:
      "{{file}} は途中で終わるか複数の部分からなります（展開後 {{inflated}} バイト、末尾の記載は {{stated}}）",
    INTERRUPTED_TWIN:
      "{{file}} の中断された取り込みが {{recording}} としてライブラリにあります。今回のものは完全です",
    JSON_CUT: "{{file}} は途中で終わっています。ある分を読みました",
    LABELS_UNKNOWN: "どのラベルセットにもない {{count}} 種類のラベルを「{{set}}」に入れました: {{labels}}",
    LABELS_MANY:
      "取り込みラベルの上限（{{most}} 種類）に達したため、{{count}} 種類の文字列は「その他の文字」としました。もとの文字列は各アノテーションに残ります",
    LABEL_BY_LETTER: "「{{word}}」を「{{label}}」の略字とみなしました（ラベルセット {{set}}）",
    NAME_TAKEN: "{{name}} という記録がすでにあるため、{{free}} としました",
    NOT_RECOGNISED: "{{file}} は対応していない形式なので除きました",
    OTHER_CLOCK:
      "{{names}}: この機器は別の時計で動いています。サンプルは記録の時刻に合わせて書き出しました（公称の速さとの差は初めに {{from}} 秒、終わりに {{to}} 秒、サンプル単位で移動。省いたサンプル {{leftOut}} 個、空いた位置 {{empty}} 個）",
    RECORDINGS_UNKNOWN: "{{rows}} 行がライブラリにない記録を指しています: {{recordings}}",
    REPAIRS_MORE: "{{file}}: {{code}} はほかに {{count}} 件あります（一覧には出していません）",
    TEXT_CONTROL: "{{file}}: 「{{text}}」の制御文字を空白に置き換えました",
    TEXT_CUT: "{{file}}: 「{{text}}」は {{length}} 文字あるため {{limit}} 文字に切り詰めました",
    VALUES_TOO_LARGE: "{{label}}: 表示できないほど大きい値 {{count}} 個を範囲外としました",
    WFDB_ANNOTATIONS_CUT:
      "{{file}} に終わりの印がありません。バイト {{byte}} より前の {{count}} 件を読みました",
    READING_UNCLEAR:
      "判読完了の宣言のはずですが読み取れません。何も宣言せず、ラベルにもしません: 「{{text}}」",
    READING_LEFT_OUT:
      "{{file}} はラベルセット「{{set}}」の判読完了を宣言していますが、同じラベルのセットがライブラリにないため省きました",
    READ_FOR_OWN_WORDS:
      "{{file}} にはどのラベルセットにもない語があります。ほかのファイルの語も含む「{{set}}」に入るため、このセットの判読完了は宣言しません",
    READ_FOR_NO_LABEL:
      "{{file}} に {{recording}} の所見がなく、どのラベルについて読み終えたのか分からないため、判読完了は宣言しません",
    WFDB_ANNOTATIONS_TOO_LONG: "{{file}} は {{size}} バイトあるため読みません",
    WFDB_BASELINE_ROUNDED:
      "「{{label}}」の零点は {{exact}} ですが、WFDB は整数なので {{baseline}} と書き出しました（正確な値はコメントに残します）",
    WFDB_CHANGED_SINCE:
      "{{record}} の「{{label}}」のヘッダー行は Kodo の書き出し後に変更されています（{{fields}}）。ヘッダー行に従います",
    WFDB_CHECKSUM:
      "{{file}}: 「{{label}}」のサンプルの和は {{sum}} ですが、ヘッダーでは {{checksum}} です。ファイルが破損しているおそれがあります",
    WFDB_DEFAULT_RATE: "{{file}} にサンプリング周波数がありません。形式の既定値 250 Hz を使いました",
    WFDB_FLAC_DAMAGED:
      "{{file}} は {{byte}} バイトの所で破損しているか終わっています。最初の {{frames}} フレームを読み、残りは記録なしとしました",
    WFDB_FOREIGN_SIGNAL:
      "区分 {{segment}}: 信号「{{label}}」は名前とサンプリング周波数の合うチャネルが記録にないため除きました",
    WFDB_GAIN: "{{file}} {{line}} 行目: ゲイン「{{gain}}」は使えません。1 単位 200 としました",
    WFDB_HEADER_FIELD: "{{file}} {{line}} 行目: {{field}}「{{value}}」は整数ではないため除きました",
    WFDB_INITIAL_VALUE:
      "{{file}}: 「{{label}}」の最初の値は {{first}} ですが、ヘッダーでは {{declared}} です",
    WFDB_NO_SEGMENT:
      "{{file}} が指す区分 {{segment}} のヘッダーがありません。サンプル {{first}}〜{{last}} は空白のままです",
    WFDB_NO_SIGNAL_FILE:
      "{{file}} が指す {{signalFile}} がありません。その {{channels}} チャネルは空のままです",
    WFDB_OPEN_INTERVAL: "{{file}}: 終わりのない区間 {{count}} 件を点として残しました",
    WFDB_QUANTISED:
      "「{{label}}」には小数がありますが、WFDB は整数なので {{step}} 刻みにしました（誤差は最大 {{error}}）",
    WFDB_RECORD_NAME:
      "WFDB の名前に使えるのは英数字と _ - だけです。「{{name}}」を「{{written}}」と書き出しました",
    WFDB_SEGMENT_LENGTH: "{{file}} には {{frames}} サンプルとありますが、親ヘッダーの {{used}} に従います",
    WFDB_SEGMENT_RATE:
      "{{file}} は {{rate}} Hz で、記録の {{expected}} Hz と異なります。この区分は空白のままです",
    WFDB_SEVERAL_RATES:
      "サンプリング周波数が {{limit}} サンプル以内の 1 フレームに収まりません。{{records}} 個の記録に分けて書き出しました",
    WFDB_SEVERAL_SCALES: "{{record}} の「{{label}}」は区分によって尺度が異なります。物理値として残しました",
    WFDB_SIGNAL_COUNT:
      "{{file}} には信号または区分が {{declared}} 行とありますが、実際は {{listed}} 行です。ある分を読みました",
    WFDB_START_TIME: "{{file}}: 開始「{{value}}」は {{form}} ではないため除きました",
    WFDB_TEXT_LONG:
      "{{count}} 件のアノテーションの文字列が {{limit}} バイトを超えます。ほかのプログラムでは先頭だけ、Kodo では全文を読めます",
    WFDB_TIME_ROUNDED:
      "開始時刻 {{start}} はマイクロ秒まで書きました（ほかのプログラムが読める桁数）。Kodo では全桁を読めます",
    WFDB_TRAILING_BYTES:
      "{{file}} には記載の {{frames}} フレームのあとに {{bytes}} バイトあります。読みません",
    WFDB_TRUNCATED:
      "{{file}} には記載の {{declared}} フレームのうち {{frames}} フレームしかありません。残りは未記録とします",
    WFDB_UNCALIBRATED: "{{record}} の「{{label}}」は校正されていません。形式の既定値（1 単位 200）としました",
    XDF_CORRUPT: "{{byte}} バイト以降は読めません。{{resumed}} バイトの手前の境界から読み直しました",
    XDF_CUT: "ファイルがチャンク（タグ {{tag}}）の途中で終わっています。ある分のサンプルを残しました",
    XDF_EMPTY_STREAM: "ストリーム「{{stream}}」にはサンプルがないため除きました",
    XDF_IRREGULAR:
      "ストリーム「{{stream}}」は一定の周波数ではなく、信号でもマーカーでもない {{count}} 個の値を除きました",
    XDF_NO_HEADER: "ヘッダーのないストリーム {{stream}} のサンプルを除きました",
    XDF_RATE: "ストリーム「{{stream}}」: 記載は {{nominal}} Hz ですが、実測の {{rate}} Hz を使いました",
    XDF_SAMPLES: "ストリーム「{{stream}}」: サンプルが記載より少ないチャンクがあります。ある分を残しました",
    XDF_TIMES:
      "ストリーム「{{stream}}」: 時刻が前の区間より前か、1 年以上後の区間が {{count}} 個あります。前の区間に続けて読みました",
    inAll: "（全 {{times}} 件）",
  },
});

/** What must be put right before a training can start. */
export const problemWords = defineWords("problems", {
  en: problemSentences,
  ja: {
    BACKGROUND_OUTDATED:
      "背景の規則「annotated-recordings」は、印が 1 つでもある記録の印のない窓をすべて none と数えていました。「read-completely」を選び、読み終えた記録に判読完了を宣言してください。",
    CENTRE_TOO_LONG: "判定する中央部（{{centreS}} 秒）が窓（{{windowS}} 秒）より長くなっています。",
    CHANNEL_MISSING: "{{recordings}} にチャネル {{channel}} がありません（全 {{count}} 件）。",
    CHANNEL_OF_SEVERAL:
      "{{recordings}}（全 {{total}} 件）では {{found}} を {{channel}} として使います。ほかに {{others}} もあります。",
    CHANNEL_RENAMED: "{{recordings}}（全 {{total}} 件）では {{found}} を {{channel}} として使います。",
    CHANNEL_TWICE: "チャネル {{channel}} が二度選ばれています。",
    CHANNEL_UNHEARD:
      "このモデルは {{role}} のチャネルを見ます。{{recordings}} にはありますが（全 {{count}} 件）、選ばれていません。",
    ENGINE_ABSENT:
      "指定された計算エンジン {{engine}} がありません。設定画面で追加するか、ほかのエンジンを選んでください。",
    FOLDS_AND_TEST_SUBJECTS:
      "交差検証ではラベルのある対象者全員を 1 回ずつテストします。テスト用の対象者（{{subjects}}）は同時に指定できません。",
    CONSENSUS_TEACHES:
      "{{count}} 件の記録（{{recordings}}）では、各判読者の印ではなく、判読者が一致または決定したラベルから学びます。",
    READ_BLIND:
      "{{recordings}}（全 {{count}} 件）を盲検で判読中です。学習すると、ほかの判読者のラベルが結果に表れます。対象から外すか、判読完了を宣言するか、判読画面で盲検判読を終了してください。",
    READER_UNKNOWN:
      "選んだ記録に {{readers}} のラベルも判読完了の宣言もありません。あるのは {{known}} のものです。",
    READERS_TOGETHER:
      "{{readers}} が同じ記録（{{recordings}}、全 {{count}} 件）にラベルを付けています。複数人が印を付けた所見は 1 件と数え、1 人だけが付けたものも、ほかの人の判断にかかわらず学習します。相違点を決定するか、誰のラベルから学ぶかを選んでください。",
    READERS_UNDECIDED:
      "{{recordings}}（全 {{total}} 件）には、判読者の意見が分かれて未決定の箇所が {{count}} か所あります。そこからはどちらとも学びません。",
    EVENTS_NOT_READ:
      "学習用の記録に、これらのラベルについて判読完了とされたものがありません。判読完了の範囲がないと、印のない部分からは何も学べません。",
    CHANNEL_EMPTY:
      "{{recordings}} では {{channel}} が一度も観測されていません（全 {{count}} 件）。このチャネルについては何も学べません。",
    LABELS_NEEDED: "このモデルはラベルから学びます。少なくとも 1 つ選んでください。",
    LABELS_NOT_LOOKED_AT: "このモデルは信号だけから学びます。選んだラベルは使われません。",
    NO_ONE_TO_CALIBRATE:
      "較正に使える記録が残っていません。検証用の対象者を指定するか、学習用の対象者を 2 人以上にしてください。",
    SIGNALS_ALONE:
      "学習用の記録に、これらのラベルについて判読完了とされたものがありません。モデルは信号だけから学びます。",
    FOLDS_NOT_FOR_EVENTS: "記録全体を追うモデルは指定した対象者で評価します。交差検証はここでは行えません。",
    FOLDS_TOO_MANY:
      "{{folds}} 分割の交差検証には、ラベルのある対象者が {{folds}} 人以上必要です（現在 {{count}} 人）。",
    GROUP_CHANNEL_MISSING: "ラベル {{labels}} には {{role}} のチャネルが必要ですが、選ばれていません。",
    LABEL_GROUPS:
      "選んだラベルが {{count}} つのグループ（{{groups}}）にまたがっています。異なるグループのラベルは同時に成り立つことがあるため、1 つのグループから選んでください。",
    LABEL_UNKNOWN: "ラベルセットに {{labels}} というラベルはありません。",
    LABEL_IS_MOMENT: "{{labels}}：時点のラベルには長さがなく、所見として探せません。",
    LABEL_GROUPS_TOO_MANY:
      "選んだラベルが {{count}} 個のグループにあります。このモデルが一度に学べるのは {{most}} 個までです。",
    LABELS_TOO_MANY:
      "グループ {{group}} から {{count}} 個のラベルが選ばれています。このモデルが学べるのは一つのグループにつき {{most}} 個までです。",
    LABEL_TWICE: "同じラベルが二度選ばれているか、背景と同じ none という名前です。",
    RECORDINGS_NOT_READ:
      "{{count}} 件の記録は判読完了とされていません（{{recordings}}）。規則が見つける所見だけから学びます。",
    RECORDINGS_NOT_MARKED:
      "{{count}} 件の記録には選んだラベルの印がありません（{{recordings}}）。学習には使われません。",
    NOTHING_MARKED:
      "学習用の記録に選んだラベルの印がありません。このモデルは印の付いた区間だけから学びます。",
    TEST_NOT_MARKED: "テスト用の対象者の記録に選んだラベルの印がなく、評価できません。",
    VALIDATION_NOT_MARKED:
      "較正に使える記録がありません。選んだラベルの印がある検証用の対象者を指定するか、ラベルのある対象者を2人以上学習に残してください。",
    NO_EVENT_OF_LABEL: "判読完了の学習用記録に {{label}} の所見がありません。",
    NO_LABELLED_TEST: "テスト用の対象者にラベル付きの窓がありません。",
    NO_LABELLED_VALIDATION: "検証用の対象者にラベル付きの窓がありません。",
    NO_TEST_SUBJECT: "テスト用の対象者がいません。学習に使わない対象者が少なくとも 1 人必要です。",
    NO_TRAINING_SUBJECT: "学習に使える対象者が残っていません。",
    NO_VALIDATION_SUBJECT:
      "検証用の対象者がいません。1 人を指定するか、交代で除けるように、ラベルのある学習用の対象者とメンバーをそれぞれ 2 以上にしてください。",
    ONE_CLASS: "クラスが 1 つだけです。ラベルを 2 つ以上選ぶか、印のない窓もクラスに数えてください。",
    RECORDING_DAMAGED:
      "{{recordings}}（全 {{count}} 件）のラベル・マスクなどの保存データが破損しています。対象から外してください。",
    RECORDINGS_SHORT: "どの記録も窓の長さ（{{windowS}} 秒）より短くなっています。",
    SUBJECT_IN_TWO_PARTS: "{{subjects}} がテストと検証の両方に入っています。どちらか一方にしてください。",
    SUBJECT_UNKNOWN: "選んだ記録に対象者 {{subjects}} のものがありません。",
    VALIDATION_NOT_READ:
      "しきい値と較正に使う記録がありません。判読完了の記録がある検証用の対象者を指定するか、ラベルのある対象者を2人以上学習に残してください。",
    VARIATION_GAIN:
      "この信号（{{front}}）は振幅の値そのものに意味があるため変えられません。振幅の変化を 0 にしてください。",
    VARIATION_SHIFT:
      "時間のずれ（最大 {{shiftS}} 秒）が窓（{{windowS}} 秒）の半分を超え、ラベルが合わなくなります。",
    NOT_READ_COMPLETELY:
      "{{recordings}}（全 {{total}} 件）の印のない {{count}} 個の窓は none ではなくラベルなしです。判読完了が宣言されていないためです。最後まで読んだ記録には、波形画面または kodo annotations complete で判読完了を宣言してください。",
    ELECTRODES_UNOBSERVED:
      "{{count}} 個の窓は判定できません。{{channel}} を平均した観測率が足りないためです。",
    WINDOWS_UNOBSERVED:
      "{{count}} 個の窓は判定できません。ラベルの対象である {{channel}} の観測が足りないためです。",
    TEST_NOT_READ: "テスト用の対象者の記録に判読完了のものがなく、評価できません。",
    TOO_FEW_WINDOWS: "学習用の「{{label}}」の窓が {{count}} 個です。{{needed}} 個以上必要です。",
  },
});
