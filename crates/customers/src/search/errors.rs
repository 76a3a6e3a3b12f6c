//! How many typing errors two words differ by (Damerau and Levenshtein): a letter too many, missing or wrong, or two swapped.

/// The number of errors, where it is no more than `most`. Much quicker than to fill a table of all distances: most words are
/// told apart by a few letters.
pub(crate) fn errors_between(a: &str, b: &str, most: usize) -> Option<usize> {
    if !a.is_ascii() || !b.is_ascii() {
        return Some(strsim::damerau_levenshtein(a, b)).filter(|errors| *errors <= most);
    }
    (a.len().abs_diff(b.len())..=most).find(|errors| are_near(a.as_bytes(), b.as_bytes(), *errors))
}

fn are_near(a: &[u8], b: &[u8], errors: usize) -> bool {
    // Where both begin or end alike, nothing is gained by an error there.
    let same = a.iter().zip(b).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[same..], &b[same..]);
    let same = a.iter().rev().zip(b.iter().rev()).take_while(|(a, b)| a == b).count();
    let (a, b) = (&a[..a.len() - same], &b[..b.len() - same]);
    if a.len().abs_diff(b.len()) > errors {
        return false;
    }
    let ([first, a_rest @ ..], [other, b_rest @ ..]) = (a, b) else { return true };
    if errors == 0 {
        return false;
    }
    // The first letter is too many, missing or wrong.
    are_near(a_rest, b, errors - 1)
        || are_near(a, b_rest, errors - 1)
        || are_near(a_rest, b_rest, errors - 1)
        || are_swapped(first, other, a_rest, b_rest, errors)
}

/// The first letters are two that are swapped; what stands between them is as many errors more.
fn are_swapped(first: &u8, other: &u8, a: &[u8], b: &[u8], errors: usize) -> bool {
    (0..errors).any(|between| {
        let ends = |one: &[u8], two: &[u8], gap: usize| one.first() == Some(other) && two.get(gap) == Some(first);
        (ends(a, b, between) && are_near(&a[1..], &b[between + 1..], errors - 1 - between))
            || (b.first() == Some(first) && a.get(between) == Some(other))
                && are_near(&a[between + 1..], &b[1..], errors - 1 - between)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn errors_are_counted() {
        let counted = |a: &str, b: &str| errors_between(a, b, 2);
        assert_eq!(
            [counted("anna", "anna"), counted("anna", "anan"), counted("anna", "ana")],
            [Some(0), Some(1), Some(1)]
        );
        assert_eq!([counted("ca", "abc"), counted("smith", "smyths"), counted("abc", "xyz")], [Some(2), Some(2), None]);
    }

    proptest! {
        #[test]
        fn as_many_as_a_table_of_distances_tells(a in "[abcé]{0,8}", b in "[abcé]{0,8}", most in 0_usize..4) {
            let distance = strsim::damerau_levenshtein(&a, &b);
            prop_assert_eq!(errors_between(&a, &b, most), (distance <= most).then_some(distance), "{} {}", a, b);
        }
    }
}
