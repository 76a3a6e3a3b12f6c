//! Finding duplicates in a file from the command line.

use crate::program::{Shop, data};

/// One customer three times, and a household.
const FILE: &str = "id,first_name,last_name,email,phone,address1,postcode,town,country\n\
    a,Elizabeth,Thornbury,liz.thornbury82@example.com,020 7946 0018,12 High Street,SW1A 1AA,London,GB\n\
    b,Liz,Thornbury,Liz.Thornbury82+shop@example.com,+44 20 7946 0018,12 High St,sw1a1aa,London,GB\n\
    c,Thornbury,Elizabeth,,0044 (0)2079460018,\"12, High St\",SW1A1AA,,GB\n\
    d,George,Thornbury,,020 7946 0018,12 High Street,SW1A 1AA,London,GB\n\
    e,Anna,Visser,anna@visser.example,,Kerkstraat 3,1017 GA,Amsterdam,NL\n";

fn scan(shop: &Shop, file: &str) -> crate::program::Said {
    shop.run(&["duplicates", "scan", "--csv", file, "--out", "pairs.csv", "--clusters", "clusters.csv"])
}

#[test]
fn writes_pairs_with_their_reasons_and_clusters() {
    let shop = Shop::new();
    let said = scan(&shop, &shop.write("shop.csv", FILE));
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(said.out.starts_with("5 customers, "), "{}", said.out);
    let pairs = std::fs::read_to_string(shop.path("pairs.csv")).expect("pairs");
    let ids: Vec<String> = pairs.lines().map(|line| line.split(',').take(2).collect::<Vec<_>>().join(" ")).collect();
    assert_eq!(ids, ["id_a id_b", "a b", "a c", "b c"], "{pairs}");
    assert!(pairs.contains("first name a form of the other"), "{pairs}");
    let clusters = std::fs::read_to_string(shop.path("clusters.csv")).expect("clusters");
    assert_eq!(clusters, "id,cluster\na,a\nb,a\nc,a\n");
}

#[test]
fn reads_what_spreadsheets_write() {
    let shop = Shop::new();
    scan(&shop, &shop.write("shop.csv", FILE));
    let usual = std::fs::read_to_string(shop.path("pairs.csv")).expect("pairs");
    let german = FILE.replace("first_name", "First Name").replace("\"12, High St\"", "12 High St").replace(',', ";");
    let said = scan(&shop, &shop.write("german.csv", format!("\u{feff}{german}").replace('\n', "\r\n")));
    assert_eq!(said.code, 0, "{}", said.err);
    assert_eq!(std::fs::read_to_string(shop.path("pairs.csv")).expect("pairs"), usual);
}

#[test]
fn a_higher_threshold_finds_no_more() {
    let shop = Shop::new();
    let file = data("retail_10k.csv");
    let count = |threshold: &str| {
        shop.done(&["duplicates", "scan", "--csv", &file, "--out", "pairs.csv", "--threshold", threshold]);
        std::fs::read_to_string(shop.path("pairs.csv")).expect("pairs").lines().count()
    };
    let (low, high) = (count("0.5"), count("0.99"));
    assert!(high > 1000 && high < low, "{low} {high}");
}

#[test]
fn says_where_a_file_is_wrong_and_writes_nothing() {
    let shop = Shop::new();
    let cases: [(&str, &[u8], &str); 6] = [
        ("twice.csv", b"id,email\n1,a@b.c\n2,d@e.f\n1,g@h.i\n", "twice.csv: the id \"1\" is there twice"),
        ("noid.csv", b"name,email\nx,a@b.c\n", "noid.csv, line 1: there is no column id"),
        ("empty.csv", b"id,email\n1,a@b.c\n ,d@e.f\n", "empty.csv, line 3: column id: empty"),
        ("short.csv", b"id,email\n1\n", "short.csv, line 2: the row has 1 columns, the first line 2"),
        ("latin.csv", b"id,Last Name\n1,M\xfcller\n", "latin.csv, line 2: column Last Name: not text in UTF-8"),
        ("two.csv", b"id,email,E-Mail\n1,a@b.c,\n", "two.csv, line 1: the column \"email\" is there twice"),
    ];
    for (name, text, why) in cases {
        let said = scan(&shop, &shop.write(name, text));
        assert_eq!(said.code, 1, "{name}: {}", said.out);
        assert!(said.err.contains(why), "{name}: {}", said.err);
        assert!(!shop.path("pairs.csv").exists() && !shop.path("clusters.csv").exists(), "{name}");
    }
    assert_eq!(scan(&shop, "missing.csv").code, 1);
    let wrong = shop.run(&["duplicates", "scan", "--csv", "x", "--out", "y", "--threshold", "1.5"]);
    assert_eq!(wrong.code, 2, "{}", wrong.err);
}
