//! Schema, staff, tokens, configuration.

use crate::program::Shop;

#[test]
fn wrong_usage_ends_with_2_and_refusals_with_1() {
    let shop = Shop::new();
    for arguments in
        [&["import"][..], &["import", "customers"], &["nonsense"], &["generate"], &["serve", "--listen", "x"]]
    {
        assert_eq!(shop.run(arguments).code, 2, "{arguments:?}");
    }
    for (arguments, reason) in [
        (&["import", "customers", "missing.csv"][..], "missing.csv"),
        (&["migrate", "--database", "mysql://x"], "sqlite: or postgres:"),
        (&["token", "create", "--staff", "nobody@x.example", "--name", "x"], "Nobody signs in"),
        (&["staff", "add", "--email", "a@x.example", "--name", "A", "--role", "king"], "administrator"),
        (&["export", "customers", "--filter", "status=gold"], "does not exist"),
    ] {
        let said = shop.run(arguments);
        assert_eq!(said.code, 1, "{arguments:?}: {}", said.err);
        assert!(said.err.contains(reason), "{arguments:?}: {}", said.err);
    }
}

#[test]
fn the_schema_is_brought_up_to_date_once() {
    let shop = Shop::new();
    let first = shop.done(&["migrate"]);
    assert!(first.starts_with("applied platform_0001_base\n") && first.contains("applied customers_"), "{first}");
    assert_eq!(shop.done(&["migrate"]), "The database is up to date.\n");
}

#[test]
fn the_doctor_says_what_is_missing() {
    let shop = Shop::new();
    let sick = shop.run(&["doctor"]);
    assert_eq!(sick.code, 1);
    assert!(
        sick.out.contains("ok  database\n") && sick.out.contains("BAD schema: run clientele migrate"),
        "{}",
        sick.out
    );
    shop.done(&["staff", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "administrator"]);
    assert_eq!(shop.done(&["doctor"]), "ok  data folder\nok  database\nok  schema\nok  staff\nok  jobs\n");
}

#[test]
fn staff_are_added_with_a_password_typed_or_made_up() {
    let shop = Shop::new();
    let add = ["staff", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "administrator"];
    let typed = [&add[..], &["--password-stdin"]].concat();
    let refused = shop.run_with_input(&typed, "short\n");
    assert_eq!((refused.code, refused.err.trim()), (1, "password: A password needs at least 10 characters."));
    let added = shop.run_with_input(&typed, "a long enough one\n");
    assert_eq!((added.code, added.out.as_str()), (0, "Ada can sign in as Administrator.\n"), "{}", added.err);
    let twice = shop.run(&add);
    assert_eq!(twice.code, 1);
    assert!(twice.err.contains("signs in with this address already"), "{}", twice.err);
    let made_up = shop.done(&["staff", "add", "--email", "bo@x.example", "--name", "Bo", "--role", "Reader"]);
    let password = made_up.lines().nth(1).and_then(|line| line.strip_prefix("The password is "));
    assert_eq!(password.map(str::len), Some(20), "{made_up}");
    let list = shop.done(&["staff", "list"]);
    assert_eq!(list.lines().count(), 2, "{list}");
}

#[test]
fn a_token_is_printed_once_and_alone() {
    let shop = Shop::new();
    shop.done(&["staff", "add", "--email", "ada@x.example", "--name", "Ada", "--role", "administrator"]);
    let create = ["token", "create", "--staff", "ada@x.example", "--name", "till"];
    let token = shop.done(&create);
    assert!(token.trim().len() > 40 && token.lines().count() == 1, "{token}");
    let narrow = shop.run(&[&create[..], &["--scope", "customer.fly"]].concat());
    assert_eq!(narrow.code, 1);
    assert!(narrow.err.contains("customer.fly"), "{}", narrow.err);
}

#[test]
fn flags_win_over_variables_and_these_over_the_file() {
    let shop = Shop::new();
    shop.write("clientele.toml", "database = \"sqlite:from-file.db\"\n");
    shop.done(&["migrate"]);
    assert!(shop.path("from-file.db").exists());
    let by_variable = shop.command(&["migrate"]).env("CLIENTELE_DATABASE", "sqlite:from-variable.db").output();
    assert!(by_variable.expect("the program runs").status.success() && shop.path("from-variable.db").exists());
    let mut command = shop.command(&["migrate", "--database", "sqlite:from-flag.db"]);
    let by_flag = command.env("CLIENTELE_DATABASE", "sqlite:unused.db").output();
    assert!(by_flag.expect("the program runs").status.success());
    assert!(shop.path("from-flag.db").exists() && !shop.path("unused.db").exists());
    shop.write("clientele.toml", "listen = 7\n");
    let wrong = shop.run(&["migrate"]);
    assert_eq!(wrong.code, 1);
    assert!(wrong.err.contains("the configuration is wrong"), "{}", wrong.err);
}

#[test]
fn the_demo_shop_is_made_anew_and_spares_a_shop_in_use() {
    let shop = Shop::new();
    let demo = ["demo", "--only-make", "--customers", "120"];
    shop.done(&demo);
    shop.done(&demo);
    let database = format!("sqlite:{}", shop.path("var/demo/clientele.db").display());
    let export = shop.run(&["export", "customers", "--database", &database]);
    assert_eq!(export.out.lines().count(), 121, "{}", export.err);
    let refused = shop.run(&[&demo[..], &["--database", &database]].concat());
    assert_eq!(refused.code, 1);
    assert!(refused.err.contains("in use"), "{}", refused.err);
}
