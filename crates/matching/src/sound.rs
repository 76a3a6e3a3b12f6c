//! How a European name sounds, roughly: the consonant classes of the Kölner Phonetik (Postel 1969), which suit
//! Germanic and Romance spellings alike, as a number.

/// A code equal for names that may sound alike: "Meyer" and "Maier", "Philips" and "Filips", "Schmitt" and "Schmidt".
///
/// The first letter counts as a vowel or as its consonant class; other vowels and h do not count. At most nine classes.
pub fn sound(folded: &[u8]) -> u32 {
    let mut code = 0_u32;
    let mut last = 0_u32;
    let mut count = 0;
    for (place, letter) in folded.iter().enumerate() {
        let before = if place > 0 { folded[place - 1] } else { b' ' };
        let after = folded.get(place + 1).copied().unwrap_or(b' ');
        let class = class(*letter, before, after);
        if class == VOWEL {
            if place == 0 {
                code = VOWEL;
                count = 1;
            }
            if *letter != b'h' {
                last = 0;
            }
            continue;
        }
        if class != last && count < 9 {
            code = code * 10 + class;
            count += 1;
        }
        last = class;
    }
    code
}

const VOWEL: u32 = 9;

fn class(letter: u8, before: u8, after: u8) -> u32 {
    match letter {
        b'b' => 1,
        b'p' if after == b'h' => 3,
        b'p' => 1,
        b'd' | b't' if matches!(after, b'c' | b's' | b'z') => 8,
        b'd' | b't' => 2,
        b'f' | b'v' | b'w' => 3,
        b'g' | b'k' | b'q' => 4,
        b'c' if matches!(after, b'e' | b'i' | b'y') || matches!(before, b's' | b'z') => 8,
        b'c' => 4,
        b'x' => 8,
        b'l' => 5,
        b'm' | b'n' => 6,
        b'r' => 7,
        b's' | b'z' => 8,
        _ => VOWEL,
    }
}
