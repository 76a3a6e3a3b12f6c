//! Import and export from the command line.

use crate::program::{Shop, data};

#[test]
fn imports_the_retail_file_without_being_told_its_columns() {
    let shop = Shop::new();
    let said = shop.run(&["import", "customers", &data("retail_10k.csv")]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "10000 rows: 10000 created, 0 updated, 0 skipped, 0 failed\n"),
        "{}",
        said.err
    );
    assert!(said.err.contains("rows/s"), "{}", said.err);
    let jsonl = shop.done(&["export", "customers", "--format", "jsonl", "--filter", "country=NL&q=amsterdam"]);
    assert!(jsonl.lines().count() > 3 && jsonl.lines().all(|line| line.contains("\"country\":\"NL\"")), "{jsonl}");
}

#[test]
fn a_shared_view_is_exported_by_its_name() {
    let shop = Shop::new();
    shop.run(&["import", "customers", &data("retail_10k.csv")]);
    let unknown = shop.run(&["export", "customers", "--view", "Dutch"]);
    assert_eq!(unknown.code, 1);
    assert!(unknown.err.contains("view_unknown") || unknown.err.contains("no view"), "{}", unknown.err);
    let both = shop.run(&["export", "customers", "--view", "Dutch", "--filter", "country=NL"]);
    assert_eq!(both.code, 2, "{}", both.err);
}

#[test]
fn bad_rows_are_said_and_come_back_as_a_file() {
    let shop = Shop::new();
    let said = shop.run(&["import", "customers", &data("broken.csv"), "--report", "failed.csv"]);
    assert_eq!((said.code, said.out.as_str()), (1, "7 rows: 3 created, 0 updated, 0 skipped, 4 failed\n"));
    assert!(
        said.err.contains("line 3, column country: \"Atlantis\" This country is not known. [country_unknown]"),
        "{}",
        said.err
    );
    let report = std::fs::read_to_string(shop.path("failed.csv")).expect("a report");
    assert_eq!(report.lines().count(), 5, "{report}");
    let mended =
        report.replace("Atlantis", "FR").replace("perhaps", "no").replace(",surplus", "").replace('\u{fffd}', "a");
    let again = shop.run(&["import", "customers", &shop.write("mended.csv", mended)]);
    assert_eq!(
        (again.code, again.out.as_str()),
        (0, "4 rows: 4 created, 0 updated, 0 skipped, 0 failed\n"),
        "{}",
        again.err
    );
}

#[test]
fn a_dry_run_reports_and_leaves_nothing() {
    let shop = Shop::new();
    let said = shop.run(&["import", "customers", &data("broken.csv"), "--dry-run", "--report", "failed.csv"]);
    assert_eq!(said.out, "7 rows: 3 would be created, 0 would be updated, 0 would be skipped, 4 failed\n");
    assert_eq!(std::fs::read_to_string(shop.path("failed.csv")).expect("a report").lines().count(), 5);
    assert_eq!(shop.done(&["export", "customers"]).lines().count(), 1, "only the header");
}

#[test]
fn columns_and_format_can_be_said() {
    let shop = Shop::new();
    let file = shop.write("odd.csv", "Wie;Waar;Post\nAnna Bos;Delft;anna@x.example\n");
    let unclear = shop.run(&["import", "customers", &file]);
    assert_eq!(unclear.code, 1);
    assert!(unclear.err.contains("no customer could be made"), "{}", unclear.err);
    let wrong = shop.run(&["import", "customers", &file, "--map", "Wat=email"]);
    assert!(wrong.code == 1 && wrong.err.contains("It has: Wie, Waar, Post."), "{}", wrong.err);
    shop.done(&["import", "customers", &file, "--map", "Wie=full_name", "Waar=town", "Post=email"]);
    let csv = shop.done(&["export", "customers"]);
    assert!(csv.contains("Anna,Bos") && csv.contains("Delft") && csv.contains("anna@x.example"), "{csv}");
    let unknown = shop.run(&["import", "customers", &file, "--channel", "Market", "--map", "Wie=full_name"]);
    assert!(unknown.code == 1 && unknown.err.contains("no channel Market"), "{}", unknown.err);
}

#[test]
fn our_own_export_goes_in_again_in_another_shop() {
    let (old, new) = (Shop::new(), Shop::new());
    old.done(&["generate", "--customers", "300", "--seed", "4"]);
    let csv = old.done(&["export", "customers", "--filter", "sort=created"]);
    let said = new.run(&["import", "customers", &new.write("export.csv", &csv)]);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "300 rows: 300 created, 0 updated, 0 skipped, 0 failed\n"),
        "{}",
        said.err
    );
    let numbers = |csv: &str| {
        let mut numbers: Vec<String> =
            csv.lines().skip(1).map(|line| line.split(',').next().unwrap_or("").to_owned()).collect();
        numbers.sort();
        numbers
    };
    assert_eq!(numbers(&new.done(&["export", "customers"])), numbers(&csv));
    // The next customer gets a number that is free.
    new.done(&["generate", "--customers", "1", "--seed", "9"]);
    assert_eq!(new.done(&["export", "customers"]).lines().count(), 302);
}

#[test]
fn the_same_seed_makes_the_same_customers() {
    let (one, two) = (Shop::new(), Shop::new());
    let names = |shop: &Shop| {
        shop.done(&["generate", "--customers", "50", "--seed", "7"]);
        let jsonl = shop.done(&["export", "customers", "--format", "jsonl", "--filter", "sort=name"]);
        jsonl
            .lines()
            .map(|line| line.split("\"last_name\":").nth(1).and_then(|rest| rest.split(',').next()).map(str::to_owned))
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&one), names(&two));
}
