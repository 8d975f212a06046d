"""Reads what Kodo wrote with the field's own programs and says where they see something else. One JSON object on stdout."""

import collections
import csv
import json
import pathlib
import sys
import warnings

import numpy as np

warnings.filterwarnings("ignore")
folder = pathlib.Path(sys.argv[1])
results = []


def say(peer, name, what, ok, detail=""):
    results.append({"peer": peer, "recording": name, "what": what, "ok": bool(ok), "detail": detail})


def attempt(peer, name, what, work):
    try:
        return work()
    except Exception as error:  # whatever a peer throws is what its user would see
        say(peer, name, what, False, f"{type(error).__name__}: {error}"[:300])
        return None


def truth_of(path):
    truth = json.loads(path.read_text())
    for i, channel in enumerate(truth["channels"]):
        channel["values"] = np.fromfile(path.with_suffix(f".{i}.f64"))
    return truth


def compare_texts(peer, name, wanted, got):
    want, have = collections.Counter(wanted), collections.Counter(got)
    missing, extra = list((want - have).elements()), list((have - want).elements())
    detail = "" if not missing and not extra else f"missing {missing[:4]}, extra {extra[:4]}"
    say(peer, name, f"{len(wanted)} texts", not missing and not extra, detail)


def compare_values(peer, name, label, truth, got, half_lsb):
    """Observed samples to half an LSB; what was not observed must not look as if it were."""
    n = min(len(truth), len(got))
    observed = ~np.isnan(truth[:n])
    late = np.flatnonzero(~np.isnan(truth[n:]))
    scale = np.nanmax(np.abs(truth[:n][observed])) if observed.any() else 0
    off = np.abs(truth[:n][observed] - got[:n][observed])
    worst = float(np.max(off)) if off.size and not np.isnan(off).any() else (0.0 if not off.size else float("nan"))
    # Eight characters for the ends of a range hold seven digits of a negative number: 24 bits need more.
    ok = not late.size and worst <= half_lsb * 1.001 + scale * 5e-7
    say(peer, name, f"samples of {label}", ok, "" if ok else f"off by {worst}, half an LSB is {half_lsb}, {late.size} beyond the end")


def is_plain_edf(text):
    return (
        text.strip() != ""
        and len(text.encode()) <= 510
        and not any(ord(c) < 32 and c != "\t" or 127 <= ord(c) < 160 for c in text)
        and not text.startswith(("Missing:", "Recording:", "Kodo read completely"))
    )


class Edf:
    """Fixed fields and record starts, read here again so that EDF+D can be placed in time."""

    def __init__(self, path):
        raw = path.read_bytes()
        self.is_bdf = raw[0] == 255
        self.is_gapped = raw[192:197][4:5] == b"D"
        ns, records = int(raw[252:256]), int(raw[236:244])
        self.duration = float(raw[244:252])
        field = lambda at, width: [raw[256 + at * ns + i * width :][:width].decode() for i in range(ns)]
        self.labels = [t.strip() for t in field(0, 16)]
        self.units = [t.strip() for t in field(96, 8)]
        low, high = [list(map(float, field(at, 8))) for at in (104, 112)]
        dlow, dhigh = [list(map(int, field(at, 8))) for at in (120, 128)]
        counts = list(map(int, field(216, 8)))
        code = -8388608 if self.is_bdf else -32768
        self.missing = [a + (code - c) * (b - a) / (d - c) for a, b, c, d in zip(low, high, dlow, dhigh)]
        self.lsb = [(b - a) / (d - c) for a, b, c, d in zip(low, high, dlow, dhigh)]
        width = 3 if self.is_bdf else 2
        size = sum(counts) * width
        self.starts = []
        at = 256 * (ns + 1) + sum(counts[:-1]) * width
        for r in range(records):
            tal = raw[at + r * size :][: counts[-1] * width]
            self.starts.append(float(tal.split(b"\x14")[0]))
        self.counts = counts[:-1]

    def place(self, channel, values):
        """Values of records one after the other, at their times; NaN between."""
        n = self.counts[channel]
        rate = n / self.duration
        firsts = [round((s - self.starts[0]) * rate) for s in self.starts]
        placed = np.full(firsts[-1] + n, np.nan)
        for r, first in enumerate(firsts):
            placed[first : first + n] = values[r * n : (r + 1) * n]
        return placed


def unit_factor(written, original):
    """What the written unit's numbers must be multiplied by: eight characters may have asked for another prefix."""
    powers = {"n": -9, "u": -6, "m": -3, "k": 3, "M": 6, "G": 9, "p": -12}
    original = original.replace("µ", "u").replace("μ", "u")
    if written.startswith("1e"):
        return 10.0 ** int(written[2:].split(" ")[0])
    if written == original or not written:
        return 1.0
    if written[1:] == original:
        return 10.0 ** powers[written[0]]
    if original[1:] == written:
        return 10.0 ** -powers[original[0]]
    return 10.0 ** (powers[written[0]] - powers[original[0]])


def read_edf(truth, path):
    name = truth["name"]
    edf = Edf(path)
    wanted = [a["label"] for a in truth["annotations"] if is_plain_edf(a["label"])]
    ours = lambda text: text.startswith(("Kodo\n", "Kodo read completely", " Kodo read completely", "Missing:", " Missing:", " Recording:")) or text == "(empty)"
    odd = {"two lines", "return  feed", " control"} | {a["label"][:60] for a in truth["annotations"] if not is_plain_edf(a["label"])}
    keep = lambda got: [t for t in got if not ours(t) and t not in odd and t[:60] not in odd]

    def with_edfio():
        import edfio

        read = edfio.read_bdf if edf.is_bdf else edfio.read_edf
        file = read(path)
        compare_texts("edfio", name, wanted, keep([a.text for a in file.annotations]))
        for i, (signal, channel) in enumerate(zip(file.signals, truth["channels"])):
            factor = unit_factor(edf.units[i], channel["unit"])
            got = edf.place(i, np.asarray(signal.data)) * factor
            compare_values("edfio", name, channel["label"], channel["values"], got, abs(edf.lsb[i]) * factor / 2)
            n = min(len(got), len(channel["values"]))
            silent = got[:n][np.isnan(channel["values"][:n])]
            missing = np.isnan(silent) | (np.abs(silent - edf.missing[i] * factor) <= abs(edf.lsb[i]) * factor / 2)
            say("edfio", name, f"gaps of {channel['label']}", missing.all(), f"{(~missing).sum()} samples look measured")

    def with_mne():
        import mne

        mne.set_log_level("ERROR")
        read = mne.io.read_raw_bdf if edf.is_bdf else mne.io.read_raw_edf
        raw = read(path, preload=True, infer_types=False)
        if edf.is_gapped:
            # A Raw joins the records of EDF+D and drops what then lies behind its end; the file's own list has all.
            listed = mne.read_annotations(path, encoding="latin1").description
            decoded = [t.encode("latin1").decode(errors="replace") for t in listed]  # samples may look like a list, too
            compare_texts("mne", name, wanted, keep([t for t in decoded if "\ufffd" not in t]))
            return
        # MNE takes what follows @@ for a channel where there is one of that name.
        labels = set(edf.labels)
        seen = [t.split("@@")[0] if "@@" in t and t.split("@@")[1] in labels else t for t in wanted]
        compare_texts("mne", name, seen, keep(list(raw.annotations.description)))

    def with_pyedflib():
        import pyedflib

        try:
            file = pyedflib.EdfReader(str(path))
        except OSError as error:
            # EDFlib takes no EDF+D at all, and says so.
            say("pyedflib", name, "opens", edf.is_gapped and "discontinuous" in str(error).lower(), str(error)[-120:])
            return
        try:
            compare_texts("pyedflib", name, wanted, keep(list(file.readAnnotations()[2])))
            for i, channel in enumerate(truth["channels"]):
                factor = unit_factor(edf.units[i], channel["unit"])
                got = file.readSignal(i) * factor
                compare_values("pyedflib", name, channel["label"], channel["values"], got, abs(edf.lsb[i]) * factor / 2)
        finally:
            file.close()

    for peer, work in (("edfio", with_edfio), ("mne", with_mne), ("pyedflib", with_pyedflib)):
        attempt(peer, name, "reads", work)


def read_wfdb(truth, path):
    import wfdb

    name, stem = truth["name"], str(path.with_suffix(""))

    def texts():
        got = []
        for annotator in ("atr", "qrs"):
            if not path.with_suffix(f".{annotator}").exists():
                continue
            ann = wfdb.rdann(stem, annotator)
            for symbol, aux in zip(ann.symbol, ann.aux_note):
                if symbol == ")" and not aux:
                    continue
                is_text = symbol in '"(+' and aux
                got.append(aux.encode("latin-1").decode() if is_text else symbol)
        plain = lambda text: text != "" and len(text.encode()) <= 255
        odd = {a["label"].encode()[:80] for a in truth["annotations"] if not plain(a["label"])}
        got = [t for t in got if t.encode()[:80] not in odd and t != '"']
        compare_texts("wfdb", name, [a["label"] for a in truth["annotations"] if plain(a["label"])], got)

    def samples():
        parts = [path, *sorted(path.parent.glob(f"{path.stem}_*.hea"))]
        rates = list(dict.fromkeys(c["sampleRate"] for c in truth["channels"]))
        order = list(range(len(truth["channels"])))
        if len(parts) > 1:  # rates without a common frame: a record each
            order.sort(key=lambda i: rates.index(truth["channels"][i]["sampleRate"]))
        seen = 0
        for part in parts:
            record = wfdb.rdrecord(str(part.with_suffix("")), smooth_frames=False)
            signals = record.e_p_signal
            for i, got in enumerate(signals):
                label = record.sig_name[i]
                channel = truth["channels"][order[seen]]
                seen += 1
                compare_values("wfdb", name, label, channel["values"], got, abs(0.5 / record.adc_gain[i]))
                n = min(len(got), len(channel["values"]))
                silent = np.isnan(channel["values"][:n])
                say("wfdb", name, f"gaps of {label}", np.isnan(got[:n][silent]).all())
        say("wfdb", name, "channels", seen == len(truth["channels"]), str(seen))

    attempt("wfdb", name, "annotations", texts)
    attempt("wfdb", name, "reads", samples)


def unguarded(text):
    return text[1:] if text.startswith("'") and text.lstrip("'")[:1] in tuple("=+-@\t\r") else text


def read_csv(truth, path):
    name = truth["name"]

    def texts():
        table = path.with_name(f"{path.stem}.annotations.csv")
        rows = list(csv.DictReader(table.open(newline=""))) if table.exists() else []
        compare_texts("csv", name, [a["label"] for a in truth["annotations"]], [unguarded(r["label"]) for r in rows])
        bad = [r for r in rows for v in r.values() if v[:1] in tuple("=+@") or (v[:1] == "-" and v not in (r["onset_s"],))]
        say("csv", name, "no cell is a formula", not bad, str(bad[:1]))

    attempt("csv", name, "annotations", texts)


def read_json(truth, path):
    name = truth["name"]

    def work():
        whole = json.loads(path.read_text())
        compare_texts("json", name, [a["label"] for a in truth["annotations"]], [a["label"] for a in whole["annotations"]])
        for channel, got in zip(truth["channels"], whole["samples"]):
            values = np.array([np.nan if v is None else v for v in got], float)
            compare_values("json", name, channel["label"], channel["values"], values, abs(channel["gain"]) / 2)
            n = len(values)
            say("json", name, f"gaps of {channel['label']}", np.isnan(values[np.isnan(channel["values"][:n])]).all())

    attempt("json", name, "reads", work)


readers = {".edf": read_edf, ".bdf": read_edf, ".hea": read_wfdb, ".csv": read_csv, ".json": read_json}
for truth_path in sorted(folder.glob("*.truth")):
    truth = truth_of(truth_path)
    for ending, read in readers.items():
        path = folder / (truth["name"] + ending)
        if path.exists():
            read(truth, path)
json.dump({"results": results}, sys.stdout)
