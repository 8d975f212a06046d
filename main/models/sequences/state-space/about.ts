import type { AboutMethod } from "../../../../preload/contract/method.ts";

export const aboutStateSpace: AboutMethod = {
  idea: [
    {
      en: "The heart rate is taken apart into states with clinical names: a baseline, a slow and a fast deviation from it, and what contractions pull. A filter follows them second by second, trusts a surprising value less, and lets its idea of how noisy the signal is move with it. A missing second changes nothing but what is known.",
      ja: "心拍数を、臨床的な意味をもつ状態、すなわち基線、基線からの緩やかな偏りと速い偏り、そして子宮収縮による低下に分けます。フィルタがこれらを1秒ごとに追い、意外な値ほど軽く扱い、雑音の大きさの見積もりも信号に合わせて変えます。欠測の1秒は、知識が古くなること以外に何も変えません。",
    },
    {
      en: "Small networks read the states and the last minutes and correct where the filter looks ahead, as a mixture at every horizon; its widths are set right by recordings that nothing was learned from, and follow how the recording itself surprised forecasts of the last hour. Other networks look at a gap from both sides and say what may have been in it.",
      ja: "小さなネットワークが状態と直近数分を読み、フィルタの予測を先読み時間ごとに混合分布として補正します。幅は、学習に使わなかった記録で較正したうえで、直近1時間の予測がその記録でどれだけ外れたかに合わせて変わります。別のネットワークは欠測区間を両側から見て、そこにあったと思われる値を示します。",
    },
    {
      en: "The labels of readers are not needed: every recording teaches. Variability has three regimes, and how probable each is at a moment is shown.",
      ja: "判読者のラベルは不要で、どの記録からも学びます。変動性には3つの状態があり、各時点でのそれぞれの確率を示します。",
    },
    {
      en: "If asked for, accelerations and decelerations are regimes of their own, in which the heart rate makes for a level away from the baseline. What readers marked says softly where they lie, and what they read without a mark that there was probably none; where nobody declared to have read, the signal alone counts. They are kept out of forecasts, which they made worse (another implementation).",
      ja: "指定すると、一過性頻脈と一過性徐脈も独立した状態になり、その間、心拍数は基線から離れた値へ向かいます。判読者のラベルは状態の位置を緩やかに示し、判読済みでラベルのない部分は所見がなかった可能性が高いことを示します。判読されていない部分では信号だけを使います。予測は悪化したため（別の実装での結果）、予測には使いません。",
    },
  ],
  formulas: [
    {
      tex: String.raw`y_t = b_t + k_t \varphi_t + a_t + v_t + \varepsilon_t`,
      says: {
        en: "Baseline b and gain k wander slowly, a fades towards zero, v does so quickly; φ is what contractions pull.",
        ja: "基線 b と利得 k はゆっくり変動し、a は緩やかに、v は速くゼロへ戻ります。φ は子宮収縮による低下です。",
      },
    },
    {
      tex: String.raw`p(y_t \mid y_{1:t-1}) = t_\nu\!\left(\hat y_t,\ S_t\right), \qquad \ell_{t+1} = \ell_t + \alpha \left( \frac{(\nu+1) z_t^2}{\nu + z_t^2} - 1 \right)`,
      says: {
        en: "A value is foreseen with heavy tails; z is its surprise. The logarithm ℓ of the noise scale has a part that rises and falls within half a minute and one that stays.",
        ja: "値は裾の重い分布で予測します。z は意外さの大きさ。雑音の大きさの対数 ℓ は、30秒ほどで増減する成分と、持続する成分からなります。",
      },
    },
    {
      tex: String.raw`\ddot\varphi = -2\zeta\omega\dot\varphi - \omega^2 \varphi + \omega^2 g(u_{t-\tau})`,
      says: {
        en: "How the pull of a contraction of height u comes about: a filter of second order. Its gradient is exact.",
        ja: "高さ u の収縮が心拍数を下げる過程を、2次のフィルタが表します。その勾配は厳密に計算します。",
      },
    },
    {
      tex: String.raw`g(u) = -10\, \operatorname{softplus}\!\left(w_2^\top\, \tanh(w_1 u + b_1) + b_2\right)`,
      says: {
        en: "How deep it pulls: a small network, never upwards.",
        ja: "どこまで下げるかは小さなネットワークが表します。上げることはありません。",
      },
    },
    {
      tex: String.raw`\ln p = \sum_t \ln \sum_k c_{kt}\, p_k(y_t)\, \varepsilon(m_t \mid k)^{s}`,
      says: {
        en: "Regimes of events are learned from this: c is how probable regime k was, m what a reader says of a second, s how far that counts. ε is 1 for the regime marked and 0.02 for others, 0.3 for an event left unmarked, and 1 throughout where nobody read. How often regimes change comes from expected turns, how far events go from the likelihood itself.",
        ja: "所見の状態はこの尤度から学びます。c は状態 k の事前の確率、m は判読者がその1秒について示したこと、s はそれを重んじる度合いです。ε はラベルと同じ状態で1、ほかの状態で0.02、ラベルのない所見では0.3、判読されていない所ではすべて1です。状態が変わる頻度は遷移回数の期待値から、所見の深さは尤度そのものから求めます。",
      },
    },
    {
      tex: String.raw`p(y_{t+h} \mid y_{1:t}) = \sum_k w_{kh}\, t_{\nu_h}\!\left(\hat y_{t+h} + \sigma_h \mu_{kh},\ c_h \sigma_h e^{\lambda_{kh}}\right)`,
      says: {
        en: "What comes h seconds later: the filter’s middle ŷ and width σ, corrected by networks (w, μ, λ); c and ν set the width right at fourteen horizons up to two minutes. Between horizons they are taken in proportion.",
        ja: "h 秒後の予測。フィルタの中心 ŷ と幅 σ をネットワーク（w、μ、λ）が補正し、c と ν が2分先までの14の先読み時間で幅を合わせます。その間は比例配分します。",
      },
    },
    {
      tex: String.raw`f_h = \sqrt{\frac{n\,\kappa + \sum_s w_s\, \min(z_{s,h}^2,\, 5)}{\kappa\,(n + \sum_s w_s)}}, \qquad w_s = e^{-(t-h-s)/\tau}`,
      says: {
        en: "By f what is said 15, 30 or 60 s ahead is spread out about its mean: z is how far, in standard deviations, what came lay from a forecast made every 10 s within the last hour. Forecasts of 20 min ago (τ) count 1/e, n = 50 count as if bands had held (κ is the mean of min(z², 5) there). It is left out where it made what came of recordings nothing was learned from no likelier.",
        ja: "15、30、60秒先の予測を、平均を中心に f 倍に広げます。z は、直近1時間に10秒ごとに行った予測から実際の値が標準偏差いくつ分外れたか。20分前（τ）の予測の重みは 1/e で、n = 50 回分は幅のとおりだったとみなします（κ はそのときの min(z², 5) の平均）。学習に使わなかった記録で予測がよくならなければ用いません。",
      },
    },
  ],
  assumes: [
    {
      en: "States move as in the recordings it learned from; one heart is seen, and not now and then the mother’s.",
      ja: "状態の動きが、学習した記録と同様であること。胎児の心拍だけが記録され、母体の心拍が混じらないこと。",
    },
    {
      en: "Values are missing at random given what was seen; yet signals are lost more often during decelerations.",
      ja: "欠測が、観測された値を条件として無作為に起こること。実際には一過性徐脈の間に信号が失われやすくなります。",
    },
    {
      en: "Without the networks contractions that nobody has seen yet are taken to fade, and are not used beyond 30 s. The delay between contraction and heart rate cannot be told from real recordings and is therefore not shown.",
      ja: "ネットワークを使わない場合、まだ観測されていない収縮は次第に消えるものとみなし、30秒より先では使いません。収縮と心拍数の間の遅れは実際の記録からは決められないため、表示しません。",
    },
  ],
  missing: {
    en: "A missing second makes no update, exactly; what is foreseen grows wider with every one.",
    ja: "厳密に扱います。欠測の1秒では更新を行わず、予測の幅がその分だけ広がります。",
  },
  where: {
    en: "Baseline, deviations, variability, forecasts up to two minutes and gaps up to one minute of cardiotocograms; live too. Any other single channel is followed alone, at one value a second: it must mean something as a mean of a second (an envelope of a muscle does, its raw signal does not). It is no detector of events: networks made for that find more of them.",
    ja: "胎児心拍数陣痛図の基線、偏り、変動性、2分先までの予測、1分までの欠測区間の推定。記録中にも使えます。ほかのチャネルは単独で、1秒に1値として追います。1秒平均に意味のある信号に限ります（筋電図では包絡線は可、生の信号は不可）。所見の検出器ではありません。検出には専用のネットワークのほうが優れています。",
  },
  claims: [
    {
      says: {
        en: "60 labour records nobody learned from: the filter alone foresees the heart rate 1, 15, 30 and 60 s ahead with 2.09, 3.74, 3.95 and 4.07 nats a value; a wandering level with the same tails 2.13, 3.75, 4.04, 4.25.",
        ja: "学習に使わなかった分娩時の60記録：フィルタだけで1、15、30、60秒先の心拍数を1値あたり 2.09、3.74、3.95、4.07 nat で予測。同じ裾をもつ水準モデルでは 2.13、3.75、4.04、4.25。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "With its networks 2.005, 3.536, 3.748 and 3.892 nats on the same records, and 1.972, 3.493, 3.713 and 3.858 on 85 others that were set aside, 0.13 to 0.18 less than the filter alone beyond the first second. Bands held within 1.4 points there, by missing share within 2.5; between the horizons that networks speak about within 1.7 on the first.",
        ja: "ネットワークで補正すると、同じ記録で 2.005、3.536、3.748、3.892 nat。別に取り置いた85記録では 1.972、3.493、3.713、3.858 nat。予測の幅に入る割合の誤差は1.4ポイント以内、直前の欠測の割合別では2.5ポイント以内、補正ネットワークの先読み時間の間では1.7ポイント以内（初めの60記録）でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Widths that follow a record: 0.002 nats less 15 s ahead on the 60 records, elsewhere and on the 85 others no difference beyond 0.001; of eight of the 60 in ten, 90 % bands held 87 to 92 % of the values, without it 86 to 93 %.",
        ja: "記録に合わせて変わる幅：60記録では15秒先で 0.002 nat の改善。ほかの先読み時間と別の85記録での差は 0.001 nat 以内。60記録の10記録中8記録で、90 % の幅に入った値は 87〜92 %（合わせない場合は 86〜93 %）でした。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Gaps: the score of their bands (CRPS) is 0.91 of that of a straight line in bursts and 0.88 inside decelerations, on 65 records set aside and looked at once; there the middle of bursts was no better than the line's, that of decelerations was.",
        ja: "欠測区間：最後に一度だけ評価した65記録で、予測の幅の評点（CRPS）は直線補間の 0.91 倍（ランダムな欠測）、0.88 倍（一過性徐脈の中）。中央値の誤差は、ランダムな欠測では直線と差がなく、一過性徐脈の中では小さくなりました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Contractions as an input help little: 0.011, 0.017 and 0.016 nats a value 15, 30 and 60 s ahead, and only where they are known after the moment too. If they are not, nothing is gained beyond 30 s (another implementation).",
        ja: "入力としての子宮収縮の寄与は小さく、15、30、60秒先で1値あたり 0.011、0.017、0.016 nat です。これは予測時点より後の収縮も既知の場合で、未知の場合は30秒より先では効果がありません（後者は別の実装での結果）。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Regimes of variability: 0.013, 0.014 and 0.012 nats 15, 30 and 60 s ahead. On made-up records whose regimes are known, 98 % of seconds were told right.",
        ja: "変動性の状態：15、30、60秒先で 0.013、0.014、0.012 nat の改善。状態が既知の合成記録では、98 % の秒で正しく判別しました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Networks told how probable each regime is foresee the same 60 records no better: by 0.001 nats worse 15 and 30 s ahead and by 0.002 at 60 s, and at most by 0.003. They are not told.",
        ja: "補正ネットワークに各状態の確率を与えても、同じ60記録の予測はよくなりませんでした（15秒・30秒先で 0.001 nat、60秒先で 0.002 nat の悪化、大きくても 0.003 nat）。このため与えていません。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Regimes of events, learned from 60 labour records and tried on 60 others: with a reader's marks that of accelerations comes 1.6 times an hour for 64 s, much as readers mark them (1.1 times, 67 s); without marks 4.8 times for 200 s, which is something else, and its AUROC falls from 0.69 to 0.61. Decelerations are told no better for the marks (AUROC 0.74 with, 0.75 without), and F1 of events rises for neither (0.22 and 0.42).",
        ja: "所見の状態：60記録で学び、別の60記録で評価。判読者のラベルがあれば、一過性頻脈の状態は1時間に1.6回・64秒で、判読者のラベル（1.1回・67秒）に近くなります。ラベルがないと4.8回・200秒と別のものになり、AUROC は 0.69 から 0.61 に下がります。一過性徐脈はラベルによって改善せず（AUROC はラベルあり 0.74、なし 0.75）、所見の F1 はどちらも上がりません（0.22、0.42）。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "With marks in six of the 60 records, the 54 that nobody read changed AUROC neither way (0.72 and 0.74), and accelerations came four times as often as readers mark them with or without. How much unread records count was chosen with these figures in view.",
        ja: "60記録のうち6記録だけにラベルがある場合、残る54記録を加えても AUROC に差は認められず（0.72、0.74）、一過性頻脈の状態はどちらでも判読者のラベルの約4倍の頻度でした。判読されていない記録の重みは、これらの結果を見て決めました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "On made-up cardiotocograms the network input reaches the true model within 0.003 nats and its delay within 2 s.",
        ja: "合成した胎児心拍数陣痛図では、ネットワーク入力の性能は真のモデルと 0.003 nat 以内、遅れは 2 秒以内で一致しました。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "Envelopes of muscles (strength of eight electrodes together, 20 values a second; 11 people nothing was learned from): the filter alone gains little. 3 s ahead 0.08 nats a value over a level that wanders [0.07, 0.09] and 0.03 over an autoregression [0.01, 0.06]; at 1 s no difference to the level is shown, and up to 0.3 s it is worse by less than 0.01.",
        ja: "筋電の包絡線（8電極をまとめた強さ、毎秒20値。学習に使わなかった11人）：フィルタだけでは利得はわずかです。3秒先で水準モデルより1値あたり 0.08 nat［0.07, 0.09］、自己回帰より 0.03 nat［0.01, 0.06］の改善。1秒先では水準モデルとの差は認められず、0.3秒先まではわずかに劣ります（0.01 nat 未満）。",
      },
      evidence: "computed",
    },
    {
      says: {
        en: "The band of the baseline is widened so that it holds 90 % of the baselines another published method (Wróbel 2013) drew: methods differ by some 5 beats among themselves.",
        ja: "基線の帯は、別の公表手法（Wróbel 2013）の基線の90 % を含むように広げています。手法間の差は5 bpm程度あります。",
      },
      evidence: "computed",
    },
  ],
  references: [
    "Rauch, Tung, Striebel: Maximum likelihood estimates of linear dynamic systems. AIAA Journal 3(8), 1965.",
    "Blom, Bar-Shalom: The interacting multiple model algorithm for systems with Markovian switching coefficients. IEEE TAC 33(8), 1988.",
    "Warrick, Hamilton, Precup, Kearney: Identification of the dynamic relationship between intrapartum uterine pressure and fetal heart rate. IEEE TBME 56(6), 2009.",
    "Chudáček and others: Open access intrapartum CTG database. BMC Pregnancy and Childbirth 14, 2014 (the recordings of the figures above).",
  ],
};
