/** What becomes of missing inputs where a network judges: see input-density.ts. */
export const inNetworks = {
  en: "In prediction they are averaged over: answers for 16 points of what the missing inputs may have been, given the others, by a Gaussian mixture of the training windows. In training they enter as the average, and a mask tells the network which they are. With over 48 inputs, or inputs with a time axis, only the mask remains; that is approximate.",
  ja: "予測では、他の入力を条件に欠損がとりうる値を16点とり、その確率を平均します（学習した窓の混合ガウス分布による）。学習では平均値で置き換え、どれが欠損かをマスクで伝えます。入力が48を超えるとき、または時間軸をもつ入力ではマスクだけで、近似です。",
};
