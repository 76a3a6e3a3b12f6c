//! Dates of birth as one number.

/// Year, month and day as one number of eight digits, 0 when there is no such date.
pub fn read(text: &str) -> u32 {
    let parts: Vec<&str> =
        text.split(|letter: char| !letter.is_ascii_digit()).filter(|part| !part.is_empty()).collect();
    match parts[..] {
        [all] if all.len() == 8 => {
            let number = all.parse().unwrap_or(0);
            if (1800_0000..2200_0000).contains(&number) {
                number
            } else {
                // Day, month, year.
                number % 10_000 * 10_000 + number / 10_000 % 100 * 100 + number / 1_000_000
            }
        }
        [a, b, c, ..] => {
            let number = |part: &str| part.parse::<u32>().unwrap_or(0) % 10_000;
            let (a, b, c) = (number(a), number(b), number(c));
            match (a > 31, b > 12) {
                (true, _) => a * 10_000 + b % 100 * 100 + c % 100,
                // Month, day, year, as in the United States.
                (false, true) => c * 10_000 + a * 100 + b % 100,
                (false, false) => c * 10_000 + b * 100 + a,
            }
        }
        _ => 0,
    }
}
