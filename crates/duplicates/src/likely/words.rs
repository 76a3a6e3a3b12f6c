//! What a comparison found, in words.

use matching::{DEFAULT_THRESHOLD, Field, Finding};
use platform::tr;

/// How sure a probability is: a tone and a word.
pub fn certainty(probability: f64) -> (&'static str, &'static str) {
    match probability {
        p if p >= 0.95 => ("good", tr!("Very likely the same")),
        p if p >= DEFAULT_THRESHOLD => ("info", tr!("Likely the same")),
        _ => ("", tr!("Possibly the same")),
    }
}

/// The field that was compared.
pub fn field_words(field: Field) -> &'static str {
    match field {
        Field::LastName => tr!("Last name"),
        Field::FirstName => tr!("First name"),
        Field::DateOfBirth => tr!("Date of birth"),
        Field::Email => tr!("E-mail address"),
        Field::Phone => tr!("Phone"),
        Field::Address => tr!("Address"),
        Field::Company => tr!("Company"),
        Field::Title => tr!("Title"),
        Field::Country => tr!("Country"),
    }
}

/// What was found in it.
pub fn finding_words(finding: Finding) -> &'static str {
    match finding {
        Finding::Missing => tr!("unknown"),
        Finding::Same => tr!("the same"),
        Finding::Part => tr!("a part of the other"),
        Finding::Nickname => tr!("another form of the same name"),
        Finding::SoundsAlike => tr!("sounds alike"),
        Finding::Typo => tr!("one typing error apart"),
        Finding::Similar => tr!("similar, both common"),
        Finding::Swapped => tr!("first and last name swapped"),
        Finding::Initial => tr!("an initial that fits"),
        Finding::OtherInitial => tr!("an initial that does not fit"),
        Finding::FromMailbox => tr!("the e-mail address names them"),
        Finding::OtherInMailbox => tr!("the e-mail address names somebody else"),
        Finding::SharedMailbox => tr!("an address of a department"),
        Finding::LocalPart => tr!("the same before the @"),
        Finding::PlainMailbox => tr!("the same, made of the name"),
        Finding::PlainTypo => tr!("one typing error apart, made of the name"),
        Finding::PlainLocalPart => tr!("the same before the @, made of the name"),
        Finding::PlainDifferent => tr!("different, both made of the name"),
        Finding::OtherUnit => tr!("the same house, another flat"),
        Finding::Neighbour => tr!("the same street, another house"),
        Finding::SameStreet => tr!("the same street"),
        Finding::SamePostcode => tr!("the same postcode"),
        Finding::SameTown => tr!("the same town"),
        Finding::TownOnly => tr!("the same town, nothing else known"),
        Finding::ElsewhereOnly => tr!("another town"),
        Finding::Different => tr!("different"),
    }
}
