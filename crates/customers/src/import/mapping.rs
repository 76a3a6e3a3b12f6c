//! Which column means what: guessed from the header, corrected by hand.

use platform::contact::fold;

use super::field::{Field, MAX_RANK};
use super::format::Format;
use super::vocabulary::meaning_of;

/// What one column of a file is taken for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// The column's name as the file has it.
    pub name: String,
    /// `None`: the column is not read.
    pub field: Option<Field>,
    /// How sure the guess is, in percent; 100 for a known format and for what was said by hand.
    pub confidence: u8,
}

/// The meaning of every column of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mapping {
    pub format: Format,
    pub columns: Vec<Column>,
}

/// Why a correction (`--map column=field`) cannot be followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    #[error("\"{0}\" is not of the form column=field.")]
    Malformed(String),
    #[error("The file has no column \"{name}\". It has: {known}.")]
    UnknownColumn { name: String, known: String },
    #[error("There is no field \"{name}\". There are: {known}.")]
    UnknownField { name: String, known: String },
    #[error("No column is mapped to a name, a company or an e-mail address, so no customer could be made.")]
    NothingToImport,
}

impl MappingError {
    /// The stable reason code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "map_malformed",
            Self::UnknownColumn { .. } => "map_unknown_column",
            Self::UnknownField { .. } => "map_unknown_field",
            Self::NothingToImport => "map_nothing_to_import",
        }
    }
}

impl Mapping {
    /// Guesses the meaning of each column; `format` is `None` when that is to be found out too.
    pub fn guess(header: &[String], format: Option<Format>) -> Self {
        let format = format.unwrap_or_else(|| Format::detect(header));
        let columns = header.iter().map(|name| guess_column(format, name)).collect();
        let mut mapping = Self { format, columns };
        mapping.read_name_beside_first_name();
        mapping.keep_the_surest();
        mapping
    }

    /// Follows corrections of the form `column=field`; the field `ignore` leaves a column out. A column is called by its
    /// name in any case, or by its number as `#3`.
    pub fn correct<'a>(&mut self, corrections: impl IntoIterator<Item = &'a str>) -> Result<(), MappingError> {
        for correction in corrections {
            let (column, field) =
                correction.rsplit_once('=').ok_or_else(|| MappingError::Malformed(correction.to_owned()))?;
            self.assign(column.trim(), field.trim())?;
        }
        Ok(())
    }

    /// Says by hand what one column means.
    pub fn assign(&mut self, column: &str, field: &str) -> Result<(), MappingError> {
        let at = self.position(column)?;
        let field = match field {
            "ignore" => None,
            name => Some(Field::of_name(name).ok_or_else(|| unknown_field(name))?),
        };
        for other in &mut self.columns {
            if field.is_some() && other.field == field {
                other.field = None;
            }
        }
        self.columns[at].field = field;
        self.columns[at].confidence = 100;
        Ok(())
    }

    /// Whether a customer can come of it at all.
    pub fn check(&self) -> Result<(), MappingError> {
        let makes_a_customer = |field: Field| {
            matches!(field, Field::FirstName | Field::LastName | Field::FullName | Field::Company | Field::Email(_))
        };
        let some = self.columns.iter().filter_map(|column| column.field).any(makes_a_customer);
        if some { Ok(()) } else { Err(MappingError::NothingToImport) }
    }

    /// The column a field is read from.
    pub fn column_of(&self, field: Field) -> Option<usize> {
        self.columns.iter().position(|column| column.field == Some(field))
    }

    fn position(&self, name: &str) -> Result<usize, MappingError> {
        let exact = self.columns.iter().position(|column| column.name == name);
        let folded = || self.columns.iter().position(|column| key_of(&column.name) == key_of(name));
        let numbered =
            || name.strip_prefix('#')?.parse::<usize>().ok()?.checked_sub(1).filter(|at| *at < self.columns.len());
        exact.or_else(numbered).or_else(folded).ok_or_else(|| MappingError::UnknownColumn {
            name: name.to_owned(),
            known: self.columns.iter().map(|column| column.name.as_str()).collect::<Vec<_>>().join(", "),
        })
    }

    /// In `Vorname;Name` and `Prénom;Nom` the plain name is the last name.
    fn read_name_beside_first_name(&mut self) {
        let has = |field| self.column_of(field).is_some();
        if has(Field::FirstName)
            && !has(Field::LastName)
            && let Some(at) = self.column_of(Field::FullName)
        {
            self.columns[at].field = Some(Field::LastName);
        }
    }

    /// A field is read from one column: the surest, of equals the first. Further e-mail addresses and phone numbers
    /// become the second, third, ...
    fn keep_the_surest(&mut self) {
        let mut order: Vec<usize> = (0..self.columns.len()).collect();
        order.sort_by_key(|at| std::cmp::Reverse(self.columns[*at].confidence));
        let mut taken: Vec<Field> = Vec::new();
        for at in order {
            let free = self.columns[at].field.and_then(|field| next_free(field, &taken));
            self.columns[at].field = free;
            taken.extend(free);
            if free.is_none() {
                self.columns[at].confidence = 0;
            }
        }
    }
}

/// A column's name without case, accents, blanks and signs, under which it is looked up.
pub(super) fn key_of(name: &str) -> String {
    fold(name).replace(' ', "")
}

fn guess_column(format: Format, name: &str) -> Column {
    let (field, confidence) = match format {
        Format::Generic => guess_field(&key_of(name)),
        known => (known.field_of(name), 100),
    };
    Column { name: name.to_owned(), field, confidence: if field.is_some() { confidence } else { 0 } }
}

fn guess_field(key: &str) -> (Option<Field>, u8) {
    if let Some((field, confidence)) = meaning_of(key) {
        return (Field::of_name(&field), confidence);
    }
    let stem = key.trim_end_matches(|c: char| c.is_ascii_digit());
    let rank = key[stem.len()..].parse().ok().filter(|rank| (1..=MAX_RANK).contains(rank));
    let ranked = rank.zip(meaning_of(stem)).and_then(|(rank, (field, confidence))| match Field::of_name(&field)? {
        Field::Email(_) => Some((Field::Email(rank), confidence)),
        Field::Phone(_) => Some((Field::Phone(rank), confidence)),
        _ => None,
    });
    ranked.map_or((None, 0), |(field, confidence)| (Some(field), confidence))
}

fn next_free(field: Field, taken: &[Field]) -> Option<Field> {
    let is_free = |field: &Field| !taken.contains(field);
    match field {
        Field::Email(rank) => (rank..=MAX_RANK).map(Field::Email).find(is_free),
        Field::Phone(rank) => (rank..=MAX_RANK).map(Field::Phone).find(is_free),
        single => Some(single).filter(is_free),
    }
}

fn unknown_field(name: &str) -> MappingError {
    let known: Vec<String> = Field::all().iter().map(Field::to_string).chain(["ignore".to_owned()]).collect();
    MappingError::UnknownField { name: name.to_owned(), known: known.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(names: &str) -> Vec<String> {
        names.split(',').map(str::to_owned).collect()
    }

    /// The guess as `field` per column, `-` where a column is not read.
    fn guessed(names: &str) -> String {
        let mapping = Mapping::guess(&header(names), None);
        let fields =
            mapping.columns.iter().map(|column| column.field.map_or("-".to_owned(), |field| field.to_string()));
        fields.collect::<Vec<_>>().join(",")
    }

    #[test]
    fn guesses_what_shops_write() {
        for (names, fields) in [
            (
                "id,entity_id,title,first_name,last_name,email,phone,company,address1,address2,town,postcode,country",
                "external_id,-,title,first_name,last_name,email,phone,company,address1,address2,town,postcode,country",
            ),
            (
                "Klantnummer,Aanhef,Voornaam,Tussenvoegsel,Achternaam,Bedrijfsnaam,E-mailadres,Telefoon,Mobiel,Adres,Huisnummer,Postcode,Plaats,Land",
                "customer_number,title,first_name,infix,last_name,company,email,phone,mobile,address1,house_number,postcode,town,country",
            ),
            (
                "Kunden-Nr.,Anrede,Vorname,Name,Firma,Straße,PLZ,Ort,E-Mail",
                "customer_number,title,first_name,last_name,company,address1,postcode,town,email",
            ),
            (
                "Civilité,Prénom,Nom,Société,Adresse,Code postal,Ville,Pays,Courriel",
                "title,first_name,last_name,company,address1,postcode,town,country,email",
            ),
            ("NAME,E_MAIL,Email 2,Tel,Phone 2,tags,note", "full_name,email,email2,phone,phone2,tags,-"),
            (
                "Billing City,Shipping City,Shipping Zip,Shipping Name,Delivery Phone",
                "town,delivery_town,delivery_postcode,-,phone",
            ),
            ("email,E-mail address,mail", "email,email2,email3"),
            ("city,town", "-,town"),
        ] {
            assert_eq!(guessed(names), fields, "{names}");
        }
    }

    #[test]
    fn says_how_sure_it_is() {
        let mapping = Mapping::guess(&header("email,name,whatever"), None);
        assert_eq!(mapping.columns.iter().map(|column| column.confidence).collect::<Vec<_>>(), [100, 70, 0]);
    }

    #[test]
    fn corrections_win() {
        let mut mapping = Mapping::guess(&header("id,Name,E Mail,x=y"), None);
        assert_eq!(mapping.correct(["id=account_code", "#2=company", "e mail=ignore", "x=y=first_name"]), Ok(()));
        let fields: Vec<_> = mapping.columns.iter().map(|column| column.field).collect();
        assert_eq!(fields, [Some(Field::AccountCode), Some(Field::Company), None, Some(Field::FirstName)]);
        assert_eq!(mapping.correct(["id=company"]), Ok(()));
        assert_eq!((mapping.column_of(Field::Company), mapping.columns[1].field), (Some(0), None));
    }

    #[test]
    fn corrections_that_cannot_be_followed_say_why() {
        let mut mapping = Mapping::guess(&header("id,name"), None);
        let refusal =
            |mapping: &mut Mapping, text: &str| mapping.correct([text]).map_err(|e| (e.code(), e.to_string()));
        let (code, text) = refusal(&mut mapping, "nam=company").expect_err("unknown column");
        assert_eq!((code, text.as_str()), ("map_unknown_column", "The file has no column \"nam\". It has: id, name."));
        let (code, text) = refusal(&mut mapping, "name=firstname").expect_err("unknown field");
        assert!(code == "map_unknown_field" && text.contains("first_name") && text.contains("delivery_town"), "{text}");
        assert_eq!(refusal(&mut mapping, "name").expect_err("malformed").0, "map_malformed");
        assert_eq!(refusal(&mut mapping, "#3=email").expect_err("no third").0, "map_unknown_column");
    }

    #[test]
    fn a_file_without_any_name_makes_no_customer() {
        assert_eq!(Mapping::guess(&header("id,town"), None).check(), Err(MappingError::NothingToImport));
        assert_eq!(Mapping::guess(&header("id,company"), None).check(), Ok(()));
    }
}
