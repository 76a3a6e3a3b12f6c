use super::*;
use proptest::prelude::*;

fn open(text: &str) -> Records<&[u8]> {
    Records::open(text.as_bytes(), ReadOptions::default()).expect("a CSV file")
}

/// Line and fields of each record, line and code of each refusal.
fn rows(text: &str) -> Vec<(u64, String)> {
    let show = |row: Result<Record, Refused>| match row {
        Ok(record) => (record.line, record.fields().collect::<Vec<_>>().join("|")),
        Err(refused) => (refused.problem.line, refused.problem.code),
    };
    open(text).map(show).collect()
}

#[test]
fn tells_the_physical_line_of_each_record() {
    let text = "name,note\r\n\"Anna\",\"first\r\nsecond\nthird\"\r\n\r\n\nBert,x\r\nCarl,\"a \"\"b\"\" c\"";
    let expected = [(2, "Anna|first\r\nsecond\nthird"), (7, "Bert|x"), (8, "Carl|a \"b\" c")];
    assert_eq!(rows(text), expected.map(|(line, row)| (line, row.to_owned())));
    assert_eq!(rows("a\rb\rc"), [(2, "b".to_owned()), (3, "c".to_owned())]);
    assert_eq!(rows("\n\na,b\n1,2\n"), [(4, "1|2".to_owned())]);
}

#[test]
fn finds_the_separator() {
    for (text, separator) in [
        ("a,b;c,d\n", b','),
        ("a;b;c,d\n1,2\n", b';'),
        ("a\tb\tc\n", b'\t'),
        ("\"a,b,c\";d\n", b';'),
        ("email\n", b','),
        ("sep=|\r\na|b\r\n", b'|'),
    ] {
        assert_eq!(open(text).separator(), separator, "{text}");
    }
    let records = open("sep=;\r\na;b\r\n1;2\r\n");
    assert_eq!(records.header(), ["a", "b"]);
    assert_eq!(records.map(|row| row.map(|r| r.line)).collect::<Vec<_>>(), [Ok(3)]);
    let options = ReadOptions { separator: Some(b','), ..ReadOptions::default() };
    assert_eq!(Records::open(&b"a;b,c\n"[..], options).expect("CSV").header(), ["a;b", "c"]);
}

#[test]
fn short_rows_read_as_empty_and_nameless_columns_by_number() {
    let mut records = open(" a ,,c\n1\n");
    assert_eq!(records.header(), ["a", "#2", "c"]);
    let record = records.next().expect("a row").expect("a good row");
    assert_eq!((record.get(0), record.get(1), record.get(2), record.len()), ("1", "", "", 1));
}

#[test]
fn one_bad_row_does_not_end_the_file() {
    let wide = ",".repeat(MAX_COLUMNS);
    let long = "x".repeat(MAX_FIELD_BYTES + 1);
    let huge = format!("\"{}\"", "y\n".repeat(MAX_RECORD_BYTES));
    let nul = "nul\0,1";
    let text = format!("a,b\n1,2\n{wide}\n{long},\n{huge},\nlast,1\n{nul}\nend,1\n");
    let line_after = 5 + MAX_RECORD_BYTES as u64 + 1;
    let expected = [
        (2, "1|2"),
        (3, "too_many_columns"),
        (4, "field_too_long"),
        (5, "record_too_long"),
        (line_after, "last|1"),
        (line_after + 1, "control_character"),
        (line_after + 2, "end|1"),
    ];
    assert_eq!(rows(&text), expected.map(|(line, row)| (line, row.to_owned())));
}

#[test]
fn a_quotation_mark_that_is_not_closed_refuses_what_it_swallowed() {
    let text = "name,town\nAnna,Delft\n\"Bert,Gouda\nCarl,Hoorn\n";
    assert_eq!(rows(text), [(2, "Anna|Delft".to_owned()), (3, "quote_not_closed".to_owned())]);
    let refused = open(text).filter_map(Result::err).next().expect("a refusal");
    assert_eq!(refused.cells, ["Bert,Gouda\nCarl,Hoorn\n\n"]);
    // Closed, and merely an inch: both end with the file.
    for (text, last) in [("a,b\n1,\"x\"", "1|x"), ("a,b\n1,5\"", "1|5\""), ("a,b\n\"1\",\"\"\n", "1|")] {
        assert_eq!(rows(text), [(2, last.to_owned())], "{text}");
    }
}

#[test]
fn refused_rows_keep_their_cells() {
    let wide = format!("Anna,{}\n", ",".repeat(MAX_COLUMNS));
    let long = format!("Anna,\"{}\"\n", "y ".repeat(MAX_RECORD_BYTES));
    // Behind the first chunk, in which a NUL would tell that the file is no text.
    let nul = format!("{}Anna,\0\n", "x,y\n".repeat(CHUNK));
    for (rows, code) in [(wide, "too_many_columns"), (long, "record_too_long"), (nul, "control_character")] {
        let refused = open(&format!("a,b\n{rows}")).filter_map(Result::err).next().expect("a refusal");
        assert_eq!((refused.problem.code.as_str(), refused.cells[0].as_str()), (code, "Anna"));
    }
}

#[test]
fn refuses_a_header_nobody_could_mean() {
    let refusal = |text: &str| Records::open(text.as_bytes(), ReadOptions::default()).err().map(|e| e.code());
    assert_eq!(refusal(&"a,".repeat(1_000_000)), Some("too_many_columns"));
    assert_eq!(refusal(&"x".repeat(3_000_000)), Some("header_unreadable"));
    assert_eq!(refusal("\n\n\r\n"), Some("file_empty"));
}

proptest! {
    /// What a proper writer wrote is read back, each record at its line.
    #[test]
    fn reads_what_a_writer_wrote(
        table in prop::collection::vec(prop::collection::vec("[a-z \",;\r\né]{0,8}", 3), 1..20)
    ) {
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(["one", "two", "three"]).expect("memory");
        for row in &table {
            writer.write_record(row).expect("memory");
        }
        let bytes = writer.into_inner().expect("memory");
        let text = String::from_utf8(bytes).expect("UTF-8");
        let options = ReadOptions { separator: Some(b','), ..ReadOptions::default() };
        let read: Vec<Record> = Records::open(text.as_bytes(), options).expect("CSV").map(|r| r.expect("good")).collect();
        let fields: Vec<Vec<String>> = read.iter().map(|r| r.fields().map(str::to_owned).collect()).collect();
        prop_assert_eq!(&fields, &table);
        prop_assert!(read.windows(2).all(|pair| pair[0].line < pair[1].line));
    }
}
