"""Finds the duplicates of a CSV file with Splink, without labels, and writes its pairs: id_a, id_b, probability.

    python with_splink.py FILE.csv PAIRS.csv

The settings follow Splink's own tutorial for each kind of field; one set for all files, less the columns a file lacks.
"""
import sys

import pandas
import splink.comparison_library as cl
from splink.backends.duckdb import DuckDBAPI
from splink import Linker, SettingsCreator, block_on

RENAMED = {"given_name": "first_name", "surname": "last_name", "address_1": "address1", "address_2": "address2", "suburb": "town"}


def read(path):
    data = pandas.read_csv(path, dtype=str, keep_default_na=False).rename(columns=RENAMED)
    for column in data.columns:
        if column != "id":
            data[column] = data[column].str.lower().str.strip().replace("", None)
    if "phone" in data:
        data["phone"] = data["phone"].str.replace(r"\D", "", regex=True).str[-9:]
    if "postcode" in data:
        data["postcode"] = data["postcode"].str.replace(" ", "")
    if "street_number" in data:
        data["address1"] = data["street_number"].fillna("") + " " + data["address1"].fillna("")
    return data


def settings(data):
    def has(column):
        return column in data and data[column].notna().any()

    comparisons = [
        cl.ForenameSurnameComparison("first_name", "last_name"),
        cl.JaroWinklerAtThresholds("address1", [0.95, 0.88]),
        cl.LevenshteinAtThresholds("postcode", 1).configure(term_frequency_adjustments=True),
        cl.JaroWinklerAtThresholds("town", [0.9]).configure(term_frequency_adjustments=True),
    ]
    if has("email"):
        comparisons.append(cl.EmailComparison("email"))
    if has("phone"):
        comparisons.append(cl.LevenshteinAtThresholds("phone", 1))
    if has("date_of_birth"):
        comparisons.append(cl.DamerauLevenshteinAtThresholds("date_of_birth", [1, 2]))
    keys = [("last_name", "postcode"), ("first_name", "last_name"), ("first_name", "postcode"), ("email",), ("phone",), ("date_of_birth",),
            ("address1", "town"), ("address1", "postcode")]
    blocks = [block_on(*key) for key in keys if all(has(column) for column in key)]
    return SettingsCreator(link_type="dedupe_only", unique_id_column_name="id", comparisons=comparisons, blocking_rules_to_generate_predictions=blocks)


def main():
    source, target = sys.argv[1:]
    data = read(source)
    linker = Linker(DuckDBAPI().register(data), settings(data))
    exact = [block_on("first_name", "last_name", "postcode")]
    linker.training.estimate_probability_two_random_records_match(exact, recall=0.4)
    linker.training.estimate_u_using_random_sampling(max_pairs=2e6, seed=1)
    for rule in (block_on("first_name", "last_name"), block_on("postcode", "address1")):
        linker.training.estimate_parameters_using_expectation_maximisation(rule)
    pairs = linker.inference.predict(threshold_match_probability=0.9).as_pandas_dataframe()
    pairs = pairs.rename(columns={"id_l": "id_a", "id_r": "id_b", "match_probability": "probability"})
    pairs[["id_a", "id_b", "probability"]].to_csv(target, index=False)


if __name__ == "__main__":
    main()
