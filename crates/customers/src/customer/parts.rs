//! The parts of a flat record that people compare and put back: a plain field, or a whole row (an e-mail address with its
//! kind and its marks, a postal address, a membership).

use std::collections::BTreeSet;

use super::flatten::Flat;

/// The part that a flat field belongs to: `email.<id>` for `email.<id>.kind`, a plain field itself.
pub fn part_of(field: &str) -> &str {
    let is_row = ["email.", "phone.", "address."].iter().any(|prefix| field.starts_with(prefix));
    match field.match_indices('.').nth(1) {
        Some((end, _)) if is_row => &field[..end],
        _ => field,
    }
}

/// The parts in which two flat records differ, plain fields first.
pub fn differing(one: &Flat, other: &Flat) -> Vec<String> {
    let fields = one.keys().chain(other.keys()).filter(|field| one.get(*field) != other.get(*field));
    let parts: BTreeSet<&str> = fields.map(|field| part_of(field)).collect();
    let (rows, plain): (Vec<&str>, Vec<&str>) = parts.into_iter().partition(|part| part.contains('.'));
    plain.into_iter().chain(rows).map(str::to_owned).collect()
}

/// Does a name that somebody gave mean this part? `email` means all of them, `email.<id>.kind` means its row.
pub fn is_named(part: &str, name: &str) -> bool {
    part_of(name) == part || part.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'))
}

/// The fields of a part, named without it: `address` and `kind` of `email.<id>`.
pub fn fields_of<'a>(flat: &'a Flat, part: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> + 'a {
    let fields = flat.range(part.to_owned()..).take_while(move |(field, _)| field.starts_with(part));
    fields.filter(move |(field, _)| part_of(field) == part).map(move |(field, value)| {
        let name = field.strip_prefix(part).unwrap_or_default();
        (name.strip_prefix('.').unwrap_or(name), value.as_str())
    })
}

/// Replaces a part of one record by what another has of it.
pub fn take_over(flat: &mut Flat, other: &Flat, part: &str) {
    flat.retain(|field, _| part_of(field) != part);
    for (field, value) in other.iter().filter(|(field, _)| part_of(field) == part) {
        flat.insert(field.clone(), value.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flat(pairs: &[(&str, &str)]) -> Flat {
        pairs.iter().map(|(field, value)| ((*field).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn rows_are_one_part() {
        let one = flat(&[("email.1.address", "a@x"), ("email.1.kind", "work"), ("title", "Dr")]);
        let other = flat(&[("email.1.address", "b@x"), ("email.1.kind", "work"), ("group.7", "member")]);
        assert_eq!(differing(&one, &other), ["title", "email.1", "group.7"]);
        assert_eq!(fields_of(&one, "email.1").collect::<Vec<_>>(), [("address", "a@x"), ("kind", "work")]);
        assert!(is_named("email.1", "email") && is_named("email.1", "email.1.kind") && is_named("title", "title"));
        assert!(!is_named("email.1", "email.11") && !is_named("title", "tit"));
        let mut taken = one.clone();
        take_over(&mut taken, &other, "email.1");
        assert_eq!(taken.get("email.1.address").map(String::as_str), Some("b@x"));
        assert_eq!(taken.get("title").map(String::as_str), Some("Dr"));
    }
}
