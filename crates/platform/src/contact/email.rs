//! E-mail addresses: as typed, and in the one folded form by which two of them are the same.

use unicode_normalization::UnicodeNormalization;

/// RFC 5321, 4.5.3.1: octets before the `@`, of the domain, and of a path less its angle brackets.
const MAX_LOCAL: usize = 64;
const MAX_DOMAIN: usize = 255;
const MAX_TOTAL: usize = 254;
/// RFC 1035, 2.3.4: octets of one label of a domain.
const MAX_LABEL: usize = 63;

/// An address that mail can be sent to, as far as its spelling tells.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Email {
    typed: String,
    folded: String,
    /// Where the domain starts in `folded`.
    domain_at: usize,
}

/// Why a text is no e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidEmail {
    #[error("This is not an e-mail address.")]
    Malformed,
    #[error("The e-mail address is longer than an e-mail address can be.")]
    TooLong,
}

impl InvalidEmail {
    /// The stable reason code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Malformed => "email_invalid",
            Self::TooLong => "email_too_long",
        }
    }
}

impl Email {
    /// Reads an address as people type it; blanks around it are forgiven, everything else must be right.
    /// Quoted local parts and bare IP addresses are refused: no shop's customer has one, typing errors do.
    pub fn parse(text: &str) -> Result<Self, InvalidEmail> {
        let typed = text.trim();
        if typed.len() > MAX_TOTAL {
            return Err(InvalidEmail::TooLong);
        }
        let (local, domain) = typed.rsplit_once('@').ok_or(InvalidEmail::Malformed)?;
        if local.len() > MAX_LOCAL || domain.len() > MAX_DOMAIN {
            return Err(InvalidEmail::TooLong);
        }
        if !is_local_part(local) {
            return Err(InvalidEmail::Malformed);
        }
        let domain = readable_domain(domain)?;
        if !is_domain(&domain) {
            return Err(InvalidEmail::Malformed);
        }
        let mut folded = folded_local(local);
        folded.push('@');
        let domain_at = folded.len();
        folded.push_str(&domain);
        Ok(Self { typed: typed.to_owned(), folded, domain_at })
    }

    /// What was typed, without the blanks around it.
    pub fn as_typed(&self) -> &str {
        &self.typed
    }

    /// The identity of the address (rule R7): lower case, international domains in their readable form, so
    /// `Anna@XN--MLLER-KVA.example` and `anna@müller.example` are one.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The domain in its folded form.
    pub fn domain(&self) -> &str {
        &self.folded[self.domain_at..]
    }

    /// Whether a marketplace masks the buyer behind this address (rule R7, catalogue row S2-23): its domain is one of
    /// `relay_domains` or lies below one.
    pub fn is_relay(&self, relay_domains: &[String]) -> bool {
        relay_domains.iter().any(|relay| lies_in(self.domain(), relay))
    }
}

/// Whether `domain` is `relay` or a domain below it; `relay` may be written with a leading `@` or dot.
fn lies_in(domain: &str, relay: &str) -> bool {
    let relay = relay.trim().trim_start_matches(['@', '.', '*']).to_lowercase();
    if relay.is_empty() {
        return false;
    }
    domain.strip_suffix(relay.as_str()).is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// A dot-atom of RFC 5322, letters of any script allowed (RFC 6531).
fn is_local_part(local: &str) -> bool {
    local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom_character))
}

fn is_atom_character(character: char) -> bool {
    match character {
        'a'..='z' | 'A'..='Z' | '0'..='9' => true,
        _ if character.is_ascii() => "!#$%&'*+-/=?^_`{|}~".contains(character),
        _ => !character.is_whitespace() && !character.is_control() && !is_invisible(character),
    }
}

fn is_invisible(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

fn folded_local(local: &str) -> String {
    if local.is_ascii() { local.to_ascii_lowercase() } else { local.nfc().flat_map(char::to_lowercase).nfc().collect() }
}

/// The domain in lower case, international labels in their readable form.
fn readable_domain(domain: &str) -> Result<String, InvalidEmail> {
    let lower = domain.to_lowercase();
    if lower.is_ascii() && !lower.contains("xn--") {
        return Ok(lower);
    }
    let (readable, outcome) = idna::domain_to_unicode(&lower);
    outcome.map_err(|_| InvalidEmail::Malformed)?;
    let wire = idna::domain_to_ascii(&readable).map_err(|_| InvalidEmail::Malformed)?;
    if wire.len() > MAX_DOMAIN || wire.split('.').any(|label| label.len() > MAX_LABEL) {
        return Err(InvalidEmail::TooLong);
    }
    Ok(readable)
}

fn is_domain(domain: &str) -> bool {
    let top = domain.rsplit('.').next().unwrap_or_default();
    domain.contains('.') && domain.split('.').all(is_label) && !top.chars().all(|c| c.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-' || !c.is_ascii();
    !label.is_empty()
        && (label.len() <= MAX_LABEL || !label.is_ascii())
        && label.chars().all(is_part)
        && !label.starts_with('-')
        && !label.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accepts_what_people_have() {
        for (typed, folded, domain) in [
            ("anna@example.com", "anna@example.com", "example.com"),
            ("  Anna.Smit+shop@Example.COM ", "anna.smit+shop@example.com", "example.com"),
            ("o'brien@mail.example.co.uk", "o'brien@mail.example.co.uk", "mail.example.co.uk"),
            ("anna@MÜLLER.example", "anna@müller.example", "müller.example"),
            ("anna@xn--mller-kva.example", "anna@müller.example", "müller.example"),
            ("JOSÉ@example.com", "josé@example.com", "example.com"),
            ("_x-1@a-b.example", "_x-1@a-b.example", "a-b.example"),
        ] {
            let email = Email::parse(typed).unwrap_or_else(|refused| panic!("{typed}: {refused}"));
            assert_eq!((email.as_typed(), email.folded(), email.domain()), (typed.trim(), folded, domain));
        }
    }

    #[test]
    fn refuses_what_mail_cannot_reach() {
        for typed in [
            "",
            "anna",
            "@example.com",
            "anna@",
            "anna@localhost",
            "anna@@example.com",
            "anna smit@example.com",
            ".anna@example.com",
            "anna.@example.com",
            "an..na@example.com",
            "anna@example..com",
            "anna@-example.com",
            "anna@example-.com",
            "anna@exam_ple.com",
            "anna@[127.0.0.1]",
            "anna@127.0.0.1",
            "anna@example.com.",
            "\"anna smit\"@example.com",
            "Anna <anna@example.com>",
            "anna@example.com, bert@example.com",
            "an\0na@example.com",
            "an\u{202e}na@example.com",
            "anna@exa\nmple.com",
            "anna@.example.com",
        ] {
            assert_eq!(Email::parse(typed).map_err(InvalidEmail::code), Err("email_invalid"), "{typed:?}");
        }
    }

    #[test]
    fn knows_the_lengths_of_rfc_5321() {
        let domain = format!("{}.{}.{}.example", "d".repeat(63), "d".repeat(63), "d".repeat(53));
        assert!(Email::parse(&format!("{}@{domain}", "l".repeat(64))).is_ok());
        assert_eq!(Email::parse(&format!("{}@{domain}x", "l".repeat(64))), Err(InvalidEmail::TooLong));
        assert_eq!(Email::parse(&format!("{}@example.com", "l".repeat(65))), Err(InvalidEmail::TooLong));
        assert_eq!(Email::parse(&format!("a@{}.com", "d".repeat(64))), Err(InvalidEmail::Malformed));
        assert_eq!(Email::parse(&"a".repeat(10_000_000)).map_err(InvalidEmail::code), Err("email_too_long"));
    }

    #[test]
    fn relays_are_known_by_whole_labels() {
        let relays = ["market.bol.example".to_owned(), "@Members.eBay.example".to_owned(), String::new()];
        for (typed, relay) in [
            ("x@market.bol.example", true),
            ("x@eu.market.bol.example", true),
            ("x@members.ebay.example", true),
            ("x@blackmarket.bol.example", false),
            ("x@bol.example", false),
            ("x@example.com", false),
        ] {
            assert_eq!(Email::parse(typed).map(|email| email.is_relay(&relays)), Ok(relay), "{typed}");
        }
    }

    proptest! {
        #[test]
        fn never_panics_and_folding_is_stable(text in "\\PC{0,80}") {
            let _ = Email::parse(&text);
        }

        #[test]
        fn the_folded_form_is_an_address_with_the_same_folded_form(
            local in "[a-zA-Z0-9ÄÖÜäöüßÉé+_-]{1,20}", domain in "[a-zA-Z0-9äöüé]{1,20}\\.(com|example|nl)"
        ) {
            if let Ok(email) = Email::parse(&format!("{local}@{domain}")) {
                let again = Email::parse(email.folded());
                prop_assert_eq!(again.as_ref().map(Email::folded), Ok(email.folded()));
            }
        }
    }
}
