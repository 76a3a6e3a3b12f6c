//! Folding of typed text, stable hashes, and short words kept in place.

use std::borrow::Cow;

/// Lower-case ASCII of any script ("Łódź" becomes "lodz").
pub fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            return Cow::Owned(text.to_ascii_lowercase());
        }
        return Cow::Borrowed(text);
    }
    let mut folded = any_ascii::any_ascii(text);
    folded.make_ascii_lowercase();
    Cow::Owned(folded)
}

/// Writes ae, oe and ue as a, o and u, so that "Mueller", "Müller" and "Muller" are one spelling.
///
/// It also shortens "Michael" to "michal". That is harmless: it happens to both sides alike.
pub fn squeeze_umlauts(folded: &str, out: &mut String) {
    let mut previous = b' ';
    for byte in folded.bytes() {
        if byte == b'e' && matches!(previous, b'a' | b'o' | b'u') {
            previous = b' ';
            continue;
        }
        out.push(byte as char);
        previous = byte;
    }
}

/// A 64-bit hash that is the same in every process, on every platform and in every release with the same
/// [`crate::KEYS_VERSION`]: FNV-1a with the finisher of SplitMix64.
pub fn stable_hash(kind: u8, parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64 ^ u64::from(kind);
    for part in parts {
        for byte in *part {
            hash = (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        hash = (hash ^ 0xff).wrapping_mul(0x0000_0100_0000_01b3);
    }
    finish(hash)
}

fn finish(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

/// Longest text that a [`Short`] keeps.
pub const SHORT: usize = 18;

/// Up to [`SHORT`] bytes of folded text, kept in place, with what makes comparing cheap.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Short {
    /// Of the whole text, also of what was cut off.
    hash: u32,
    /// Which letters and digits occur, a bit each.
    letters: u32,
    length: u8,
    /// Hash of what was cut off, 0 when nothing was.
    rest: u8,
    bytes: [u8; SHORT],
}

impl Short {
    /// Keeps the beginning of a folded text.
    pub fn new(folded: &str) -> Self {
        let length = folded.len().min(SHORT);
        let mut bytes = [0; SHORT];
        bytes[..length].copy_from_slice(&folded.as_bytes()[..length]);
        let letters = folded.bytes().take(SHORT).fold(0, |letters, byte| letters | bit(byte));
        let rest = &folded.as_bytes()[length..];
        let rest = if rest.is_empty() { 0 } else { stable_hash(1, &[rest]) as u8 | 1 };
        Self { hash: stable_hash(0, &[folded.as_bytes()]) as u32, letters, length: length as u8, rest, bytes }
    }

    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.length as usize]
    }

    pub fn len(&self) -> usize {
        self.length as usize
    }

    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    pub fn first(&self) -> u8 {
        self.bytes[0]
    }

    /// The hash of the whole text.
    pub fn hash(&self) -> u32 {
        self.hash
    }

    /// Whether at most `most` insertions, deletions, replacements or swaps of neighbours lead from one to the other.
    pub fn within(&self, other: &Self, most: u32) -> bool {
        self.distance(other, most).is_some()
    }

    /// The number of such errors, when it is at most `most`.
    pub fn distance(&self, other: &Self, most: u32) -> Option<u32> {
        if self.rest != other.rest
            || (self.letters ^ other.letters).count_ones() > 2 * most
            || self.length.abs_diff(other.length) as u32 > most
        {
            return None;
        }
        let distance = edits(self.as_bytes(), other.as_bytes());
        (distance <= most).then_some(distance)
    }
}

fn bit(byte: u8) -> u32 {
    match byte {
        b'a'..=b'z' => 1 << (byte - b'a'),
        b'0'..=b'9' => 1 << (26 + (byte - b'0') % 6),
        _ => 0,
    }
}

/// Optimal string alignment distance of two short texts.
fn edits(a: &[u8], b: &[u8]) -> u32 {
    let mut rows = [[0_u8; SHORT + 1]; 3];
    for (column, cell) in rows[0].iter_mut().enumerate() {
        *cell = column as u8;
    }
    for i in 1..=a.len() {
        let (now, before, earlier) = (i % 3, (i + 2) % 3, (i + 1) % 3);
        rows[now][0] = i as u8;
        for j in 1..=b.len() {
            let replaced = rows[before][j - 1] + u8::from(a[i - 1] != b[j - 1]);
            let mut best = replaced.min(rows[before][j] + 1).min(rows[now][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(rows[earlier][j - 2] + 1);
            }
            rows[now][j] = best;
        }
    }
    u32::from(rows[a.len() % 3][b.len()])
}
