//! A name written in one cell, taken apart.

/// A person's name in its parts; empty where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PersonName {
    pub title: String,
    pub first: String,
    pub last: String,
}

/// Forms of address in front of a name, in the four languages of the vocabulary, without dots.
const TITLES: &[&str] = &[
    "mr", "mrs", "ms", "miss", "mx", "sir", "dr", "prof", "professor", "heer", "dhr", "mevr", "mevrouw", "mw", "drs",
    "ir", "ing", "herr", "frau", "monsieur", "madame", "mademoiselle", "mlle", "mme", "m",
];

/// Words that belong to the last name that follows them (`van der Berg`, `de la Cruz`, `von Ahn`).
const PARTICLES: &[&str] = &[
    "van", "de", "der", "den", "het", "ten", "ter", "te", "'t", "’t", "von", "vom", "zu", "zum", "zur", "di", "da",
    "del", "della", "la", "le", "les", "du", "des", "dos", "el", "al", "bin", "ibn", "mac", "st",
];

/// Takes apart `Mrs. Anna Maria van der Berg` and `Berg, Anna`. Without a way to know better the last word, with
/// the particles before it, is the last name; a single word is a last name.
pub fn split_name(text: &str) -> PersonName {
    let (title, rest) = split_title(text.trim());
    if let Some((last, first)) = rest.split_once(',') {
        let (first, last) = (first.trim().to_owned(), last.trim().to_owned());
        return PersonName { title, first, last };
    }
    let words: Vec<&str> = rest.split_whitespace().collect();
    let Some(mut start) = words.len().checked_sub(1) else {
        return PersonName { title, ..PersonName::default() };
    };
    while start > 1 && is_particle(words[start - 1]) {
        start -= 1;
    }
    if start == 1 && is_particle(words[0]) {
        start = 0;
    }
    PersonName { title, first: words[..start].join(" "), last: words[start..].join(" ") }
}

fn split_title(text: &str) -> (String, &str) {
    let mut rest = text;
    while let Some((word, after)) = rest.split_once(' ') {
        let plain = word.trim_end_matches('.').to_lowercase();
        let is_initial = plain.len() == 1 && word.ends_with('.') && plain != "m";
        if is_initial
            || !(TITLES.contains(&plain.as_str()) || (rest == text && plain == "de" && after.starts_with("heer ")))
        {
            break;
        }
        rest = after.trim_start();
    }
    (text[..text.len() - rest.len()].trim().to_owned(), rest)
}

fn is_particle(word: &str) -> bool {
    PARTICLES.contains(&word.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_names_apart() {
        for (text, title, first, last) in [
            ("Anna Smit", "", "Anna", "Smit"),
            ("Anna Maria Smit", "", "Anna Maria", "Smit"),
            ("Anna van der Berg", "", "Anna", "van der Berg"),
            ("Mrs. Anna Smit", "Mrs.", "Anna", "Smit"),
            ("De heer Jan de Vries", "De heer", "Jan", "de Vries"),
            ("Prof. Dr. Erika Muster", "Prof. Dr.", "Erika", "Muster"),
            ("van Dam", "", "", "van Dam"),
            ("Smit, Anna", "", "Anna", "Smit"),
            ("van Dam, Jan Piet", "", "Jan Piet", "van Dam"),
            ("J. Smith", "", "J.", "Smith"),
            ("Madonna", "", "", "Madonna"),
            ("", "", "", ""),
            ("  ", "", "", ""),
            ("Mr", "", "", "Mr"),
        ] {
            let expected = PersonName { title: title.to_owned(), first: first.to_owned(), last: last.to_owned() };
            assert_eq!(split_name(text), expected, "{text}");
        }
    }
}
