//! Cleaning typed text before it is kept: one spelling of every character, no invisible tricks.

use std::borrow::Cow;

use unicode_normalization::{IsNormalized, UnicodeNormalization, is_nfc_quick};

/// Why a text cannot be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unclean {
    #[error("The text holds a control character.")]
    ControlCharacter,
    /// Marks that turn the reading direction can make a name or an amount read as something else.
    #[error("The text holds a mark that turns its reading direction.")]
    BidiControl,
    #[error("The text is longer than {max_chars} characters.")]
    TooLong { max_chars: usize },
}

impl Unclean {
    /// The stable reason code.
    pub fn code(self) -> &'static str {
        match self {
            Self::ControlCharacter => "control_character",
            Self::BidiControl => "bidi_control",
            Self::TooLong { .. } => "too_long",
        }
    }
}

/// One line of text: NFC, trimmed, every run of white space (tabs and line ends too, as cells of a
/// spreadsheet bring them) a single blank, at most `max_chars` characters.
pub fn clean_line(text: &str, max_chars: usize) -> Result<String, Unclean> {
    let text = composed(text);
    let mut cleaned = String::with_capacity(text.len().min(max_chars.saturating_mul(4)));
    let mut length = 0;
    let mut gap = false;
    for character in text.chars() {
        match kind(character)? {
            Kind::Nothing => {}
            Kind::Blank | Kind::LineEnd => gap = true,
            Kind::Visible => {
                if gap && length > 0 {
                    push(&mut cleaned, ' ', &mut length, max_chars)?;
                }
                gap = false;
                push(&mut cleaned, character, &mut length, max_chars)?;
            }
        }
    }
    Ok(cleaned)
}

/// Text of several lines: as [`clean_line`], but line ends are kept (as `\n`), with blanks around them
/// dropped and no empty lines at either end.
pub fn clean_text(text: &str, max_chars: usize) -> Result<String, Unclean> {
    let text = composed(text);
    let mut cleaned = String::with_capacity(text.len().min(max_chars.saturating_mul(4)));
    let mut length = 0;
    let (mut lines, mut gap) = (0_usize, false);
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match kind(character)? {
            Kind::Nothing => {}
            Kind::Blank => gap = true,
            Kind::LineEnd => {
                if character == '\r' && characters.peek() == Some(&'\n') {
                    characters.next();
                }
                lines += 1;
                gap = false;
            }
            Kind::Visible => {
                if length > 0 {
                    for _ in 0..lines {
                        push(&mut cleaned, '\n', &mut length, max_chars)?;
                    }
                    if gap && lines == 0 {
                        push(&mut cleaned, ' ', &mut length, max_chars)?;
                    }
                }
                (lines, gap) = (0, false);
                push(&mut cleaned, character, &mut length, max_chars)?;
            }
        }
    }
    Ok(cleaned)
}

enum Kind {
    Visible,
    Blank,
    LineEnd,
    /// Leftovers of copying that nobody sees: dropped.
    Nothing,
}

fn kind(character: char) -> Result<Kind, Unclean> {
    match character {
        ' '..='~' if character != ' ' => Ok(Kind::Visible),
        '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}' => Ok(Kind::LineEnd),
        '\u{200b}' | '\u{2060}' | '\u{feff}' => Ok(Kind::Nothing),
        '\u{200e}' | '\u{200f}' | '\u{61c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            Err(Unclean::BidiControl)
        }
        _ if character.is_whitespace() && character != '\u{b}' && character != '\u{c}' => Ok(Kind::Blank),
        _ if character.is_control() => Err(Unclean::ControlCharacter),
        _ => Ok(Kind::Visible),
    }
}

fn push(cleaned: &mut String, character: char, length: &mut usize, max_chars: usize) -> Result<(), Unclean> {
    if *length == max_chars {
        return Err(Unclean::TooLong { max_chars });
    }
    cleaned.push(character);
    *length += 1;
    Ok(())
}

/// Text in NFC, borrowed when it is already.
fn composed(text: &str) -> Cow<'_, str> {
    if text.is_ascii() || is_nfc_quick(text.chars()) == IsNormalized::Yes {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.nfc().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_line_is_trimmed_collapsed_and_composed() {
        for (typed, expected) in [
            ("", ""),
            ("   ", ""),
            ("  Anna   van  Dam ", "Anna van Dam"),
            ("Anna\tvan\r\nDam", "Anna van Dam"),
            ("Jose\u{301}", "José"),
            ("a\u{a0}\u{2003}b", "a b"),
            ("\u{feff}Anna\u{200b}", "Anna"),
            ("नमस्ते", "नमस्ते"),
        ] {
            assert_eq!(clean_line(typed, 40).as_deref(), Ok(expected), "{typed:?}");
        }
    }

    #[test]
    fn refuses_what_nobody_can_see_or_read() {
        for (typed, code) in [
            ("An\0na", "control_character"),
            ("An\u{7}na", "control_character"),
            ("An\u{1b}[31mna", "control_character"),
            ("An\u{9b}na", "control_character"),
            ("An\u{c}na", "control_character"),
            ("\u{202e}anna", "bidi_control"),
            ("an\u{2066}na", "bidi_control"),
            ("an\u{2069}na", "bidi_control"),
            ("an\u{200f}na", "bidi_control"),
            ("12345678901", "too_long"),
        ] {
            assert_eq!(clean_line(typed, 10).map_err(Unclean::code), Err(code), "{typed:?}");
            assert_eq!(clean_text(typed, 10).map_err(Unclean::code), Err(code), "{typed:?}");
        }
    }

    #[test]
    fn length_counts_characters_of_the_cleaned_text() {
        assert_eq!(clean_line("  ééééé     é ", 7).as_deref(), Ok("ééééé é"));
        assert_eq!(clean_line(&"x".repeat(10_000_000), 100), Err(Unclean::TooLong { max_chars: 100 }));
        assert_eq!(clean_line(&" ".repeat(1_000_000), 1).as_deref(), Ok(""));
    }

    #[test]
    fn several_lines_keep_their_line_ends() {
        assert_eq!(clean_text("\r\n a  b \r\n\r\n c\u{2028}d \n\n", 100).as_deref(), Ok("a b\n\nc\nd"));
        assert_eq!(clean_text("a\rb", 100).as_deref(), Ok("a\nb"));
    }

    proptest! {
        #[test]
        fn cleaning_twice_changes_nothing(text in any::<String>()) {
            if let Ok(line) = clean_line(&text, 1000) {
                prop_assert_eq!(clean_line(&line, 1000), Ok(line.clone()));
            }
            if let Ok(lines) = clean_text(&text, 1000) {
                prop_assert_eq!(clean_text(&lines, 1000), Ok(lines.clone()));
            }
        }
    }
}
